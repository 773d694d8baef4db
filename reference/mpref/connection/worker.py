"""A thread whose end can be waited for, as far as the system tells it."""

from __future__ import annotations

import os
from _thread import allocate_lock, get_native_id
from time import monotonic, sleep

from ..joinable_thread import Permission

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

GRACE = 1.0
"""Seconds that a fork waits at most for such a thread to be gone."""


class Worker:
    """A thread whose end can be waited for."""

    def __init__(self) -> None:
        self._busy = allocate_lock()
        self._busy.acquire()
        self._thread = 0
        self._permission = Permission()
        self.take_back = self._permission.take_back

    def run(self, function: Callable[[], None]) -> None:
        """Call a function. This is what the thread does."""
        self._thread = get_native_id()
        try:
            if self._permission.begin():
                function()
        finally:
            self._busy.release()

    def await_end(self) -> None:
        """Wait until the thread is gone, as the system sees it, where that does not take long."""
        deadline = monotonic() + GRACE
        if self._busy.acquire(timeout=GRACE):
            self._busy.release()
            while os.path.exists(f"/proc/self/task/{self._thread}") and monotonic() < deadline:
                sleep(0.0001)  # nobody tells of that
