"""How a child knows that its parent has ended, however that happened.

A process that has children keeps the writing end of one pipe; every child keeps the reading end, which
tells the end of file once the parent is gone. A daemonic child has the kernel kill it at that moment.
"""

from __future__ import annotations

import os
from _thread import RLock

from .. import launch
from ..process import SIGKILL

#: Descriptors whose existence says that this process lives: a forked child closes its copies.
vital: set[int] = set()

_ends: tuple[int, int] | None = None


def for_children() -> int:
    """Return the reading end that the children of this process are given."""
    global _ends
    with launch.once:
        if _ends is None:
            _ends = launch.pipe()
            os.set_blocking(_ends[0], False)
            vital.add(_ends[1])
        return _ends[0]


def end_with(lifeline: int) -> None:
    """Let this process be killed as soon as the process at the other end of `lifeline` has ended."""
    try:
        import fcntl

        # Owner and signal belong to an open file, and the children of one parent share theirs: open it anew.
        own = os.open(f"/proc/self/fd/{lifeline}", os.O_RDONLY | os.O_NONBLOCK)
        fcntl.fcntl(own, fcntl.F_SETOWN, os.getpid())
        fcntl.fcntl(own, fcntl.F_SETSIG, SIGKILL)
        fcntl.fcntl(own, fcntl.F_SETFL, fcntl.fcntl(own, fcntl.F_GETFL) | os.O_ASYNC)
    except (OSError, AttributeError):  # not Linux, or no /proc: a thread can wait, too
        from _thread import start_new_thread

        start_new_thread(_kill_after, (lifeline,))
        return
    try:
        if os.read(own, 1) == b"":  # it had ended before the signal was asked for
            os.kill(os.getpid(), SIGKILL)
    except BlockingIOError:
        pass


def _kill_after(lifeline: int) -> None:
    from ..sentinel import wait_readable

    wait_readable(lifeline, None)
    os.kill(os.getpid(), SIGKILL)


def _after_fork() -> None:
    global _ends
    _ends = None
    launch.once = RLock()
    while vital:
        try:  # noqa: SIM105
            os.close(vital.pop())
        except OSError:  # somebody closed what was not theirs; a fork is no place to say so
            pass


os.register_at_fork(after_in_child=_after_fork)
