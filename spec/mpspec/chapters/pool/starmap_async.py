"""starmap_async(): starmap() whose result is asked for later. What holds of map_async() alike stands there."""

from __future__ import annotations

from typing import Any

from mpspec.chapters.pool.calling import POOL
from mpspec.chapters.pool.chapter import chapter, pool_of
from mpspec.clause import ANY_METHOD, SHOULD
from mpspec.observation.see import See

STARMAP_ASYNC = f"{POOL}.starmap_async"


@chapter.clause("pool.starmap_async.result-object", passage=f"{STARMAP_ASYNC}/3,2", methods=ANY_METHOD)
def a_result_object_is_returned(mp: Any, see: See) -> None:
    """starmap_async() returns a result object, with the methods of one, of the list of results."""
    with pool_of(mp) as pool:
        result = pool.starmap_async(pow, [(2, 3), (3, 2)])
        result.wait()
        see.equal((result.ready(), result.successful()), (True, True), "ready() and successful()")
        see.equal(result.get(), [8, 9], "the result")


@chapter.clause("pool.starmap_async.class", passage=f"{STARMAP_ASYNC}/3", level=SHOULD, methods=ANY_METHOD)
def it_is_an_async_result(mp: Any, see: See) -> None:
    """What starmap_async() returns is an AsyncResult, as of the other asynchronous variants."""
    with pool_of(mp) as pool:
        result = pool.starmap_async(pow, [(2, 3)])
        see.true(isinstance(result, mp.pool.AsyncResult), "an AsyncResult is returned", type(result))
        result.wait()
