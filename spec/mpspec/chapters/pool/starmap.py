"""starmap(): the items are unpacked as arguments. What holds of map() alike stands there."""

from __future__ import annotations

from typing import Any

from mpspec.chapters.pool.calling import POOL
from mpspec.chapters.pool.chapter import chapter, pool_of
from mpspec.chapters.pool.targets import given
from mpspec.clause import ANY_METHOD, UNSPECIFIED, cases
from mpspec.observation.see import See

STARMAP = f"{POOL}.starmap"
STARMAP_ASYNC = f"{POOL}.starmap_async"
BOTH = cases("starmap", "starmap_async")


def starmapped(pool: Any, method: str, *args: Any) -> Any:
    """The result of starmap() or of starmap_async()."""
    answer = getattr(pool, method)(*args)
    return answer.get() if method == "starmap_async" else answer


@chapter.clause(
    "pool.starmap.unpacks", passage=(f"{STARMAP}/3,2", f"{STARMAP_ASYNC}/2"), methods=ANY_METHOD, cases=BOTH
)
def elements_are_unpacked(mp: Any, see: See, method: str) -> None:
    """The elements are unpacked as arguments, and the results are a list in the order of the elements."""
    with pool_of(mp, 2) as pool:
        see.returns([1, 8, 9], starmapped, pool, method, pow, [(1, 2), (2, 3), (3, 2)])
        see.returns([(1, 2), (3, 4)], starmapped, pool, method, given, [(1, 2), (3, 4)])
        see.returns([((1, 2), [3])], starmapped, pool, method, given, iter([((1, 2), [3])]))


@chapter.clause("pool.starmap.lengths", passage=(f"{STARMAP}/2", f"{STARMAP_ASYNC}/2"), methods=ANY_METHOD, cases=BOTH)
def elements_of_any_length(mp: Any, see: See, method: str) -> None:
    """The elements may have different lengths: an empty one makes a call without arguments."""
    elements = [(), (1,), (1, 2), (1, 2, 3), ()]
    with pool_of(mp, 2) as pool:
        for size in (1, 2, 5):
            see.returns(elements, starmapped, pool, method, given, elements, size)


@chapter.clause(
    "pool.starmap.iterables", passage=(f"{STARMAP}/2", f"{STARMAP_ASYNC}/2"), methods=ANY_METHOD, cases=BOTH
)
def elements_are_any_iterables(mp: Any, see: See, method: str) -> None:
    """The elements may be lists, strings, ranges, sets, dicts: what iterating gives are the arguments."""
    elements: list[Any] = [[1, 2], "ab", range(3), {7}, {"key": 1, "other": 2}, b"\1\2", ((5,),)]
    with pool_of(mp, 2) as pool:
        for size in (1, 4):
            see.returns([tuple(each) for each in elements], starmapped, pool, method, given, elements, size)


@chapter.clause("pool.starmap.generators", source=STARMAP, level=UNSPECIFIED, methods=ANY_METHOD, cases=BOTH)
def elements_that_cannot_be_pickled(mp: Any, see: See, method: str) -> None:
    """Whether an element may be an iterable that cannot be pickled is left open."""
    with pool_of(mp) as pool:
        try:
            seen = f"returned {starmapped(pool, method, given, [(number for number in (1, 2))])}"
        except Exception as error:
            seen = type(error).__name__
        see.records(result=seen)
