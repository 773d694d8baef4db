"""What many columns have in common is told once: neighbours in a table, and runs in a list."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from itertools import groupby
from typing import TypeVar

from mpconform.reports.site.runs import Run

Told = TypeVar("Told", bound=Hashable)


def merged(runs: Sequence[Run], told: Iterable[Told], alike: Callable[[Told], Hashable]) -> Iterator[tuple[Told, int]]:
    """What is told of each run, once for neighbours of one implementation of which it is alike; and of how many."""
    keyed = zip(runs, told, strict=True)
    for _, group in groupby(keyed, lambda pair: (pair[0].implementation, alike(pair[1]))):
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
