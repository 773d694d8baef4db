"""The end of a ThreadPool: close(), terminate(), join(), the with statement, and none of these."""

from __future__ import annotations

import itertools
import threading
from typing import Any

from mpspec.chapters.pool.call_targets import wait
from mpspec.chapters.pool.chapter import chapter, made
from mpspec.chapters.pool.submission import EVERY_BEGINNING, EVERY_WAY, goes_on_or_comes_back, refuses, shut, tried
from mpspec.chapters.pool.targets import post_and_wait, square
from mpspec.chapters.pool.threads import DUMMY, THREAD_POOL, threads_of
from mpspec.clause import NO_METHOD, SHOULD, UNSPECIFIED
from mpspec.observation.see import See
from mpspec.observation.waits import LONG, SETTLE, SMALL

POOL = "multiprocessing.pool.Pool"


@chapter.clause(
    "thread_pool.close.completes",
    passage=(f"{DUMMY}/2", f"{THREAD_POOL}/3"),
    methods=NO_METHOD,
    hanging=True,
    since="3.9",
)
def what_was_submitted_is_done(mp: Any, see: See) -> None:
    """After close() the tasks that were submitted are done, for which join() waits."""
    gate = see.gate()
    pool = mp.pool.ThreadPool(2)
    results = [pool.apply_async(wait, (gate, number)) for number in range(6)]
    # It may wait for the tasks as well, and then join() is called after that.
    joining = see.blocks(lambda: [pool.close(), pool.join()])
    joining.goes_on()
    gate.open()
    joining.ends()
    see.equal([result.get(LONG) for result in results], list(range(6)), "the results")


@chapter.clause(
    "thread_pool.close.no-more", passage=f"{DUMMY}/2", methods=NO_METHOD, cases=EVERY_BEGINNING, since="3.9"
)
def nothing_more_is_submitted(mp: Any, see: See, case: str) -> None:
    """After close() nothing more can be submitted to a ThreadPool: no function is called for it."""
    gate = see.gate()
    pool = mp.pool.ThreadPool(1)
    pool.apply_async(gate.wait)  # the pool is closed, and its thread is still there
    closing = shut(see, pool)
    late = tried(see, pool, case)
    gate.open()
    closing.ends()
    see.comes_back(pool.join)
    see.true(late.empty(), "the function is not called")


@chapter.clause(
    "thread_pool.close.raises",
    passage=f"{DUMMY}/2",
    level=SHOULD,
    methods=NO_METHOD,
    cases=EVERY_WAY,
    hanging=True,
    since="3.9",
)
def a_closed_thread_pool_tells_that_it_takes_none(mp: Any, see: See, case: str) -> None:
    """After close() a method that would submit a task to a ThreadPool raises an exception."""
    pool = mp.pool.ThreadPool(1)
    pool.close()
    refuses(mp, see, pool, case)
    see.comes_back(pool.join)


@chapter.clause("thread_pool.terminate", passage=f"{DUMMY}/2", methods=NO_METHOD, hanging=True, since="3.9")
def what_has_not_begun_is_not_done(mp: Any, see: See) -> None:
    """terminate() ends the threads without the tasks that have not begun."""
    box, gate, begun = see.mailbox(), see.gate(), see.mailbox()
    pool = mp.pool.ThreadPool(1)
    pool.apply_async(post_and_wait, (begun, gate))
    begun.take()
    pool.map_async(box.post, ["called"] * 10, 1)
    terminating = goes_on_or_comes_back(see, pool.terminate)  # it may wait for the call that nobody can end
    gate.open()
    terminating.ends()
    see.comes_back(pool.join)
    see.true(box.empty(), "none of the other tasks is done")


