"""Page and clauses hold each other: nothing is promised that nobody checks, nothing demanded that is not promised."""

from __future__ import annotations

import pytest
from mpspec.clause import MUST, SHOULD, Chapter, Clause
from mpspec.loader import CHAPTERS, load
from mpspec.page import gaps
from mpspec.page.links import EDITION, link
from mpspec.registers import passages
from mpspec.registers.promises_nothing import marks
from mpspec.registers.unfounded import BEYOND, NOWHERE, read
from mpspec.registers.untestable import UNTESTABLE

CLAUSES = {clause.id: clause for name in CHAPTERS for clause in load(name).clauses.values()}
KNOWN = {passage.id for edition in passages.editions() for passage in passages.read(edition)}
DEBTS = read()
NAMED = {id for clause in CLAUSES.values() for id in clause.passages}


def passages_of(edition: str) -> set[str]:
    """The ids of the passages of an edition."""
    return {passage.id for passage in passages.read(edition)}


def test_a_clause_rests_on_passages_that_exist() -> None:
    assert sorted(NAMED - KNOWN) == []


def test_a_clause_leads_to_a_place_on_the_page() -> None:
    pages = [passage for edition in passages.editions() for passage in passages.read(edition)]
    anchors = {passage.anchor for passage in pages} | {passage.section for passage in pages}
    assert {id for id, clause in CLAUSES.items() if clause.source not in anchors} == set()


@pytest.mark.parametrize("clause", CLAUSES.values(), ids=list(CLAUSES))
def test_a_clause_has_a_link(clause: Clause) -> None:
    first = next((edition for edition in passages.editions() if passages_of(edition) & set(clause.passages)), EDITION)
    places = {clause.source, *(id.rpartition("/")[0] for id in clause.passages)}
    page, _, place = link(clause).partition("#")
    assert (page, place.partition(":~:")[0] in places) == (passages.page(first), True)


def test_a_link_leads_to_the_edition_that_is_followed_and_highlights_only_what_is_known_to_stand_there() -> None:
    clause = CLAUSES["process.join.again"]
    assert link(clause, (3, 13)) == link(clause)
    assert ":~:text=" in link(clause)
    assert link(clause, (3, 11)) == f"{passages.page('3.11')}#multiprocessing.Process.join"
    of_none = CLAUSES["process.name.other-type"]
    assert link(of_none, (3, 15)) == f"{passages.page('3.15')}#multiprocessing.Process.name"
    reworded = CLAUSES["queue.items.copy"]
    old, new = (link(reworded, (3, minor)).partition(":~:") for minor in (13, 14))
    assert old[0].replace("3.13", "3.14") == new[0]
    assert old[2] != new[2] != ""
    assert link(CLAUSES["process.interrupt.ends"]) == link(CLAUSES["process.interrupt.ends"], (3, 14))


def test_what_a_clause_rests_on_promises_something() -> None:
    assert sorted(NAMED & set(marks())) == []


@pytest.mark.parametrize("edition", passages.editions())
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_passage_of_a_chapter_has_its_clause_or_is_argued(chapter: str, edition: str) -> None:
    found = gaps.gaps([load(chapter)], edition)
    assert [passage.id for section in found for passage in section.unchecked] == []


@pytest.mark.parametrize("edition", passages.editions())
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_must_and_should_rests_on_a_passage_or_its_debt_is_named(chapter: str, edition: str) -> None:
    found = gaps.gaps([load(chapter)], edition)
    owed = [debt.clause for debt in DEBTS if debt.rests == NOWHERE and CLAUSES[debt.clause].chapter == chapter]
    assert sorted(clause.id for section in found for clause in section.nowhere) == sorted(owed)


def test_a_debt_stands_once_and_says_what_the_page_leaves_open() -> None:
    assert len({debt.clause for debt in DEBTS}) == len(DEBTS)
    for debt in DEBTS:
        assert debt.demand
        if debt.rests == NOWHERE:
            assert CLAUSES[debt.clause].level in (MUST, SHOULD)
            assert not CLAUSES[debt.clause].passages
        else:
            assert debt.rests == BEYOND
            assert CLAUSES[debt.clause].passages


def test_what_cannot_be_tested_names_its_passages_and_its_reason() -> None:
    for entry in UNTESTABLE:
        assert set(entry.passages) <= KNOWN
        assert entry.passages
        assert entry.promise
        assert entry.reason


def test_a_passage_without_a_clause_and_a_clause_without_a_passage_are_gaps() -> None:
    chapter = Chapter("log", section="Logging", source="logging")

    @chapter.clause("log.sample", source="logging")
    def body(mp: object, see: object) -> None:
        """Something is demanded."""

    found = {section.anchor: section for section in gaps.gaps([chapter], EDITION)}
    assert [clause.id for clause in found["logging"].nowhere] == ["log.sample"]
    lines = gaps.report(found.values(), EDITION)
    assert any("log.sample" in line and "MUST" in line for line in lines)
