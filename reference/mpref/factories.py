"""The functions that make shared objects for the processes of a context: each is a method of every context."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from . import queues, semaphore, synchronize
    from .semaphore import Context


def Lock(self: Context) -> semaphore.Lock:
    """Return a non-recursive lock. Section "Synchronization primitives"."""
    from . import semaphore

    return semaphore.Lock(ctx=self)


def RLock(self: Context) -> semaphore.RLock:
    """Return a recursive lock. Section "Synchronization primitives"."""
    from . import semaphore

    return semaphore.RLock(ctx=self)


def Semaphore(self: Context, value: int = 1) -> semaphore.Semaphore:
    """Return a semaphore that can be acquired `value` times. Section "Synchronization primitives"."""
    from . import semaphore

    return semaphore.Semaphore(value, ctx=self)


def BoundedSemaphore(self: Context, value: int = 1) -> semaphore.BoundedSemaphore:
    """Return a semaphore whose count never exceeds `value`. Section "Synchronization primitives"."""
    from . import semaphore

    return semaphore.BoundedSemaphore(value, ctx=self)


def Condition(self: Context, lock: semaphore.Lock | semaphore.RLock | None = None) -> synchronize.Condition:
    """Return a condition variable with `lock`, None: with an RLock. Section "Synchronization primitives"."""
    from . import synchronize

    return synchronize.Condition(lock, ctx=self)


def Event(self: Context) -> synchronize.Event:
    """Return an event, whose flag is false. Section "Synchronization primitives"."""
    from . import synchronize

    return synchronize.Event(ctx=self)


def Barrier(
    self: Context, parties: int, action: Callable[[], object] | None = None, timeout: float | None = None
) -> synchronize.Barrier:
    """Return a barrier for `parties` processes and threads. Section "Synchronization primitives"."""
    from . import synchronize

    return synchronize.Barrier(parties, action, timeout, ctx=self)


def Queue(self: Context, maxsize: int = 0) -> queues.Queue:
    """Return a queue for at most `maxsize` items, zero: any number. Section "Pipes and Queues"."""
    from . import queues

    return queues.Queue(maxsize, ctx=self)


def JoinableQueue(self: Context, maxsize: int = 0) -> queues.JoinableQueue:
    """Return a queue that can be joined, for at most `maxsize` items. Section "Pipes and Queues"."""
    from . import queues

    return queues.JoinableQueue(maxsize, ctx=self)


def SimpleQueue(self: Context) -> queues.SimpleQueue:
    """Return a simple queue. Section "Pipes and Queues"."""
    from . import queues

    return queues.SimpleQueue(ctx=self)


def Value(self: Context, typecode_or_type: Any, *args: Any, lock: Any = True) -> Any:
    """Return a synchronized ctypes object in shared memory. Section "Shared ctypes Objects"."""
    from . import sharedctypes

    return sharedctypes.Value(typecode_or_type, *args, lock=lock, ctx=self)


def Array(self: Context, typecode_or_type: Any, size_or_initializer: int | Sequence[Any], *, lock: Any = True) -> Any:
    """Return a synchronized ctypes array in shared memory. Section "Shared ctypes Objects"."""
    from . import sharedctypes

    return sharedctypes.Array(typecode_or_type, size_or_initializer, lock=lock, ctx=self)
