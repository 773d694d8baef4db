"""Exceptions: what calls raise reaches whoever asks for the result. What does not survive the way is left open."""

from __future__ import annotations

from functools import partial
from typing import Any

from mpspec.chapters.pool.call_targets import (
    Changing,
    Refused,
    raise_it,
    raise_stubborn,
    raise_unsendable,
    refuse,
    refuse_one,
    same,
    unsendable,
    wordy,
)
from mpspec.chapters.pool.calling import ITERATING, LISTING, ONE_CALL, outcome, result_of, results_of, silent_threads
from mpspec.chapters.pool.chapter import chapter, pool_of
from mpspec.clause import ANY_METHOD, MAY, SHOULD, UNSPECIFIED
from mpspec.observation.see import See

GET = "multiprocessing.pool.AsyncResult.get"
EXAMPLE = "examples/4"

EXCEPTIONS: dict[str, BaseException] = {
    "ValueError": ValueError("a value", 7),
    "KeyError": KeyError(("a", "key")),
    "OSError": FileNotFoundError(2, "not there", "name"),
    "UnicodeDecodeError": UnicodeDecodeError("ascii", b"\xff", 0, 1, "no"),
    "StopIteration": StopIteration(7),
    "AssertionError": AssertionError(),
    "Refused": Refused("refused", [1, 2]),
    "large": ValueError("x" * (1 << 20)),
}


@chapter.clause("pool.exception.reraised", passage=f"{GET}/4", methods=ANY_METHOD, cases=EXCEPTIONS, hanging=True)
def the_exception_is_that_of_the_call(mp: Any, see: See, error: BaseException) -> None:
    """The exception that get() raises is that of the call: of the same type, with the same arguments."""
    with pool_of(mp) as pool:
        result = pool.apply_async(raise_it, (error,))
        with see.raises(type(error)) as caught:
            see.comes_back(result.get)
        see.equal((type(caught.error), caught.error.args), (type(error), error.args), "its type and arguments")


@chapter.clause("pool.exception.timeout-error", passage=f"{GET}/4", methods=ANY_METHOD, hanging=True)
def a_timeout_error_of_the_call(mp: Any, see: See) -> None:
    """A TimeoutError that the call itself raises arrives as such, and counts as a failure."""
    with pool_of(mp) as pool:
        result = pool.apply_async(raise_it, (mp.TimeoutError("of the call"),))
        with see.raises(mp.TimeoutError) as caught:
            result.get()
        see.equal(caught.error.args, ("of the call",), "its arguments")
        see.equal((result.ready(), result.successful()), (True, False), "ready() and successful()")


@chapter.clause(
    "pool.exception.apply",
    passage=(EXAMPLE, f"{GET}/4"),
    level=SHOULD,
    methods=ANY_METHOD,
    cases=ONE_CALL,
    hanging=True,
)
def apply_raises_it(mp: Any, see: See, method: str) -> None:
    """apply() raises the exception of the call, as get() does."""
    with pool_of(mp) as pool, see.raises(Refused) as caught:
        result_of(pool, method, refuse, (7,))
    see.equal(caught.error.args, ("refused", 7), "its arguments")


@chapter.clause(
    "pool.exception.map", passage=(EXAMPLE, f"{GET}/4"), level=SHOULD, methods=ANY_METHOD, cases=LISTING, hanging=True
)
def map_raises_it(mp: Any, see: See, method: str) -> None:
    """map() and its variants raise the exception of the call that fails, and give no results."""
    with pool_of(mp, 2) as pool:
        for size in (1, 3, 10):
            with see.raises(Refused) as caught:
                results_of(pool, method, partial(refuse_one, 5), range(10), size)
            see.equal(caught.error.args, ("refused", 5), "its arguments")


@chapter.clause(
    "pool.exception.imap",
    passage=(EXAMPLE, f"{GET}/4"),
    level=SHOULD,
    methods=ANY_METHOD,
    cases=ITERATING,
    hanging=True,
)
def an_iterator_goes_on_after_it(mp: Any, see: See, method: str) -> None:
    """The iterator raises the exception in place of the result, for imap() in its position, and gives all others."""
    with pool_of(mp, 2) as pool:
        results = getattr(pool, method)(partial(refuse_one, 5), range(10))
        seen: list[Any] = []
        while len(seen) < 10:
            try:
                seen.append(next(results))
            except Refused as error:
                seen.append(error.args)
        see.true(next(results, "the end") == "the end", "the iterator is at its end")
        if method == "imap":
            see.equal(seen.index(("refused", 5)), 5, "the position of the exception")
        seen.remove(("refused", 5))
        see.equal(seen if method == "imap" else sorted(seen), [0, 1, 2, 3, 4, 6, 7, 8, 9], "the results")


