"""The page and its state: the table of contents with what is kept of each section, and the tables of passages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypedDict

from mpspec.clause import Clause, spread
from mpspec.registers import passages
from mpspec.registers.amendments import AMENDMENTS
from mpspec.registers.passages import Passage
from mpspec.registers.promises_nothing import marks
from mpspec.registers.untestable import UNTESTABLE

from mpconform.reports.site.runs import Run
from mpconform.reports.site.states import Tally, tally


@dataclass(frozen=True)
class Place:
    """A section, or a definition within one, with the clauses that have their place there.

    anchor: on the page; section: whether it is one; passages: how many it has; tallies: one for each run.
    """

    anchor: str
    section: bool
    passages: int
    clauses: tuple[Clause, ...]
    tallies: tuple[Tally, ...]

    @property
    def title(self) -> str:
        """What it is called: the register keeps no headings, and an anchor says the same."""
        if not self.section:
            return self.anchor
        words = self.anchor.removeprefix("module-")
        return words if words != self.anchor else words.replace("-", " ").capitalize()


def contents(edition: str, clauses: Mapping[str, Clause], runs: Sequence[Run]) -> list[Place]:
    """The sections and definitions of an edition ("3.15"), in the order of the page."""
    page = passages.read(edition)
    sections = {passage.section for passage in page}
    of: dict[str, list[Clause]] = {}
    counted: dict[str, int] = {}
    for passage in page:
        for anchor in (passage.section, passage.anchor):
            of.setdefault(anchor, [])
            counted.setdefault(anchor, 0)
        counted[passage.anchor] += 1
    anchors = {passage.id: passage.anchor for passage in page}
    for clause in clauses.values():
        own = next((anchors[id] for id in clause.passages if id in anchors), clause.source)
        while own not in of and "." in own:
            own = own.rpartition(".")[0]
        of.setdefault(own, []).append(clause)
    return [
        Place(
            anchor,
            anchor in sections,
            counted.get(anchor, 0),
            tuple(found),
            tuple(tally(run.state(clause.id) for clause in found) for run in runs),
        )
        for anchor, found in of.items()
    ]


class Table(TypedDict):
    """The passages of one edition."""

    edition: str
    page: str
    """The address of the public page."""
    rows: list[tuple[str, str, str, str, str, str, list[int]]]
    """Id, section, what follows the page's address, first and last words, why it has no clause, numbers of clauses."""


def tables(clauses: Iterable[Clause]) -> list[Table]:
    """The tables of all editions, oldest first. clauses: in the order in which they are numbered."""
    resting: dict[str, list[int]] = {}
    for number, clause in enumerate(clauses):
        for id in clause.passages:
            resting.setdefault(id, []).append(number)
    reasons = _reasons()
    return [
        {
            "edition": edition,
            "page": passages.page(edition),
            "rows": [_row(passage, edition, resting, reasons) for passage in passages.read(edition)],
        }
        for edition in passages.editions()
    ]


def _row(
    passage: Passage, edition: str, resting: Mapping[str, list[int]], reasons: Mapping[str, str]
) -> tuple[str, str, str, str, str, str, list[int]]:
    rests = resting.get(passage.id, [])
    reason = "" if rests else reasons.get(passage.id, "a gap: no clause rests on it")
    link = passage.link(edition).removeprefix(passages.page(edition))
    return passage.id, passage.section, link, passage.first, passage.last, reason, rests


def _reasons() -> dict[str, str]:
    """Passage -> why no clause has to rest on it."""
    found = {id: f"promises nothing: {kind}" for id, kind in marks().items()}
    for amendment in AMENDMENTS:
        for place in amendment.passages:
            for id in spread(place):
                found.setdefault(id, f"amended within the edition: {amendment.change}")
    for entry in UNTESTABLE:
        found |= dict.fromkeys(entry.passages, f"cannot be tested: {entry.promise}. {entry.reason}")
    return found
