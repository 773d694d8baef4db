"""Process-based parallelism: the documented `multiprocessing` API for POSIX, written from its documentation.

Importing this costs next to nothing; each name is imported when it is first used. They are those of the context of the
program, see `mpref.context`.
"""

from __future__ import annotations

from os import getcwd as _getcwd

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .context import default
    from .errors import AuthenticationError, BufferTooShort, ProcessError, TimeoutError
    from .launch.start import Process
    from .log import get_logger, log_to_stderr
    from .process import active_children, current_process, parent_process

    Array = default.Array
    Barrier = default.Barrier
    BoundedSemaphore = default.BoundedSemaphore
    Condition = default.Condition
    Event = default.Event
    JoinableQueue = default.JoinableQueue
    Lock = default.Lock
    Manager = default.Manager
    Pipe = default.Pipe
    Pool = default.Pool
    Queue = default.Queue
    RLock = default.RLock
    RawArray = default.RawArray
    RawValue = default.RawValue
    Semaphore = default.Semaphore
    SimpleQueue = default.SimpleQueue
    Value = default.Value
    cpu_count = default.cpu_count
    freeze_support = default.freeze_support
    get_all_start_methods = default.get_all_start_methods
    get_context = default.get_context
    get_start_method = default.get_start_method
    set_executable = default.set_executable
    set_forkserver_preload = default.set_forkserver_preload
    set_start_method = default.set_start_method

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

try:
    began_in: str | None = _getcwd()
    """The working directory as the program began, in which relative names of its modules hold; None: it was removed."""
except OSError:
    began_in = None

_SUBMODULES = (
    "connection",
    "context",
    "dummy",
    "managers",
    "pool",
    "process",
    "queues",
    "reduction",
    "shared_memory",
    "sharedctypes",
    "spawn",
    "synchronize",
    "util",
)


def __getattr__(name: str) -> Any:
    """Import what has the name, and keep it here."""
    if name in _SUBMODULES:
        return __import__(f"{__name__}.{name}", fromlist=["__name__"])  # not ["*"]: that would ask for each name
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)
    from .context import default

    value = globals()[name] = getattr(default, name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, *_SUBMODULES})
