"""Callbacks that run once: when their owner is collected, or when this process exits, by priority.

They belong to the process that made them: a forked child neither runs nor keeps those of its parent.
"""

from __future__ import annotations

import atexit
import os
import sys
from _weakref import ref

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

# When the exit of a process ends what: the highest number first.
BEFORE_CHILDREN = 10
"""What need not wait for the children: listeners, which accept no more clients."""
POOLS = 5
"""Pools, which end their workers themselves."""
CHILDREN = 0
"""The children: they are joined, the daemonic ones terminated."""
AFTER_CHILDREN = -5
"""What goes on while the children are joined: feeders, which write what was put into queues."""
CALLS = -6
"""Calls of other threads to servers of managers: those threads are daemons, and end with the program."""
MANAGERS = -7
"""The servers of managers, which the children may have used; what was referred to in others is released before."""
CLIENTS = -8
"""The clients of managers, which say nothing any more of what they do not refer to: all of it ends now."""
FORK_SERVER = -900
"""The fork server, after everything that may still start a process."""
TRACKER = -1000
"""The resource tracker, which sees to what all others leave."""

_pending: dict[int, Finalizer] = {}
_made = 0


class Finalizer:
    """A callback that runs at most once: when called, when `owner` is collected, or at exit.

    callback, args: what is called with what. It must not refer to `owner`, or that is never collected.
    owner: any object that can be weakly referenced; None for a callback that waits for the exit only.
    priority: an integer, best one of those above, makes it run at exit: the highest first, and the youngest first
        among equals. None: not at exit.
    """

    __slots__ = ("_args", "_callback", "_number", "_owner", "_process", "priority")

    def __init__(
        self,
        callback: Callable[..., object],
        *args: Any,
        owner: object | None = None,
        priority: int | None = None,
    ) -> None:
        global _made
        if owner is None and priority is None:
            raise ValueError("a finalizer needs an owner, a priority or both: with neither it would never run")
        self._callback: Callable[..., object] | None = callback
        self._args = args
        self._process = os.getpid()
        self._owner = None if owner is None else ref(owner, self)
        self.priority = priority
        _made += 1
        self._number = _made
        _pending[self._number] = self

    def __call__(self, _collected: object = None) -> None:
        """Run the callback, unless it has run, was cancelled, or belongs to another process."""
        callback, args = self._callback, self._args
        if self.cancel() and callback is not None:
            callback(*args)

    def cancel(self) -> bool:
        """Forget the callback. True if it was still to run in this process."""
        waiting = _pending.pop(self._number, None) is self and self._process == os.getpid()
        self._callback, self._args, self._owner = None, (), None
        return waiting

    @property
    def alive(self) -> bool:
        """Whether the callback is still to run in this process."""
        return _pending.get(self._number) is self and self._process == os.getpid()


def run_at_exit() -> None:
    """Run every finalizer that has a priority. One that raises is reported and does not stop the others."""
    while waiting := [one for one in tuple(_pending.values()) if one.priority is not None and one.alive]:
        waiting.sort(key=_urgency)
        for finalizer in waiting:
            try:
                finalizer()
            except BaseException:
                sys.excepthook(*sys.exc_info())


def forget_all() -> None:
    """Drop what was inherited from the parent. For a child that was just forked, before it does anything."""
    _pending.clear()
    atexit._clear()
    atexit.register(run_at_exit)


def collect() -> bool:
    """Finalize what nobody refers to any more, where no reference counts tell that at once: whether it had to be."""
    if sys.implementation.name == "cpython":
        return False
    import gc

    gc.collect()
    return True


def _urgency(finalizer: Finalizer) -> tuple[int, int]:
    return -(finalizer.priority or 0), -finalizer._number


atexit.register(run_at_exit)
