"""How long what is left of something may take, and a time in words."""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Callable
from operator import itemgetter

LATELY = 0.25
"""The share of the time so far by which the rest is guessed: what is quick and what is slow often stands together."""


class Pace:
    """How fast something goes that is counted. clock: seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._began = clock()
        self._seen = [(self._began, 0)]
        """When so many were found to be done."""

    def sees(self, done: int) -> None:
        """So many are done."""
        if done > self._seen[-1][1]:
            self._seen.append((self._clock(), done))

    def left(self, to_do: int) -> float | None:
        """Seconds for so many more, by how it went lately, or from the beginning where lately nothing was done."""
        now, done = self._clock(), self._seen[-1][1]
        lately = bisect_right(self._seen, now - (now - self._began) * LATELY, key=itemgetter(0)) - 1
        since, before = self._seen[max(lately, 0)]
        if before == done:
            since, before = self._seen[0]
        return (now - since) / (done - before) * to_do if done > before else None


def spoken(seconds: float) -> str:
    """A time, no more exactly than one reads it at a glance: "40 s", "4 min", "1 h 20 min"."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02} min"
