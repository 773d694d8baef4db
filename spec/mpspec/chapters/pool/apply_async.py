"""apply_async(): a call whose result is asked for later."""

from __future__ import annotations

from typing import Any

from mpspec.chapters.pool.call_targets import same, wait
from mpspec.chapters.pool.calling import POOL
from mpspec.chapters.pool.chapter import chapter, pool_of
from mpspec.clause import ANY_METHOD
from mpspec.observation.see import See

ASYNC = f"{POOL}.apply_async"
GET = "multiprocessing.pool.AsyncResult.get"


@chapter.clause("pool.apply_async.returns-at-once", passage=f"{ASYNC}/2", methods=ANY_METHOD, hanging=True)
def it_does_not_wait_for_the_call(mp: Any, see: See) -> None:
    """apply_async() returns an AsyncResult without waiting for the call, which may take any time."""
    gate = see.gate()
    with pool_of(mp) as pool:
        results = [see.comes_back(pool.apply_async, wait, (gate, number)) for number in range(3)]
        for result in results:
            see.true(isinstance(result, mp.pool.AsyncResult), "an AsyncResult is returned", type(result))
            see.equal(result.ready(), False, "ready() while the calls are held")
        gate.open()
        see.equal([result.get() for result in results], [0, 1, 2], "the results")


@chapter.clause(
    "pool.apply_async.own-result",
    passage=(f"{ASYNC}/2", f"{GET}/2"),
    methods=ANY_METHOD,
    cases={"1": 1, "2": 2, "100": 100, "5000": 5000},
)
def each_call_has_its_own_result(mp: Any, see: See, count: int) -> None:
    """Of many calls that are submitted each has its own result, in whichever order the results are asked for."""
    with pool_of(mp, 2) as pool:
        results = [pool.apply_async(abs, (-number,)) for number in range(count)]
        see.equal([result.get() for result in reversed(results)], [*reversed(range(count))], "the results")


@chapter.clause("pool.apply_async.mixed-sizes", passage=(f"{ASYNC}/2", f"{GET}/2"), methods=ANY_METHOD, hanging=True)
def small_and_large_ones_together(mp: Any, see: See) -> None:
    """Calls with small and with large arguments and results, submitted all at once, each get what is theirs."""
    sizes = [1, 1 << 20, 10, 1 << 16, 3 << 20, 100, 1 << 12, 1 << 18] * 4
    with pool_of(mp, 2) as pool:
        results = [pool.apply_async(same, (b"%d" % (at % 10) * size,)) for at, size in enumerate(sizes)]
        for at, (size, result) in enumerate(zip(sizes, results)):
            see.true(result.get() == b"%d" % (at % 10) * size, f"result {at} equals its argument")


@chapter.clause(
    "pool.apply_async.while-others-wait", passage=(f"{GET}/2", f"{ASYNC}/2"), methods=ANY_METHOD, hanging=True
)
def a_result_is_there_while_an_earlier_one_is_not(mp: Any, see: See) -> None:
    """A result arrives when its own call is done, also while a call submitted earlier is at work in another worker."""
    gate = see.gate()
    with pool_of(mp, 2) as pool:
        first = pool.apply_async(wait, (gate, "first"))
        see.equal(see.comes_back(pool.apply_async(same, ("second",)).get), "second", "the result of the later call")
        see.equal(first.ready(), False, "ready() of the earlier one")
        gate.open()
        see.equal(first.get(), "first", "the result of the earlier call")
