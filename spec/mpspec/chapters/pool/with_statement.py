"""A pool in a with statement."""

from __future__ import annotations

from typing import Any

from mpspec.chapters.pool.chapter import chapter, made, pool_of
from mpspec.chapters.pool.life_targets import announce_and_wait
from mpspec.chapters.pool.submission import at_work, opened_at_last, refuses
from mpspec.chapters.pool.targets import pid, square
from mpspec.clause import ANY_METHOD, SHOULD, UNSPECIFIED, cases
from mpspec.observation.see import See
from mpspec.observation.waits import LONG, SMALL

POOL = "multiprocessing.pool.Pool"
HOW = cases("end", "exception")


class Trouble(Exception):
    """What leaves a block."""


@chapter.clause("pool.with.enter", passage=f"{POOL}/24", methods=ANY_METHOD)
def a_with_statement_gives_the_pool(mp: Any, see: See) -> None:
    """Entering a pool gives the pool itself, which works in the block."""
    with pool_of(mp, 1) as pool, pool as entered:
        see.true(entered is pool, "the pool itself", entered)
        see.equal(entered.apply(square, (5,)), 25, "a result in the block")


@chapter.clause("pool.with.exit", passage=(f"{POOL}/24", f"{POOL}.terminate/2"), cases=HOW, hanging=True)
def the_end_of_the_block_stops_the_workers(mp: Any, see: See, how: str) -> None:
    """At the end of the block, however it is left, workers are stopped in the middle of their tasks."""
    box, gate = see.mailbox(), see.gate()
    with pool_of(mp, 2) as pool, opened_at_last(gate):
        try:
            with pool:
                pool.map_async(announce_and_wait, [(box, gate, number) for number in range(4)], 1)
                workers = [process for _, process in box.take_all(2)]
                if how == "exception":
                    raise Trouble
        except Trouble:
            pass
        for worker in workers:
            see.gone(worker)
        gate.open()
        see.true(box.empty(after=SMALL), "nothing more is done")


@chapter.clause("pool.with.terminate", passage=f"{POOL}/24", level=SHOULD, methods=ANY_METHOD, cases=HOW)
def the_end_of_the_block_calls_terminate(mp: Any, see: See, how: str) -> None:
    """At the end of the block, however it is left, terminate() is called: that of the class of the pool."""

    class Noted(mp.pool.Pool):  # type: ignore[misc]
        def terminate(self) -> None:
            calls.append("terminate")
            super().terminate()

    calls: list[str] = []
    pool = made(Noted, 1, context=mp.get_context())
    try:
        with pool:
            see.equal(calls, [], "the calls of terminate() within the block")
            if how == "exception":
                raise Trouble
    except Trouble:
        pass
    seen = [*calls]
    pool.terminate()
    pool.join()
    see.true(seen, "terminate() is called at the end of the block")


@chapter.clause("pool.with.exception", passage=f"{POOL}/24", level=SHOULD, methods=ANY_METHOD)
def an_exception_leaves_the_block(mp: Any, see: See) -> None:
    """An exception that is raised in the block leaves it: the pool does not swallow it."""
    trouble = Trouble()
    with pool_of(mp, 1) as pool, see.raises(Trouble) as caught, pool:
        raise trouble
    see.true(caught.error is trouble, "the exception itself", caught.error)


@chapter.clause("pool.with.refuses", passage=f"{POOL}/24", level=SHOULD, methods=ANY_METHOD, hanging=True)
def after_the_block_no_task_is_taken(mp: Any, see: See) -> None:
    """After the block the pool takes no more tasks."""
    with pool_of(mp, 1) as pool:
        with pool:
            pool.apply(pid)
        refuses(mp, see, pool, "apply_async")


@chapter.clause("pool.with.ended", passage=f"{POOL}/24", level=SHOULD, methods=ANY_METHOD, hanging=True)
def a_block_that_ends_its_pool_itself(mp: Any, see: See) -> None:
    """A block may close and join its pool before its end: nothing is raised there."""
    with pool_of(mp, 1) as pool:
        with pool:
            result = pool.apply_async(square, (3,))
            pool.close()
            see.comes_back(pool.join)
        see.equal(result.get(LONG), 9, "the result")


@chapter.clause(
    "pool.with.again", source=POOL, level=UNSPECIFIED, methods=ANY_METHOD, cases=cases("close", "terminate")
)
def a_pool_that_has_ended_is_entered(mp: Any, see: See, end: str) -> None:
    """Whether a pool that is closed or terminated can be entered is left open."""
    with pool_of(mp, 1) as pool:
        getattr(pool, end)()
        try:
            with pool:
                see.records(then="it is entered")
        except Exception as error:
            see.records(then=type(error).__name__)


@chapter.clause("pool.with.working", passage=f"{POOL}/24", level=SHOULD, methods=ANY_METHOD)
def a_pool_is_entered_that_works(mp: Any, see: See) -> None:
    """A pool that has tasks already can be entered: they are done in the block."""
    box, gate = see.mailbox(), see.gate()
    with pool_of(mp, 1) as pool, opened_at_last(gate):
        results, _ = at_work(pool, box, gate, 1)
        with pool:
            gate.open()
            see.equal(results[0].get(LONG), 0, "the result of the task")
