"""map_async(): the results of many calls, asked for later. What holds of starmap_async() alike has it as a case."""

from __future__ import annotations

from functools import partial
from typing import Any, Callable

from mpspec.chapters.pool.call_targets import tell_and_wait_at, wait
from mpspec.chapters.pool.calling import ITERABLES, POOL, begun, seen_until_quiet
from mpspec.chapters.pool.chapter import chapter, pool_of
from mpspec.chapters.pool.targets import given
from mpspec.clause import ANY_METHOD, cases
from mpspec.observation.see import See

ASYNC = f"{POOL}.map_async"
STARMAP_ASYNC = f"{POOL}.starmap_async"
GET = "multiprocessing.pool.AsyncResult.get"
BOTH = cases("map_async", "starmap_async")


@chapter.clause(
    "pool.map_async.returns-at-once",
    passage=(f"{ASYNC}/2", f"{STARMAP_ASYNC}/2,3"),
    methods=ANY_METHOD,
    cases=BOTH,
    hanging=True,
)
def it_does_not_wait_for_the_calls(mp: Any, see: See, method: str) -> None:
    """The asynchronous variant returns a result object without waiting for any of the calls."""
    gate = see.gate()
    with pool_of(mp) as pool:
        results = [see.comes_back(begun, pool, method, partial(wait, gate), range(n)) for n in (5, 300)]
        see.equal([result.ready() for result in results], [False, False], "ready() while the calls are held")
        gate.open()
        see.equal([[*result.get()] for result in results], [[*range(5)], [*range(300)]], "the results")


@chapter.clause("pool.map_async.results", passage=(f"{ASYNC}/2", f"{GET}/2"), methods=ANY_METHOD, cases=ITERABLES)
def the_result_is_that_of_map(mp: Any, see: See, items: Callable[[], Any]) -> None:
    """The result of map_async() has the results of all items in their order, of any iterable."""
    with pool_of(mp, 2) as pool:
        see.equal([*pool.map_async(given, items()).get()], [(item,) for item in items()], "the results")


@chapter.clause(
    "pool.map_async.ready-when-all-are",
    passage=("multiprocessing.pool.AsyncResult.ready/2", f"{ASYNC}/2", f"{STARMAP_ASYNC}/2,3"),
    methods=ANY_METHOD,
    cases=BOTH,
    hanging=True,
)
def all_items_have_to_be_done(mp: Any, see: See, method: str) -> None:
    """The result is not ready before the last item is done, though all others are."""
    box, gate = see.mailbox(), see.gate()
    with pool_of(mp, 2) as pool:
        result = begun(pool, method, partial(tell_and_wait_at, box, gate, 11), range(12), 1)
        so_far = len(seen_until_quiet(box, held=11))
        see.equal(result.ready(), False, "ready() while the last item is held")
        with see.raises(mp.TimeoutError):
            result.get(0)
        gate.open()
        box.take_all(12 - so_far)
        see.equal([*result.get()], [*range(12)], "the results")
        see.equal(result.ready(), True, "ready() when all items are done")


@chapter.clause(
    "pool.map_async.several-at-once",
    passage=(f"{ASYNC}/2", f"{STARMAP_ASYNC}/2,3", f"{GET}/2"),
    methods=ANY_METHOD,
    cases=BOTH,
    hanging=True,
)
def each_has_its_own_results(mp: Any, see: See, method: str) -> None:
    """Of several maps that are submitted each has its own results, in whichever order they are asked for."""
    with pool_of(mp, 2) as pool:
        results = [begun(pool, method, abs, range(-n, 0), 3) for n in range(30)]
        for n, result in reversed([*enumerate(results)]):
            see.equal([*result.get()], [*range(n, 0, -1)], "the results")
