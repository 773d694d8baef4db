"""Signatures: the parameters of the methods, by their names and in their order."""

from __future__ import annotations

import queue
from typing import Any

from mpspec.chapters.pool.call_targets import refuse, same
from mpspec.chapters.pool.calling import MAPPING, POOL, SUBMITTING
from mpspec.chapters.pool.chapter import chapter, pool_of
from mpspec.chapters.pool.targets import given
from mpspec.clause import ANY_METHOD, SHOULD
from mpspec.observation.see import See
from mpspec.observation.waits import LONG

RESULT = "multiprocessing.pool.AsyncResult"
METHODS = ("apply", "apply_async", "map", "map_async", "imap", "imap_unordered", "starmap", "starmap_async")
SIGNATURES = tuple(f"{POOL}.{method}/1" for method in METHODS)
CALLBACKS = tuple(f"{POOL}.{method}/1" for method in SUBMITTING)


def whole(answer: Any) -> Any:
    """The results, whatever a method returns of them."""
    if isinstance(answer, (list, tuple)):
        return answer
    return answer.get() if hasattr(answer, "get") else [*answer]


@chapter.clause("pool.methods.call", passage=SIGNATURES[:2], methods=ANY_METHOD)
def arguments_of_one_call(mp: Any, see: See) -> None:
    """apply() and apply_async() take func, args and kwds, by these names or in this order, and only func is needed."""
    with pool_of(mp) as pool:
        for method in (pool.apply, pool.apply_async):
            see.equal(whole(method(given)), (), "the result of func alone")
            see.equal(whole(method(given, (1,))), (1,), "that of func and args")
            see.equal(whole(method(given, (1,), {"a": 2})), (1, ("a", 2)), "that of three in order")
            see.equal(whole(method(kwds={"a": 2}, args=(1,), func=given)), (1, ("a", 2)), "that of three names")
            see.equal(whole(method(given, kwds={"a": 2})), (("a", 2),), "that of func and kwds")


@chapter.clause("pool.methods.items", passage=SIGNATURES[2:], methods=ANY_METHOD, cases=MAPPING)
def arguments_of_many_calls(mp: Any, see: See, name: str) -> None:
    """The other methods take func, iterable and chunksize, by these names or in this order, the last if need be."""
    items = [(1,), (2,), (3,)]
    promised = items if name.startswith("starmap") else [((1,),), ((2,),), ((3,),)]
    with pool_of(mp) as pool:
        method = getattr(pool, name)
        see.equal([*whole(method(given, items))], promised, "the results of func and iterable")
        see.equal([*whole(method(given, items, 2))], promised, "those of three in order")
        see.equal([*whole(method(chunksize=2, iterable=items, func=given))], promised, "those of three names")
        see.equal([*whole(method(func=given, iterable=items))], promised, "those of two names")


@chapter.clause("pool.methods.callbacks", passage=CALLBACKS, methods=ANY_METHOD, cases=SUBMITTING, hanging=True)
def arguments_that_are_callbacks(mp: Any, see: See, name: str) -> None:
    """callback and error_callback are taken by these names, or in this order after the other arguments."""
    items: Any = {"apply_async": (1,), "map_async": [1], "starmap_async": [(1,)]}[name]
    third: Any = {} if name == "apply_async" else 1
    results: queue.SimpleQueue[Any] = queue.SimpleQueue()
    errors: queue.SimpleQueue[Any] = queue.SimpleQueue()
    with pool_of(mp) as pool:
        method = getattr(pool, name)
        for function, seen in ((same, results), (refuse, errors)):
            method(function, items, third, results.put, errors.put)
            seen.get(timeout=LONG)
            method(function, items, error_callback=errors.put, callback=results.put)
            seen.get(timeout=LONG)
        method(same, items, callback=results.put)
        results.get(timeout=LONG)
        method(refuse, items, error_callback=errors.put)
        errors.get(timeout=LONG)
        see.true(results.empty() and errors.empty(), "nothing else is called")


SURPLUS = {
    "Pool": lambda mp, pool: mp.pool.Pool(1, None, (), None, None, 1),
    "Pool-a-name": lambda mp, pool: mp.pool.Pool(1, chunksize=1),
    "apply": lambda mp, pool: pool.apply(given, (), {}, 1),
    "apply_async": lambda mp, pool: pool.apply_async(given, (), {}, None, None, 1),
    "map": lambda mp, pool: pool.map(given, [1], 1, 1),
    "map_async": lambda mp, pool: pool.map_async(given, [1], 1, None, None, 1),
    "imap": lambda mp, pool: pool.imap(given, [1], 1, 1),
    "imap_unordered": lambda mp, pool: pool.imap_unordered(given, [1], 1, 1),
    "starmap": lambda mp, pool: pool.starmap(given, [(1,)], 1, 1),
    "starmap_async": lambda mp, pool: pool.starmap_async(given, [(1,)], 1, None, None, 1),
    "a-name": lambda mp, pool: pool.apply(given, callback=None),
    "get": lambda mp, pool: pool.apply_async(given).get(LONG, 1),
    "wait": lambda mp, pool: pool.apply_async(given).wait(LONG, 1),
    "ready": lambda mp, pool: pool.apply_async(given).ready(1),
    "successful": lambda mp, pool: pool.apply_async(given).successful(1),
}


@chapter.clause(
    "pool.methods.surplus",
    passage=(
        f"{POOL}/1",
        *SIGNATURES,
        *(f"{RESULT}.{method}/1" for method in ("get", "wait", "ready", "successful")),
    ),
    level=SHOULD,
    methods=ANY_METHOD,
    cases=SURPLUS,
)
def what_is_not_taken_is_refused(mp: Any, see: See, use: Any) -> None:
    """An argument more than a signature has, or one of a name that it does not have, raises TypeError."""
    with pool_of(mp) as pool, see.raises(TypeError):
        use(mp, pool)


@chapter.clause(
    "async_result.methods",
    passage=tuple(f"{RESULT}.{method}/1" for method in ("get", "wait", "ready", "successful")),
    methods=ANY_METHOD,
    cases=SUBMITTING,
)
def arguments_of_a_result(mp: Any, see: See, name: str) -> None:
    """get() and wait() of a result take a timeout, by this name, by position or not at all, the others nothing."""
    items: Any = {"apply_async": (1,), "map_async": [1], "starmap_async": [(1,)]}[name]
    with pool_of(mp) as pool:
        result = getattr(pool, name)(same, items)
        value = 1 if name == "apply_async" else [1]
        result.wait()
        result.wait(LONG)
        result.wait(timeout=LONG)
        for arguments in ((), (LONG,), (None,)):
            see.equal(result.get(*arguments), value, "the result")
        for timeout in (LONG, None):
            see.equal(result.get(timeout=timeout), value, "the result, by a timeout with its name")
        see.equal((result.ready(), result.successful()), (True, True), "ready() and successful()")
