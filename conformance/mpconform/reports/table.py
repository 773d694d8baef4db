"""The table of a run, a line a chapter and a column an outcome, as wide as a terminal and no wider."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mpconform.outcomes import DEVIATIONS, Outcome

Counts = Mapping[str, tuple[int, Mapping[Outcome, int]]]
"""Chapter -> how many clauses it has, and how many of their checks came to each outcome."""

_UNJUDGED = (Outcome.NOT_APPLICABLE, Outcome.UNSPECIFIED)
_CHAPTER, _CLAUSES, _LEAST = 14, 8, 8
"""Characters of the first two columns, and of every other one at least where there is room."""


@dataclass(frozen=True)
class _Column:
    """heads: from above; of: the outcomes that it counts; width: in characters."""

    heads: tuple[str, ...]
    of: tuple[Outcome, ...]
    width: int


def table(counts: Counts, width: int) -> tuple[list[str], list[str], list[str]]:
    """The lines of the head, of the chapters, and of what came of all checks, where that cannot be read off.

    Columns that do not fit beside each other in the width, in characters, are put together.
    """
    shown = [o for o in Outcome if o is Outcome.KEPT or any(found.get(o) for _, found in counts.values())]
    for columns in (_single(shown), _short(shown), _short(shown, _UNJUDGED), _short(shown, _UNJUDGED, DEVIATIONS)):
        if _CHAPTER + _CLAUSES + sum(column.width for column in columns) <= width:
            break
    rows = max(len(column.heads) for column in columns)
    heads = []
    for row in range(rows):
        first = f"{'chapter':<{_CHAPTER}}{'clauses':>{_CLAUSES}}" if row == rows - 1 else " " * (_CHAPTER + _CLAUSES)
        told = "".join(f"{_head(column, row - rows):>{column.width}}" for column in columns)
        heads.append((first + told).rstrip())
    lines = []
    for chapter, (clauses, found) in counts.items():
        cells = (f"{sum(found.get(o, 0) for o in column.of):>{column.width}}" for column in columns)
        lines.append(f"{chapter:<{_CHAPTER}}{clauses:>{_CLAUSES}}" + "".join(cells))
    return heads, lines, _in_all(counts, columns, width)


def _in_all(counts: Counts, columns: Sequence[_Column], width: int) -> list[str]:
    """The outcomes of all checks, as far as columns count several together."""
    together = [o for column in columns for o in column.of if " ".join(column.heads) != o.value]
    sums = {o: sum(found.get(o, 0) for _, found in counts.values()) for o in together}
    return textwrap.wrap("in all " + ", ".join(f"{sums[o]} {o.value}" for o in together), width) if together else []


def _single(shown: Sequence[Outcome]) -> list[_Column]:
    """A column for each outcome, with its whole name."""
    return [_Column((o.value,), (o,), max(_LEAST, len(o.value) + 2)) for o in shown]


def _short(
    shown: Sequence[Outcome], unjudged: Sequence[Outcome] = (), deviating: frozenset[Outcome] = frozenset()
) -> list[_Column]:
    """Names of two words above each other; those that are told apart no more have one column."""
    names: dict[tuple[str, ...], list[Outcome]] = {}
    for o in shown:
        one = ("not", "judged") if o in unjudged else ("deviate",) if o in deviating else tuple(o.value.split())
        names.setdefault(one, []).append(o)
    return [_Column(name, tuple(of), max(map(len, name)) + 2) for name, of in names.items()]


def _head(column: _Column, row: int) -> str:
    """The word of a head, counted from below: -1 is the lowest."""
    return column.heads[row] if -row <= len(column.heads) else ""
