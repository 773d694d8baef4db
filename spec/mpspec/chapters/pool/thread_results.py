"""What comes of the tasks of a ThreadPool: AsyncResult, exceptions, callbacks, iterators."""

from __future__ import annotations

import queue
from typing import Any

from mpspec.chapters.pool.chapter import chapter
from mpspec.chapters.pool.targets import square
from mpspec.chapters.pool.threads import DUMMY, THREAD_POOL, threads_of
from mpspec.clause import NO_METHOD, SHOULD
from mpspec.observation.see import See
from mpspec.observation.waits import LONG, SMALL

ASYNC_RESULT = "multiprocessing.pool.AsyncResult"
POOL = "multiprocessing.pool.Pool"

ASYNCHRONOUS: dict[str, Any] = {
    "apply_async": lambda pool, function, **names: pool.apply_async(function, (1,), **names),
    "map_async": lambda pool, function, **names: pool.map_async(function, [1], **names),
    "starmap_async": lambda pool, function, **names: pool.starmap_async(function, [(1,)], **names),
}
"""Method -> a call that has a function called with 1."""

RESULTS = {name: (name, call) for name, call in ASYNCHRONOUS.items()}

EACH: dict[str, Any] = {
    **{name: lambda pool, function, call=call: call(pool, function).get() for name, call in ASYNCHRONOUS.items()},
    "apply": lambda pool, function: pool.apply(function, (1,)),
    "map": lambda pool, function: pool.map(function, [1]),
    "imap": lambda pool, function: list(pool.imap(function, [1])),
    "imap_unordered": lambda pool, function: list(pool.imap_unordered(function, [1])),
    "starmap": lambda pool, function: pool.starmap(function, [(1,)]),
}
"""Method -> a call that has a function called with 1, and waits for what comes of it."""


def fail(number: int) -> None:
    """Raise an exception that names the number."""
    raise KeyError("meant", number)


@chapter.clause("thread_pool.blocks", passage=f"{DUMMY}/2", methods=NO_METHOD, cases=EACH, hanging=True, since="3.9")
def they_wait_for_the_result(mp: Any, see: See, case: Any) -> None:
    """apply(), map() and starmap() of a ThreadPool, get() and the iterators, block until the function has returned."""
    box, gate = see.mailbox(), see.gate()

    def work(number: int) -> int:
        box.post(number)
        gate.wait()
        return number

    with threads_of(mp) as pool:
        waiting = see.blocks(case, pool, work)
        see.equal(box.take(), 1, "what the function is called with")
        waiting.still()
        gate.open()
        see.true(waiting.ends() in (1, [1]), "the result comes")


@chapter.clause("thread_pool.exception", passage=f"{DUMMY}/2", methods=NO_METHOD, cases=ASYNCHRONOUS, since="3.9")
def get_raises_exceptions(mp: Any, see: See, case: Any) -> None:
    """What a task of a ThreadPool raises is raised by get() of its result, and the pool goes on."""
    exceptions_are_raised(mp, see, lambda pool, function: case(pool, function).get())


@chapter.clause(
    "thread_pool.exception.others",
    passage=f"{DUMMY}/2",
    level=SHOULD,
    methods=NO_METHOD,
    cases={name: call for name, call in EACH.items() if name not in ASYNCHRONOUS},
    since="3.9",
)
def others_raise_exceptions(mp: Any, see: See, case: Any) -> None:
    """What a task of a ThreadPool raises is raised by apply(), map(), starmap() and the iterators as well."""
    exceptions_are_raised(mp, see, case)


def exceptions_are_raised(mp: Any, see: See, case: Any) -> None:
    """Who asks for the result of a task gets its exception, and the pool goes on."""
    with threads_of(mp) as pool:
        with see.raises(KeyError) as caught:
            see.comes_back(case, pool, fail)
        see.equal(caught.error.args, ("meant", 1), "the arguments of the exception")
        see.equal(see.comes_back(pool.apply, square, (3,)), 9, "what the next call returns")


@chapter.clause(
    "thread_pool.result.class", passage=f"{THREAD_POOL}/9", methods=NO_METHOD, cases=ASYNCHRONOUS, since="3.9"
)
def results_are_async_results(mp: Any, see: See, case: Any) -> None:
    """What stands for the result of a task of a ThreadPool is an AsyncResult."""
    with threads_of(mp) as pool:
        result = case(pool, square)
        see.true(isinstance(result, mp.pool.AsyncResult), "an AsyncResult", type(result))
        see.comes_back(result.get)


