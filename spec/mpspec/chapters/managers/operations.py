"""Operations that a proxy of a container does as a plain container does."""

from __future__ import annotations

from typing import Any, Callable

from mpspec.observation.see import See

Outcome = Any
"""What comes of an operation: what it gives, or the exception as its type and arguments."""

Operation = Callable[[Any], Any]


def result_of(operation: Operation, thing: Any) -> Outcome:
    """What comes of an operation on the thing."""
    try:
        return operation(thing)
    except Exception as error:
        return type(error), error.args


def does_the_same(see: See, operation: Operation, proxy: Any, plain: Any) -> None:
    """The operation gives the same for the proxy and for a plain object, and leaves both in the same state."""
    see.equal(result_of(operation, proxy), result_of(operation, plain), "what comes of it")
    see.equal(proxy._getvalue(), plain, "the referent afterwards")


def store(thing: Any, key: Any, value: Any) -> None:
    """thing[key] = value, as an expression."""
    thing[key] = value


def remove(thing: Any, key: Any) -> None:
    """del thing[key], as an expression."""
    del thing[key]
