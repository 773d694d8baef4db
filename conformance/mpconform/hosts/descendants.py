"""The descendants of a zygote: its host, and all that the host starts, whose orphans come to the zygote."""

from __future__ import annotations

import contextlib
import os
import select
import signal

from mpspec.observation import procfs


class Descendants:
    """The processes below this one, of which host is a child. wakeup: readable after a child has ended."""

    def __init__(self, host: int, wakeup: int) -> None:
        self._host = host
        self._wakeup = wakeup
        self.status: int | None = None
        """What os.waitpid told of the host; None while it lives."""
        self.gone = False
        """Whether this process has no child any more, as of the last reaping."""

    def reap(self) -> None:
        """Take note of every child that has ended."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                self.gone = True
                return
            if pid == 0:
                self.gone = False
                return
            if pid == self._host:
                self.status = status

    def alive(self) -> list[int]:
        """The ids of all of them."""
        return procfs.descendants(os.getpid())

    def end(self) -> None:
        """Kill and reap until nobody is left; a group is killed in one step, which no forking member outruns."""
        while True:
            self.reap()
            if self.gone:
                return
            rest = self.alive()
            groups = {int(fields[2]) for fields in map(procfs.stat, rest) if fields}
            for group in groups - {os.getpgrp()}:
                with contextlib.suppress(OSError):
                    os.killpg(group, signal.SIGKILL)
            for pid in rest:
                with contextlib.suppress(OSError):
                    os.kill(pid, signal.SIGKILL)
            select.select([self._wakeup], [], [], 0.05)
            self.forget_wakeups()

    def forget_wakeups(self) -> None:
        """Empty what wakes for children that have ended."""
        with contextlib.suppress(BlockingIOError):
            while os.read(self._wakeup, 4096):
                pass
