"""The exceptions; and what asks about machine and interpreter: cpu_count, freeze_support, set_executable."""

from __future__ import annotations

import builtins
import contextlib
import os
import pathlib
import shlex
import sys
from collections.abc import Iterator
from typing import Any, Callable

from mpspec.chapters.process.chapter import chapter
from mpspec.chapters.process.targets import nothing, post_executable, post_interpreter
from mpspec.clause import ANY_METHOD, NO_METHOD, UNSPECIFIED
from mpspec.observation.see import See

# Exceptions


@chapter.clause("exceptions.base", source="multiprocessing.ProcessError", methods=NO_METHOD)
def process_error_is_an_exception(mp: Any, see: See) -> None:
    """ProcessError is an Exception."""
    see.true(issubclass(mp.ProcessError, Exception), "ProcessError is an Exception", mp.ProcessError.__mro__)


EXCEPTIONS = {name: name for name in ("BufferTooShort", "AuthenticationError", "TimeoutError")}


@chapter.clause("exceptions.derived", source="multiprocessing.ProcessError", methods=NO_METHOD, cases=EXCEPTIONS)
def every_exception_is_a_process_error(mp: Any, see: See, name: str) -> None:
    """BufferTooShort, AuthenticationError and TimeoutError are kinds of ProcessError, and not ProcessError itself."""
    kind = getattr(mp, name)
    see.true(issubclass(kind, mp.ProcessError), f"{name} is a kind of ProcessError", kind.__mro__)
    see.true(kind is not mp.ProcessError, f"{name} is not ProcessError")
    see.equal(kind.__name__, name, "the name of the class")


@chapter.clause("exceptions.distinct", source="multiprocessing.ProcessError", methods=NO_METHOD)
def the_exceptions_tell_different_things(mp: Any, see: See) -> None:
    """None of BufferTooShort, AuthenticationError and TimeoutError is a kind of another."""
    kinds = [getattr(mp, name) for name in EXCEPTIONS]
    related = [(a.__name__, b.__name__) for a in kinds for b in kinds if a is not b and issubclass(a, b)]
    see.equal(related, [], "the relations between them")


@chapter.clause("exceptions.arguments", source="multiprocessing.BufferTooShort", methods=NO_METHOD)
def buffer_too_short_carries_the_message(mp: Any, see: See) -> None:
    """args[0] of a BufferTooShort is the message that it was made with."""
    see.equal(mp.BufferTooShort(b"the whole message").args[0], b"the whole message", "args[0]")


@chapter.clause(
    "exceptions.builtin-timeout", source="multiprocessing.TimeoutError", level=UNSPECIFIED, methods=NO_METHOD
)
def the_builtin_timeout_error(mp: Any, see: See) -> None:
    """Whether TimeoutError is a kind of the builtin TimeoutError is left open."""
    see.records(kind_of_the_builtin=issubclass(mp.TimeoutError, builtins.TimeoutError))


# cpu_count


@chapter.clause("cpu_count.number", source="multiprocessing.cpu_count", methods=NO_METHOD)
def cpu_count_counts_the_cpus(mp: Any, see: See) -> None:
    """cpu_count() is the number of CPUs of the system, as os.cpu_count() tells it: an integer above zero."""
    see.signature(mp.cpu_count, "()")
    see.returns(os.cpu_count(), mp.cpu_count)
    see.true(type(mp.cpu_count()) is int and mp.cpu_count() > 0, "an integer above zero", mp.cpu_count())


