"""maxtasksperchild: after how many tasks a worker exits, and another one takes its place."""

from __future__ import annotations

from typing import Any

from mpspec.chapters.pool.chapter import chapter, made, pool_of, renewed
from mpspec.chapters.pool.life_targets import count_and_fail, count_calls
from mpspec.chapters.pool.submission import at_work, opened_at_last
from mpspec.chapters.pool.targets import pid, square
from mpspec.clause import ANY_METHOD, SHOULD, UNSPECIFIED
from mpspec.observation.see import See
from mpspec.observation.waits import LONG, SMALL

POOL = "multiprocessing.pool.Pool"


def calls_by_worker(pool: Any, count: int) -> list[int]:
    """Tasks one after the other: as which task of its process each is done."""
    return [pool.apply_async(count_calls).get(LONG) for _ in range(count)]


NUMBERS = {"1": (1, [1, 1, 1]), "2": (2, [1, 2, 1, 2, 1]), "3": (3, [1, 2, 3, 1, 2, 3, 1])}


@chapter.clause(
    "pool.maxtasksperchild.replaced", passage=f"{POOL}/7,22-23", methods=ANY_METHOD, cases=NUMBERS, hanging=True
)
def a_worker_that_has_done_its_tasks_is_replaced(mp: Any, see: See, case: Any) -> None:
    """A worker does maxtasksperchild tasks; what comes after them is done by a fresh process."""
    most, promised = case
    with renewed(mp, 1, most) as pool:
        see.equal(calls_by_worker(pool, len(promised)), promised, "as which of its process each task is done")


@chapter.clause("pool.maxtasksperchild.exits", passage=f"{POOL}/7,22", hanging=True)
def a_worker_that_has_done_its_tasks_exits(mp: Any, see: See) -> None:
    """A worker that has done maxtasksperchild tasks exits, while the pool is open."""
    with renewed(mp, 1, 2) as pool:
        first = pool.apply(pid)
        see.equal(pool.apply(pid), first, "the process of the second task")
        # The next one is there by now: to ask for processes may take a fork, which is not for two threads at once.
        see.true(pool.apply(pid) != first, "another process does the third task")
        see.gone(first)


@chapter.clause("pool.maxtasksperchild.cleaned-up", passage=f"{POOL}/22-23,7", level=SHOULD, hanging=True)
def a_worker_that_has_exited_is_cleaned_up(mp: Any, see: See) -> None:
    """Workers that have exited after maxtasksperchild tasks do not stay as zombies while the pool is open."""
    box, gate = see.mailbox(), see.gate()
    with renewed(mp, 1, 1) as pool, opened_at_last(gate):
        workers = [pool.apply(pid) for _ in range(3)]
        at_work(pool, box, gate, 1)  # no worker is started while processes are asked for
        for worker in workers:
            see.gone(worker)
        see.eventually(lambda: not any(map(see.zombie, workers)), "no worker is a zombie")
        gate.open()


@chapter.clause("pool.maxtasksperchild.as-many", passage=f"{POOL}/7,4", hanging=True)
def there_are_as_many_workers_as_before(mp: Any, see: See) -> None:
    """Workers that were replaced leave the pool with as many as before, which work at the same time."""
    first, box, gate = see.gate(), see.mailbox(), see.gate()
    with renewed(mp, 2, 1) as pool, opened_at_last(gate):
        results, workers = at_work(pool, box, first, 2)
        first.open()
        for result in results:
            result.get(LONG)
        results, others = at_work(pool, box, gate, 2)
        see.equal(len({*workers, *others}), 4, "the number of processes that have worked")
        gate.open()
        see.equal([result.get(LONG) for result in results], [0, 1], "the results")


@chapter.clause(
    "pool.maxtasksperchild.nothing-lost", passage=(f"{POOL}/7", f"{POOL}.map/2"), methods=ANY_METHOD, hanging=True
)
def no_task_is_lost_with_a_worker(mp: Any, see: See) -> None:
    """Many more tasks than two workers may do before they are replaced are done all the same, each with its result."""
    with renewed(mp, 2, 2) as pool:
        results = [pool.apply_async(square, (number,)) for number in range(4)]
        many = pool.map_async(square, range(8), 1)
        see.equal([result.get(LONG) for result in results], [0, 1, 4, 9], "the results of apply_async()")
        see.equal(many.get(LONG), [number * number for number in range(8)], "the results of map_async()")


@chapter.clause(
    "pool.maxtasksperchild.failed-tasks",
    passage=(f"{POOL}/7", "multiprocessing.pool.AsyncResult.successful/2"),
    level=SHOULD,
    methods=ANY_METHOD,
    hanging=True,
)
def a_task_that_raises_counts(mp: Any, see: See) -> None:
    """A task that raises an exception is among the maxtasksperchild that a worker completes."""
    with renewed(mp, 1, 2) as pool:
        for promised in ((1,), (2,), (1,), (2,)):
            with see.raises(LookupError) as caught:
                pool.apply_async(count_and_fail).get(LONG)
            see.equal(caught.error.args, promised, "as which of its process the task is done")


UNLIMITED: dict[str, dict[str, Any]] = {"left-out": {}, "none": {"maxtasksperchild": None}}


@chapter.clause("pool.maxtasksperchild.none", passage=f"{POOL}/8,21", methods=ANY_METHOD, cases=UNLIMITED, hanging=True)
def without_a_limit_workers_live_as_long_as_the_pool(mp: Any, see: See, limit: Any) -> None:
    """Without maxtasksperchild, or with None, the workers live as long as the pool, however many tasks they do."""
    first, box, gate = see.gate(), see.mailbox(), see.gate()
    with pool_of(mp, 2, **limit) as pool, opened_at_last(gate):
        results, workers = at_work(pool, box, first, 2)
        first.open()
        for result in results:
            result.get(LONG)
        pool.map(square, range(100), 1)
        results, others = at_work(pool, box, gate, 2)
        see.equal(sorted(others), sorted(workers), "the processes that work later")
        gate.open()
        see.equal([result.get(LONG) for result in results], [0, 1], "the results")
        see.true(box.empty(after=SMALL), "nothing else is done")
        see.true(all(map(see.alive, workers)), "the workers are there while the pool has nothing to do")


@chapter.clause("pool.maxtasksperchild.invalid", source=POOL, level=UNSPECIFIED, methods=ANY_METHOD)
def a_number_of_tasks_that_is_none(mp: Any, see: See) -> None:
    """Which error a maxtasksperchild raises that is not above zero, or not a number, is left open."""
    with see.output():
        for label, most in {"zero": 0, "negative": -1, "text": "2", "float": 1.5}.items():
            try:
                pool = made(mp.Pool, 1, maxtasksperchild=most)
            except Exception as error:
                see.records(**{label: type(error).__name__})
            else:
                pool.terminate()
                pool.join()
                see.records(**{label: "a pool"})
