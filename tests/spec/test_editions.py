"""Editions: a clause is promised since the edition that has its passages, and its tools are older than its promise."""

from __future__ import annotations

import re
from pathlib import Path

import mpspec.chapters
import pytest
from mpconform import checks
from mpspec.clause import NO_METHOD, Chapter, Clause, IllFormed, Level
from mpspec.registers.later import LATER, since
from mpspec.registers.passages import editions, read

CLAUSES = {clause.id: clause for chapter in checks.chapters() for clause in chapter.clauses.values()}
PASSAGES = {passage.id: passage for edition in editions() for passage in read(edition)}
NOTE = re.compile(r"(?:Added|Changed) in version (3\.\d+)")
OF_BEFORE = {"cpu_count.number", "pool.processes.default.before-3-13", "thread_pool.processes.all"}
"""Clauses that name a note for what it tells of the time before it."""
FIRST = (3, 4)
"""The first edition that an implementation can follow."""
PROGRAMS = {"program", "running", "server"}
"""What clauses call the programs that they have started; these are ended by kill() as well."""


def version(edition: str) -> tuple[int, ...]:
    return tuple(map(int, edition.split(".")))


def test_what_is_later_is_on_the_page() -> None:
    assert {entry for entry in LATER if entry not in PASSAGES and f"{entry}/1" not in PASSAGES} == set()


def test_every_note_of_a_later_edition_that_the_register_tells_of_is_known() -> None:
    noted = {id: found[1] for id, passage in PASSAGES.items() if (found := NOTE.match(passage.first))}
    later = {id: edition for id, edition in noted.items() if FIRST < version(edition) < (3, 14)}
    assert len(later) > 5
    assert {id: since(id) for id in later} == later


@pytest.mark.parametrize("clause", CLAUSES.values(), ids=list(CLAUSES))
def test_a_clause_is_promised_since_the_edition_that_has_its_passages(clause: Clause) -> None:
    if clause.level is Level.UNSPECIFIED or clause.id in OF_BEFORE:
        return
    told = [clause.since] if clause.since else [*clause.cases_since.values()]
    for passage in clause.passages:
        edition = since(passage)
        if edition is not None:
            assert told, f"{passage} came with {edition}: since, or that of the cases which rest on it"
            assert max(told) >= version(edition), f"{passage} came with {edition}"


@pytest.mark.parametrize("path", sorted(Path(mpspec.chapters.__path__[0]).rglob("*.py")), ids=lambda path: path.stem)
def test_no_helper_is_ended_by_what_later_editions_have_added(path: Path) -> None:
    if path.stem != "termination":  # its subject is kill()
        killed = set(re.findall(r"(\w+)\.kill\(\)", path.read_text(encoding="utf-8")))
        assert killed <= PROGRAMS, "an implementation of edition 3.4 has no Process.kill: processes.end(), or os.kill()"


def test_a_case_can_be_later_than_its_clause() -> None:
    chapter = Chapter("sample", section="", source="sample")

    @chapter.clause("sample.one", methods=NO_METHOD, cases={"a": 1, "b": 2}, since={"b": "3.7"})
    def body(mp: object, see: object, case: int) -> None:
        """A sentence."""

    clause = chapter.clauses["sample.one"]
    assert clause.not_applicable((3, 4), "linux", None, "a") is None
    assert clause.not_applicable((3, 4), "linux", None, "b") == "promised since 3.7, the implementation follows 3.4"
    assert clause.not_applicable((3, 7), "linux", None, "b") is None
    with pytest.raises(IllFormed, match="under its label"):
        chapter.clause("sample.two", methods=NO_METHOD, cases={"a": 1}, since={"c": "3.7"})(body)
