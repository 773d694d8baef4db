"""join(): waits until the worker processes have exited."""

from __future__ import annotations

from typing import Any

from mpspec.chapters.pool.chapter import chapter, pool_of
from mpspec.chapters.pool.submission import at_work, opened_at_last, shut
from mpspec.chapters.pool.targets import square
from mpspec.clause import ANY_METHOD, SHOULD, UNSPECIFIED, cases
from mpspec.observation.see import See
from mpspec.observation.waits import LONG, SMALL

POOL = "multiprocessing.pool.Pool"
JOIN = f"{POOL}.join"


@chapter.clause("pool.join.waits", passage=f"{JOIN}/2", hanging=True)
def join_waits_for_the_workers(mp: Any, see: See) -> None:
    """join() blocks as long as a worker of the closed pool is at work, and comes back when all have exited."""
    box, gate = see.mailbox(), see.gate()
    with pool_of(mp, 2) as pool, opened_at_last(gate):
        _, workers = at_work(pool, box, gate, 2)
        closing = shut(see, pool)
        joining = see.blocks(pool.join)
        see.true(all(map(see.alive, workers)), "the workers are at work")
        gate.open()
        joining.ends()
        see.equal([worker for worker in workers if see.alive(worker)], [], "the workers that are still there")
        closing.ends()


@chapter.clause("pool.join.without-limit", passage=f"{JOIN}/2", methods=ANY_METHOD, hanging=True)
def join_waits_for_ever(mp: Any, see: See) -> None:
    """join() does not give up while a task goes on for seconds."""
    box, gate = see.mailbox(), see.gate()
    with pool_of(mp, 1) as pool, opened_at_last(gate):
        at_work(pool, box, gate, 1)
        closing = shut(see, pool)
        joining = see.blocks(pool.join)
        joining.goes_on()
        gate.open()
        joining.ends()
        closing.ends()


@chapter.clause("pool.join.terminated", passage=f"{JOIN}/2,3", hanging=True)
def join_waits_for_terminated_workers(mp: Any, see: See) -> None:
    """After terminate(), join() comes back, and all workers have exited then."""
    box, gate = see.mailbox(), see.gate()
    with pool_of(mp, 2) as pool, opened_at_last(gate):
        _, workers = at_work(pool, box, gate, 2)
        see.comes_back(pool.terminate)
        see.comes_back(pool.join)
        see.equal([worker for worker in workers if see.alive(worker)], [], "the workers that are still there")


@chapter.clause("pool.join.replacements", passage=(f"{JOIN}/2", f"{POOL}/7"), methods=ANY_METHOD, hanging=True)
def join_waits_for_replacements(mp: Any, see: See) -> None:
    """join() waits for workers as well that have taken the place of others since it was called."""
    box, gate = see.mailbox(), see.gate()
    with pool_of(mp, 1, maxtasksperchild=1) as pool, opened_at_last(gate):
        at_work(pool, box, gate, 1)
        later = pool.apply_async(square, (4,))
        closing = shut(see, pool)
        joining = see.blocks(pool.join)
        gate.open()
        joining.ends()
        see.equal(later.get(LONG), 16, "the result of the worker that came later")
        closing.ends()


@chapter.clause("pool.join.results", passage=(f"{JOIN}/2", f"{POOL}.close/3"), level=SHOULD, methods=ANY_METHOD)
def all_results_are_there_after_join(mp: Any, see: See) -> None:
    """When join() of a closed pool has come back, every result is ready."""
    with pool_of(mp, 2) as pool:
        results = [pool.apply_async(square, (number,)) for number in range(10)]
        several = pool.map_async(square, range(10), 2)
        pool.close()
        see.comes_back(pool.join)
        see.true(all(result.ready() for result in (*results, several)), "every result is ready")


@chapter.clause(
    "pool.join.again", source=JOIN, level=UNSPECIFIED, methods=ANY_METHOD, cases=cases("close", "terminate")
)
def join_on_a_joined_pool(mp: Any, see: See, end: str) -> None:
    """Whether a pool that was joined can be joined again is left open."""
    with pool_of(mp, 1) as pool:
        getattr(pool, end)()
        see.comes_back(pool.join)
        try:
            see.comes_back(pool.join)
        except Exception as error:
            see.records(again=type(error).__name__)
        else:
            see.records(again="nothing is raised")


@chapter.clause("pool.join.open", source=JOIN, level=UNSPECIFIED, methods=ANY_METHOD)
def join_on_an_open_pool(mp: Any, see: See) -> None:
    """Which error join() raises on a pool that is neither closed nor terminated, or whether it waits, is left open."""
    with pool_of(mp, 1) as pool:
        joining = see.in_thread(pool.join)
        joining.thread.join(SMALL)
        if joining.thread.is_alive():
            see.records(then="it waits")
        else:
            try:
                joining.ends()
            except Exception as error:
                see.records(then=type(error).__name__)
        see.equal(pool.apply_async(square, (3,)).get(LONG), 9, "the pool works all the same")
        pool.close()


@chapter.clause("pool.join.threads", source=JOIN, level=UNSPECIFIED, methods=ANY_METHOD)
def join_in_several_threads(mp: Any, see: See) -> None:
    """Whether several threads may join a pool at the same time is left open."""
    box, gate = see.mailbox(), see.gate()
    told = []
    with pool_of(mp, 1) as pool, opened_at_last(gate):
        at_work(pool, box, gate, 1)
        closing = shut(see, pool)
        waiting = [see.in_thread(pool.join) for _ in range(3)]
        gate.open()
        for one in waiting:
            try:
                one.ends()
            except Exception as error:
                told.append(type(error).__name__)
            else:
                told.append("nothing is raised")
        closing.ends()
    see.records(then=sorted(told))
