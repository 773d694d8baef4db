"""imap(): the results of many calls, one after the other. What holds of imap_unordered() alike has it as a case."""

from __future__ import annotations

import threading
from functools import partial
from typing import Any, Callable

from mpspec.chapters.pool.call_targets import pid_and, tell_and_wait_at, wait
from mpspec.chapters.pool.calling import ITERABLES, ITERATING, POOL
from mpspec.chapters.pool.chapter import chapter, pool_of, renewed
from mpspec.chapters.pool.targets import given
from mpspec.clause import ANY_METHOD, SHOULD, UNSPECIFIED
from mpspec.observation.see import See
from mpspec.observation.waits import LONG, SMALL

IMAP = f"{POOL}.imap"
UNORDERED = f"{POOL}.imap_unordered"
ALIKE = f"{UNORDERED}/2"
TIMEOUT = (f"{IMAP}/5", ALIKE)


@chapter.clause("pool.imap.iterator", passage=(f"{IMAP}/2", ALIKE), methods=ANY_METHOD, cases=ITERATING, hanging=True)
def it_gives_an_iterator(mp: Any, see: See, method: str) -> None:
    """What is returned is an iterator: iter() gives it itself, next() the results, and at the end StopIteration."""
    with pool_of(mp) as pool:
        for size in (1, 2):
            results = getattr(pool, method)(abs, [-1, -2, -3], size)
            see.true(iter(results) is results, "iter() gives the iterator itself")
            see.equal([next(results), next(results), next(results)], [1, 2, 3], "the results")
            for _ in range(2):
                with see.raises(StopIteration):
                    next(results)


@chapter.clause("pool.imap.results", passage=f"{IMAP}/2", methods=ANY_METHOD, cases=ITERABLES)
def the_results_come_in_order(mp: Any, see: See, items: Callable[[], Any]) -> None:
    """imap() gives the result for each item, in the order of the items, of any iterable."""
    with pool_of(mp, 2) as pool:
        for size in (1, 2):
            see.equal([*pool.imap(given, items(), size)], [(item,) for item in items()], "the results")


@chapter.clause(
    "pool.imap.long", passage=(f"{IMAP}/2,4", ALIKE), methods=ANY_METHOD, cases=ITERATING, hanging=True, patience=2
)
def an_iterable_can_be_long(mp: Any, see: See, method: str) -> None:
    """Each item of a long iterable has its result, whatever the chunk size and however far its reader is behind."""
    with pool_of(mp, 2) as pool:
        for size in (1, 7):
            for items in (range(-3_000, 0), iter(range(-3_000, 0))):
                results = getattr(pool, method)(abs, items, size)
                see.equal(sorted(see.comes_back(lambda r=results: [*r])), [*range(1, 3_001)], "the results")


@chapter.clause("pool.imap.next", passage=TIMEOUT, methods=ANY_METHOD, cases=ITERATING, hanging=True)
def the_method_next_does_what_the_builtin_does(mp: Any, see: See, method: str) -> None:
    """By a chunk size of 1, which is the default, next() of the iterator gives what the builtin next() gives."""
    with pool_of(mp) as pool:
        for size in ((), (1,)):
            results = getattr(pool, method)(abs, [-1, -2, -3, -4], *size)
            taken = [results.next(), next(results), results.next(LONG), results.next(timeout=LONG)]
            see.equal(taken, [1, 2, 3, 4], "the results")
            for timeout in ((), (LONG,)):
                see.true(see.comes_back(at_its_end, results, *timeout), "StopIteration is raised at the end")


def at_its_end(results: Any, *timeout: Any) -> bool:
    """Whether next() of the iterator raises StopIteration."""
    try:
        results.next(*timeout)
    except StopIteration:
        return True
    return False


@chapter.clause(
    "pool.imap.next.waits", passage=(*TIMEOUT, f"{IMAP}/2"), methods=ANY_METHOD, cases=ITERATING, hanging=True
)
def without_a_timeout_it_waits(mp: Any, see: See, method: str) -> None:
    """Without a timeout, next() waits for the result, however long that takes."""
    gate = see.gate()
    with pool_of(mp) as pool:
        results = getattr(pool, method)(partial(wait, gate), [1])
        asking = see.blocks(results.next)
        if method == "imap":  # the other one waits in the same way for as long
            asking.goes_on()
        asking.still()
        gate.open()
        see.equal(asking.ends(), 1, "what next() returns")


