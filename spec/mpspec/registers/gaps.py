"""Gaps: what the page promises and nobody checks, and what clauses demand and the page never said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from mpspec.clause import MUST, SHOULD, Chapter, Clause
from mpspec.loader import CHAPTERS, load
from mpspec.registers import passages, sections, unfounded
from mpspec.registers.amendments import AMENDMENTS
from mpspec.registers.passages import Passage, spread
from mpspec.registers.promises_nothing import marks
from mpspec.registers.untestable import UNTESTABLE


class Section(NamedTuple):
    """What is open in one section of the page."""

    anchor: str
    """The section's anchor."""
    unchecked: tuple[Passage, ...]
    """Passages that promise something and have neither a clause nor an argued entry, in the order of the page."""
    waiting: Mapping[str, int]
    """A chapter that is not written yet -> how many passages of this section wait for it."""
    unfounded: tuple[Clause, ...]
    """MUST and SHOULD clauses with a place in this section that rest on no passage."""
    beyond: tuple[Clause, ...]
    """Clauses here that rest on a passage and demand something beside."""


def gaps(chapters: Iterable[Chapter], edition: str) -> list[Section]:
    """The sections of an edition ("3.13") in which something is open, in the order of the page.

    chapters: those whose gaps are asked for; a passage counts as checked by the clause of any chapter that is written.
    """
    asked = {chapter.name: chapter for chapter in chapters}
    written = [clause for name in CHAPTERS for clause in load(name).clauses.values()]
    settled = {id for clause in written for id in clause.passages} | set(marks())
    settled |= {id for entry in UNTESTABLE for id in entry.passages}
    settled |= {id for each in AMENDMENTS if not each.correction for place in each.passages for id in spread(place)}
    page = passages.read(edition)
    section_of = {passage.anchor: passage.section for passage in page}
    unchecked: dict[str, list[Passage]] = {}
    waiting: dict[str, Counter[str]] = {}
    for passage in page:
        owner = sections.chapter_of(passage)
        if passage.id in settled:
            continue
        if owner in asked:
            unchecked.setdefault(passage.section, []).append(passage)
        elif owner not in CHAPTERS:
            waiting.setdefault(passage.section, Counter())[owner] += 1
    asked_clauses = [clause for chapter in asked.values() for clause in chapter.clauses.values()]
    beyond = {debt.clause for debt in unfounded.read() if debt.rests == unfounded.BEYOND}
    places: dict[str, tuple[list[Clause], list[Clause]]] = {}
    for clause in asked_clauses:
        without, more = places.setdefault(section_of.get(clause.source, clause.source), ([], []))
        if clause.level in (MUST, SHOULD) and not clause.passages:
            without.append(clause)
        elif clause.id in beyond:
            more.append(clause)
    found = (
        Section(
            anchor,
            tuple(unchecked.get(anchor, ())),
            waiting.get(anchor, Counter()),
            *map(tuple, places.get(anchor, ((), ()))),
        )
        for anchor in dict.fromkeys([*(passage.section for passage in page), *places])
    )
    return [section for section in found if any(section[1:])]


def report(found: Iterable[Section], edition: str) -> list[str]:
    """The lines that tell what is open, a section after the other, and how much that is in all."""
    demands = {debt.clause: debt.demand for debt in unfounded.read()}
    sections_open = list(found)
    lines: list[str] = []
    for section in sections_open:
        lines.append(section.anchor)
        lines += [f"  no clause for   {passage.id}  {passage.link(edition)}" for passage in section.unchecked]
        lines += [f"  open            {count} passages of {chapter}" for chapter, count in section.waiting.items()]
        for told, clauses in (("no passage for ", section.unfounded), ("beyond its own ", section.beyond)):
            lines += [f"  {told} {c.id}  {c.level.value}  {demands.get(c.id, c.sentence)}" for c in clauses]
    lines.append(
        f"{sum(len(s.unchecked) for s in sections_open)} passages have no clause; "
        f"{sum(len(s.unfounded) for s in sections_open)} clauses have no passage, "
        f"{sum(len(s.beyond) for s in sections_open)} demand more than theirs; "
        f"{sum(sum(s.waiting.values()) for s in sections_open)} passages wait for chapters that are not written"
    )
    return lines
