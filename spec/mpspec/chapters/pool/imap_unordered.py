"""imap_unordered(): the results of many calls, in whichever order."""

from __future__ import annotations

from functools import partial
from typing import Any, Callable

from mpspec.chapters.pool.call_targets import tell, tell_and_wait_at
from mpspec.chapters.pool.calling import ITERABLES, POOL, seen_until_quiet
from mpspec.chapters.pool.chapter import chapter, pool_of
from mpspec.chapters.pool.targets import given
from mpspec.clause import ANY_METHOD, MAY
from mpspec.observation.see import See
from mpspec.observation.waits import SMALL

UNORDERED = f"{POOL}.imap_unordered"


@chapter.clause("pool.imap_unordered.results", passage=f"{UNORDERED}/2", methods=ANY_METHOD, cases=ITERABLES)
def every_result_comes_once(mp: Any, see: See, items: Callable[[], Any]) -> None:
    """imap_unordered() gives the result for each item once, in any order, of any iterable."""
    with pool_of(mp, 2) as pool:
        for size in (1, 2):
            results = sorted(pool.imap_unordered(given, items(), size))
            see.equal(results, sorted((item,) for item in items()), "the results, sorted")


@chapter.clause(
    "pool.imap_unordered.one-worker",
    passage=f"{UNORDERED}/3",
    methods=ANY_METHOD,
    cases={"1": 1, "2": 2, "3": 3, "20": 20},
    hanging=True,
)
def one_worker_keeps_the_order(mp: Any, see: See, size: int) -> None:
    """With one worker the results come in the order of the items, taken at once or when all are there."""
    box = see.mailbox()
    with pool_of(mp, 1) as pool:
        later = pool.imap_unordered(partial(tell, box), range(10), size)
        seen_until_quiet(box, 0)  # none at all, perhaps: nothing was asked for yet
        see.equal([*later], [*range(10)], "the results that have waited")
        see.equal([*pool.imap_unordered(abs, range(100), size)], [*range(100)], "the results that are waited for")


@chapter.clause("pool.imap_unordered.order", passage=f"{UNORDERED}/2", level=MAY, methods=ANY_METHOD, hanging=True)
def later_ones_may_come_first(mp: Any, see: See) -> None:
    """While the first item is held in one of two workers, results of later ones may come, or wait for it."""
    box, gate = see.mailbox(), see.gate()
    with pool_of(mp, 2) as pool:
        results = pool.imap_unordered(partial(tell_and_wait_at, box, gate, 0), range(6))
        asking = see.in_thread(next, results)
        box.take()
        asking.thread.join(5 * SMALL)
        early = not asking.thread.is_alive()
        see.true(not early or asking.ends() != 0, "the result of the one that is held does not come")
        see.records(a_later_one_first=early)
        gate.open()
        see.equal(sorted([asking.ends(), *results]), [*range(6)], "all results")