@contextlib.contextmanager
def one_cpu() -> Iterator[None]:
    """Let this thread run on one CPU alone. By the C library: PyPy has no os.sched_setaffinity."""
    import ctypes

    library = ctypes.CDLL(None)
    allowed, one = ctypes.create_string_buffer(128), ctypes.create_string_buffer(128)
    library.sched_getaffinity(0, 128, allowed)
    first = next(number for number in range(1024) if allowed.raw[number // 8] >> number % 8 & 1)
    one[first // 8] = bytes([1 << first % 8])
    library.sched_setaffinity(0, 128, one)
    try:
        yield
    finally:
        library.sched_setaffinity(0, 128, allowed)


@chapter.clause("cpu_count.not-usable", source="multiprocessing.cpu_count", methods=NO_METHOD, platforms=("linux",))
def cpu_count_does_not_ask_who_may_use_them(mp: Any, see: See) -> None:
    """cpu_count() does not depend on the CPUs that the process may use."""
    before = mp.cpu_count()
    with one_cpu():
        see.returns(before, mp.cpu_count)


@chapter.clause("cpu_count.unknown", source="multiprocessing.cpu_count", methods=NO_METHOD)
def cpu_count_says_that_it_does_not_know(mp: Any, see: See) -> None:
    """cpu_count() raises NotImplementedError where the number of CPUs cannot be determined."""
    known = os.cpu_count
    os.cpu_count = lambda: None
    try:
        with see.raises(NotImplementedError):
            mp.cpu_count()
    finally:
        os.cpu_count = known


COUNT = """\
import multiprocessing
print(multiprocessing.cpu_count())
"""


@chapter.clause("cpu_count.environment", source="multiprocessing.cpu_count", methods=NO_METHOD, since="3.13")
def the_environment_overrides_cpu_count(mp: Any, see: See) -> None:
    """The environment variable PYTHON_CPU_COUNT overrides what cpu_count() returns."""
    ended = see.program(COUNT, env={"PYTHON_CPU_COUNT": "97"})
    see.equal((ended.status, ended.out, ended.err), (0, "97\n", ""), "status, out, err")


@chapter.clause("cpu_count.flag", source="multiprocessing.cpu_count", methods=NO_METHOD, since="3.13")
def a_flag_overrides_cpu_count(mp: Any, see: See) -> None:
    """The interpreter's option -X cpu_count overrides what cpu_count() returns."""
    ended = see.program(COUNT, flags=("-X", "cpu_count=93"), env={"PYTHON_CPU_COUNT": None})
    see.equal((ended.status, ended.out, ended.err), (0, "93\n", ""), "status, out, err")


@chapter.clause(
    "cpu_count.flag-and-environment",
    source="multiprocessing.cpu_count",
    level=UNSPECIFIED,
    methods=NO_METHOD,
    since="3.13",
)
def flag_against_environment(mp: Any, see: See) -> None:
    """Which of -X cpu_count and PYTHON_CPU_COUNT goes first, and what the value 'default' does, is left open."""
    both = see.program(COUNT, flags=("-X", "cpu_count=93"), env={"PYTHON_CPU_COUNT": "97"}).out
    default = see.program(COUNT, flags=("-X", "cpu_count=default"), env={"PYTHON_CPU_COUNT": "97"}).out
    see.records(both=both, default=default)


# freeze_support


@chapter.clause("freeze_support.signature", source="multiprocessing.freeze_support", methods=NO_METHOD)
def freeze_support_does_nothing_here(mp: Any, see: See) -> None:
    """freeze_support() takes nothing, returns None and does nothing outside Windows."""
    see.signature(mp.freeze_support, "()")
    before = list(sys.argv)
    see.returns(None, mp.freeze_support)
    see.equal(sys.argv, before, "sys.argv")


FROZEN = """\
import multiprocessing
import sys

def work():
    print("the work is done", flush=True)

if __name__ == "__main__":
    {frozen}
    multiprocessing.freeze_support()
    child = multiprocessing.get_context("fork").Process(target=work)
    child.start()
    child.join()
    print(child.exitcode)
"""


@chapter.clause("freeze_support.program", source="multiprocessing.freeze_support", methods=NO_METHOD)
def a_program_that_is_not_frozen_goes_on(mp: Any, see: See) -> None:
    """A program that is not frozen goes past freeze_support(), even with the arguments of a child of a frozen one."""
    for args in ((), ("--multiprocessing-fork", "tracker_fd=4", "pipe_handle=5")):
        ended = see.program(FROZEN.format(frozen="pass"), *args)
        see.equal((ended.status, ended.out, ended.err), (0, "the work is done\n0\n", ""), "status, out, err")


@chapter.clause("freeze_support.frozen", source="multiprocessing.freeze_support", methods=NO_METHOD, until="3.14")
def freeze_support_is_for_windows_alone(mp: Any, see: See) -> None:
    """Outside Windows freeze_support() has no effect in a frozen program either."""
    ended = see.program(FROZEN.format(frozen="sys.frozen = True"), "--multiprocessing-fork", "pipe_handle=5")
    see.equal((ended.status, ended.out, ended.err), (0, "the work is done\n0\n", ""), "status, out, err")


# set_executable


@contextlib.contextmanager
def other_interpreter(see: See) -> Iterator[str]:
    """The path of an executable that runs this interpreter with a mark in its environment."""
    path = os.path.join(see.folder, "other interpreter")
    with open(path, "w", encoding="utf-8") as file:
        file.write(f'#!/bin/sh\nOTHER=yes exec {shlex.quote(sys.executable)} "$@"\n')
    os.chmod(path, 0o700)
    try:
        yield path
    finally:
        os.unlink(path)


def mark_of_a_child(mp: Any, see: See) -> Any:
    """Run a child and return the mark of its interpreter."""
    box = see.mailbox()
    child = mp.Process(target=post_interpreter, args=(box,))
    child.start()
    see.exits(child, 0)
    return box.take()


@chapter.clause("set_executable.signature", source="multiprocessing.set_executable", methods=NO_METHOD)
def set_executable_takes_a_path(mp: Any, see: See) -> None:
    """set_executable takes one parameter, executable, and returns None."""
    see.signature(mp.set_executable, "(executable)")
    see.returns(None, mp.set_executable, sys.executable)


@chapter.clause("set_executable.default", source="multiprocessing.set_executable", methods=("spawn",))
def children_run_this_interpreter(mp: Any, see: See) -> None:
    """A child runs sys.executable where nothing else was set."""
    box = see.mailbox()
    child = mp.Process(target=post_executable, args=(box,))
    child.start()
    see.exits(child, 0)
    see.equal(box.take(), sys.executable, "sys.executable in the child")


@chapter.clause("set_executable.text", source="multiprocessing.set_executable", methods=("spawn",))
def children_run_the_executable_that_was_set(mp: Any, see: See) -> None:
    """With spawn the executable given to set_executable runs the children that are started from then on."""
    with other_interpreter(see) as path:
        before = mark_of_a_child(mp, see)
        mp.set_executable(path)
        see.equal((before, mark_of_a_child(mp, see)), (None, "yes"), "the mark before and after")


@chapter.clause("set_executable.path", source="multiprocessing.set_executable", methods=("spawn",), since="3.11")
def the_executable_may_be_a_path_object(mp: Any, see: See) -> None:
    """set_executable accepts a path-like object."""
    with other_interpreter(see) as path:
        mp.set_executable(pathlib.Path(path))
        see.equal(mark_of_a_child(mp, see), "yes", "the mark")


@chapter.clause("set_executable.again", source="multiprocessing.set_executable", methods=("spawn",))
def the_executable_can_be_set_back(mp: Any, see: See) -> None:
    """The executable that was set last is the one that runs."""
    with other_interpreter(see) as path:
        mp.set_executable(path)
        mp.set_executable(sys.executable)
        see.equal(mark_of_a_child(mp, see), None, "the mark")


@chapter.clause("set_executable.context", source="multiprocessing.set_executable", methods=("spawn",))
def a_context_has_set_executable(mp: Any, see: See) -> None:
    """What is set through a context's set_executable runs the children of that context."""
    box = see.mailbox()
    context = mp.get_context("spawn")
    with other_interpreter(see) as path:
        context.set_executable(path)
        child = context.Process(target=post_interpreter, args=(box,))
        child.start()
        see.exits(child, 0)
    see.equal(box.take(), "yes", "the mark")


OTHER_KINDS: dict[str, Callable[[str], Any]] = {"bytes": os.fsencode}


@chapter.clause(
    "set_executable.bytes",
    source="multiprocessing.set_executable",
    level=UNSPECIFIED,
    methods=("spawn",),
    cases=OTHER_KINDS,
)
def an_executable_as_bytes(mp: Any, see: See, kind: Callable[[str], Any]) -> None:
    """Whether set_executable accepts bytes is left open."""
    with other_interpreter(see) as path:
        try:
            mp.set_executable(kind(path))
            see.records(mark=mark_of_a_child(mp, see))
        except Exception as error:
            see.records(refused=type(error).__name__)


@chapter.clause(
    "set_executable.forkserver", source="multiprocessing.set_executable", level=UNSPECIFIED, methods=("forkserver",)
)
def the_executable_of_a_fork_server(mp: Any, see: See) -> None:
    """Whether the executable also runs the fork server that is started later is left open."""
    with other_interpreter(see) as path:
        mp.set_executable(path)
        see.records(mark=mark_of_a_child(mp, see))


@chapter.clause(
    "set_executable.missing", source="multiprocessing.set_executable", level=UNSPECIFIED, methods=("spawn",)
)
def an_executable_that_is_not_there(mp: Any, see: See) -> None:
    """What comes of an executable that does not exist is left open: an error of start(), or the status of the child."""
    mp.set_executable(os.path.join(see.folder, "not there"))
    child = mp.Process(target=nothing)
    try:
        child.start()
        child.join()
        see.records(exitcode=child.exitcode)
    except OSError as error:
        see.records(raises=type(error).__name__)


@chapter.clause(
    "set_executable.windows", source="multiprocessing.set_executable", methods=ANY_METHOD, platforms=("win32",)
)
def windows_children_may_run_without_a_console(mp: Any, see: See) -> None:
    """On Windows pythonw.exe, which has no console, can run the children."""
    mp.set_executable(os.path.join(sys.exec_prefix, "pythonw.exe"))
    child = mp.Process(target=nothing)
    child.start()
    see.exits(child, 0)
