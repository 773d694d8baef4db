"""What a run tells: the table, the MUST clauses, deviations that are known, new and healed, and the document."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from mpconform.adapters.adapter import BUILT_IN, Adapter, adapter
from mpconform.adapters.interpreters import Interpreter, interpreter
from mpconform.baselines.baseline import Deviation
from mpconform.checks import Check, known
from mpconform.driver import about
from mpconform.driver.judge import Judge
from mpconform.outcomes import DEVIATIONS, Outcome, Verdict
from mpconform.reports import document, table, text
from mpconform.reports.document import Circumstances, Document, Row, Selection

Command = Callable[..., subprocess.CompletedProcess[str]]

SCHEMA = json.loads(files("mpconform.reports").joinpath("document.schema.json").read_text())
CLAUSES = [clause for clause in known().values() if clause.level.value == "MUST" and not clause.methods][:30]


def row(number: int, outcome: Outcome, expected: Deviation | None = None, seen: str = "it") -> Row:
    """What a report says of a check of the clause of this number."""
    return document.row(Check(CLAUSES[number], None, None), Verdict(outcome, "that", seen), expected)


def report(*rows: Row, complete: bool = True) -> Document:
    """The document of a run with these rows."""
    selection: Selection = {"chapters": None, "clauses": [], "parts": [], "shard": None}
    circumstances = Circumstances(0.0, 1.5, {"number": "1.2", "told_by": "module"}, selection, complete)
    pypy = Interpreter("/usr/bin/pypy3", (3, 11, 17), "pypy", "linux", own=(8, 0, 1))
    return document.document(Adapter("mine", "mine"), pypy, ("fork",), rows, circumstances)


def expected(outcome: Outcome = Outcome.BROKEN, *, sometimes: bool = False) -> Deviation:
    """A deviation that the baseline knows."""
    return Deviation("any", outcome, "reason", "link", sometimes=sometimes)


@pytest.mark.parametrize("outcome", list(Outcome))
@pytest.mark.parametrize("of", [None, expected(), expected(sometimes=True)], ids=["unknown", "known", "sometimes"])
def test_every_outcome_fits_the_published_schema(outcome: Outcome, of: Deviation | None) -> None:
    jsonschema.validate(report(row(0, outcome, of)), SCHEMA)


def test_the_document_names_implementation_interpreter_time_and_selection() -> None:
    told = report(row(0, Outcome.KEPT), complete=False)
    assert told["version"] == {"number": "1.2", "told_by": "module"}
    assert (told["interpreter"]["version"], told["interpreter"]["release"]) == ("3.11.17", "8.0.1")
    assert (told["started"], told["seconds"]) == ("1970-01-01T00:00:00+00:00", 1.5)
    assert told["complete"] is False
    for key in ("version", "started", "seconds", "selection", "complete"):
        without = {name: value for name, value in told.items() if name != key}
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(without, SCHEMA)


@pytest.mark.parametrize(
    ("outcome", "of", "standing"),
    [
        (Outcome.BROKEN, None, "new"),
        (Outcome.BROKEN, expected(), "known"),
        (Outcome.HUNG, expected(), "new"),
        (Outcome.KEPT, expected(), "healed"),
        (Outcome.KEPT, expected(sometimes=True), "known"),
        (Outcome.NOT_OFFERED, expected(Outcome.MISSING), "healed"),
        (Outcome.KEPT, None, None),
        (Outcome.BLOCKED, expected(), None),
        (Outcome.NOT_APPLICABLE, expected(), None),
        (Outcome.HARNESS, expected(), None),
    ],
)
def test_an_outcome_stands_to_what_is_known(outcome: Outcome, of: Deviation | None, standing: str | None) -> None:
    assert row(0, outcome, of)["standing"] == standing


@pytest.mark.parametrize(
    ("outcomes", "line"),
    [
        ([Outcome.KEPT] * 3, "3 of 3 MUST clauses kept; none broken; 0 not run"),
        ([Outcome.KEPT, Outcome.NOT_APPLICABLE], "1 of 1 MUST clauses kept; none broken; 1 not run"),
        ([Outcome.KEPT, Outcome.NOT_OFFERED], "1 of 2 MUST clauses kept; none broken, 1 not offered; 0 not run"),
        (
            [Outcome.KEPT, Outcome.NOT_OFFERED, Outcome.BLOCKED, Outcome.BROKEN, Outcome.HARNESS],
            "1 of 5 MUST clauses kept; 1 not offered, 1 blocked, 1 broken, 1 harness; 0 not run",
        ),
    ],
)
def test_the_line_of_the_must_clauses_leaves_no_outcome_out(outcomes: list[Outcome], line: str) -> None:
    assert text.must_line([row(number, outcome) for number, outcome in enumerate(outcomes)]) == line


def test_a_part_of_the_api_is_counted_by_its_chapters() -> None:
    queues = [{**row(number, Outcome.NOT_OFFERED), "chapter": "queues"} for number in (2, 3)]
    queues.append({**row(4, Outcome.NOT_APPLICABLE), "chapter": "queues"})
    rows = [row(0, Outcome.KEPT), row(1, Outcome.NOT_OFFERED), *queues]
    assert text.must_line(rows) == (
        "1 of 2 MUST clauses kept; none broken, 1 not offered; 0 not run; 1 chapter not offered"
    )


def test_a_clause_counts_by_its_worst_check() -> None:
    for better, worse in (
        (Outcome.NOT_APPLICABLE, Outcome.KEPT),
        (Outcome.KEPT, Outcome.NOT_OFFERED),
        (Outcome.NOT_OFFERED, Outcome.BLOCKED),
        *((Outcome.BLOCKED, deviation) for deviation in DEVIATIONS),
        *((deviation, Outcome.HARNESS) for deviation in DEVIATIONS),
    ):
        other = row(1, Outcome.KEPT)
        assert text.must_line([row(0, better), row(0, worse), other]) == text.must_line([row(0, worse), other])


@pytest.mark.parametrize(
    ("rows", "colour"),
    [
        ([row(0, Outcome.KEPT), row(1, Outcome.NOT_APPLICABLE)], "green"),
        ([row(0, Outcome.BROKEN, expected())], "yellow"),
        ([row(0, Outcome.NOT_OFFERED)], "yellow"),
        ([row(0, Outcome.BLOCKED)], "yellow"),
        ([row(0, Outcome.BROKEN)], "red"),
        ([row(0, Outcome.KEPT, expected())], "red"),
        ([row(0, Outcome.HARNESS)], "red"),
    ],
)
def test_only_what_is_kept_is_green(rows: list[Row], colour: str) -> None:
    lines = text.summary(report(*rows))
    must = next(line for line in lines if "MUST clauses kept" in line.text)
    assert must.markup == {colour: True, "bold": True}
    assert lines[1].markup == {colour: True}


def test_new_and_healed_deviations_are_listed_so_many_and_no_more() -> None:
    rows = [row(number, Outcome.BROKEN, seen="x" * 500) for number in range(14)]
    rows += [row(number, Outcome.KEPT, expected()) for number in range(14, 25)]
    rows += [row(25, Outcome.BROKEN, expected())]
    lines = [line.text for line in text.summary(report(*rows))]
    assert "deviations: 1 known, 14 new, 11 healed" in lines
    assert sum(line.startswith("  new ") for line in lines) == text.LISTED + 1
    assert "  new     and 4 more" in lines
    assert "  healed  and 1 more" in lines
    assert (
        sum(line.startswith("  healed ") and line.endswith(": kept, known as broken") for line in lines) == text.LISTED
    )
    assert max(map(len, lines)) < 200


@pytest.mark.parametrize("width", [80, 100, 140, 200])
@pytest.mark.parametrize("number", [3, 5, 7, 9, 11])
def test_the_table_keeps_to_the_width_and_leaves_no_outcome_out(number: int, width: int) -> None:
    outcomes = [*Outcome][:number]
    heads, lines, in_all = table.table({"sharedctypes": (1234, dict.fromkeys(outcomes, 1234))}, width)
    told = "\n".join([*heads, *in_all])
    assert max(map(len, [*heads, *lines, *in_all])) <= max(80, width)
    assert [word for outcome in outcomes for word in outcome.value.split() if word not in told] == []
    assert sum(map(int, lines[0].split()[2:])) == 1234 * number
    assert len(heads) == 1 + any(line.strip().startswith("not") for line in heads[:-1])


def test_a_table_that_fits_has_every_name_in_one_line() -> None:
    heads, lines, in_all = table.table({"log": (34, {Outcome.KEPT: 38, Outcome.NOT_APPLICABLE: 2})}, 80)
    assert heads == ["chapter        clauses    kept  not applicable"]
    assert lines == ["log                 34      38               2"]
    assert in_all == []


@pytest.mark.parametrize(
    ("rows", "failed", "said"),
    [
        ([row(0, Outcome.KEPT)], False, "PASSED  mine on pypy3.11: no deviation"),
        ([row(0, Outcome.BROKEN, expected())], False, "PASSED  mine on pypy3.11: 1 known deviation, and no other"),
        ([row(0, Outcome.BROKEN)] * 2, True, "FAILED  mine on pypy3.11: 2 new deviations, 2 floors not reached"),
        ([row(0, Outcome.KEPT, expected()), row(1, Outcome.HARNESS)], True, "1 healed deviation, 1 check that failed"),
    ],
)
def test_the_last_line_says_whether_a_run_has_passed(rows: list[Row], failed: bool, said: str) -> None:
    line = text.verdict(report(*rows), 2 if len({r["check"] for r in rows}) == 1 else 0, failed=failed)
    assert said in line.text
    assert line.markup == {"red" if failed else "green": True, "bold": True}
    assert text.verdict(report(complete=False), 0, failed=False).text.endswith("; the run is not complete")


def test_a_run_that_is_not_complete_says_so() -> None:
    told = [line.text for line in text.summary(report(row(0, Outcome.KEPT), complete=False))]
    assert any("not complete" in line for line in told)


# The version of the implementation


@pytest.mark.parametrize(
    ("source", "version"),
    [
        ('__version__ = "7.8"\nfrom multiprocessing import *\n', ("7.8", "module")),
        ("__version__ = (7, 8)\nfrom multiprocessing import *\n", (None, "interpreter")),
        ("from multiprocessing import *\n", (None, "interpreter")),
    ],
    ids=["text", "no-text", "none"],
)
def test_the_version_is_the_modules_or_else_the_interpreters(
    tmp_path: Path, source: str, version: tuple[str | None, str]
) -> None:
    (tmp_path / "versioned.py").write_text(source)
    mine = Adapter(name="versioned", implementation="versioned", expose=(str(tmp_path / "versioned.py"),))
    here = interpreter(None)
    assert _version(mine) == (version[0] or ".".join(map(str, here.release)), version[1])


def test_the_version_of_a_distribution_is_in_its_metadata(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "shipped").mkdir()
    (tmp_path / "shipped" / "__init__.py").write_text("from multiprocessing import *\n")
    metadata = tmp_path / "shipped_package-4.5.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: shipped-package\nVersion: 4.5\n")
    (metadata / "top_level.txt").write_text("shipped\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert _version(Adapter(name="shipped", implementation="shipped")) == ("4.5", "distribution")


def test_the_reference_has_the_version_of_the_distribution_that_it_comes_with() -> None:
    from mpconform import __version__

    reference = adapter("reference")
    assert reference.folder == str(BUILT_IN)
    assert _version(reference) == (__version__, "distribution")


def _version(of: Adapter) -> tuple[Any, str]:
    judge = Judge(of, interpreter(None))
    try:
        return about.version(judge)
    finally:
        judge.close()


def test_what_a_clause_has_recorded_is_told_of_a_choice_and_of_what_is_left_open(
    mpconform: Command, tmp_path: Path
) -> None:
    clauses = ("queue.order.between-producers", "synchronize.barrier.action.error")
    ended = mpconform("run", "--impl=reference", *clauses, "--start-method=fork", "--report=run.json", folder=tmp_path)
    rows = json.loads((tmp_path / "run.json").read_text())["checks"]
    told = {(row["clause"], row["outcome"]): row["evidence"] for row in rows}
    assert ended.returncode == 0, ended.stdout
    assert told.keys() == {(clauses[0], "kept"), (clauses[1], "unspecified")}
    assert told[clauses[0], "kept"].keys() == {"recorded"}
    left_open = told[clauses[1], "unspecified"]
    assert left_open["unjudged"] == "kept"
    assert left_open["recorded"]["outcome"], "what the clause calls outcome is not that of the check"
