"""The methods of a pool, asked for the same thing in the same words: each as a case of one clause."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Callable

from mpspec.clause import cases
from mpspec.observation.waits import HELD, YIELD

POOL = "multiprocessing.pool.Pool"

ONE_CALL = cases("apply", "apply_async")
SUBMITTING = cases("apply_async", "map_async", "starmap_async")
LISTING = cases("map", "map_async", "starmap", "starmap_async")
ITERATING = cases("imap", "imap_unordered")
MAPPING = {**LISTING, **ITERATING}

ITERABLES: dict[str, Callable[[], Any]] = {
    "list": lambda: [3, 1, 2],
    "tuple": lambda: (3, 1, 2),
    "range": lambda: range(7),
    "string": lambda: "3120",
    "dict": lambda: {3: "a", 1: "b", 2: "c"},
    "generator": lambda: (number for number in (3, 1, 2)),
    "iterator": lambda: iter([3, 1, 2]),
    "indexed": lambda: Indexed([3, 1, 2]),
    "one": lambda: [3],
}
"""Iterables of all kinds, with a length and without."""


class Indexed:
    """Iterable by its indices alone."""

    def __init__(self, items: list[Any]) -> None:
        self._items = items

    def __getitem__(self, index: int) -> Any:
        return self._items[index]


def result_of(pool: Any, method: str, func: Any, *given: Any) -> Any:
    """The result of one call, by apply() or apply_async()."""
    answer = getattr(pool, method)(func, *given)
    return answer if method == "apply" else answer.get()


def submitted(pool: Any, method: str, func: Any, item: Any, **options: Any) -> Any:
    """What stands for the result of one call with the item, by one of the methods that return at once."""
    given = {"apply_async": (item,), "map_async": [item], "starmap_async": [(item,)]}[method]
    return getattr(pool, method)(func, given, **options)


def as_result(method: str, value: Any) -> Any:
    """What the result of `submitted` is where the call returns the value."""
    return value if method == "apply_async" else [value]


def begun(pool: Any, method: str, func: Any, items: Iterable[Any], *size: int) -> Any:
    """What one of the six methods returns that call with each item; map() and starmap() come back with the results."""
    given = [(item,) for item in items] if method.startswith("starmap") else items
    return getattr(pool, method)(func, given, *size)


def results_of(pool: Any, method: str, func: Any, items: Iterable[Any], *size: int) -> list[Any]:
    """The results of calls with each item, by one of the six methods; those of imap_unordered() sorted."""
    answer = begun(pool, method, func, items, *size)
    if method == "imap_unordered":
        return sorted(answer)
    return list(answer.get() if method.endswith("_async") else answer)


def outcome(result: Any) -> str:
    """What comes of a result within a while, in words: for what the page leaves open."""
    try:
        return f"returned {result.get(HELD)!r}"
    except BaseException as error:  # what the task has raised, whatever it was
        return type(error).__name__


def seen_until_quiet(box: Any, least: int = 1, held: int | None = None) -> list[Any]:
    """The messages that tasks post, at least so many, until none comes for a while.

    held: that of the task with this number is among them, in whichever order tasks are done.
    """
    messages = box.take_all(least)
    while held is not None and all(number != held for _, number in messages):
        messages.append(box.take())
    while not box.empty(after=5 * YIELD):
        messages.append(box.take())
    return messages  # type: ignore[no-any-return]


@contextmanager
def silent_threads() -> Iterator[None]:
    """An exception that ends a thread, or is told of as if it had, is not written."""
    before, threading.excepthook = threading.excepthook, lambda *_: None
    try:
        yield
    finally:
        threading.excepthook = before
