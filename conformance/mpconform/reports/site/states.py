"""What the checks of a clause come to, for each run and start method, and the letters that say so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from mpspec.clause import METHODS, Clause

from mpconform.outcomes import DEVIATIONS, SEVERITY, Outcome
from mpconform.reports.document import Row

LETTERS = {
    Outcome.NOT_APPLICABLE: "a",
    Outcome.UNSPECIFIED: "u",
    Outcome.KEPT: "k",
    Outcome.NOT_OFFERED: "o",
    Outcome.BLOCKED: "x",
    Outcome.LEAKED: "l",
    Outcome.MISSING: "m",
    Outcome.BROKEN: "b",
    Outcome.HUNG: "h",
    Outcome.CRASHED: "c",
    Outcome.HARNESS: "e",
}
"""Outcome -> its letter."""
NOT_RUN = "."
"""The letter of a clause, or a start method, of which a run says nothing."""
STANDINGS = {None: ".", "known": "k", "healed": "h", "new": "n"}
"""How a deviation stands to what is known -> its letter, from what asks least for attention to what asks most."""

MANY = (0.1, 0.4)
"""Shares of what was judged from which on what is not kept is much, and most."""

_RANK = {outcome: rank for rank, outcome in enumerate(SEVERITY)}
_STANDING_RANK = {letter: rank for rank, letter in enumerate(STANDINGS.values())}
_SLOTS: tuple[str | None, ...] = (None, *METHODS)


@dataclass(frozen=True)
class State:
    """What came of one clause in one run. by_method: start method, None where none matters -> outcome, standing."""

    by_method: Mapping[str | None, tuple[Outcome, str]]

    @cached_property
    def worst(self) -> Outcome | None:
        """The outcome that says most against it; None where it was not run."""
        return max((outcome for outcome, _ in self.by_method.values()), key=_RANK.__getitem__, default=None)

    @property
    def deviates(self) -> bool:
        """Whether the worst outcome is a deviation."""
        return self.worst in DEVIATIONS

    @property
    def name(self) -> str:
        """The worst outcome in words."""
        return "not run" if self.worst is None else self.worst.value

    @property
    def letter(self) -> str:
        """The worst outcome as its letter."""
        return NOT_RUN if self.worst is None else LETTERS[self.worst]

    @property
    def code(self) -> str:
        """Outcomes and then standings, a letter for each of: no method, fork, spawn, forkserver."""
        found = [self.by_method.get(slot) for slot in _SLOTS]
        outcomes = (NOT_RUN if one is None else LETTERS[one[0]] for one in found)
        return "".join([*outcomes, *(STANDINGS[None] if one is None else one[1] for one in found)])


NEVER_RUN = State({})


def state(clause: Clause, rows: Iterable[Row]) -> State:
    """What the checks of one clause come to; of a clause that any start method serves, none of them matters."""
    found: dict[str | None, tuple[Outcome, str]] = {}
    for row in rows:
        slot = None if clause.once else row["method"]
        outcome, standing = Outcome(row["outcome"]), STANDINGS[row["standing"]]
        if slot in found:
            outcome = max(outcome, found[slot][0], key=_RANK.__getitem__)
            standing = max(standing, found[slot][1], key=_STANDING_RANK.__getitem__)
        found[slot] = outcome, standing
    return State(found)


@dataclass(frozen=True)
class Tally:
    """How many clauses came to what; each counts by its worst check."""

    counts: Mapping[Outcome | None, int]

    @property
    def kept(self) -> int:
        """How many are kept."""
        return self.counts.get(Outcome.KEPT, 0)

    @property
    def judged(self) -> int:
        """How many were judged: all but those that do not apply, are left open by the page, or were not run."""
        left_out = (Outcome.NOT_APPLICABLE, Outcome.UNSPECIFIED, None)
        return sum(count for outcome, count in self.counts.items() if outcome not in left_out)

    @property
    def offered(self) -> bool:
        """Whether any of what was judged is offered."""
        return self.judged > self.counts.get(Outcome.NOT_OFFERED, 0)

    @property
    def deviating(self) -> int:
        """How many deviate."""
        return sum(self.counts.get(outcome, 0) for outcome in DEVIATIONS)

    @property
    def deviates(self) -> bool:
        """Whether any does."""
        return self.letter == LETTERS[Outcome.BROKEN]

    @property
    def letter(self) -> str:
        """A letter for all of them: kept, deviating, less than kept without deviating, or nothing judged."""
        if not self.judged:
            return LETTERS[Outcome.NOT_APPLICABLE] if any(self.counts.values()) else NOT_RUN
        if self.kept == self.judged:
            return LETTERS[Outcome.KEPT]
        return LETTERS[Outcome.BROKEN] if self.deviating else LETTERS[Outcome.NOT_OFFERED]

    @property
    def style(self) -> str:
        """The letter, and what else the cell is: without numbers ("none"), where nothing is offered; for deviations,
        from "d1" to "d3": a few, many, or most of what was judged.
        """
        if self.judged and not self.offered:
            return f"{self.letter} none"
        if not self.deviates:
            return "n" if self.letter == NOT_RUN else self.letter
        share = 1 - self.kept / self.judged
        return f"{self.letter} d{1 + sum(share >= limit for limit in MANY)}"

    @property
    def shown(self) -> tuple[int, int, str]:
        """What a cell shows of it."""
        return (self.kept, self.judged, self.style) if self.offered else (0, 0, self.style)

    @property
    def told(self) -> str:
        """In words: "130 of 133 kept; 2 broken, 1 leaked; 4 not applicable"."""
        others = [f"{self.counts[o]} {o.value}" for o in reversed(SEVERITY) if o in self.counts and o != Outcome.KEPT]
        if None in self.counts:
            others.append(f"{self.counts[None]} not run")
        return "; ".join(filter(None, [f"{self.kept} of {self.judged} kept", ", ".join(others)]))


def tally(states: Iterable[State]) -> Tally:
    """Count them."""
    return Tally(Counter(state.worst for state in states))
