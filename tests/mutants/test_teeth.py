"""Every MUST clause that can run here is shown to have teeth: it is the catcher of a mutant."""

from __future__ import annotations

import sys
from pathlib import Path

import mutation
import pytest
from mpconform import checks
from mpspec.clause import MUST, Clause
from mpspec.loader import CHAPTERS, load

EDITION = (3, 15)
"""The newest: the reference has what an edition adds on every interpreter."""

BY_INTERPRETER = {
    "context.methods.default-not-fork",
    "context.methods.default-forkserver",
    "context.methods.default-spawn-without-temporary-files",
}
"""What the reference does as the edition of its interpreter says, and that of the mutants is older."""


def caught_by() -> set[str]:
    """Ids of the clauses that catch a mutant."""
    return {
        catcher
        for path in mutation.FOLDER.glob("*.toml")
        for mutant in mutation.read(path)
        for catcher in mutant.catchers
    }


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_must_clause_that_runs_here_catches_a_mutant(chapter: str) -> None:
    def runs_here(clause: Clause) -> bool:
        return clause.level is MUST and clause.not_applicable(EDITION, sys.platform, None) is None

    clauses = {c.id for c in load(chapter).clauses.values() if runs_here(c)}
    assert sorted(clauses - caught_by() - BY_INTERPRETER) == []


def test_every_catcher_is_a_clause() -> None:
    for id in caught_by():
        assert checks.clause(id)


@pytest.mark.parametrize("path", sorted(mutation.FOLDER.glob("*.toml")), ids=lambda path: path.stem)
def test_a_mutant_fits_the_reference_and_changes_code(path: Path) -> None:
    for mutant in mutation.read(path):
        assert compile(mutation.text(mutant), mutant.file, "exec"), mutant.name
