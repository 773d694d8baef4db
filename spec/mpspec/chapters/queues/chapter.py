"""Queues: what Queue, SimpleQueue and JoinableQueue promise."""

from __future__ import annotations

import os
import sys

from mpspec.clause import Chapter

chapter = Chapter(
    "queues",
    section="Pipes and Queues",
    source="pipes-and-queues",
    subjects=(
        "construction",
        "pickling",
        "delivery",
        "size",
        "put_get",
        "feeder",
        "close",
        "simple",
        "joinable",
    ),
)

HUGE = 1_000_000
"""Bytes of an item that no pipe takes unless somebody reads: the page's own measure of a deadlock."""


def threads() -> int:
    """How many threads run in this process: as the kernel tells, or else those that have run Python."""
    try:
        return len(os.listdir("/proc/self/task"))
    except FileNotFoundError:
        return len(sys._current_frames())
