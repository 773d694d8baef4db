"""close(): no more tasks are taken; what was submitted is done, and then the workers exit."""

from __future__ import annotations

import itertools
from functools import partial
from typing import Any

from mpspec.chapters.pool.call_targets import tell_and_wait_at
from mpspec.chapters.pool.calling import ITERATING
from mpspec.chapters.pool.chapter import chapter, pool_of
from mpspec.chapters.pool.life_targets import announce_and_wait, count_calls
from mpspec.chapters.pool.submission import (
    BEGINNINGS,
    EVERY_BEGINNING,
    EVERY_WAY,
    at_work,
    opened_at_last,
    refuses,
    shut,
    tried,
)
from mpspec.chapters.pool.targets import pid, square
from mpspec.clause import ANY_METHOD, NO_METHOD, SHOULD, UNSPECIFIED, cases
from mpspec.observation.see import See
from mpspec.observation.waits import LONG, YIELD

POOL = "multiprocessing.pool.Pool"
CLOSE, TERMINATE, JOIN = f"{POOL}.close", f"{POOL}.terminate", f"{POOL}.join"


@chapter.clause(
    "pool.life.parameters",
    passage=(f"{CLOSE}/1", f"{TERMINATE}/1", f"{JOIN}/1"),
    methods=NO_METHOD,
    cases=cases("close", "terminate", "join"),
)
def the_methods_that_end_a_pool_take_nothing(mp: Any, see: See, method: str) -> None:
    """close(), terminate() and join() have no parameters."""
    see.signature(getattr(mp.pool.Pool, method), "()")


@chapter.clause("pool.close.refuses", passage=f"{CLOSE}/2", methods=ANY_METHOD, cases=EVERY_BEGINNING, hanging=True)
def a_closed_pool_takes_no_more_tasks(mp: Any, see: See, way: str) -> None:
    """After close() no method submits a task, though the workers are still at work on others."""
    box, gate = see.mailbox(), see.gate()
    with pool_of(mp, 1) as pool, opened_at_last(gate):
        results, _ = at_work(pool, box, gate, 1)
        closing = shut(see, pool)
        late = tried(see, pool, way)
        gate.open()
        closing.ends()
        see.equal(results[0].get(LONG), 0, "the result of the task that was at work")
        see.comes_back(pool.join)
        see.true(late.empty(), f"{way}() submits no task", "the function is called")


@chapter.clause(
    "pool.close.raises", passage=f"{CLOSE}/2", level=SHOULD, methods=ANY_METHOD, cases=EVERY_WAY, hanging=True
)
def a_closed_pool_tells_that_it_takes_none(mp: Any, see: See, way: str) -> None:
    """After close() a method that would submit a task raises an exception, and does not wait for ever."""
    with pool_of(mp, 1) as pool:
        pool.apply(pid)
        pool.close()
        refuses(mp, see, pool, way)


@chapter.clause(
    "pool.close.completes",
    passage=f"{CLOSE}/3",
    methods=ANY_METHOD,
    cases=cases("apply_async", "map_async", "starmap_async"),
    hanging=True,
)
def what_was_submitted_before_close_is_done(mp: Any, see: See, way: str) -> None:
    """Tasks that were submitted before close() are completed: those at work, and those that still wait for a worker."""
    completes(mp, see, way)


@chapter.clause(
    "pool.close.completes.iterators",
    passage=f"{CLOSE}/3",
    level=SHOULD,
    methods=ANY_METHOD,
    cases=ITERATING,
    hanging=True,
)
def what_imap_was_given_is_done(mp: Any, see: See, way: str) -> None:
    """All items of a list that imap() was given before close() are done, whether it had read them by then or not."""
    completes(mp, see, way)


def completes(mp: Any, see: See, way: str) -> None:
    """Four tasks are submitted, close() is called while the first one is at work, and all of them are done."""
    box, gate = see.mailbox(), see.gate()
    with pool_of(mp, 1) as pool, opened_at_last(gate):
        results = BEGINNINGS[way](pool, announce_and_wait, [(box, gate, number) for number in range(4)])
        box.take()
        closing = shut(see, pool)
        gate.open()
        see.equal(results(), [0, 1, 2, 3], "the results of what was submitted before")
        closing.ends()


