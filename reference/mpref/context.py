"""The public surface: contexts, each bound to a start method, and the names they and the package offer."""

from __future__ import annotations

import os

from . import log, processors, start_method
from . import process as processes
from .launch.start import ForkProcess, ForkServerProcess, Process, SpawnProcess
from .start_method import METHODS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    from . import connection, errors, managers, pool, queues, synchronize


__all__ = [
    "BaseContext",
    "DefaultContext",
    "ForkProcess",
    "ForkServerProcess",
    "MethodContext",
    "Process",
    "SpawnProcess",
    "context_of",
    "default",
    "get_context",
]


class BaseContext:
    """What all contexts have: the whole API of the package. Section "Contexts and start methods"."""

    Process: type[Process]

    # Processes

    active_children = staticmethod(processes.active_children)
    current_process = staticmethod(processes.current_process)
    parent_process = staticmethod(processes.parent_process)

    def set_executable(self, executable: str | bytes | os.PathLike[Any]) -> None:
        """Set the Python interpreter that children of 'spawn' and 'forkserver' run in.

        executable: its path, as str, bytes or path-like; the default is ``sys.executable``.
        Section "Miscellaneous".
        """
        from .launch import interpreter

        interpreter.set_executable(executable)

    def set_forkserver_preload(self, module_names: Iterable[str], *, on_error: str = "ignore") -> None:
        """Set the modules that the fork server imports before its first child, so that no child has to.

        module_names: a list of str; '__main__' stands for the main module, which is the default. on_error: what becomes
        of an ImportError: 'ignore', 'warn' for an ImportWarning on standard error, 'fail' for the end of the server,
        so that every start raises ConnectionError. It has an effect only before the server is started. Section
        "Miscellaneous".
        """
        from .launch.forkserver import client

        client.set_forkserver_preload(module_names, on_error)

    def cpu_count(self) -> int:
        """Return the number of processors of the machine; NotImplementedError when it is unknown.

        The option ``-X cpu_count`` and the variable PYTHON_CPU_COUNT override it. Section "Miscellaneous".
        """
        count = processors.of_the_machine()
        if count is None:
            raise NotImplementedError("the number of processors of this machine cannot be determined")
        return count

    def freeze_support(self) -> None:
        """Do nothing: it is needed for frozen programs on Windows only. Section "Miscellaneous"."""

    # Contexts and start methods

    def get_context(self, method: str | None = None) -> BaseContext:
        """Return the context of a start method, None: of this one. ValueError: there is no such method here."""
        return self if method is None else context_of(method)

    def get_start_method(self, allow_none: bool = False) -> str | None:
        """Return the name of the start method. See DefaultContext."""
        raise NotImplementedError

    def set_start_method(self, method: str | None, force: bool = False) -> None:
        """Refuse: only the program as a whole has a start method that can be set."""
        raise ValueError(
            f"the start method of the context {self.get_start_method()!r} cannot be set to {method!r}: "
            "set that of the program, or get_context() another context"
        )

    def get_all_start_methods(self) -> list[str]:
        """Return the names of the start methods of this platform, the default first."""
        return start_method.names()

    # Exceptions

    @property
    def ProcessError(self) -> type[errors.ProcessError]:
        """The base class of every exception that the package defines."""
        from . import errors

        return errors.ProcessError

    @property
    def BufferTooShort(self) -> type[errors.BufferTooShort]:
        """A message does not fit into the buffer it was to be received into."""
        from . import errors

        return errors.BufferTooShort

    @property
    def AuthenticationError(self) -> type[errors.AuthenticationError]:
        """The other end of a connection did not prove that it knows the key."""
        from . import errors

        return errors.AuthenticationError

    @property
    def TimeoutError(self) -> type[errors.TimeoutError]:
        """A method that has a timeout ran out of it."""
        from . import errors

        return errors.TimeoutError

    # Managers

    def Manager(self) -> managers.SyncManager:
        """Return a started manager, by which objects can be shared between processes. Section "Managers"."""
        from . import managers

        manager = managers.SyncManager(ctx=self)
        manager.start()
        return manager

    # Pools

    def Pool(
        self,
        processes: int | None = None,
        initializer: Callable[..., object] | None = None,
        initargs: Iterable[Any] = (),
        maxtasksperchild: int | None = None,
    ) -> pool.Pool:
        """Return a pool of worker processes, see mpref.pool.Pool. Section "Process Pools"."""
        from .pool import Pool

        return Pool(processes, initializer, initargs, maxtasksperchild, self)

    # Logging

    get_logger = staticmethod(log.get_logger)
    log_to_stderr = staticmethod(log.log_to_stderr)

    # Pipes and queues

    def Pipe(self, duplex: bool = True) -> tuple[connection.Connection, connection.Connection]:
        """Return the two ends of a new pipe. Section "Pipes and Queues".

        duplex: True for two ends that both send and receive; False for one that receives and one that sends.
        """
        from . import connection

        return connection.Pipe(duplex)

    def Queue(self, maxsize: int = 0) -> queues.Queue:
        """Return a queue for at most `maxsize` items, zero: any number. Section "Pipes and Queues"."""
        from . import queues

        return queues.Queue(maxsize, ctx=self)

    def JoinableQueue(self, maxsize: int = 0) -> queues.JoinableQueue:
        """Return a queue that can be joined, for at most `maxsize` items. Section "Pipes and Queues"."""
        from . import queues

        return queues.JoinableQueue(maxsize, ctx=self)

    def SimpleQueue(self) -> queues.SimpleQueue:
        """Return a simple queue. Section "Pipes and Queues"."""
        from . import queues

        return queues.SimpleQueue(ctx=self)

    # Synchronization primitives

    def Lock(self) -> synchronize.Lock:
        """Return a non-recursive lock. Section "Synchronization primitives"."""
        from .memory import semaphore

        return semaphore.Lock(ctx=self)

    def RLock(self) -> synchronize.RLock:
        """Return a recursive lock. Section "Synchronization primitives"."""
        from .memory import semaphore

        return semaphore.RLock(ctx=self)

    def Semaphore(self, value: int = 1) -> synchronize.Semaphore:
        """Return a semaphore that can be acquired `value` times. Section "Synchronization primitives"."""
        from .memory import semaphore

        return semaphore.Semaphore(value, ctx=self)

    def BoundedSemaphore(self, value: int = 1) -> synchronize.BoundedSemaphore:
        """Return a semaphore whose count never exceeds `value`. Section "Synchronization primitives"."""
        from .memory import semaphore

        return semaphore.BoundedSemaphore(value, ctx=self)

    def Condition(self, lock: synchronize.Lock | synchronize.RLock | None = None) -> synchronize.Condition:
        """Return a condition variable with `lock`, None: with an RLock. Section "Synchronization primitives"."""
        from . import synchronize

        return synchronize.Condition(lock, ctx=self)

    def Event(self) -> synchronize.Event:
        """Return an event, whose flag is false. Section "Synchronization primitives"."""
        from . import synchronize

        return synchronize.Event(ctx=self)

    def Barrier(
        self, parties: int, action: Callable[[], object] | None = None, timeout: float | None = None
    ) -> synchronize.Barrier:
        """Return a barrier for `parties` processes and threads. Section "Synchronization primitives"."""
        from . import synchronize

        return synchronize.Barrier(parties, action, timeout, ctx=self)

    # Shared ctypes objects

    def Value(self, typecode_or_type: Any, *args: Any, lock: Any = True) -> Any:
        """Return a synchronized ctypes object in shared memory. Section "Shared ctypes Objects"."""
        from . import sharedctypes

        return sharedctypes.Value(typecode_or_type, *args, lock=lock, ctx=self)

    def Array(self, typecode_or_type: Any, size_or_initializer: int | Sequence[Any], *, lock: Any = True) -> Any:
        """Return a synchronized ctypes array in shared memory. Section "Shared ctypes Objects"."""
        from . import sharedctypes

        return sharedctypes.Array(typecode_or_type, size_or_initializer, lock=lock, ctx=self)

    def RawValue(self, typecode_or_type: Any, *args: Any) -> Any:
        """Return a ctypes object in shared memory, without a lock. Section "Shared ctypes Objects"."""
        from . import sharedctypes

        return sharedctypes.RawValue(typecode_or_type, *args)

    def RawArray(self, typecode_or_type: Any, size_or_initializer: int | Sequence[Any]) -> Any:
        """Return a ctypes array in shared memory, without a lock. Section "Shared ctypes Objects"."""
        from . import sharedctypes

        return sharedctypes.RawArray(typecode_or_type, size_or_initializer)


