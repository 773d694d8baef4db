"""What holds the processes of a program together: descriptors that are handed down, and tell the end of their holders.

A process that has children keeps the writing end of one pipe; every child keeps the reading end, which
tells the end of file once the parent is gone. A daemonic child has the kernel kill it at that moment. Likewise the
resource tracker and the fork server end with the last process that holds the other end of what they read.
"""

from __future__ import annotations

import os
from _thread import RLock

from ..process import SIGKILL, BaseProcess, be_known
from ..state import NO_KEY, State

lock = RLock()
"""Held while something is started that a process has once: lifeline, tracker, fork server."""

inherited: dict[str, int] = {}
"""What the children of this process are given by name, as this one was: "tracker", "server". See hold()."""

_identities: dict[str, tuple[int, int]] = {}

vital: set[int] = set()
"""Descriptors whose existence says that this process lives: a forked child closes its copies."""

_ends: tuple[int, int] | None = None


class ParentProcess(BaseProcess):
    """The process that started this one, seen from here. lifeline: a descriptor that tells its end."""

    def __init__(self, name: str, pid: int, lifeline: int) -> None:
        be_known(self, State(name, (), 0, False, NO_KEY))
        self._pid = pid
        self._lifeline = lifeline

    @property
    def pid(self) -> int:
        """The process id."""
        return self._pid

    ident = pid

    @property
    def sentinel(self) -> int:
        """A descriptor that becomes readable once the parent has ended."""
        return self._lifeline

    def is_alive(self) -> bool:
        """Tell whether the parent runs."""
        try:
            return os.read(self._lifeline, 1) != b""
        except BlockingIOError:
            return True

    def join(self, timeout: float | None = None) -> None:
        """Wait until the parent has ended, at most `timeout` seconds if that is not None."""
        from ..polling import wait_readable

        wait_readable(self._lifeline, timeout)

    def __repr__(self) -> str:
        state = "started" if self.is_alive() else "stopped"
        return f"<{type(self).__name__} name={self._mpref_.name!r} pid={self._pid} {state}>"


_seen: ParentProcess | None = None


def hold(named: dict[str, int]) -> None:
    """Keep descriptors for the children of this process, by their names."""
    inherited.update(named)
    _identities.update((name, _identity(descriptor)) for name, descriptor in named.items())


def holds(name: str) -> bool:
    """Tell whether there is a descriptor of that name.

    A program that becomes a daemon closes whatever is open, and the number may be that of another file since.
    """
    if name in inherited and _identity(inherited[name]) != _identities[name]:
        del inherited[name]
    return name in inherited


def _identity(descriptor: int) -> tuple[int, int]:
    try:
        status = os.fstat(descriptor)
    except OSError:
        return -1, -1
    return status.st_dev, status.st_ino


def _is_a_lifeline(descriptor: int) -> bool:
    """Tell whether a descriptor may be that of for_children(), and not one of a program that has closed them all."""
    try:
        return not os.get_blocking(descriptor)
    except OSError:
        return False


def for_children() -> int:
    """Return the reading end that the children of this process are given."""
    global _ends, _seen
    with lock:
        if _ends is not None and not _is_a_lifeline(_ends[0]):
            vital.discard(_ends[1])
            _ends = _seen = None
        if _ends is None:
            from ..descriptors import pipe  # a process without children needs none

            _ends = pipe()
            os.set_blocking(_ends[0], False)
            vital.add(_ends[1])
        return _ends[0]


def as_parent(name: str) -> ParentProcess:
    """Return what a forked child sees of this process, whose name it is: made once, and not by each child."""
    global _seen
    line = for_children()
    if _seen is None or _seen._mpref_.name != name:
        _seen = ParentProcess(name, os.getpid(), line)
    return _seen


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
    from ..polling import wait_readable

    wait_readable(lifeline, None)
    os.kill(os.getpid(), SIGKILL)


def _after_fork() -> None:
    global _ends, _seen, lock
    _ends = _seen = None
    lock = RLock()
    while vital:
        try:  # noqa: SIM105
            os.close(vital.pop())
        except OSError:  # somebody closed what was not theirs; a fork is no place to say so
            pass


os.register_at_fork(after_in_child=_after_fork)