@chapter.clause("thread_pool.result.timeout", passage=f"{DUMMY}/2", methods=NO_METHOD, cases=ASYNCHRONOUS, since="3.9")
def get_with_a_timeout(mp: Any, see: See, case: Any) -> None:
    """get(timeout) raises multiprocessing.TimeoutError where the result does not come in time; it comes later."""
    gate = see.gate()
    with threads_of(mp) as pool:
        result = case(pool, lambda _: gate.wait())
        with see.raises(mp.TimeoutError):
            see.expires(SMALL, result.get, SMALL)
        gate.open()
        see.true(see.comes_back(result.get, LONG) in (None, [None]), "the result comes")


@chapter.clause("thread_pool.result.states", passage=f"{DUMMY}/2", methods=NO_METHOD, cases=ASYNCHRONOUS, since="3.9")
def what_a_result_tells(mp: Any, see: See, case: Any) -> None:
    """wait(timeout), ready() and successful() of a result tell whether the call is over, and how it has ended."""
    gate = see.gate()
    with threads_of(mp) as pool:
        result, failed = case(pool, lambda _: gate.wait()), case(pool, fail)
        see.expires(SMALL, result.wait, SMALL)
        see.equal(bool(result.ready()), False, "ready() before the end")
        with see.raises(ValueError):
            result.successful()
        waiting = see.blocks(result.wait)
        gate.open()
        waiting.ends()
        see.eventually(failed.ready, "ready() of the failed call is true")
        see.equal((bool(result.ready()), bool(result.successful())), (True, True), "what the first one tells")
        see.equal((bool(failed.ready()), bool(failed.successful())), (True, False), "what the failed one tells")


@chapter.clause("thread_pool.callback", passage=f"{DUMMY}/2", methods=NO_METHOD, cases=RESULTS, since="3.9")
def the_callback(mp: Any, see: See, case: Any) -> None:
    """callback is called with the result of a task of a ThreadPool, and error_callback is not."""
    name, call = case
    told: queue.Queue[Any] = queue.Queue()
    with threads_of(mp) as pool:
        call(pool, lambda number: number + 1, callback=told.put, error_callback=lambda _: told.put("error"))
        see.equal(told.get(timeout=LONG), 2 if name == "apply_async" else [2], "what the callback is called with")
        see.comes_back(pool.apply, square, (1,))
    see.true(told.empty(), "no other callback is called")


@chapter.clause("thread_pool.error-callback", passage=f"{DUMMY}/2", methods=NO_METHOD, cases=ASYNCHRONOUS, since="3.9")
def the_error_callback(mp: Any, see: See, case: Any) -> None:
    """error_callback is called with the exception of a task of a ThreadPool, and callback is not."""
    told: queue.Queue[Any] = queue.Queue()
    with threads_of(mp) as pool:
        case(pool, fail, callback=lambda _: told.put("callback"), error_callback=told.put)
        error = told.get(timeout=LONG)
        see.true(isinstance(error, KeyError), "it is called with the exception", repr(error))
        see.comes_back(pool.apply, square, (1,))
    see.true(told.empty(), "no other callback is called")


@chapter.clause(
    "thread_pool.imap.timeout",
    passage=f"{DUMMY}/2",
    methods=NO_METHOD,
    cases={"imap": "imap", "imap_unordered": "imap_unordered"},
    since="3.9",
)
def next_with_a_timeout(mp: Any, see: See, case: str) -> None:
    """next(timeout) of an iterator of imap() raises multiprocessing.TimeoutError if the result has not come in time."""
    gate = see.gate()
    with threads_of(mp) as pool:
        with see.raises(mp.TimeoutError):
            see.expires(SMALL, lambda: getattr(pool, case)(lambda _: gate.wait(), [0]).next(SMALL))
        gate.open()


@chapter.clause(
    "thread_pool.imap.comes-early", passage=f"{DUMMY}/2", level=SHOULD, methods=NO_METHOD, hanging=True, since="3.9"
)
def imap_gives_results_as_they_come(mp: Any, see: See) -> None:
    """An iterator of imap() gives the first result while the second task is still being done."""
    gate = see.gate()
    with threads_of(mp) as pool:
        results = pool.imap(lambda wait: gate.wait() if wait else "first", [False, True])
        see.equal(see.comes_back(results.next), "first", "the first result")
        waiting = see.blocks(results.next)
        gate.open()
        see.equal(waiting.ends(), None, "the second result")
        with see.raises(StopIteration):
            results.next()


@chapter.clause("thread_pool.imap_unordered.one-thread", passage=f"{DUMMY}/2", methods=NO_METHOD, since="3.9")
def the_order_of_one_thread(mp: Any, see: See) -> None:
    """imap_unordered() of a ThreadPool with one thread gives its results in the order of the items."""
    with threads_of(mp) as pool:
        results = pool.imap_unordered(square, range(20))
        see.comes_back(pool.apply, square, (1,))  # by now all of them have come, most likely
        see.equal(see.comes_back(list, results), [n * n for n in range(20)], "the results")