class MethodContext(BaseContext):
    """A context that is bound to one start method: that of its class of processes."""

    def __init__(self, process: type[Process]) -> None:
        self.Process = process

    def get_start_method(self, allow_none: bool = False) -> str | None:
        """Return the name of this context's start method."""
        return self.Process._mpref_method

    def __repr__(self) -> str:
        return f"<context {self.Process._mpref_method!r}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return context_of, (self.Process._mpref_method,)


class DefaultContext(BaseContext):
    """The context of the program, whose attributes the package has: its start method can be set, once."""

    Process = Process

    def get_context(self, method: str | None = None) -> BaseContext:
        """Return the context of a start method; None: of the program's, which is settled by that.

        ValueError: this platform has no such method. Section "Miscellaneous".
        """
        return context_of(self.get_start_method() if method is None else method)

    def get_start_method(self, allow_none: bool = False) -> Any:
        """Return the name of the start method of the program.

        Where it is not settled yet: None if `allow_none`, otherwise it is settled to be the default.
        Section "Miscellaneous".
        """
        return start_method.fixed() if allow_none else start_method.settled()

    def set_start_method(self, method: str | None, force: bool = False) -> None:
        """Set how the program starts its processes; once only.

        method: 'fork', 'spawn' or 'forkserver'; None means the default, or with `force` that it is not settled.
        RuntimeError: it is settled already and `force` is false. ValueError: this platform has no such method.
        Section "Miscellaneous".
        """
        if start_method.fixed() is not None and not force:
            raise RuntimeError(
                f"the start method is {start_method.fixed()!r} already and can be set once only; "
                f"{method!r} would need force=True"
            )
        if method is not None:
            context_of(method)
        elif not force:
            method = start_method.default()
        start_method.fix(method)

    def __reduce__(self) -> str:
        return "default"


_contexts = {str(each._mpref_method): MethodContext(each) for each in (ForkProcess, SpawnProcess, ForkServerProcess)}

_concrete_contexts = dict(_contexts)
"""For a client that puts its own context there, see mpref.util; the package does not look there."""

default: DefaultContext = DefaultContext()
get_context = default.get_context


def assert_spawning(obj: object) -> None:
    """Raise RuntimeError unless a process object is being pickled for its child. See mpref.util."""
    from .transfer import handover

    handover.require(obj)


def get_spawning_popen() -> object | None:
    """Return what is given along while a process object is being pickled for its child; else None. See mpref.util."""
    from .transfer import handover

    return handover.being_started()


def context_of(method: str) -> BaseContext:
    """Return the context of a start method. ValueError: this platform has no such method."""
    if not isinstance(method, str) or method not in METHODS:
        raise ValueError(f"the start method must be one of {', '.join(map(repr, METHODS))}, not {method!r}")
    return _contexts[method]
