"""Queues: what Queue, SimpleQueue and JoinableQueue promise."""

from __future__ import annotations

import os

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
    """How many threads the kernel runs for this process."""
    return len(os.listdir("/proc/self/task"))


def descriptors() -> int:
    """How many descriptors this process has open."""
    return len(os.listdir("/proc/self/fd"))
