"""Callbacks: what is called when a result becomes ready, by apply_async(), map_async() and starmap_async() alike."""

from __future__ import annotations

import os
import queue
import threading
from functools import partial
from typing import Any

from mpspec.chapters.pool.call_targets import Method, Refused, refuse, refuse_one, same, wait
from mpspec.chapters.pool.calling import POOL, SUBMITTING, as_result, outcome, silent_threads, submitted
from mpspec.chapters.pool.chapter import chapter, pool_of
from mpspec.clause import ANY_METHOD, MAY, SHOULD, UNSPECIFIED
from mpspec.observation.see import NotKept, See
from mpspec.observation.waits import LONG, SMALL

ASYNC = f"{POOL}.apply_async"
MAP_ASYNC = f"{POOL}.map_async"
STARMAP_ASYNC = f"{POOL}.starmap_async/1,2"


class Calls:
    """Callbacks that note what they are called with."""

    def __init__(self) -> None:
        self._seen: queue.SimpleQueue[tuple[str, tuple[Any, ...], int, int]] = queue.SimpleQueue()

    def callback(self, *given: Any) -> None:
        """To be called with a result."""
        self._seen.put(("callback", given, os.getpid(), threading.get_ident()))

    def error_callback(self, *given: Any) -> None:
        """To be called with an exception."""
        self._seen.put(("error_callback", given, os.getpid(), threading.get_ident()))

    def next(self) -> tuple[str, tuple[Any, ...], int, int]:
        """Which was called, with what, and the ids of process and thread that it ran in."""
        try:
            return self._seen.get(timeout=LONG)
        except queue.Empty:
            raise NotKept("a callback is called", f"none within {LONG} s") from None

    def none(self) -> bool:
        """Whether neither is called any more."""
        try:
            self._seen.get(timeout=SMALL)
        except queue.Empty:
            return True
        return False


def both(calls: Calls) -> dict[str, Any]:
    """The two callbacks as arguments."""
    return {"callback": calls.callback, "error_callback": calls.error_callback}


@chapter.clause(
    "pool.callback.result",
    passage=(f"{ASYNC}/4,1,3", f"{MAP_ASYNC}/4,1,3", STARMAP_ASYNC),
    methods=ANY_METHOD,
    cases=SUBMITTING,
    hanging=True,
)
def callback_is_called_with_the_result(mp: Any, see: See, method: str) -> None:
    """When the result becomes ready, though nobody asks for it, callback is called with it as the only argument."""
    calls = Calls()
    with pool_of(mp) as pool:
        result = submitted(pool, method, same, 7, callback=calls.callback)
        see.equal(calls.next()[:2], ("callback", (as_result(method, 7),)), "what is called, and with what")
        see.equal(result.get(), as_result(method, 7), "the result")


@chapter.clause(
    "pool.callback.when-ready",
    passage=(f"{ASYNC}/4", f"{MAP_ASYNC}/4", STARMAP_ASYNC),
    methods=ANY_METHOD,
    cases=SUBMITTING,
)
def no_callback_before_the_result(mp: Any, see: See, method: str) -> None:
    """Neither of the callbacks is called while the call is not done."""
    calls, gate = Calls(), see.gate()
    with pool_of(mp) as pool:
        result = submitted(pool, method, wait, gate, **both(calls))
        see.true(calls.none(), "no callback is called while the call is held")
        gate.open()
        see.equal(calls.next()[0], "callback", "what is called when it is done")
        see.equal(result.get(), as_result(method, None), "the result")


@chapter.clause(
    "pool.callback.error",
    passage=(f"{ASYNC}/6,5,4", f"{MAP_ASYNC}/6,5,4", STARMAP_ASYNC),
    methods=ANY_METHOD,
    cases=SUBMITTING,
    hanging=True,
)
def error_callback_is_called_with_the_exception(mp: Any, see: See, method: str) -> None:
    """If the function fails, error_callback is called with the exception instance as the only argument."""
    calls = Calls()
    with pool_of(mp) as pool:
        submitted(pool, method, refuse, 7, error_callback=calls.error_callback)
        called, given, *_ = calls.next()
        see.equal((called, len(given)), ("error_callback", 1), "what is called, and with how many arguments")
        see.equal((type(given[0]), given[0].args), (Refused, ("refused", 7)), "type and arguments of the exception")


@chapter.clause(
    "pool.callback.one-of-the-two",
    passage=(f"{ASYNC}/4", f"{MAP_ASYNC}/4", STARMAP_ASYNC),
    methods=ANY_METHOD,
    cases=SUBMITTING,
    hanging=True,
)
def one_is_called_once(mp: Any, see: See, method: str) -> None:
    """callback alone is called for a success, error_callback alone for a failure, each of them once."""
    calls = Calls()
    with pool_of(mp) as pool:
        for function, which in ((same, "callback"), (refuse, "error_callback"), (same, "callback")):
            submitted(pool, method, function, 7, **both(calls))
            see.equal(calls.next()[0], which, "what is called")
        see.true(calls.none(), "nothing else is called")