@chapter.clause("pool.exception.others", passage="module-multiprocessing.pool/1", methods=ANY_METHOD, hanging=True)
def other_calls_are_not_touched(mp: Any, see: See) -> None:
    """However many calls raise exceptions, those before, between and after them have their results."""
    with pool_of(mp, 2) as pool:
        results = [pool.apply_async(refuse_one, (number - number % 2, number)) for number in range(100)]
        for number, result in enumerate(results):
            if number % 2:
                see.equal(see.comes_back(result.get), number, "a result between failures")
            else:
                with see.raises(Refused):
                    see.comes_back(result.get)
        see.equal(see.comes_back(pool.apply, same, ("after",)), "after", "a result after them")


@chapter.clause("pool.exception.several", source=GET, level=MAY, methods=ANY_METHOD, cases=LISTING, hanging=True)
def one_of_several(mp: Any, see: See, method: str) -> None:
    """Where several calls of a map() raise exceptions, one of these is raised."""
    with pool_of(mp, 2) as pool:
        with see.raises(Refused) as caught:
            results_of(pool, method, refuse, range(6), 1)
        see.true(caught.error.args in [("refused", number) for number in range(6)], "it is that of one of the calls")
        see.records(raised=caught.error.args[1])


@chapter.clause("pool.exception.chunk", source=GET, level=UNSPECIFIED, methods=ANY_METHOD, cases=ITERATING)
def what_else_is_in_the_chunk(mp: Any, see: See, method: str) -> None:
    """What an iterator gives of a chunk in which a call raises an exception is left open."""
    with pool_of(mp) as pool:
        results = getattr(pool, method)(partial(refuse_one, 1), range(6), 3)
        seen: list[Any] = []
        for _ in range(7):
            try:
                seen.append(next(results))
            except Refused:
                seen.append("exception")
            except StopIteration:
                seen.append("end")
                break
        see.records(given=seen)


@chapter.clause("pool.exception.cause", source=GET, level=UNSPECIFIED, methods=ANY_METHOD)
def where_it_was_raised(mp: Any, see: See) -> None:
    """Whether an exception tells where the call has raised it is left open."""
    with pool_of(mp) as pool:
        result = pool.apply_async(refuse, (7,))
        try:
            result.get()
        except Refused as error:
            cause = error.__cause__
            see.records(has_a_cause=cause is not None, names_the_function="in refuse" in str(cause))


@chapter.clause(
    "pool.exception.leaving",
    source=GET,
    level=UNSPECIFIED,
    methods=ANY_METHOD,
    cases={
        "SystemExit": SystemExit(3),
        "KeyboardInterrupt": KeyboardInterrupt(),
        "GeneratorExit": GeneratorExit(),
        "BaseException": BaseException("of all"),
    },
)
def an_exception_that_is_to_end_something(mp: Any, see: See, error: BaseException) -> None:
    """What comes of a call that raises what is no Exception, such as SystemExit, and of the pool, is left open."""
    with see.output(), pool_of(mp) as pool:
        see.equal(pool.apply(abs, (-1,)), 1, "the result of a call before")
        seen = outcome(pool.apply_async(raise_it, (error,)))
        see.records(result=seen, afterwards=outcome(pool.apply_async(abs, (-2,))))


@chapter.clause(
    "pool.exception.unsendable",
    source=GET,
    level=UNSPECIFIED,
    methods=ANY_METHOD,
    cases={
        "argument": (same, (lambda: None,)),
        "function": (lambda: None, ()),
        "result": (unsendable, ()),
        "exception": (raise_unsendable, ()),
        "exception-rebuilt": (raise_stubborn, ()),
        "exception-changed": (raise_it, (Changing(),)),
        "result-with-a-long-name": (wordy, ()),
    },
)
def what_cannot_be_pickled(mp: Any, see: See, case: Any) -> None:
    """What comes of a call with what cannot be pickled, or not be unpickled, and of the pool, is left open."""
    with silent_threads(), pool_of(mp) as pool:
        see.equal(pool.apply(abs, (-1,)), 1, "the result of a call before")
        try:
            seen = outcome(pool.apply_async(*case))
        except Exception as error:
            seen = f"{type(error).__name__} at once"
        see.records(result=seen, afterwards=outcome(pool.apply_async(abs, (-2,))))
