"""A child as its parent holds it: process id, descriptor that tells the end, exit code."""

from __future__ import annotations

import os
import time
from _thread import RLock

from ..descriptors import pipe
from ..process import SIGKILL

LOST = 255
"""What poll() gives where somebody else has taken the exit status: os.wait(), an ignored SIGCHLD."""


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
            if not _PIDFD:
                self._linger(timeout)
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
            self._close(sentinel)

    _close = staticmethod(os.close)  # still here when the interpreter has emptied its modules

    def __del__(self) -> None:
        try:
            self.close()
        except OSError:  # somebody closed what was not theirs
            return

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
            from ..polling import wait_readable

            wait_readable(self.sentinel, timeout)

    def _linger(self, timeout: float | None) -> None:
        """Wait for the status: a pipe tells the end a moment before the kernel has it."""
        from itertools import count

        from ..polling import wait_readable

        patience = count() if timeout is None else range(100)
        for _ in patience:
            if self.poll() is not None or not wait_readable(self.sentinel, 0):
                return
            time.sleep(0.001)


def sentinel_before() -> tuple[int, int] | None:
    """Make the pipe whose writing end the child has to hold; None where the kernel gives a sentinel itself."""
    return None if _PIDFD else pipe()


def take_charge(pid: int, ends: tuple[int, int] | None) -> Handle:
    """Give the handle of the child `pid`, which was started with the pipe `ends` for its sentinel.

    OSError: there is no descriptor left for that. The child is killed then, as if it had not been started.
    """
    if ends is not None:
        os.close(ends[1])
        return Handle(pid, ends[0])
    try:
        return Handle(pid, os.pidfd_open(pid))
    except OSError:
        os.kill(pid, SIGKILL)
        os.waitpid(pid, 0)
        raise


def _has_pidfd() -> bool:
    try:
        os.close(os.pidfd_open(os.getpid()))
    except (AttributeError, OSError):  # not Linux, an old kernel, or a sandbox that forbids it
        return False
    return True


_PIDFD = _has_pidfd()
