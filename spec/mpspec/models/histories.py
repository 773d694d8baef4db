"""Histories of a queue and the model that judges them: order, loss, duplication and bound.

Producers and consumers, in threads or processes, record each item with the clock before and after its call. The
clock is the machine's monotonic one, which all processes share. What happened within a call happened at some
moment between the two, so the model objects only to what no choice of moments explains.
"""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import dataclass

Item = tuple[str, int]
"""Producer and number; a producer numbers its items in the order in which it puts them."""


@dataclass(frozen=True)
class Event:
    """One call. user: the process or thread that called; began, ended: the clock before and after it."""

    user: str
    item: Item
    began: float
    ended: float


@dataclass(frozen=True)
class Impossible:
    """An event that cannot be, and why."""

    event: Event
    why: str

    def __str__(self) -> str:
        return f"item {self.event.item[1]} of {self.event.item[0]}, {self.why} (seen by {self.event.user})"


def first_impossible(
    puts: Iterable[Event],
    gets: Iterable[Event],
    *,
    maxsize: int = 0,
    drained: bool = True,
    in_hands: Set[Item] = frozenset(),
) -> Impossible | None:
    """The earliest event that no queue allows, or None where the history can be that of a queue.

    maxsize: the queue's bound, 0 for none. drained: nothing was left in the queue at the end. in_hands: items that
    a killed process may have taken along.
    """
    put_of: dict[Item, Event] = {}
    found: list[Impossible] = []
    for put in puts:
        if put.item in put_of:
            raise ValueError(f"the history itself is wrong: {put.item} was put twice")
        put_of[put.item] = put
    got_of: dict[Item, Event] = {}
    for got in sorted(gets, key=lambda event: event.ended):
        origin = put_of.get(got.item)
        if origin is None:
            found.append(Impossible(got, "got, was never put"))
        elif got.item in got_of:
            found.append(Impossible(got, f"got a second time; {got_of[got.item].user} had it before"))
        elif got.ended < origin.began:
            found.append(Impossible(got, "got before it was put"))
        got_of.setdefault(got.item, got)
    found += _overtaken(put_of, got_of)
    if drained:
        lost = set(put_of) - set(got_of) - in_hands
        found += [Impossible(put_of[item], "put, was never got") for item in lost]
    if maxsize > 0:
        found += _crowded(put_of, got_of, maxsize)
    return min(found, key=lambda impossible: impossible.event.ended, default=None)


def _overtaken(put_of: dict[Item, Event], got_of: dict[Item, Event]) -> Iterable[Impossible]:
    """Items that were got while an earlier one of the same producer was still in the queue."""
    numbers: dict[str, list[Item]] = {}
    for item in sorted(put_of):
        numbers.setdefault(item[0], []).append(item)
    for items in numbers.values():
        # From the last to the first: the earliest end of a get among all later items.
        later: Event | None = None
        for item in reversed(items):
            got = got_of.get(item)
            if got is None:
                continue
            if later is not None and later.ended < got.began:
                yield Impossible(later, f"got before item {item[1]}, which was put earlier")
            if later is None or got.ended < later.ended:
                later = got


def _crowded(put_of: dict[Item, Event], got_of: dict[Item, Event], maxsize: int) -> Iterable[Impossible]:
    """Puts that came back when more than maxsize items were in the queue beyond doubt."""
    moments: list[tuple[float, int, Event]] = []
    for item, put in put_of.items():
        got = got_of.get(item)
        if got is None or got.began > put.ended:
            moments.append((put.ended, 1, put))
            if got is not None:
                moments.append((got.began, -1, put))
    inside = 0
    for _, change, put in sorted(moments, key=lambda moment: (moment[0], moment[1])):
        inside += change
        if inside > maxsize and change > 0:
            yield Impossible(put, f"put as number {inside} into a queue for {maxsize}")
