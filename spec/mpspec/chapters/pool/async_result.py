"""AsyncResult: what stands for the result of a call, or of many."""

from __future__ import annotations

from functools import partial
from typing import Any

from mpspec.chapters.pool.call_targets import Refused, refuse, refuse_when_open, same, wait
from mpspec.chapters.pool.calling import SUBMITTING, as_result, submitted
from mpspec.chapters.pool.chapter import chapter, pool_of
from mpspec.clause import ANY_METHOD, SHOULD, UNSPECIFIED, cases
from mpspec.observation.see import See
from mpspec.observation.waits import LONG, SMALL

RESULT = "multiprocessing.pool.AsyncResult"
GET = f"{RESULT}.get"
WAIT = f"{RESULT}.wait"
READY = f"{RESULT}.ready"
SUCCESSFUL = f"{RESULT}.successful"


@chapter.clause(
    "async_result.class", passage=f"{RESULT}/2,1", methods=ANY_METHOD, cases=cases("apply_async", "map_async")
)
def results_have_this_class(mp: Any, see: See, method: str) -> None:
    """What apply_async() and map_async() return is an AsyncResult, a class of the module pool."""
    with pool_of(mp) as pool:
        result = submitted(pool, method, same, 1)
        see.true(isinstance(mp.pool.AsyncResult, type), "AsyncResult is a class")
        see.true(isinstance(result, mp.pool.AsyncResult), "an AsyncResult is returned", type(result))
        result.wait()


# get()


@chapter.clause("async_result.get.waits", passage=f"{GET}/2", methods=ANY_METHOD, cases=SUBMITTING, hanging=True)
def get_waits_for_the_result(mp: Any, see: See, method: str) -> None:
    """get() without a timeout waits, however long it takes, and returns the result when it arrives."""
    gate = see.gate()
    with pool_of(mp) as pool:
        result = submitted(pool, method, partial(wait, gate), 7)
        asking = [see.blocks(result.get), see.blocks(result.get, None), see.blocks(result.get, timeout=None)]
        if method == "apply_async":  # the others wait in the same way for as long
            asking[0].goes_on()
        for each in asking:
            each.still()
        gate.open()
        for each in asking:
            see.equal(each.ends(), as_result(method, 7), "what get() returns")


@chapter.clause("async_result.get.again", passage=f"{GET}/2", methods=ANY_METHOD, cases=SUBMITTING, hanging=True)
def a_result_can_be_asked_for_again(mp: Any, see: See, method: str) -> None:
    """get() returns the result each time it is asked, by any timeout once it is there."""
    with pool_of(mp) as pool:
        result = submitted(pool, method, same, {"a": [7]})
        for timeout in ((), (), (None,), (LONG,), (0,)):
            see.equal(see.comes_back(result.get, *timeout), as_result(method, {"a": [7]}), "what get() returns")


@chapter.clause(
    "async_result.get.timeout",
    passage=(f"{GET}/3", "multiprocessing.TimeoutError/2"),
    methods=ANY_METHOD,
    cases=SUBMITTING,
    hanging=True,
)
def get_gives_up_after_its_timeout(mp: Any, see: See, method: str) -> None:
    """get(timeout) raises TimeoutError if the result does not arrive within so many seconds."""
    gate = see.gate()
    with pool_of(mp) as pool:
        result = submitted(pool, method, partial(wait, gate), 7)
        with see.raises(mp.TimeoutError):
            see.expires(SMALL, result.get, SMALL)
        with see.raises(mp.TimeoutError):
            see.expires(SMALL, result.get, timeout=SMALL)
        with see.raises(mp.TimeoutError):
            see.is_over(SMALL, result.get, 0)
        gate.open()
        see.equal(see.comes_back(result.get), as_result(method, 7), "what get() returns after that")


@chapter.clause("async_result.get.in-time", passage=f"{GET}/2,3", methods=ANY_METHOD, cases=SUBMITTING, hanging=True)
def a_result_within_the_timeout(mp: Any, see: See, method: str) -> None:
    """get(timeout) returns the result as soon as it arrives, long before the timeout is over."""
    gate = see.gate()
    with pool_of(mp) as pool:
        result = submitted(pool, method, partial(wait, gate), 7)
        asking = see.blocks(result.get, 10 * LONG)
        gate.open()
        see.equal(asking.ends(), as_result(method, 7), "what get() returns")