@chapter.clause("pool.close.replacements", passage=(f"{CLOSE}/3", f"{POOL}/7"), methods=ANY_METHOD, hanging=True)
def workers_are_replaced_for_what_was_submitted(mp: Any, see: See) -> None:
    """Workers that have done maxtasksperchild tasks are replaced after close() too, until all tasks are completed."""
    box, gate = see.mailbox(), see.gate()
    with pool_of(mp, 1, maxtasksperchild=1) as pool, opened_at_last(gate):
        first, _ = at_work(pool, box, gate, 1)
        others = [pool.apply_async(count_calls) for _ in range(3)]
        closing = shut(see, pool)
        gate.open()
        see.equal([result.get(LONG) for result in (*first, *others)], [0, 1, 1, 1], "the results")
        closing.ends()


@chapter.clause("pool.close.exit", passage=f"{CLOSE}/3", hanging=True)
def the_workers_exit_when_all_is_done(mp: Any, see: See) -> None:
    """After close() the workers exit once all tasks are completed, before join() is called."""
    box, gate = see.mailbox(), see.gate()
    with pool_of(mp, 2) as pool, opened_at_last(gate):
        results, workers = at_work(pool, box, gate, 2)
        closing = shut(see, pool)
        see.true(all(map(see.alive, workers)), "the workers are there as long as they have tasks")
        gate.open()
        for worker in workers:
            see.gone(worker)
        see.equal([result.get(LONG) for result in results], [0, 1], "the results")
        closing.ends()


@chapter.clause("pool.close.idle", passage=f"{CLOSE}/3", hanging=True)
def the_workers_of_an_idle_pool_exit(mp: Any, see: See) -> None:
    """The workers of a pool that has nothing to do exit after close()."""
    box, gate = see.mailbox(), see.gate()
    with pool_of(mp, 2) as pool, opened_at_last(gate):
        results, workers = at_work(pool, box, gate, 2)
        gate.open()
        for result in results:
            result.get(LONG)
        pool.close()
        for worker in workers:
            see.gone(worker)


@chapter.clause("pool.close.returns", passage=(f"{JOIN}/2", f"{CLOSE}/2"), level=SHOULD, methods=ANY_METHOD)
def close_does_not_wait(mp: Any, see: See) -> None:
    """close() comes back while tasks are at work: to wait for the workers is what join() is for."""
    box, gate = see.mailbox(), see.gate()
    with pool_of(mp, 1) as pool, opened_at_last(gate):
        results, workers = at_work(pool, box, gate, 1)
        see.comes_back(pool.close)
        see.true(not results[0].ready() and see.alive(workers[0]), "the task is at work")
        gate.open()
        see.equal(results[0].get(LONG), 0, "its result")


@chapter.clause("pool.close.again", source=CLOSE, level=UNSPECIFIED, methods=ANY_METHOD)
def close_on_a_closed_pool(mp: Any, see: See) -> None:
    """Whether close() can be called again, on a pool that is closed or terminated, is left open."""
    with pool_of(mp, 1) as pool:
        for when in ("closed", "terminated"):
            if when == "terminated":
                pool.terminate()
            else:
                pool.close()
            try:
                see.comes_back(pool.close)
            except Exception as error:
                see.records(**{when: type(error).__name__})
            else:
                see.records(**{when: "nothing is raised"})


@chapter.clause(
    "pool.close.not-asked-for", passage=f"{CLOSE}/3", level=SHOULD, methods=ANY_METHOD, cases=ITERATING, hanging=True
)
def results_that_nobody_has_asked_for(mp: Any, see: See, method: str) -> None:
    """All tasks of a long list are done after close(), though nobody has asked for one of their results."""
    box, gate = see.mailbox(), see.gate()
    with pool_of(mp, 2) as pool:
        results = getattr(pool, method)(partial(tell_and_wait_at, box, gate, -1), [*range(500)])
        done = 0
        while not box.empty(after=YIELD):  # as many as it does unasked
            box.take()
            done += 1
        pool.close()
        joining = see.in_thread(pool.join)
        for _ in range(done, 500):
            box.take()
        joining.ends()
        see.equal(sorted(see.comes_back(lambda: [*results])), [*range(500)], "the results")


@chapter.clause("pool.close.unread", source=CLOSE, level=UNSPECIFIED, methods=ANY_METHOD)
def an_iterable_that_is_not_read_to_its_end(mp: Any, see: See) -> None:
    """Whether the values of an iterable count as submitted that imap() had not read at the time of close() is open."""
    box, gate = see.mailbox(), see.gate()

    def values() -> Any:
        yield 0
        box.post("waits")
        gate.wait()
        yield from itertools.islice(itertools.count(1), 3)

    with pool_of(mp, 1) as pool, opened_at_last(gate):
        results = pool.imap(square, values())
        box.take()
        pool.close()
        gate.open()
        try:
            see.records(results=[results.next(LONG) for _ in range(4)])
        except Exception as error:
            see.records(raises=type(error).__name__)