@chapter.clause(
    "pool.callback.other-missing",
    passage=(f"{ASYNC}/4", f"{MAP_ASYNC}/4", STARMAP_ASYNC),
    methods=ANY_METHOD,
    cases=SUBMITTING,
    hanging=True,
)
def a_missing_one_is_not_replaced(mp: Any, see: See, method: str) -> None:
    """callback is not called for a failure, nor error_callback for a success, where the other one is not given."""
    calls = Calls()
    with pool_of(mp) as pool:
        failure = submitted(pool, method, refuse, 7, callback=calls.callback)
        success = submitted(pool, method, same, 7, error_callback=calls.error_callback)
        with see.raises(Refused):
            failure.get()
        see.equal(success.get(), as_result(method, 7), "the result")
        see.true(calls.none(), "nothing is called")


@chapter.clause(
    "pool.callback.whole-list",
    passage=(f"{MAP_ASYNC}/4", STARMAP_ASYNC),
    methods=ANY_METHOD,
    cases={"map_async": "map_async", "starmap_async": "starmap_async"},
    hanging=True,
)
def callback_gets_all_results_at_once(mp: Any, see: See, method: str) -> None:
    """callback is called once with the results of all items, however many chunks they come in."""
    calls = Calls()
    with pool_of(mp, 2) as pool:
        for size in (1, 4, 50):
            items = [*range(20)] if method == "map_async" else [(number,) for number in range(20)]
            getattr(pool, method)(same, items, size, calls.callback)
            see.equal(calls.next()[1], ([*range(20)],), "what it is called with")
        see.true(calls.none(), "nothing else is called")


@chapter.clause(
    "pool.callback.some-failures",
    passage=(f"{MAP_ASYNC}/4,6", STARMAP_ASYNC),
    methods=ANY_METHOD,
    cases={"map_async": "map_async", "starmap_async": "starmap_async"},
    hanging=True,
)
def error_callback_is_called_once_for_all(mp: Any, see: See, method: str) -> None:
    """However many calls of a map fail, error_callback is called once, with one exception, callback not at all."""
    calls = Calls()
    items = [*range(20)] if method == "map_async" else [(number,) for number in range(20)]
    with pool_of(mp, 2) as pool:
        for size in (1, 4, 50):
            for function in (partial(refuse_one, 5), refuse):
                getattr(pool, method)(function, items, size, **both(calls))
                called, (error,), *_ = calls.next()
                see.equal((called, type(error)), ("error_callback", Refused), "what is called, and with what")
                see.true(function is refuse or error.args == ("refused", 5), "the exception of a call", error.args)
                see.true(calls.none(), "nothing else is called")


@chapter.clause(
    "pool.callback.empty",
    passage=(f"{MAP_ASYNC}/4", STARMAP_ASYNC),
    methods=ANY_METHOD,
    cases={"map_async": "map_async", "starmap_async": "starmap_async"},
    hanging=True,
)
def callback_is_called_with_no_results(mp: Any, see: See, method: str) -> None:
    """callback is called with the empty result of an empty iterable as well."""
    calls = Calls()
    with pool_of(mp) as pool:
        see.equal(getattr(pool, method)(same, [], callback=calls.callback).get(), [], "the result")
        see.equal(calls.next()[:2], ("callback", ([],)), "what is called, and with what")


@chapter.clause("pool.callback.each", passage=f"{ASYNC}/4", methods=ANY_METHOD, hanging=True)
def each_call_has_its_callback(mp: Any, see: See) -> None:
    """Of many calls each has its callback called once, with its own result."""
    seen: list[tuple[int, int]] = []
    everything = threading.Event()

    def note(number: int, result: int) -> None:
        seen.append((number, result))
        if len(seen) >= 500:
            everything.set()

    with pool_of(mp, 2) as pool:
        results = [pool.apply_async(abs, (-n,), callback=lambda r, n=n: note(n, r)) for n in range(500)]
        see.equal([result.get() for result in results], [*range(500)], "the results")
        see.true(everything.wait(LONG), "all callbacks are called", len(seen))
        see.equal(sorted(seen), [(number, number) for number in range(500)], "what they are called with")


@chapter.clause(
    "pool.callback.in-the-program",
    passage=(f"{ASYNC}/7,4", f"{MAP_ASYNC}/7,4", STARMAP_ASYNC),
    methods=ANY_METHOD,
    cases=SUBMITTING,
    hanging=True,
)
def callbacks_run_where_results_are_handled(mp: Any, see: See, method: str) -> None:
    """Callbacks run in the process that has the pool, where results are handled, and not in a worker."""
    calls = Calls()
    with pool_of(mp) as pool:
        for function in (same, refuse):
            submitted(pool, method, function, 1, **both(calls))
            see.equal(calls.next()[2], os.getpid(), "the process that calls it")


