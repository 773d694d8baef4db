"""Gaps: what the page promises and nobody checks, and what clauses demand and the page never said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from mpspec.clause import MUST, SHOULD, Chapter, Clause
from mpspec.loader import CHAPTERS, load
from mpspec.registers import passages, sections
from mpspec.registers.passages import Passage
from mpspec.registers.promises_nothing import marks
from mpspec.registers.unfounded import UNFOUNDED
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


def gaps(chapters: Iterable[Chapter], edition: str) -> list[Section]:
    """The sections of an edition ("3.13") in which something is open, in the order of the page.

    chapters: those whose gaps are asked for; a passage counts as checked by the clause of any chapter that is written.
    """
    asked = {chapter.name: chapter for chapter in chapters}
    written = [clause for name in CHAPTERS for clause in load(name).clauses.values()]
    settled = {id for clause in written for id in clause.passages} | set(marks())
    settled |= {id for entry in UNTESTABLE for id in entry.passages}
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
    unfounded: dict[str, list[Clause]] = {}
    for clause in (clause for chapter in asked.values() for clause in chapter.clauses.values()):
        if clause.level in (MUST, SHOULD) and not clause.passages:
            unfounded.setdefault(section_of.get(clause.source, clause.source), []).append(clause)
    found = (
        Section(
            anchor, tuple(unchecked.get(anchor, ())), waiting.get(anchor, Counter()), tuple(unfounded.get(anchor, ()))
        )
        for anchor in dict.fromkeys([*(passage.section for passage in page), *unfounded])
    )
    return [section for section in found if section.unchecked or section.waiting or section.unfounded]


def report(found: Iterable[Section], edition: str) -> list[str]:
    """The lines that tell what is open, a section after the other, and how much that is in all."""
    lines: list[str] = []
    unchecked = unfounded = argued = waiting = 0
    for section in found:
        lines.append(section.anchor)
        lines += [f"  no clause for   {passage.id}  {passage.link(edition)}" for passage in section.unchecked]
        for clause in section.unfounded:
            reason = UNFOUNDED.get(clause.id)
            argued += reason is not None
            lines.append(f"  no passage for  {clause.id}  {clause.level.value}: {reason or clause.sentence}")
        lines += [f"  open            {count} passages of {chapter}" for chapter, count in section.waiting.items()]
        unchecked += len(section.unchecked)
        unfounded += len(section.unfounded)
        waiting += sum(section.waiting.values())
    lines.append(
        f"{unchecked} passages without a clause; {unfounded} clauses without a passage, {argued} of them argued; "
        f"{waiting} passages wait for chapters that are not written"
    )
    return lines
