"""The API of the package, with threads in the place of processes. Section "The multiprocessing.dummy module".

What is sent, put or given to a "process" is the object itself and no copy, and memory is shared anyway.
"""

from __future__ import annotations

import sys
import threading
from queue import Queue as _Queue
from queue import SimpleQueue as _SimpleQueue
from threading import Barrier, BoundedSemaphore, Condition, Event, Lock, RLock, Semaphore

from ..context import default
from ..errors import AuthenticationError, BufferTooShort, ProcessError, TimeoutError
from ..log import get_logger, log_to_stderr
from . import connection
from .connection import Pipe
from .manager import Manager
from .process import Process, active_children, current_process, parent_process

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from ..pool import ThreadPool

__all__ = [
    "Array",
    "AuthenticationError",
    "Barrier",
    "BoundedSemaphore",
    "BufferTooShort",
    "Condition",
    "Event",
    "JoinableQueue",
    "Lock",
    "Manager",
    "Pipe",
    "Pool",
    "Process",
    "ProcessError",
    "Queue",
    "RLock",
    "RawArray",
    "RawValue",
    "Semaphore",
    "SimpleQueue",
    "TimeoutError",
    "Value",
    "active_children",
    "connection",
    "cpu_count",
    "current_process",
    "freeze_support",
    "get_all_start_methods",
    "get_context",
    "get_logger",
    "get_start_method",
    "log_to_stderr",
    "parent_process",
    "set_executable",
    "set_forkserver_preload",
    "set_start_method",
]

RawArray = default.RawArray
RawValue = default.RawValue
cpu_count = default.cpu_count
freeze_support = default.freeze_support

# They concern processes: what is said here, those are started by.
get_all_start_methods = default.get_all_start_methods
get_start_method = default.get_start_method
set_executable = default.set_executable
set_forkserver_preload = default.set_forkserver_preload
set_start_method = default.set_start_method


def get_context(method: str | None = None) -> Any:
    """Return this module: threads have no start methods. ValueError: no start method has this name."""
    default.get_context(method)
    return sys.modules[__name__]


class Queue(_Queue):  # type: ignore[type-arg]
    """A queue.Queue with the methods of the package's, and the bounds of its constructor."""

    def __init__(self, maxsize: int = 0) -> None:
        super().__init__(maxsize)
        self._mpref_closed = False

    def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:
        """Put an item. ValueError: the queue is closed."""
        if self._mpref_closed:
            raise ValueError("this queue is closed: nothing can be put into it")
        super().put(item, block, timeout)

    def close(self) -> None:
        """Say that nothing more is put."""
        self._mpref_closed = True

    def join_thread(self) -> None:
        """Do nothing: what was put is there. ValueError: close() was not called."""
        if not self._mpref_closed:
            raise ValueError("join_thread() is for a queue that is closed")

    def cancel_join_thread(self) -> None:
        """Do nothing: what was put is there."""


class JoinableQueue(Queue):
    """A Queue with task_done() and join()."""


class SimpleQueue(_SimpleQueue):  # type: ignore[type-arg]
    """A queue.SimpleQueue that can be closed."""

    def close(self) -> None:
        """Do nothing: there is nothing to release."""


def Value(typecode_or_type: Any, *args: Any, lock: Any = True) -> Any:
    """Return a value, with a lock of `threading`. See multiprocessing.Value()."""
    return default.Value(typecode_or_type, *args, lock=threading.RLock() if lock is True else lock)


def Array(typecode_or_type: Any, size_or_initializer: Any, *, lock: Any = True) -> Any:
    """Return an array, with a lock of `threading`. See multiprocessing.Array()."""
    return default.Array(typecode_or_type, size_or_initializer, lock=threading.RLock() if lock is True else lock)


def Pool(
    processes: int | None = None, initializer: Callable[..., object] | None = None, initargs: Iterable[Any] = ()
) -> ThreadPool:
    """Return a pool of threads. See multiprocessing.pool.ThreadPool."""
    from ..pool import ThreadPool

    return ThreadPool(processes, initializer, initargs)