@chapter.clause("pool.callback.callables", passage=f"{ASYNC}/3,5", methods=ANY_METHOD, hanging=True)
def any_callable_serves_as_a_callback(mp: Any, see: See) -> None:
    """Whatever accepts a single argument serves as a callback: a lambda, a builtin, a method, an object with a call."""
    seen: queue.SimpleQueue[Any] = queue.SimpleQueue()
    lock = threading.Lock()  # no function that has it can be pickled

    class Callback(Method):
        def __call__(self, value: Any) -> Any:
            seen.put(value)

    with pool_of(mp) as pool:
        for callback in (lambda value, lock=lock: seen.put(value), seen.put, Callback(1).__call__, Callback(1)):
            pool.apply_async(same, (7,), {}, callback)
            see.equal(seen.get(timeout=LONG), 7, "what it is called with")
            pool.apply_async(refuse, (7,), error_callback=callback)
            see.equal(seen.get(timeout=LONG).args, ("refused", 7), "the arguments of what it is called with")


@chapter.clause(
    "pool.callback.thread", passage=(f"{ASYNC}/7", f"{MAP_ASYNC}/7"), level=SHOULD, methods=ANY_METHOD, hanging=True
)
def callbacks_run_in_a_thread(mp: Any, see: See) -> None:
    """Callbacks run one after the other in the thread that handles the results, and not in the one that submits."""
    calls = Calls()
    with pool_of(mp, 2) as pool:
        for method in SUBMITTING:
            submitted(pool, method, same, 7, **both(calls))
            submitted(pool, method, refuse, 7, **both(calls))
        threads = {calls.next()[3] for _ in range(6)}
    see.equal(len(threads), 1, "the number of threads that call them")
    see.true(threading.get_ident() not in threads, "it is another thread than that which submits")


@chapter.clause("pool.callback.slow", passage=(f"{ASYNC}/7", f"{MAP_ASYNC}/7"), level=MAY, methods=ANY_METHOD)
def a_slow_callback_may_hold_up_other_results(mp: Any, see: See) -> None:
    """While a callback runs, other results may be held up or not; they come when it is over."""
    began, go_on = threading.Event(), threading.Event()

    def slow(_: Any) -> None:
        began.set()
        go_on.wait()

    with pool_of(mp, 2) as pool:
        try:
            first = pool.apply_async(same, (1,), callback=slow)
            see.true(began.wait(LONG), "the callback is called")
            second = pool.apply_async(same, (2,))
            second.wait(SMALL)
            see.records(second_ready_meanwhile=second.ready())
        finally:
            go_on.set()
        see.equal([first.get(), second.get()], [1, 2], "the results")


@chapter.clause("pool.callback.order", source=ASYNC, level=UNSPECIFIED, methods=ANY_METHOD)
def ready_and_the_callback(mp: Any, see: See) -> None:
    """Whether a result counts as ready while its callback runs is left open."""
    handed: queue.SimpleQueue[Any] = queue.SimpleQueue()
    seen: queue.SimpleQueue[bool] = queue.SimpleQueue()
    gate = see.gate()
    with pool_of(mp) as pool:
        result = pool.apply_async(wait, (gate, 1), callback=lambda _: seen.put(handed.get().ready()))
        handed.put(result)
        gate.open()
        see.records(ready_in_callback=seen.get(timeout=LONG))
        result.wait(LONG)


@chapter.clause("pool.callback.submits", source=ASYNC, level=UNSPECIFIED, methods=ANY_METHOD)
def a_callback_that_submits(mp: Any, see: See) -> None:
    """Whether a callback can submit a call in turn is left open."""
    handed: queue.SimpleQueue[Any] = queue.SimpleQueue()
    with pool_of(mp) as pool:
        pool.apply_async(same, (1,), callback=lambda value: handed.put(pool.apply_async(same, (value + 1,))))
        result = handed.get(timeout=LONG)
        result.wait(LONG)
        see.records(result=result.get() if result.ready() else "none")


@chapter.clause("pool.callback.fails", source=ASYNC, level=UNSPECIFIED, methods=ANY_METHOD)
def a_callback_that_raises(mp: Any, see: See) -> None:
    """What becomes of a result whose callback raises, and of the pool, is left open."""
    called = threading.Event()

    def fail(_: Any) -> None:
        called.set()
        raise ValueError("from a callback")

    with silent_threads(), pool_of(mp) as pool:
        result = pool.apply_async(same, (1,), callback=fail)
        called.wait(LONG)
        see.records(result=outcome(result), afterwards=outcome(pool.apply_async(same, (2,))))
