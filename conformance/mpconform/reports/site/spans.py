"""What many columns have in common is told once: neighbours in a table, and runs in a list."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from itertools import groupby
from typing import Protocol, TypeVar

from mpconform.reports.site.runs import Run


class Shown(Protocol):
    """What came of something in a run."""

    @property
    def deviates(self) -> bool:
        """Whether that is a deviation."""
        ...


Told = TypeVar("Told", bound=Hashable)
Came = TypeVar("Came", bound=Shown)


def merged(runs: Sequence[Run], told: Iterable[Came], alike: Callable[[Came], Hashable]) -> Iterator[tuple[Came, int]]:
    """What is told of each run, once for neighbours of which it is alike; and of how many.

    A deviation stands below its own implementation; what others come to alike goes on over all that do.
    """

    def key(pair: tuple[Run, Came]) -> Hashable:
        run, one = pair
        return alike(one), run.implementation if one.deviates else ""

    for _, group in groupby(zip(runs, told, strict=True), key):
        found = [one for _, one in group]
        yield found[0], len(found)


def told_alike(states: Iterable[tuple[Run, Told]], alike: Callable[[Told], Hashable]) -> list[tuple[Told, list[Run]]]:
    """What is told of several runs, once, with all of which it is told."""
    found: dict[Hashable, tuple[Told, list[Run]]] = {}
    for run, told in states:
        found.setdefault(alike(told), (told, []))[1].append(run)
    return [*found.values()]


def among(runs: Sequence[Run], own: Sequence[Run]) -> str:
    """The interpreters of some runs of an implementation: "all runs", "all but 3.15.2"; "" of the only one."""
    others = [run for run in own if run not in runs]
    if not others:
        return "all runs" if len(own) > 1 else ""
    return f"all but {listed(others)}" if len(others) * 2 < len(runs) else listed(runs)


def listed(runs: Iterable[Run]) -> str:
    """The interpreters of runs of one implementation: "3.12.1, 3.13.0, PyPy 3.11"."""
    return ", ".join(run.heading for run in runs)
