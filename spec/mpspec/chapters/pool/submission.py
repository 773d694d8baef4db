"""The ways in which tasks are submitted, as tables of cases, and workers that are brought to work on some."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Callable

from mpspec.chapters.pool.life_targets import announce_and_wait, post
from mpspec.clause import cases
from mpspec.observation.mailbox import Gate, Mailbox
from mpspec.observation.see import See
from mpspec.observation.waits import LONG, SETTLE, SMALL

Way = Callable[[Any, Any, Any], Any]

WAYS: dict[str, Way] = {
    "apply": lambda pool, function, item: pool.apply(function, (item,)),
    "apply_async": lambda pool, function, item: pool.apply_async(function, (item,)).get(LONG),
    "map": lambda pool, function, item: pool.map(function, [item])[0],
    "map_async": lambda pool, function, item: pool.map_async(function, [item]).get(LONG)[0],
    "imap": lambda pool, function, item: pool.imap(function, [item]).next(LONG),
    "imap_unordered": lambda pool, function, item: pool.imap_unordered(function, [item]).next(LONG),
    "starmap": lambda pool, function, item: pool.starmap(function, [(item,)])[0],
    "starmap_async": lambda pool, function, item: pool.starmap_async(function, [(item,)]).get(LONG)[0],
}
"""Every method that submits tasks -> a call that submits one, and returns its result."""

EVERY_WAY = cases(*WAYS)

Begin = Callable[[Any, Any, Sequence[Any]], Callable[[], list[Any]]]


def _calls(pool: Any, function: Any, items: Sequence[Any]) -> Callable[[], list[Any]]:
    results = [pool.apply_async(function, (item,)) for item in items]
    return lambda: [result.get(LONG) for result in results]


def _list(result: Any) -> Callable[[], list[Any]]:
    return lambda: result.get(LONG)


def _iterator(results: Any, count: int) -> Callable[[], list[Any]]:
    return lambda: sorted(results.next(LONG) for _ in range(count))


BEGINNINGS: dict[str, Begin] = {
    "apply_async": _calls,
    "map_async": lambda pool, function, items: _list(pool.map_async(function, items, 1)),
    "starmap_async": lambda pool, function, items: _list(pool.starmap_async(function, [(item,) for item in items], 1)),
    "imap": lambda pool, function, items: _iterator(pool.imap(function, items), len(items)),
    "imap_unordered": lambda pool, function, items: _iterator(pool.imap_unordered(function, items), len(items)),
}
"""Every method that does not wait for results -> a call that submits tasks, and returns what gives their results."""

EVERY_BEGINNING = cases(*BEGINNINGS)


@contextmanager
def opened_at_last(gate: Gate) -> Iterator[None]:
    """The gate is open at the end of the block at the latest: no task holds up the end of its pool then."""
    try:
        yield
    finally:
        gate.open()


def at_work(pool: Any, box: Mailbox, gate: Gate, count: int) -> tuple[list[Any], list[int]]:
    """So many tasks that wait at the gate, as many as there are workers, are begun: their results and processes."""
    results = [pool.apply_async(announce_and_wait, ((box, gate, number),)) for number in range(count)]
    return results, [pid for _, pid in box.take_all(count)]


def shut(see: See, pool: Any) -> Any:
    """close() is called; whoever has it wait for the tasks may do so: what says when it has come back."""
    return goes_on_or_comes_back(see, pool.close)


def goes_on_or_comes_back(see: See, call: Callable[[], Any]) -> Any:
    """The call, which may come back or wait, has done so by now: what says when it has come back."""
    calling = see.in_thread(call)
    see.eventually(lambda: calling.entered() or not calling.thread.is_alive(), "the call is made")
    calling.thread.join(SETTLE)
    return calling


def tried(see: See, pool: Any, way: str) -> Mailbox:
    """A task is submitted in this way, if the pool takes it; whether and how it tells that it does not is left open.

    Returns the mailbox into which the task posts.
    """
    box = see.mailbox()
    call = see.in_thread(BEGINNINGS[way], pool, post, [(box, "done")])
    call.thread.join(SETTLE)
    return box


def refuses(mp: Any, see: See, pool: Any, way: str) -> None:
    """The pool takes no task in this way: an exception tells so, of which nobody says what it is, and none is done."""
    box = see.mailbox()
    call = see.in_thread(WAYS[way], pool, post, (box, "done"))
    try:
        result = call.ends()
    except (AssertionError, mp.TimeoutError):  # nothing is told
        raise
    except Exception as error:
        see.records(raises=type(error).__name__)
    else:
        see.true(False, f"{way}() submits no task", f"it returned {result!r}")
    see.true(box.empty(after=SMALL), "nothing is done of what was refused")
