"""Shared objects under observation: held by another thread.

For the chapters synchronize and sharedctypes.
"""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Any

from mpspec.observation.waits import LONG


class Held:
    """While the block runs, another thread of this process has the lock; `release()` releases it earlier."""

    def __init__(self, lock: Any, times: int = 1) -> None:
        self._lock = lock
        self._times = times
        self._taken = threading.Event()
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._hold, name="holder", daemon=True)

    def _hold(self) -> None:
        for _ in range(self._times):
            self._lock.acquire()
        self._taken.set()
        self._end.wait()
        for _ in range(self._times):
            self._lock.release()

    def __enter__(self) -> Held:
        self._thread.start()
        assert self._taken.wait(LONG), "the holder could not acquire it"
        return self

    def release(self) -> None:
        """Release it now."""
        self._end.set()
        self._thread.join(LONG)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()
