"""The exceptions of the package."""

from __future__ import annotations

import builtins
from typing import Any

from mpspec.chapters.process.chapter import chapter
from mpspec.clause import NO_METHOD, SHOULD, UNSPECIFIED, cases
from mpspec.observation.see import See

PROCESS_ERROR = "multiprocessing.ProcessError"


@chapter.clause("exceptions.base", passage=f"{PROCESS_ERROR}/2,1", methods=NO_METHOD)
def process_error_is_an_exception(mp: Any, see: See) -> None:
    """ProcessError is an Exception."""
    see.true(issubclass(mp.ProcessError, Exception), "ProcessError is an Exception", mp.ProcessError.__mro__)


EXCEPTIONS = cases("BufferTooShort", "AuthenticationError", "TimeoutError")


@chapter.clause(
    "exceptions.derived",
    passage=(
        f"{PROCESS_ERROR}/2",
        "multiprocessing.BufferTooShort/1",
        "multiprocessing.AuthenticationError/1",
        "multiprocessing.TimeoutError/1",
    ),
    methods=NO_METHOD,
    cases=EXCEPTIONS,
)
def every_exception_is_a_process_error(mp: Any, see: See, name: str) -> None:
    """BufferTooShort, AuthenticationError and TimeoutError are kinds of ProcessError, and not ProcessError itself."""
    kind = getattr(mp, name)
    see.true(issubclass(kind, mp.ProcessError), f"{name} is a kind of ProcessError", kind.__mro__)
    see.true(kind is not mp.ProcessError, f"{name} is not ProcessError")
    see.equal(kind.__name__, name, "the name of the class")


@chapter.clause(
    "exceptions.distinct",
    passage=(
        "multiprocessing.BufferTooShort/2",
        "multiprocessing.AuthenticationError/2",
        "multiprocessing.TimeoutError/2",
    ),
    level=SHOULD,
    methods=NO_METHOD,
)
def the_exceptions_tell_different_things(mp: Any, see: See) -> None:
    """None of BufferTooShort, AuthenticationError and TimeoutError is a kind of another."""
    kinds = [getattr(mp, name) for name in EXCEPTIONS]
    related = [(a.__name__, b.__name__) for a in kinds for b in kinds if a is not b and issubclass(a, b)]
    see.equal(related, [], "the relations between them")


@chapter.clause("exceptions.arguments", passage="multiprocessing.BufferTooShort/3", methods=NO_METHOD)
def buffer_too_short_carries_the_message(mp: Any, see: See) -> None:
    """args[0] of a BufferTooShort is the message that it was made with."""
    see.equal(mp.BufferTooShort(b"the whole message").args[0], b"the whole message", "args[0]")


@chapter.clause(
    "exceptions.builtin-timeout", source="multiprocessing.TimeoutError", level=UNSPECIFIED, methods=NO_METHOD
)
def the_builtin_timeout_error(mp: Any, see: See) -> None:
    """Whether TimeoutError is a kind of the builtin TimeoutError is left open."""
    see.records(kind_of_the_builtin=issubclass(mp.TimeoutError, builtins.TimeoutError))
