"""The register of what the page promises and no clause can test, each with its reason. Nothing else is left out."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Untestable:
    """One promise without a clause. source: its anchor; promise: in our words; reason: why nothing can show it."""

    source: str
    promise: str
    reason: str


UNTESTABLE: tuple[Untestable, ...] = (
    Untestable(
        "multiprocessing.Queue",
        "ImportError is raised by a queue's construction where the system has no working shared semaphores",
        "no platform on which this runs is without them",
    ),
    Untestable(
        "pipes-and-queues",
        "without a task_done() for each item the count of unfinished tasks overflows some day, with an exception",
        "it counts to more than two thousand million",
    ),
    Untestable(
        "pipes-and-queues",
        "a process killed while it uses a queue may corrupt it, so that others get an exception",
        "it may as well leave it whole; the clauses of kills between uses and while waiting say what can be said",
    ),
    Untestable(
        "module-multiprocessing.sharedctypes",
        "a pointer in shared memory is an address of one process, and following it in another is likely to crash",
        "what follows is a matter of chance: the address may happen to be mapped",
    ),
    Untestable(
        "multiprocessing.sharedctypes.synchronized",
        "access through a wrapper can be a lot slower than to the object itself",
        "a matter of speed, which the benchmarks show",
    ),
    Untestable(
        "multiprocessing.sharedctypes.RawArray",
        "reading and assigning an item may be non-atomic",
        "it may as well be atomic: nothing could break it",
    ),
)
