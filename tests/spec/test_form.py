"""The spec keeps its own form: what the eye would miss in a thousand clauses."""

from __future__ import annotations

import ast
import inspect
import re
import sys
import textwrap
from pathlib import Path

import mpspec
import pytest
from mpconform import checks
from mpconform.baselines import baseline, places
from mpspec.clause import NO_METHOD, Chapter, Clause, IllFormed
from mpspec.registers.errata import ERRATA
from mpspec.registers.retired import RETIRED

CLAUSES = {clause.id: clause for chapter in checks.chapters() for clause in chapter.clauses.values()}
BODY_LINES = 24
SENTENCE = 240
BANNED = re.compile(r"\b(should|must|correctly|properly)\b", re.IGNORECASE)
STDLIB = sys.stdlib_module_names
FOLDER = Path(mpspec.__file__).parent


def test_an_id_stands_in_one_chapter_only() -> None:
    ids = [clause.id for chapter in checks.chapters() for clause in chapter.clauses.values()]
    assert len(ids) == len(set(ids))


def test_a_retired_id_is_never_used_again() -> None:
    assert not RETIRED & set(CLAUSES)


@pytest.mark.parametrize("clause", CLAUSES.values(), ids=list(CLAUSES))
def test_a_clause_is_one_sentence_of_its_own_and_a_short_body(clause: Clause) -> None:
    assert not BANNED.search(clause.sentence), "a sentence states what happens"
    assert len(clause.sentence) <= SENTENCE, "one sentence, one promise"
    assert "\n\n" not in (clause.body.__doc__ or ""), "one sentence, one promise"
    function = ast.parse(textwrap.dedent(inspect.getsource(clause.body))).body[0]
    assert isinstance(function, ast.FunctionDef)
    docstring, *statements = function.body
    assert statements, "a body observes"
    lines = (statements[-1].end_lineno or 0) - (docstring.end_lineno or 0)
    assert lines <= BODY_LINES, f"{lines} lines: arrange, act, observe"


@pytest.mark.parametrize("clause", CLAUSES.values(), ids=list(CLAUSES))
def test_a_clause_builds_on_clauses_that_exist(clause: Clause) -> None:
    assert set(clause.builds_on) <= set(CLAUSES)


def test_the_spec_imports_the_standard_library_alone_and_never_an_implementation() -> None:
    for path in FOLDER.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            else:
                continue
            for name in names:
                top = name.split(".")[0]
                assert top == "mpspec" or (top in STDLIB and top != "multiprocessing"), f"{path.name} imports {name}"


def test_an_erratum_speaks_of_a_clause_that_exists_and_of_versions() -> None:
    for erratum in ERRATA:
        assert erratum.clause in CLAUSES
        assert erratum.page
        assert erratum.seen


@pytest.mark.parametrize("path", sorted(places.FOLDER.glob("*.toml")), ids=lambda path: path.stem)
def test_a_baseline_explains_each_of_its_deviations(path: Path) -> None:
    known = baseline.read(path)
    for deviation in known.deviations:
        assert deviation.clause in CLAUSES, deviation.clause
        assert deviation.reason, f"{deviation.clause} deviates without a reason"
        assert deviation.link, f"{deviation.clause} deviates without evidence"


@pytest.mark.parametrize(
    ("id", "docstring", "rule"),
    [
        ("Bad Id", "A sentence.", "an id is lower case"),
        ("good.id", "No full stop", "a sentence that ends with a full stop"),
        ("good.id", None, "a sentence that ends with a full stop"),
    ],
)
def test_the_grammar_says_which_rule_is_broken(id: str, docstring: str | None, rule: str) -> None:
    def body(mp: object, see: object) -> None: ...

    body.__doc__ = docstring
    with pytest.raises(IllFormed, match=rule):
        Chapter("sample", section="", source="sample").clause(id, source="sample", methods=NO_METHOD)(body)
