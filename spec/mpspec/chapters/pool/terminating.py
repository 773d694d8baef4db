"""terminate(): the workers are stopped at once, whatever they do and whatever waits; so they are by collection."""

from __future__ import annotations

import gc
import itertools
import os
import signal
import warnings
from typing import Any

from mpspec.chapters.pool.chapter import chapter, made, pool_of
from mpspec.chapters.pool.life_targets import announce, ignore_terminate_and_wait, wait_and_announce
from mpspec.chapters.pool.submission import BEGINNINGS, EVERY_BEGINNING, EVERY_WAY, at_work, opened_at_last, refuses
from mpspec.chapters.pool.targets import pid, square
from mpspec.clause import ANY_METHOD, SHOULD, UNSPECIFIED
from mpspec.observation.see import See
from mpspec.observation.waits import LONG, SMALL

POOL = "multiprocessing.pool.Pool"
TERMINATE = f"{POOL}.terminate"


@chapter.clause("pool.terminate.working", passage=f"{TERMINATE}/2", hanging=True)
def workers_are_stopped_in_the_middle_of_tasks(mp: Any, see: See) -> None:
    """terminate() stops workers in the middle of tasks that would never end."""
    box, gate = see.mailbox(), see.gate()
    with pool_of(mp, 2) as pool, opened_at_last(gate):
        _, workers = at_work(pool, box, gate, 2)
        terminating = see.in_thread(pool.terminate)
        for worker in workers:
            see.gone(worker)
        terminating.ends()


@chapter.clause("pool.terminate.idle", passage=f"{TERMINATE}/2", hanging=True)
def idle_workers_are_stopped(mp: Any, see: See) -> None:
    """terminate() stops the workers of a pool that has nothing to do."""
    box, gate = see.mailbox(), see.gate()
    with pool_of(mp, 2) as pool, opened_at_last(gate):
        results, workers = at_work(pool, box, gate, 2)
        gate.open()
        for result in results:
            result.get(LONG)
        see.comes_back(pool.terminate)
        for worker in workers:
            see.gone(worker)


@chapter.clause("pool.terminate.not-completed", passage=f"{TERMINATE}/2", methods=ANY_METHOD, hanging=True)
def tasks_at_work_are_not_completed(mp: Any, see: See) -> None:
    """terminate() does not have tasks completed that are at work: they end where they are."""
    box, gate = see.mailbox(), see.gate()
    with pool_of(mp, 1) as pool, opened_at_last(gate):
        pool.apply_async(wait_and_announce, ((box, gate, "begun"),))
        see.equal(box.take()[0], "begun", "what the task posts")
        see.comes_back(pool.terminate)
        see.comes_back(pool.join)
        gate.open()
        see.true(box.empty(after=SMALL), "the task is not completed")


@chapter.clause(
    "pool.terminate.queued", passage=f"{TERMINATE}/2", methods=ANY_METHOD, cases=EVERY_BEGINNING, hanging=True
)
def tasks_that_wait_are_not_begun(mp: Any, see: See, way: str) -> None:
    """terminate() drops the tasks that no worker has begun: they are not done."""
    box, gate = see.mailbox(), see.gate()
    with pool_of(mp, 1) as pool, opened_at_last(gate):
        BEGINNINGS[way](pool, wait_and_announce, [(box, gate, number) for number in range(4)])
        see.equal(box.take()[0], 0, "what the first task posts")
        see.comes_back(pool.terminate)
        see.comes_back(pool.join)
        gate.open()
        see.true(box.empty(after=SMALL), "nothing more is done")


@chapter.clause("pool.terminate.closed", passage=(f"{TERMINATE}/2", f"{POOL}/15"), methods=ANY_METHOD, hanging=True)
def a_closed_pool_can_be_terminated(mp: Any, see: See) -> None:
    """terminate() stops the workers also after close(), in the middle of what close() would have had completed."""
    box, gate = see.mailbox(), see.gate()
    with pool_of(mp, 1) as pool, opened_at_last(gate):
        pool.apply_async(wait_and_announce, ((box, gate, "begun"),))
        _, worker = box.take()
        closing = see.in_thread(pool.close)
        closing.thread.join(SMALL)
        see.comes_back(pool.terminate)
        see.gone(worker)
        gate.open()
        closing.ends()
        see.true(box.empty(after=SMALL), "the task is not completed")


@chapter.clause("pool.terminate.endless", passage=f"{TERMINATE}/2", methods=ANY_METHOD, hanging=True)
def a_pool_that_is_given_tasks_without_end_is_stopped(mp: Any, see: See) -> None:
    """terminate() stops a pool also while it reads an iterable without an end for imap()."""
    over: list[bool] = []
    with pool_of(mp, 2) as pool:
        results = pool.imap(pid, itertools.takewhile(lambda _: not over, itertools.count()))
        workers = {results.next(LONG) for _ in range(10)}
        try:
            see.comes_back(pool.terminate)
            for worker in workers:
                see.gone(worker)
            see.comes_back(pool.join)
        finally:
            over.append(True)
    del pool, results
    for _ in range(3):  # PyPy finalises an iterator that was not read to its end, and then what that has held
        gc.collect()


