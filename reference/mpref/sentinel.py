"""Descriptors that become readable once a process has ended, and the parent, which a child knows by such a one."""

from __future__ import annotations

import os

from .process import BaseProcess


class ParentProcess(BaseProcess):
    """The process that started this one, seen from here."""

    def __init__(self, name: str, pid: int, lifeline: int) -> None:
        self._name = name
        self._identity = ()
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
        wait_readable(self._lifeline, timeout)

    def __repr__(self) -> str:
        state = "started" if self.is_alive() else "stopped"
        return f"<{type(self).__name__} name={self._name!r} pid={self._pid} {state}>"


def wait_readable(descriptor: int, timeout: float | None) -> bool:
    """Wait at most `timeout` seconds, None for ever, until a descriptor is readable, and tell whether it is."""
    from select import POLLIN, poll
    from time import monotonic

    watched = poll()
    watched.register(descriptor, POLLIN)
    if timeout is None:
        return bool(watched.poll())
    deadline = monotonic() + timeout
    while True:
        left = min(max(0.0, deadline - monotonic()), 86400.0)  # poll() takes milliseconds, as a C int
        if watched.poll(left * 1000):
            return True
        if monotonic() >= deadline:
            return False
