"""When somebody who is about to wait does so: what has to be known before the cure of a wait is applied.

How an implementation waits is its own affair: asleep in the kernel, by polling, or busily. Where the kernel shows a
sleep, that is taken as the sign, the quickest and firmest there is. Where it shows none, time tells: see SETTLE.
"""

from __future__ import annotations

import os
import time

from mpspec.observation import procfs
from mpspec.observation.waits import SETTLE, YIELD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable


class Settling:
    """The way of one who has told that it is about to wait, from then on.

    sleeps: whether the kernel shows it asleep for so many seconds. entered: whether it has come as far as the call in
    which it waits; asked until it has, and only then does the time count.
    """

    def __init__(self, sleeps: Callable[[float], bool], entered: Callable[[], bool] = lambda: True) -> None:
        self._sleeps = sleeps
        self._entered = entered
        self._end: float | None = None

    def over(self) -> bool:
        """Whether it waits: it sleeps for a YIELD, or has been in the call for SETTLE seconds. To be asked again."""
        if self._end is None and self._entered():
            self._end = time.monotonic() + SETTLE
        return self._sleeps(YIELD) or (self._end is not None and time.monotonic() >= self._end)

    def wait(self) -> None:
        """Wait until it waits."""
        while not self.over():
            time.sleep(0.002)


def of_process(pid: int) -> Settling:
    """Of every thread of the process, which is in the call already or about to make it."""
    return Settling(lambda sample: procfs.process_sleeps(pid, sample))


def of_thread(thread: int, entered: Callable[[], bool] = lambda: True) -> Settling:
    """Of a thread of this process, by its native id."""
    return Settling(lambda sample: procfs.thread_sleeps(os.getpid(), thread, sample), entered)