@chapter.clause("pool.terminate.stubborn", passage=f"{TERMINATE}/2", level=SHOULD, methods=ANY_METHOD, hanging=True)
def a_worker_that_ignores_sigterm_is_stopped(mp: Any, see: See) -> None:
    """terminate() stops a worker also in the middle of a task that ignores SIGTERM."""
    box, gate = see.mailbox(), see.gate()
    with pool_of(mp, 1) as pool, opened_at_last(gate):
        pool.apply_async(ignore_terminate_and_wait, (box, gate))
        worker = box.take()
        try:
            terminating = see.in_thread(pool.terminate)
            see.gone(worker)
            terminating.ends()
        finally:
            if see.alive(worker):
                os.kill(worker, signal.SIGKILL)


@chapter.clause(
    "pool.terminate.refuses",
    passage=f"{TERMINATE}/2",
    level=SHOULD,
    methods=ANY_METHOD,
    cases=EVERY_WAY,
    hanging=True,
)
def a_terminated_pool_takes_no_more_tasks(mp: Any, see: See, way: str) -> None:
    """After terminate() no method submits a task: it raises an exception, and the function is not called."""
    with pool_of(mp, 1) as pool:
        pool.apply(pid)
        see.comes_back(pool.terminate)
        refuses(mp, see, pool, way)


@chapter.clause("pool.terminate.again", passage=f"{POOL}/24", level=SHOULD, methods=ANY_METHOD, hanging=True)
def a_pool_can_be_terminated_again(mp: Any, see: See) -> None:
    """terminate() can be called again, as a with statement does at its end."""
    with pool_of(mp, 1) as pool:
        for _ in range(3):
            see.comes_back(pool.terminate)
        pool.join()
        see.comes_back(pool.terminate)


@chapter.clause(
    "pool.terminate.results",
    passage=(f"{TERMINATE}/2", "multiprocessing.pool.AsyncResult.get/2"),
    level=SHOULD,
    methods=ANY_METHOD,
)
def results_that_have_arrived_stay(mp: Any, see: See) -> None:
    """A result that had arrived before terminate() can be got after it."""
    with pool_of(mp, 1) as pool:
        result, several = pool.apply_async(square, (3,)), pool.map_async(square, [4, 5], 1)
        result.wait(LONG)
        several.wait(LONG)
        see.comes_back(pool.terminate)
        see.equal([result.get(0), several.get(0)], [9, [16, 25]], "the results")


@chapter.clause("pool.terminate.outstanding", source=TERMINATE, level=UNSPECIFIED, methods=ANY_METHOD)
def results_that_never_arrive(mp: Any, see: See) -> None:
    """Whether whoever waits for the result of a task that terminate() has stopped is told so is left open."""
    box, gate = see.mailbox(), see.gate()
    with pool_of(mp, 1) as pool, opened_at_last(gate):
        (begun,), _ = at_work(pool, box, gate, 1)
        queued = pool.apply_async(square, (2,))
        see.comes_back(pool.terminate)
        pool.join()
        for name, result in {"begun": begun, "queued": queued}.items():
            try:
                see.records(**{name: result.get(SMALL)})
            except Exception as error:
                see.records(**{name: type(error).__name__})


@chapter.clause("pool.terminate.collected", passage=f"{TERMINATE}/3", level=SHOULD, hanging=True)
def a_pool_that_is_collected_is_terminated(mp: Any, see: See) -> None:
    """A pool that is garbage collected stops its workers, as terminate() does."""
    box, gate = see.mailbox(), see.gate()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        pool = made(mp.Pool, 2)
        results, workers = at_work(pool, box, gate, 2)
        gate.open()
        for result in results:
            result.get(LONG)
        del pool, results, result
        see.eventually(lambda: [gc.collect(), not any(map(see.alive, workers))][1], "the workers end")


@chapter.clause("pool.terminate.collected-working", source=TERMINATE, level=UNSPECIFIED, methods=ANY_METHOD)
def a_pool_that_works_and_that_nobody_has_any_more(mp: Any, see: See) -> None:
    """Whether a pool counts as garbage while tasks of it are at work is left open."""
    box, gate = see.mailbox(), see.gate()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        pool = made(mp.Pool, 1)
        kept = [pool]
        pool.apply_async(wait_and_announce, ((box, gate, "begun"),))
        _, worker = box.take()
        del pool
        kept.clear()
        gc.collect()
        see.records(stopped=not see.alive(worker) or not box.empty(after=SMALL))
        gate.open()
        see.records(completed=not box.empty(after=SMALL))
        see.eventually(lambda: [gc.collect(), not see.alive(worker)][1], "the worker ends")


@chapter.clause("pool.terminate.other-pool", passage=f"{TERMINATE}/2", level=SHOULD, methods=ANY_METHOD)
def another_pool_goes_on(mp: Any, see: See) -> None:
    """terminate() stops the workers of its own pool: another pool goes on with its tasks."""
    box, gate = see.mailbox(), see.gate()
    with pool_of(mp, 1) as one, pool_of(mp, 1) as other:
        results, workers = at_work(other, box, gate, 1)
        one.apply(announce, (box, "one"))
        _, stopped = box.take()
        see.comes_back(one.terminate)
        see.gone(stopped)
        see.true(see.alive(workers[0]), "the worker of the other pool is there")
        gate.open()
        see.equal(results[0].get(LONG), 0, "the result of the other pool")
