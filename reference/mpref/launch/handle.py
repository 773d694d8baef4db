"""A child as its parent holds it: process id, descriptor that tells the end, exit code."""

from __future__ import annotations

import os
import sys
import time
from _thread import RLock
from errno import EMFILE, ENFILE, ESRCH
from math import inf

from ..descriptors import pipe
from ..process import SIGKILL

DOZE = 0.02
"""Seconds between two looks for the end of a child, where nothing tells of it."""

LOST = 255
"""What poll() gives where somebody else has taken the exit status: os.wait(), an ignored SIGCHLD."""


class Handle:
    """A direct child of this process.

    pid: its process id. sentinel: a descriptor that is readable once the child has ended; closed with this. Below
    zero: there was none to be had when the child was started.
    """

    def __init__(self, pid: int, sentinel: int) -> None:
        self.pid = pid
        self._sentinel = sentinel
        self._code: int | None = None
        self._lock = RLock()  # reentrant: a signal handler may ask while its thread is asking

    @property
    def sentinel(self) -> int:
        """A descriptor that is readable once the child has ended. OSError: there is none to be had."""
        if self._sentinel < 0:
            with self._lock:  # nobody reaps it now, so that its id cannot belong to another process
                self._sentinel = _pidfd(self.pid) if self.poll() is None else _of_the_ended()
        return self._sentinel

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
                try:  # noqa: SIM105
                    os.kill(self.pid, number)
                except ProcessLookupError:  # it was reaped since, by the kernel or the fork server
                    pass

    def close(self) -> None:
        """Close the sentinel."""
        sentinel, self._sentinel = self._sentinel, -1
        if sentinel >= 0:
            self._close(sentinel)

    _close = staticmethod(os.close)  # still here when the interpreter has emptied its modules

    def __del__(self) -> None:
        try:
            self.close()
        except OSError:  # a program that becomes a daemon has closed all that is open
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

            try:
                wait_readable(self.sentinel, timeout)
            except OSError as error:
                if error.errno is None:
                    raise  # a signal handler's
                self._doze(timeout)  # no descriptor is left to wait for

    def _doze(self, timeout: float | None) -> None:
        """Wait for the end without a descriptor: by looking for it now and then."""
        end = inf if timeout is None else time.monotonic() + timeout
        while self.poll() is None and (left := end - time.monotonic()) > 0:
            time.sleep(min(DOZE, left))

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

    It runs already: where no descriptor is left for a sentinel, there is none before it is asked for.
    """
    if ends is not None:
        os.close(ends[1])
        return Handle(pid, ends[0])
    try:
        return Handle(pid, _pidfd(pid))
    except BaseException as error:
        number = getattr(error, "errno", None)
        if number is None:  # a signal handler's, and nobody would know of the child
            _put_away(pid)
            raise
    handle = Handle(pid, -1)
    if number == ESRCH:  # SIGCHLD is ignored, and the kernel has reaped it
        handle._code = LOST  # never ask: the id may belong to another child by now
    return handle


def _put_away(pid: int) -> None:
    """End a child that has only just begun."""
    try:
        os.kill(pid, SIGKILL)
        os.waitpid(pid, 0)
    except (ProcessLookupError, ChildProcessError):  # SIGCHLD is ignored
        return


def _of_the_ended() -> int:
    """Return the sentinel of a child that has ended: a pipe that nobody can write to."""
    reading, writing = pipe()
    os.close(writing)
    return reading


def _pidfd(pid: int) -> int:
    if sys.implementation.name != "pypy":
        return os.pidfd_open(pid)
    from ..memory.libc import pidfd_open

    return pidfd_open(pid)


def _has_pidfd() -> bool:
    try:
        os.close(_pidfd(os.getpid()))
    except (AttributeError, ImportError):  # not Linux
        return False
    except OSError as error:  # an old kernel, or a sandbox that forbids it; or there is but no room at the moment
        if error.errno is None:
            raise  # a signal handler's
        return error.errno in (EMFILE, ENFILE)
    return True


_PIDFD = _has_pidfd()
