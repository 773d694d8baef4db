"""Gaps: what the page promises and nobody checks, and what clauses demand and the page never said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from mpspec.clause import MUST, SHOULD, Chapter, Clause, spread
from mpspec.loader import CHAPTERS, load
from mpspec.registers import passages, sections, unfounded
from mpspec.registers.amendments import AMENDMENTS
from mpspec.registers.passages import Passage
from mpspec.registers.promises_nothing import marks
from mpspec.registers.untestable import UNTESTABLE


@dataclass
class Section:
    """What is open in one section of the page."""

    anchor: str
    """The section's anchor."""
    unchecked: list[Passage] = field(default_factory=list)
    """Passages that promise something and have neither a clause nor an argued entry, in the order of the page."""
    waiting: Counter[str] = field(default_factory=Counter)
    """A chapter that is not written yet -> how many passages of this section wait for it."""
    nowhere: list[Clause] = field(default_factory=list)
    """MUST and SHOULD clauses with a place in this section that rest on no passage of this edition."""
    beyond: list[Clause] = field(default_factory=list)
    """Clauses that rest on a passage and are known to demand something beside."""

    def __bool__(self) -> bool:
        return bool(self.unchecked or self.waiting or self.nowhere or self.beyond)


def gaps(chapters: Iterable[Chapter], edition: str) -> list[Section]:
    """The sections of an edition ("3.13") in which something is open, in the order of the page.

    chapters: those whose gaps are asked for; a passage counts as checked by the clause of any chapter that is written.
    """
    asked = {chapter.name: chapter for chapter in chapters}
    page = passages.read(edition)
    found = {passage.section: Section(passage.section) for passage in page}
    settled = set(_settled())
    for passage in page:
        owner = sections.chapter_of(passage)
        if passage.id in settled:
            continue
        if owner in asked:
            found[passage.section].unchecked.append(passage)
        elif owner not in CHAPTERS:
            found[passage.section].waiting[owner] += 1
    section_of = {place: passage.section for passage in page for place in (passage.anchor, passage.section)}
    more = {debt.clause for debt in unfounded.read() if debt.rests == unfounded.BEYOND}
    here = {passage.id for passage in page}
    for clause in (clause for chapter in asked.values() for clause in chapter.clauses.values()):
        if not _promised(clause, edition):
            continue
        section = found[section_of[_within(clause.source, section_of)]]
        if clause.level in (MUST, SHOULD) and here.isdisjoint(clause.passages):
            section.nowhere.append(clause)
        elif clause.id in more:
            section.beyond.append(clause)
    return list(filter(None, found.values()))


def report(found: Iterable[Section], edition: str) -> Iterator[str]:
    """The lines that tell what is open, a section after the other, and how much that is in all."""
    demands = {debt.clause: debt.demand for debt in unfounded.read()}
    total: Counter[str] = Counter()
    for section in found:
        yield section.anchor
        yield from (f"  no clause       {passage.id}  {passage.link(edition)}" for passage in section.unchecked)
        yield from (f"  not written     {chapter}: {count} passages" for chapter, count in section.waiting.items())
        yield from _told("no passage    ", section.nowhere, demands)
        yield from _told("beyond its own", section.beyond, demands)
        total["unchecked"] += len(section.unchecked)
        total["nowhere"] += len(section.nowhere)
        total["beyond"] += len(section.beyond)
        total["waiting"] += sum(section.waiting.values())
    yield (
        f"{total['unchecked']} passages have no clause; {total['nowhere']} clauses have no passage, {total['beyond']} "
        f"demand more than theirs; {total['waiting']} passages wait for chapters that are not written"
    )


def _promised(clause: Clause, edition: str) -> bool:
    """Whether the edition promises it, as far as the clause says."""
    version = tuple(map(int, edition.split(".")))
    return (clause.since is None or version >= clause.since) and (clause.until is None or version < clause.until)


def _within(anchor: str, known: Container[str]) -> str:
    """The nearest definition around an anchor that this edition has: a later one may have added it."""
    while anchor not in known and "." in anchor:
        anchor = anchor.rpartition(".")[0]
    return anchor


def _settled() -> Iterator[str]:
    """The passages that have a clause, or an entry that says why they have none."""
    for name in CHAPTERS:
        for clause in load(name).clauses.values():
            yield from clause.passages
    for entry in UNTESTABLE:
        yield from entry.passages
    for amendment in AMENDMENTS:
        if not amendment.correction:
            for place in amendment.passages:
                yield from spread(place)
    yield from marks()


def _told(kind: str, clauses: Iterable[Clause], demands: Mapping[str, str]) -> Iterator[str]:
    for clause in clauses:
        yield f"  {kind}  {clause.id}  {clause.level.value}  {demands.get(clause.id, clause.sentence)}"
