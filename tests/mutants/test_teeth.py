"""Every MUST clause that can run here is shown to have teeth: it is the catcher of a mutant."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

import pytest
from mpconform import checks, mutation
from mpspec.clause import MUST, Clause
from mpspec.loader import CHAPTERS, load

HERE = Path(__file__).parent
EDITION = (3, 13)


def caught_by() -> set[str]:
    """Ids of the clauses that catch a mutant."""
    return {catcher for path in mutant_files() for mutant in mutation.read(path) for catcher in mutant.catchers}


def mutant_files() -> list[Path]:
    """The files of mutants, a chapter each."""
    return [path for path in sorted(HERE.glob("*.toml")) if path.stem != "exceptions"]


def exceptions() -> dict[str, str]:
    """Clause -> why no mutant of the reference can break it."""
    path = HERE / "exceptions.toml"
    return tomllib.loads(path.read_text()) if path.exists() else {}


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_must_clause_that_runs_here_catches_a_mutant(chapter: str) -> None:
    def runs_here(clause: Clause) -> bool:
        return clause.level is MUST and clause.not_applicable(EDITION, sys.platform, None) is None

    clauses = {c.id for c in load(chapter).clauses.values() if runs_here(c)}
    assert sorted(clauses - caught_by() - set(exceptions())) == []


def test_an_exception_is_argued_and_needed() -> None:
    for id, reason in exceptions().items():
        assert checks.clause(id)
        assert len(reason) > 20
        assert id not in caught_by()


def test_every_catcher_is_a_clause() -> None:
    for id in caught_by():
        assert checks.clause(id)