@chapter.clause("async_result.get.reraises", passage=f"{GET}/4", methods=ANY_METHOD, cases=SUBMITTING, hanging=True)
def get_raises_what_the_call_has_raised(mp: Any, see: See, method: str) -> None:
    """If the call has raised an exception, get() raises that, each time it is asked."""
    gate = see.gate()
    with pool_of(mp) as pool:
        result = submitted(pool, method, partial(refuse_when_open, gate), 7)
        asking = see.blocks(result.get)
        gate.open()
        for get in (asking.ends, result.get, partial(result.get, 0)):
            with see.raises(Refused) as caught:
                get()
            see.equal(caught.error.args, ("refused", 7), "its arguments")


@chapter.clause("async_result.get.threads", passage=f"{GET}/2", level=SHOULD, methods=ANY_METHOD, hanging=True)
def several_threads_wait_for_a_result(mp: Any, see: See) -> None:
    """Several threads wait for one result, and each of them gets it."""
    gate = see.gate()
    with pool_of(mp) as pool:
        result = pool.apply_async(wait, (gate, 7))
        asking = [see.blocks(result.get) for _ in range(3)] + [see.blocks(result.get, LONG)]
        waiting = see.blocks(result.wait)
        gate.open()
        see.equal([each.ends() for each in asking], [7] * 4, "what each get() returns")
        waiting.ends()


@chapter.clause("async_result.get.after-the-pool", passage=f"{GET}/2", level=SHOULD, methods=ANY_METHOD)
def a_result_outlives_its_pool(mp: Any, see: See) -> None:
    """A result that has arrived is still returned when the pool has been terminated."""
    with pool_of(mp) as pool:
        results = [submitted(pool, method, same, 7) for method in SUBMITTING]
        failure = pool.apply_async(refuse, (7,))
        for each in (*results, failure):
            each.wait()
    see.equal([result.get() for result in results], [7, [7], [7]], "the results")
    with see.raises(Refused):
        failure.get()


@chapter.clause("async_result.get.negative", source=GET, level=UNSPECIFIED, methods=ANY_METHOD)
def a_negative_timeout(mp: Any, see: See) -> None:
    """What a negative timeout of get() means is left open."""
    gate = see.gate()
    with pool_of(mp) as pool:
        asking = see.in_thread(pool.apply_async(wait, (gate, 7)).get, -1)
        asking.thread.join(SMALL)
        waits = asking.thread.is_alive()
        gate.open()
        try:
            seen = f"returned {asking.ends()!r}"
        except Exception as error:
            seen = type(error).__name__
        see.records(waits=waits, then=seen)


# wait()


@chapter.clause("async_result.wait.waits", passage=f"{WAIT}/2", methods=ANY_METHOD, cases=SUBMITTING, hanging=True)
def wait_waits_for_the_result(mp: Any, see: See, method: str) -> None:
    """wait() without a timeout waits until the result is available, however long that takes."""
    gate = see.gate()
    with pool_of(mp) as pool:
        result = submitted(pool, method, partial(wait, gate), 7)
        waiting = [see.blocks(result.wait), see.blocks(result.wait, 10 * LONG)]
        if method == "apply_async":  # the others wait in the same way for as long
            waiting[0].goes_on()
        for each in waiting:
            each.still()
        gate.open()
        for each in waiting:
            each.ends()
        see.comes_back(result.wait)


@chapter.clause("async_result.wait.timeout", passage=f"{WAIT}/2", methods=ANY_METHOD, cases=SUBMITTING, hanging=True)
def wait_is_over_after_its_timeout(mp: Any, see: See, method: str) -> None:
    """wait(timeout) comes back after so many seconds, without an exception, though the result is not there."""
    gate = see.gate()
    with pool_of(mp) as pool:
        result = submitted(pool, method, partial(wait, gate), 7)
        see.expires(SMALL, result.wait, SMALL)
        see.expires(SMALL, result.wait, timeout=SMALL)
        see.is_over(SMALL, result.wait, 0)
        see.equal(result.ready(), False, "ready() after that")
        gate.open()
        see.equal(see.comes_back(result.get), as_result(method, 7), "the result")


@chapter.clause(
    "async_result.wait.failure", passage=f"{WAIT}/2", level=SHOULD, methods=ANY_METHOD, cases=SUBMITTING, hanging=True
)
def wait_ends_with_a_failure(mp: Any, see: See, method: str) -> None:
    """wait() comes back as well when the call has raised an exception, and leaves that to get()."""
    gate = see.gate()
    with pool_of(mp) as pool:
        result = submitted(pool, method, partial(refuse_when_open, gate), 7)
        waiting = see.blocks(result.wait)
        gate.open()
        waiting.ends()
        see.equal(result.ready(), True, "ready()")
        with see.raises(Refused):
            result.get()


