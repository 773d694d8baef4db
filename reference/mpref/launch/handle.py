"""A child as its parent holds it: process id, descriptor that tells the end, exit code."""

from __future__ import annotations

import os
from _thread import RLock

from . import pipe

#: What poll() gives where somebody else has taken the exit status: os.wait(), an ignored SIGCHLD.
LOST = 255


class Handle:
    """A direct child of this process.

    pid: its process id. sentinel: a descriptor that is readable once the child has ended; closed with this.
    """

    def __init__(self, pid: int, sentinel: int) -> None:
        self.pid = pid
        self.sentinel = sentinel
        self._code: int | None = None
        self._lock = RLock()  # reentrant: a signal handler may ask while its thread is asking

    def poll(self) -> int | None:
        """Give the exit code if the child has ended, and reap it."""
        with self._lock:
            if self._code is None:
                self._code = self._look()
            return self._code

    def wait(self, timeout: float | None) -> int | None:
        """Wait at most `timeout` seconds, None for ever, for the end, then do as poll() does."""
        if self._code is None and (timeout is None or timeout > 0):
            self._sleep(timeout)
        return self.poll()

    def signal(self, number: int) -> None:
        """Send a signal, unless the child has ended."""
        with self._lock:  # nobody reaps it now, so that its id cannot belong to another process
            if self.poll() is None:
                os.kill(self.pid, number)

    def close(self) -> None:
        """Close the sentinel."""
        sentinel, self.sentinel = self.sentinel, -1
        if sentinel >= 0:
            os.close(sentinel)

    def __del__(self) -> None:
        self.close()

    def _look(self) -> int | None:
        try:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
        except ChildProcessError:
            return LOST
        return os.waitstatus_to_exitcode(status) if pid else None

    def _sleep(self, timeout: float | None) -> None:
        if timeout is None and hasattr(os, "waitid"):
            try:  # leave it to be reaped by poll(): another thread may be waiting as well  # noqa: SIM105
                os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)
            except ChildProcessError:
                pass
        else:
            from ..process import wait_readable

            wait_readable(self.sentinel, timeout)


def sentinel_before() -> tuple[int, int] | None:
    """Make the pipe whose writing end the child has to hold; None where the kernel gives a sentinel itself."""
    return None if _PIDFD else pipe()


def sentinel_after(pid: int, ends: tuple[int, int] | None) -> int:
    """Give the sentinel of the child `pid`, which was started with the pipe `ends`."""
    if ends is None:
        return os.pidfd_open(pid)
    os.close(ends[1])
    return ends[0]


def _has_pidfd() -> bool:
    try:
        os.close(os.pidfd_open(os.getpid()))
    except (AttributeError, OSError):  # not Linux, an old kernel, or a sandbox that forbids it
        return False
    return True


_PIDFD = _has_pidfd()