@chapter.clause("thread_pool.terminate.call", source=THREAD_POOL, level=UNSPECIFIED, methods=NO_METHOD, since="3.9")
def a_call_that_goes_on(mp: Any, see: See) -> None:
    """Whether terminate() waits for a call that has begun is left open, and what becomes of that one's result."""
    gate, begun = see.gate(), see.mailbox()
    pool = mp.pool.ThreadPool(1)
    result = pool.apply_async(post_and_wait, (begun, gate, "done"))
    begun.take()
    other = pool.apply_async(square, (3,))
    terminating = see.in_thread(pool.terminate)
    terminating.thread.join(SETTLE)
    waits = terminating.thread.is_alive()
    gate.open()
    terminating.ends()
    see.comes_back(pool.join)
    see.records(waits=waits, of_the_call=_outcome(result), of_one_that_has_not_begun=_outcome(other))


def _outcome(result: Any) -> Any:
    """What get() returns, or the name of what it raises."""
    try:
        return result.get(SMALL)
    except Exception as error:
        return type(error).__name__


@chapter.clause("thread_pool.join.terminated", passage=f"{DUMMY}/2", methods=NO_METHOD, hanging=True, since="3.9")
def join_waits_for_a_call_that_goes_on(mp: Any, see: See) -> None:
    """join() after terminate() waits for a call that has begun, in a thread which cannot end before."""
    gate, begun = see.gate(), see.mailbox()
    pool = mp.pool.ThreadPool(2)
    pool.apply_async(post_and_wait, (begun, gate))
    begun.take()
    # It may wait for the call as well, and then join() is called after that.
    joining = see.blocks(lambda: [pool.terminate(), pool.join()])
    joining.still()
    gate.open()
    joining.ends()


def _by_with(pool: Any) -> None:
    with pool:
        pass
    pool.join()


ENDS: dict[str, Any] = {
    "with": _by_with,
    "close": lambda pool: [pool.close(), pool.join()],
    "terminate": lambda pool: [pool.terminate(), pool.join()],
}


@chapter.clause(
    "thread_pool.join.ended",
    passage=(f"{DUMMY}/2", f"{THREAD_POOL}/3", f"{POOL}.join/2"),
    level=SHOULD,
    methods=NO_METHOD,
    cases=ENDS,
    hanging=True,
    since="3.9",
)
def all_threads_have_ended(mp: Any, see: See, case: Any) -> None:
    """When join() has come back, the threads of a ThreadPool have ended, however it was ended."""
    before = set(threading.enumerate())
    pool = mp.pool.ThreadPool(3)
    see.equal(pool.map(square, range(3), 1), [0, 1, 4], "the results")
    see.comes_back(case, pool)
    # Another thread of the pool, which is no worker, may take a moment longer.
    see.eventually(lambda: set(threading.enumerate()) <= before, "no thread of the pool is left")


@chapter.clause("thread_pool.join.open", source=f"{POOL}.join", level=UNSPECIFIED, methods=NO_METHOD, since="3.9")
def join_of_an_open_pool(mp: Any, see: See) -> None:
    """What join() does before close() or terminate(), which have to be called first, is left open."""
    pool = mp.pool.ThreadPool(1)
    joining = see.in_thread(pool.join)
    joining.thread.join(SMALL)
    waits = joining.thread.is_alive()
    pool.terminate()
    pool.join()
    try:
        joining.ends()
        see.records(outcome="waits" if waits else "returns")
    except Exception as error:
        see.records(outcome=type(error).__name__)


@chapter.clause("thread_pool.with.enter", passage=f"{THREAD_POOL}/3", methods=NO_METHOD, since="3.9")
def a_context_manager(mp: Any, see: See) -> None:
    """A ThreadPool is a context manager: the block is given the pool itself."""
    pool = mp.pool.ThreadPool(1)
    with pool as entered:
        see.true(entered is pool, "the pool itself")
        see.equal(pool.apply(square, (3,)), 9, "what a call returns in the block")
    pool.join()


