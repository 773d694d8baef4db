"""Queues: what Queue, SimpleQueue and JoinableQueue promise."""

from __future__ import annotations

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