@chapter.clause(
    "pool.imap.next.timeout",
    passage=(*TIMEOUT, "multiprocessing.TimeoutError/2"),
    methods=ANY_METHOD,
    cases=ITERATING,
    hanging=True,
)
def a_timeout_expires(mp: Any, see: See, method: str) -> None:
    """next(timeout) raises TimeoutError if the result cannot be returned within so many seconds."""
    gate = see.gate()

    def asked(*timeout: float, **named: float) -> Any:
        return getattr(pool, method)(partial(wait, gate), [1]).next(*timeout, **named)

    with pool_of(mp) as pool:
        with see.raises(mp.TimeoutError):
            see.expires(SMALL, asked, SMALL)
        with see.raises(mp.TimeoutError):
            see.expires(SMALL, asked, timeout=SMALL)
        with see.raises(mp.TimeoutError):
            see.is_over(SMALL, asked, 0)
        gate.open()
        pool.close()
        pool.join()


@chapter.clause("pool.imap.next.timeout-beside", passage=TIMEOUT, methods=ANY_METHOD, cases=ITERATING, hanging=True)
def a_timeout_expires_beside_another_thread(mp: Any, see: See, method: str) -> None:
    """next(timeout) raises TimeoutError in time also while another thread waits for the result without a timeout."""
    gate = see.gate()
    with pool_of(mp) as pool:
        results = getattr(pool, method)(partial(wait, gate), [1])
        asking = see.blocks(results.next)
        with see.raises(mp.TimeoutError):
            see.comes_back(results.next, SMALL)
        gate.open()
        see.equal(asking.ends(), 1, "what next() without a timeout returns")


@chapter.clause("pool.imap.next.in-time", passage=TIMEOUT, methods=ANY_METHOD, cases=ITERATING, hanging=True)
def a_result_within_the_timeout(mp: Any, see: See, method: str) -> None:
    """next(timeout) returns the result as soon as it is there, long before the timeout is over."""
    gate = see.gate()
    with pool_of(mp) as pool:
        results = getattr(pool, method)(partial(wait, gate), [1])
        asking = see.blocks(results.next, 10 * LONG)
        gate.open()
        see.equal(asking.ends(), 1, "what next() returns")


@chapter.clause(
    "pool.imap.next.after-a-timeout",
    passage=(*TIMEOUT, f"{IMAP}/2"),
    level=SHOULD,
    methods=ANY_METHOD,
    cases=ITERATING,
    hanging=True,
)
def no_result_is_lost_by_a_timeout(mp: Any, see: See, method: str) -> None:
    """After a TimeoutError the iterator goes on: with the result that was waited for, then with the rest."""
    gate = see.gate()
    with pool_of(mp) as pool:
        results = getattr(pool, method)(partial(wait, gate), range(4))
        for _ in range(3):
            with see.raises(mp.TimeoutError):
                results.next(0)
        gate.open()
        see.equal(see.comes_back(list, results), [0, 1, 2, 3], "all results")


@chapter.clause("pool.imap.default-chunksize", passage=(f"{IMAP}/4", ALIKE), methods=ANY_METHOD, cases=ITERATING)
def items_are_tasks_by_default(mp: Any, see: See, method: str) -> None:
    """The default chunk size is 1: each item is a task of its own."""
    with renewed(mp, 1, 1) as pool:
        pids = {pid for pid, _ in getattr(pool, method)(pid_and, range(4))}
        see.equal(len(pids), 4, "the number of workers that leave after one task")


@chapter.clause(
    "pool.imap.one-by-one",
    passage=(f"{IMAP}/2", f"{IMAP}/5", ALIKE),
    level=SHOULD,
    methods=ANY_METHOD,
    cases=ITERATING,
    hanging=True,
)
def results_come_before_all_are_there(mp: Any, see: See, method: str) -> None:
    """A result comes when it is there, though a later item is not done."""
    box, gate = see.mailbox(), see.gate()
    with pool_of(mp) as pool:
        results = getattr(pool, method)(partial(tell_and_wait_at, box, gate, 2), range(4))
        see.equal(see.comes_back(lambda: [next(results), next(results)]), [0, 1], "the results that are there")
        gate.open()
        see.equal([*results], [2, 3], "the other results")


