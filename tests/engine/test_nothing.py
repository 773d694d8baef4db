"""An implementation that has nothing keeps nothing, and breaks nothing: each clause tells of a name that is missing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from mpconform import checks
from mpconform.adapters.adapter import Adapter
from mpconform.adapters.interpreters import interpreter
from mpconform.driver.judge import Judge
from mpconform.driver.zygotes import Zygote
from mpconform.outcomes import Outcome
from mpspec.clause import METHODS, UNSPECIFIED
from mpspec.loader import CHAPTERS

SAYS_SO = {Outcome.MISSING, Outcome.NOT_APPLICABLE, Outcome.BLOCKED}
WITHOUT = {"process.no-analogues"}
"""What is kept by not having something."""


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Judge]:
    """Judges a module without a name in it."""
    module = tmp_path_factory.mktemp("nothing") / "without_names.py"
    module.touch()
    adapter = Adapter("nothing", module.stem, expose=(str(module),), methods=METHODS, keeps={}, documentation="3.15")
    with Zygote(adapter, interpreter(None), patience=1.0) as zygote:
        zygote.start()
        yield Judge(adapter, interpreter(None), hosts=zygote)


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_clause_that_finds_nothing_tells_what_is_missing(judge: Judge, chapter: str) -> None:
    """A program or a session that finds none of its names tells of it too, and what is promised to raise does not."""
    wrong = {}
    for clause in checks.known().values():
        if clause.chapter == chapter and clause.level is not UNSPECIFIED and clause.id not in WITHOUT:
            check = next(checks.checks([clause], METHODS))
            verdict = judge.verdict(check)
            if verdict.outcome not in SAYS_SO:
                wrong[str(check)] = f"{verdict.outcome}: {verdict.seen}"
    assert wrong == {}