@chapter.clause("thread_pool.with.exit", passage=f"{THREAD_POOL}/3", methods=NO_METHOD, hanging=True, since="3.9")
def the_block_terminates_it(mp: Any, see: See) -> None:
    """At the end of a with block a ThreadPool is terminated: tasks that have not begun are not done."""
    box, gate, begun = see.mailbox(), see.gate(), see.mailbox()
    make = mp.pool.ThreadPool

    def block() -> None:
        with make(1) as pool:
            pools.append(pool)
            pool.apply_async(post_and_wait, (begun, gate))
            begun.take()
            pool.map_async(box.post, ["called"] * 10, 1)
            at_its_end.set()

    pools: list[Any] = []
    at_its_end = threading.Event()
    leaving = see.in_thread(block)
    see.true(at_its_end.wait(LONG), "the block comes to its end")
    leaving.thread.join(SETTLE)
    gate.open()
    leaving.ends()
    see.comes_back(pools[0].join)
    see.true(box.empty(), "none of the other tasks is done")


@chapter.clause("thread_pool.nested", source=THREAD_POOL, level=UNSPECIFIED, methods=NO_METHOD, since="3.9")
def pools_in_tasks(mp: Any, see: See) -> None:
    """Whether a task of a ThreadPool can make a ThreadPool, and use it, is left open."""

    def inner(number: int) -> list[int]:
        with threads_of(mp, 2) as pool:
            return list(pool.map(square, range(number)))

    with threads_of(mp, 2) as pool:
        see.records(results=see.comes_back(pool.map, inner, [1, 2, 3]))


LEFT_OPEN = """\
import threading, time
from multiprocessing.pool import ThreadPool

def work(_):
    begun.set()
    time.sleep(1000)

begun, pool = threading.Event(), ThreadPool(2)
"""
"""The beginning of a program that leaves its pool open."""


@chapter.clause(
    "thread_pool.exit",
    source=THREAD_POOL,
    level=UNSPECIFIED,
    methods=NO_METHOD,
    cases={"idle": "pool.map(abs, range(9))", "at-work": "pool.map_async(work, range(9)); begun.wait()"},
    since="3.9",
)
def a_program_that_leaves_its_pool_open(mp: Any, see: See, case: str) -> None:
    """Whether a program ends that neither closes nor terminates its ThreadPool is left open."""
    running = see.start_program(LEFT_OPEN + case)
    try:
        ended_with = running.finish()
    except AssertionError:  # not within its time
        see.records(status="it does not end")
    else:
        see.records(status=ended_with.status, err=ended_with.err)


@chapter.clause("thread_pool.leaving", source=THREAD_POOL, level=UNSPECIFIED, methods=NO_METHOD, since="3.9")
def a_task_that_leaves(mp: Any, see: See) -> None:
    """What becomes of a task of a ThreadPool that raises SystemExit, and of its thread, is left open."""

    def leave() -> None:
        raise SystemExit(3)

    pool = made(mp.pool.ThreadPool, 1)
    result = pool.apply_async(leave)
    first = _outcome_of(result)
    see.records(of_the_task=first, of_the_next=_outcome_of(pool.apply_async(square, (3,))))
    pool.terminate()
    pool.join()


def _outcome_of(result: Any) -> Any:
    """What get() returns, within a while, or the name of what it raises."""
    try:
        return result.get(SETTLE)
    except BaseException as error:
        return type(error).__name__


@chapter.clause(
    "thread_pool.terminate.endless", passage=f"{DUMMY}/2", level=SHOULD, methods=NO_METHOD, hanging=True, since="3.9"
)
def threads_that_are_given_tasks_without_end(mp: Any, see: See) -> None:
    """terminate() stops a ThreadPool also while it reads an iterable without an end for imap()."""
    over: list[bool] = []
    pool = mp.pool.ThreadPool(2)
    results = pool.imap(square, itertools.takewhile(lambda _: not over, itertools.count()))
    see.equal([results.next(LONG) for _ in range(4)], [0, 1, 4, 9], "the first results")
    try:
        see.comes_back(pool.terminate)
        see.comes_back(pool.join)
    finally:
        over.append(True)