@chapter.clause(
    "pool.imap.several-at-once", passage=(f"{IMAP}/2", ALIKE), methods=ANY_METHOD, cases=ITERATING, hanging=True
)
def each_iterator_has_its_own_results(mp: Any, see: See, method: str) -> None:
    """Of several iterators each gives its own results, while they are taken in turn."""
    with pool_of(mp, 2) as pool:
        several = [getattr(pool, method)(abs, range(-n - 99, -n + 1), 1 + n % 3) for n in range(0, 800, 100)]
        taken = [*zip(*several)]
        for at, n in enumerate(range(0, 800, 100)):
            see.equal(sorted(row[at] for row in taken), [*range(n, n + 100)], "the results of one iterator")


@chapter.clause(
    "pool.imap.not-taken",
    passage=(f"{IMAP}/2", "module-multiprocessing.pool/1"),
    level=SHOULD,
    methods=ANY_METHOD,
    cases=ITERATING,
    hanging=True,
)
def results_that_nobody_takes(mp: Any, see: See, method: str) -> None:
    """An iterator of which no more is taken keeps the pool from nothing else."""
    with pool_of(mp) as pool:
        left = getattr(pool, method)(abs, range(-2000, 0))
        next(left)
        see.equal(see.comes_back(pool.map, abs, range(-3, 0)), [3, 2, 1], "the results of a map()")
        dropped = getattr(pool, method)(abs, (number for number in range(-2000, 0)))
        del left, dropped
        see.equal(see.comes_back(pool.apply, abs, (-4,)), 4, "the result of a call")


@chapter.clause(
    "pool.imap.slow-iterable",
    passage=(f"{IMAP}/2", "module-multiprocessing.pool/1"),
    level=SHOULD,
    methods=ANY_METHOD,
    hanging=True,
)
def an_iterable_that_takes_its_time(mp: Any, see: See) -> None:
    """The results of the items that there are come while the iterable takes its time for the next one."""
    go_on = threading.Event()

    def items() -> Any:
        yield -1
        go_on.wait(LONG)
        yield -2

    with pool_of(mp) as pool:
        try:
            results = see.comes_back(pool.imap, abs, items())
            see.equal(see.comes_back(next, results), 1, "the first result")
        finally:
            go_on.set()
        see.equal([*results], [2], "the other result")


@chapter.clause("pool.imap.next.chunks", source=IMAP, level=UNSPECIFIED, methods=ANY_METHOD, cases=ITERATING)
def next_of_chunks(mp: Any, see: See, method: str) -> None:
    """Whether the iterator has next(timeout) by a chunk size above 1 is left open."""
    with pool_of(mp) as pool:
        results = getattr(pool, method)(abs, [-1, -2, -3], 2)
        see.records(has_next=hasattr(results, "next"))
        see.equal([*results], [1, 2, 3], "the results")


@chapter.clause("pool.imap.next.negative", source=IMAP, level=UNSPECIFIED, methods=ANY_METHOD, cases=ITERATING)
def a_negative_timeout(mp: Any, see: See, method: str) -> None:
    """What a negative timeout means is left open."""
    gate = see.gate()
    with pool_of(mp) as pool:
        results = getattr(pool, method)(partial(wait, gate), [1])
        asking = see.in_thread(results.next, -1)
        asking.thread.join(SMALL)
        waits = asking.thread.is_alive()
        gate.open()
        try:
            seen = f"returned {asking.ends()!r}"
        except Exception as error:
            seen = type(error).__name__
        see.records(waits=waits, then=seen)


@chapter.clause("pool.imap.lazy", source=IMAP, level=UNSPECIFIED, methods=ANY_METHOD, cases=ITERATING)
def how_much_is_read_in_advance(mp: Any, see: See, method: str) -> None:
    """How many items are read before their results are wanted is left open."""
    read: list[int] = []

    def items() -> Any:
        for number in range(2000):
            read.append(number)
            yield number

    with pool_of(mp) as pool:
        results = getattr(pool, method)(abs, items())
        next(results)
        see.equal(pool.apply(abs, (-1,)), 1, "the result of a call meanwhile")
        see.records(everything=len(read) == 2000)
