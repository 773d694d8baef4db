"""How the clients in a process behave while it ends: what it does to servers then concerns nobody any more."""

from __future__ import annotations

import os
from _thread import allocate_lock, get_ident

from ..finalize import CALLS, CLIENTS, Finalizer

silent = False
"""Whether servers are not told any more what is dropped: they see the end of this process."""

_ending_in = 0
"""The thread that ends this process; 0: none does yet."""

_last: Finalizer | None = None


def watch() -> None:
    """Have this process end like that. Again if need be."""
    global _last
    if _last is None or not _last.alive:
        Finalizer(_begin, priority=CALLS)
        _last = Finalizer(_be_silent, priority=CLIENTS)


def stay_if_daemon() -> None:
    """Never return in a daemon thread of a process that ends, and has ended the server for which the thread waits.

    What it would raise there would only be written to the standard error stream, and perhaps in the midst of its end.
    """
    if _ending_in not in (0, get_ident()):
        never = allocate_lock()
        never.acquire()
        never.acquire()


def _begin() -> None:
    global _ending_in
    _ending_in = get_ident()


def _be_silent() -> None:
    global silent
    silent = True


def _after_fork() -> None:
    global silent, _ending_in
    silent = False
    _ending_in = 0


os.register_at_fork(after_in_child=_after_fork)
