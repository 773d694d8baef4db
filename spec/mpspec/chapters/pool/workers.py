"""The worker processes: how many there are, and that it is they who work."""

from __future__ import annotations

from typing import Any

from mpspec.chapters.pool.chapter import chapter, pool_of
from mpspec.chapters.pool.targets import post_and_wait
from mpspec.observation.see import See

POOL = "multiprocessing.pool.Pool"


@chapter.clause("pool.processes.at-once", passage=(f"{POOL}/4", f"{POOL}/2"), hanging=True)
def as_many_tasks_are_done_at_once_as_there_are_processes(mp: Any, see: See) -> None:
    """`processes` is the number of worker processes: so many tasks are done at the same time, each in its own."""
    box, gate = see.mailbox(), see.gate()
    with pool_of(mp, 3) as pool:
        results = [pool.apply_async(post_and_wait, (box, gate, number)) for number in range(4)]
        see.equal(len(set(box.take_all(3))), 3, "the number of processes that work at the same time")
        see.true(box.empty(after=0.1), "no fourth worker")
        gate.open()
        see.equal([result.get() for result in results], [0, 1, 2, 3], "the results")