@chapter.clause("async_result.wait.returned", source=WAIT, level=UNSPECIFIED, methods=ANY_METHOD)
def what_wait_returns(mp: Any, see: See) -> None:
    """What wait() returns is left open."""
    gate = see.gate()
    with pool_of(mp) as pool:
        result = pool.apply_async(wait, (gate, 7))
        early = result.wait(0)
        gate.open()
        see.records(before=early, when_ready=result.wait())


# ready() and successful()


@chapter.clause("async_result.ready", passage=f"{READY}/2", methods=ANY_METHOD, cases=SUBMITTING, hanging=True)
def ready_tells_whether_the_call_has_completed(mp: Any, see: See, method: str) -> None:
    """ready() is False, at once, while the call is not done, and True when it is, whether it returns or raises."""
    for function in (wait, refuse_when_open):
        gate = see.gate()
        with pool_of(mp) as pool:
            result = submitted(pool, method, partial(function, gate), 7)
            see.equal(see.comes_back(result.ready), False, "ready() while the call is held")
            gate.open()
            see.eventually(result.ready, f"ready() is True when the call of {function.__name__} is done")


@chapter.clause("async_result.ready.unasked", passage=f"{READY}/2", methods=ANY_METHOD, cases=SUBMITTING, hanging=True)
def a_result_becomes_ready_by_itself(mp: Any, see: See, method: str) -> None:
    """A result becomes ready when the call is done, though nobody waits for it."""
    with pool_of(mp) as pool:
        result = submitted(pool, method, same, 7)
        see.eventually(result.ready, "ready() is True")


@chapter.clause(
    "async_result.successful", passage=f"{SUCCESSFUL}/2", methods=ANY_METHOD, cases=SUBMITTING, hanging=True
)
def successful_tells_whether_it_has_returned(mp: Any, see: See, method: str) -> None:
    """successful() is True for a call that has returned, False for one that has raised an exception."""
    with pool_of(mp) as pool:
        for function, promised in ((same, True), (refuse, False)):
            result = submitted(pool, method, function, 7)
            see.eventually(result.ready, "ready() is True")
            for _ in range(2):
                see.equal(result.successful(), promised, f"successful() of {function.__name__}")


@chapter.clause(
    "async_result.successful.not-ready",
    passage=f"{SUCCESSFUL}/3-4",
    methods=ANY_METHOD,
    cases=SUBMITTING,
    hanging=True,
    since="3.7",
)
def nobody_knows_yet(mp: Any, see: See, method: str) -> None:
    """successful() raises ValueError while the result is not ready, without waiting for it."""
    gate = see.gate()
    with pool_of(mp) as pool:
        result = submitted(pool, method, partial(wait, gate), 7)
        for _ in range(2):
            with see.raises(ValueError):
                see.comes_back(result.successful)
        gate.open()
        result.wait()
        see.equal(result.successful(), True, "successful() when it is done")


@chapter.clause(
    "async_result.map.one-failure",
    passage=(f"{GET}/4", f"{SUCCESSFUL}/2"),
    methods=ANY_METHOD,
    cases={"map_async": (abs, [-1, "two", -3]), "starmap_async": (pow, [(2, 3), ("two", 3), (3, 2)])},
    hanging=True,
)
def one_call_of_many_that_fails(mp: Any, see: See, case: Any) -> None:
    """A result of many calls, one of which has raised an exception, is not successful, and get() raises that."""
    function, items = case
    method = "map_async" if function is abs else "starmap_async"
    with pool_of(mp, 2) as pool:
        for size in (1, 2, 3):
            result = getattr(pool, method)(function, items, size)
            with see.raises(TypeError):
                result.get()
            see.equal(result.successful(), False, f"successful() by chunksize={size}")


@chapter.clause("async_result.exception-returned", passage=(f"{GET}/2", f"{SUCCESSFUL}/2"), methods=ANY_METHOD)
def an_exception_as_a_result(mp: Any, see: See) -> None:
    """An exception that the call returns, and does not raise, is its result."""
    with pool_of(mp) as pool:
        result = pool.apply_async(same, (Refused("not", "raised"),))
        value = result.get()
        see.equal((type(value), value.args), (Refused, ("not", "raised")), "what get() returns")
        see.equal(result.successful(), True, "successful()")
        see.equal(type(next(pool.imap(same, [Refused("not", "raised")]))), Refused, "what imap() gives")
