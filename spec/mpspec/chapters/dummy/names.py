"""Which of the documented names are there."""

from __future__ import annotations

from typing import Any

from mpspec.chapters.dummy.chapter import API, chapter
from mpspec.clause import NO_METHOD, SHOULD, UNSPECIFIED, cases
from mpspec.observation.see import See

PRESENT = cases(
    "Array",
    "Barrier",
    "BoundedSemaphore",
    "Condition",
    "Event",
    "JoinableQueue",
    "Lock",
    "Manager",
    "Pipe",
    "Pool",
    "Process",
    "Queue",
    "RLock",
    "Semaphore",
    "Value",
    "active_children",
    "current_process",
    "freeze_support",
)
"""What wraps something of `threading` or `queue`, or is of use in the same way to threads."""

FURTHER = cases(
    "AuthenticationError",
    "BufferTooShort",
    "ProcessError",
    "SimpleQueue",
    "TimeoutError",
    "cpu_count",
    "get_logger",
    "log_to_stderr",
    "parent_process",
)
"""What threads could have as well."""

OF_PROCESSES = cases(
    "get_all_start_methods",
    "get_context",
    "get_start_method",
    "set_executable",
    "set_forkserver_preload",
    "set_start_method",
)
"""What concerns the start of processes."""


@chapter.clause("dummy.names.present", passage=API, methods=NO_METHOD, cases=PRESENT)
def the_names_are_there(mp: Any, see: See, case: str) -> None:
    """The classes and functions of multiprocessing that threads have a use for are in multiprocessing.dummy as well."""
    see.true(callable(getattr(mp.dummy, case)), f"dummy.{case} can be called")


@chapter.clause(
    "dummy.names.further", passage=API, level=SHOULD, methods=NO_METHOD, cases=FURTHER, since={"parent_process": "3.8"}
)
def further_names_are_there(mp: Any, see: See, case: str) -> None:
    """The exceptions, functions and classes of multiprocessing that need no process are in multiprocessing.dummy."""
    see.true(callable(getattr(mp.dummy, case)), f"dummy.{case} can be called")


@chapter.clause("dummy.names.start-methods", passage=API, level=UNSPECIFIED, methods=NO_METHOD, cases=OF_PROCESSES)
def names_of_start_methods(mp: Any, see: See, case: str) -> None:
    """Whether what concerns the start of processes is in multiprocessing.dummy, where none is started, is left open."""
    see.records(present=hasattr(mp.dummy, case))


@chapter.clause("dummy.names.exceptions", passage=API, level=SHOULD, methods=NO_METHOD)
def the_exceptions_are_those_of_the_package(mp: Any, see: See) -> None:
    """The exceptions of multiprocessing.dummy are those of multiprocessing: a handler of these catches them."""
    for name in ("ProcessError", "BufferTooShort", "AuthenticationError", "TimeoutError"):
        see.true(issubclass(getattr(mp.dummy, name), getattr(mp, name)), f"dummy.{name} is a multiprocessing.{name}")


@chapter.clause(
    "dummy.names.connection", passage=API, level=SHOULD, methods=NO_METHOD, cases=cases("Client", "Listener")
)
def the_module_connection_is_there(mp: Any, see: See, case: str) -> None:
    """multiprocessing.dummy.connection has Listener and Client, as multiprocessing.connection has."""
    see.true(callable(getattr(mp.dummy.connection, case)), f"dummy.connection.{case} can be called")


@chapter.clause("dummy.freeze-support", passage=API, methods=NO_METHOD)
def freeze_support_does_nothing(mp: Any, see: See) -> None:
    """freeze_support() can be called without arguments, and does nothing in a program that is not frozen."""
    see.comes_back(mp.dummy.freeze_support)
