"""What a site is not made of, and where it is not written: each in one sentence that names the file."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from documents import made, row, selection, written
from mpconform import checks, cli
from mpconform.baselines.baseline import Deviation
from mpconform.outcomes import SEVERITY, Outcome
from mpconform.reports.reading import Named
from mpconform.reports.site import building, folder, joining, spans
from mpconform.reports.site.packing import packed
from mpconform.reports.site.runs import unique
from mpconform.reports.site.states import LETTERS, NEVER_RUN, NOT_RUN, state, tally

pytest.importorskip("jinja2", reason="jinja2 is not installed (the extra site)")

Site = Callable[..., tuple[int, str]]


@pytest.fixture
def site(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Site:
    """Make a site of documents (or of the paths of files) in a folder; the status, and what was said."""

    def make(*documents: Any, out: str = "site") -> tuple[int, str]:
        files = [
            told if isinstance(told, str) else written(tmp_path, f"{number}.json", told)
            for number, told in enumerate(documents)
        ]
        status = cli.main(["site", str(tmp_path / out), *files])
        captured = capsys.readouterr()
        return status, captured.err + captured.out

    return make


def whole() -> Any:
    """A small document, of two clauses."""
    return made(row("log.children.name[spawn]", Outcome.BROKEN, seen="another"), row("log.logger.type"))


def one_sentence(said: str) -> bool:
    return said.startswith("mpconform: ") and said.count("\n") == 1 and "Traceback" not in said


def test_a_site_has_pages_and_data_and_is_made_anew(site: Site, tmp_path: Path) -> None:
    status, said = site(whole())
    assert (status, said.endswith("index.html\n")) == (0, True)
    names = {path.relative_to(tmp_path / "site").as_posix() for path in (tmp_path / "site").rglob("*.*")}
    assert {"index.html", "chapter-log.html", "implementation-mine.html", "data/log.js", "assets/site.css"} <= names
    (tmp_path / "site" / "index.html").write_text("old")
    assert site(whole())[0] == 0
    assert "<!doctype html>" in (tmp_path / "site" / "index.html").read_text()
    assert {path.name for path in tmp_path.iterdir()} == {"site", "0.json"}  # and nothing is left beside it


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ("no JSON", "it is not JSON"),
        (json.dumps([1]), "it names no version of its schema"),
        (json.dumps({**whole(), "schema": 2}), "a document of schema 2"),
        (json.dumps({**whole(), "checks": [{"check": "log"}]}), "checks[0] must contain"),
    ],
)
def test_what_is_no_document_is_refused(site: Site, tmp_path: Path, told: str, why: str) -> None:
    path = tmp_path / "strange.json"
    path.write_text(told)
    status, said = site(str(path))
    assert (status, one_sentence(said)) == (2, True)
    assert f"{path}: " in said
    assert why in said
    assert not (tmp_path / "site").exists()


def test_a_document_that_is_not_there_is_refused(site: Site) -> None:
    status, said = site("/nowhere/run.json")
    assert (status, one_sentence(said)) == (2, True)
    assert "/nowhere/run.json: cannot be read" in said


def test_documents_of_different_specs_are_refused_and_both_named(site: Site, tmp_path: Path) -> None:
    status, said = site(whole(), {**whole(), "implementation": "other", "spec": "0" * 16})
    assert (status, one_sentence(said)) == (2, True)
    assert f"{tmp_path / '0.json'} and {tmp_path / '1.json'}: made from different specs" in said


def test_documents_of_another_spec_than_that_at_hand_are_refused(site: Site, tmp_path: Path) -> None:
    status, said = site({**whole(), "spec": "0" * 16})
    assert (status, one_sentence(said)) == (2, True)
    assert f"{tmp_path / '0.json'}: made from another spec" in said


def test_two_documents_of_one_implementation_and_interpreter_are_refused(site: Site) -> None:
    status, said = site(whole(), whole())
    assert (status, one_sentence(said)) == (2, True)
    assert "both are of mine, 1.2, 3.13 (3.13.2)" in said


@pytest.mark.parametrize(
    ("changed", "mark"),
    [
        ({"complete": False}, "not complete"),
        ({"selection": selection(chapters=["log"], parts=["-k=name"])}, "a part: log, -k=name"),
        ({"selection": selection(shard={"number": 2, "of": 3})}, "a part: shard 2 of 3"),
    ],
)
def test_a_run_that_is_not_whole_is_marked(site: Site, tmp_path: Path, changed: dict[str, Any], mark: str) -> None:
    status, said = site({**whole(), **changed})
    assert status == 0
    assert f"mpconform: {tmp_path / '0.json'}: the run is {mark}" in said
    for page in ("index.html", "implementations.html", "implementation-mine.html"):
        assert mark in (tmp_path / "site" / page).read_text()


# What a matrix has judged, and what it has not


def cell(**told: Any) -> dict[str, Any]:
    """A cell that was judged, but for what is told otherwise."""
    usual = {"implementation": "mine", "python": "3.13", "start_method": None, "state": "judged"}
    return {**usual, "document": "0.json", "why": None, "status": 0, **told}


FAILED = {"state": "failed", "document": None, "why": "mine does not install on it:\nno wheel", "status": 3}


def matrix(folder: Path, *cells: dict[str, Any], **more: Any) -> str:
    """The path of the file with these cells."""
    return written(folder, "matrix.json", {"schema": 1, "cells": cells, **more})


def test_a_folder_is_as_good_as_the_documents_in_it(site: Site, tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    written(tmp_path / "runs", "a.json", whole())
    status, said = site(str(tmp_path / "runs"))
    assert (status, "of 1 run;" in said) == (0, True)


@pytest.mark.parametrize("by", ["folder", "file"])
def test_what_a_matrix_could_not_judge_is_shown_with_its_reason(site: Site, tmp_path: Path, by: str) -> None:
    (tmp_path / "runs").mkdir()
    written(tmp_path / "runs", "0.json", whole())
    others = (cell(python="3.14", **FAILED), cell(implementation="absent", python="/opt/pypy3.11", **FAILED))
    file = matrix(
        tmp_path / "runs", cell(), *others, cell(python="3.15", **{**FAILED, "state": "waiting", "why": None})
    )
    status, said = site(file if by == "file" else str(tmp_path / "runs"))
    assert (status, "of 1 run and 3 without one;" in said) == (0, True)
    for page in ("implementations.html", "implementation-mine.html", "implementation-absent.html", "index.html"):
        told = (tmp_path / "site" / page).read_text()
        assert "mine does not install on it:\nno wheel" in told, page
        assert "not judged" in told
    assert "waiting" in (tmp_path / "site" / "implementation-mine.html").read_text()
    assert "PyPy 3.11" in (tmp_path / "site" / "implementation-absent.html").read_text()


def test_a_matrix_of_which_nothing_could_be_judged_is_a_site_all_the_same(site: Site, tmp_path: Path) -> None:
    assert site(matrix(tmp_path, cell(**FAILED)))[0] == 0
    assert "No run has judged mine." in (tmp_path / "site" / "implementation-mine.html").read_text()


def test_runs_by_one_start_method_each_are_one_column(site: Site, tmp_path: Path) -> None:
    parts = []
    for method in ("fork", "spawn"):
        rows = (row(f"log.children.name[{method}]"), row("log.logger.type", Outcome.KEPT))
        parts.append(made(*rows, selected=selection(parts=[f"--start-method={method}"]), methods=[method]))
    parts[1]["checks"][1]["outcome"] = "broken"
    status, said = site(*parts)
    assert (status, "of 1 run;" in said) == (0, True)
    one = joining.joined([Named("a", parts[0]), Named("b", parts[1])])
    assert [each.name for each in one] == ["a and b"]
    assert one[0].document["methods"] == ["fork", "spawn"]
    assert {each["check"]: each["outcome"] for each in one[0].document["checks"]} == {
        "log.children.name[fork]": "kept",
        "log.children.name[spawn]": "kept",
        "log.logger.type": "broken",  # no start method matters to it: both have judged it
    }
    status, said = site(parts[0], parts[0])
    assert (status, "both are of mine" in said) == (2, True)


@pytest.mark.parametrize(
    ("cells", "more", "why"),
    [
        ([], {"schema": 2}, "schema must be same as const definition"),
        ([{"implementation": "mine"}], {}, "cells[0] must contain"),
        ([cell(state="lost")], {}, "cells[0].state must be one of"),
        ([cell(document=None)], {}, "cells[0].document must be string"),
        ([cell(start_method="any")], {}, "cells[0].start_method must be one of"),
    ],
)
def test_what_is_no_matrix_is_refused(
    site: Site, tmp_path: Path, cells: list[dict[str, Any]], more: dict[str, Any], why: str
) -> None:
    file = matrix(tmp_path, *cells, **more)
    status, said = site(file)
    assert (status, one_sentence(said)) == (2, True)
    assert f"{file}: no matrix of schema 1: {why}" in said


def test_a_matrix_whose_document_is_gone_is_refused(site: Site, tmp_path: Path) -> None:
    status, said = site(matrix(tmp_path, cell(document="gone.json")))
    assert (status, one_sentence(said), f"{tmp_path / 'gone.json'}: cannot be read" in said) == (2, True, True)


def test_a_folder_without_documents_is_refused(site: Site, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    status, said = site(str(tmp_path / "empty"))
    assert (status, one_sentence(said), "there is no document in it" in said) == (2, True, True)


def test_outcomes_have_one_order_on_the_pages_too() -> None:
    script = (building.ASSETS / "site.js").read_text()
    assert f'WORST = "{NOT_RUN}{"".join(LETTERS[outcome] for outcome in SEVERITY)}"' in script
    assert {*SEVERITY} == {*Outcome}


@pytest.mark.parametrize("words", [[], ["out"]])
def test_a_site_takes_a_folder_and_documents(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["site", *words]) == 2
    assert one_sentence(capsys.readouterr().err)


def test_a_folder_that_holds_something_else_is_left_alone(site: Site, tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "thesis.txt").write_text("years of work")
    status, said = site(whole())
    assert (status, one_sentence(said)) == (2, True)
    assert "holds thesis.txt" in said
    assert [path.name for path in (tmp_path / "site").iterdir()] == ["thesis.txt"]


def test_a_site_to_which_somebody_has_added_something_is_left_alone(site: Site, tmp_path: Path) -> None:
    site(whole())
    (tmp_path / "site" / "data" / "mine.txt").write_text("kept")
    status, said = site(whole())
    assert (status, "holds data/mine.txt" in said) == (2, True)


def test_a_file_in_the_place_of_the_folder_is_left_alone(site: Site, tmp_path: Path) -> None:
    (tmp_path / "site").write_text("kept")
    status, said = site(whole())
    assert (status, one_sentence(said), (tmp_path / "site").read_text()) == (2, True, "kept")


def test_a_full_disk_leaves_the_site_that_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "site"
    folder.write(out, {"index.html": b"before"})

    def full(self: Path, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(folder.Unwritable, match="No space left on device") as told:
        folder.write(out, {"index.html": b"after"})
    assert told.value.status == 3
    assert (out / "index.html").read_text() == "before"
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_what_a_document_says_is_escaped(site: Site, tmp_path: Path) -> None:
    evil = "<script>alert(1)</script>"
    told = made(row("log.children.name[spawn]", Outcome.BROKEN, seen=evil + "\ud800"), implementation=evil)
    told["interpreter"]["path"] = evil
    assert site(told)[0] == 0
    for path in (tmp_path / "site").rglob("*"):
        assert path.is_dir() or evil.encode() not in path.read_bytes()


def test_a_chapter_has_columns_of_the_runs_alone_that_offer_it(site: Site, tmp_path: Path) -> None:
    none = made(row("log.children.name[spawn]", Outcome.NOT_OFFERED), implementation="of pools")
    assert site(whole(), none)[0] == 0
    log, pool = [(tmp_path / "site" / f"chapter-{name}.html").read_text() for name in ("log", "pool")]
    assert '<a href="implementation-of-pools.html">of pools</a> (3.13.2).</p>' in log
    assert log.count('class="group"') == 1
    assert pool.count('class="group"') == 0
    assert "mine</a> (3.13.2), " in pool
    assert "Pool(" in pool


def test_where_a_deviation_is_is_told_in_the_fewest_words() -> None:
    class Heading(NamedTuple):
        heading: str

    own: list[Any] = [Heading(f"3.{minor}.1") for minor in range(9, 15)]
    assert spans.among(own, own) == "all runs"
    assert spans.among(own[:1], own[:1]) == ""
    assert spans.among(own[1:], own) == "all but 3.9.1"
    assert spans.among(own[:4], own) == "3.9.1, 3.10.1, 3.11.1, 3.12.1"


def test_a_reason_that_was_found_since_is_told(site: Site, tmp_path: Path) -> None:
    broken, hung, kept = "dummy.array.size", "dummy.manager.context", "dummy.pipe.bytes-arguments"
    other = Deviation(broken, Outcome.HUNG, "a reason of before", "link")
    rows = [row(broken, Outcome.BROKEN, known=other), row(hung, Outcome.HUNG), row(kept, Outcome.KEPT)]
    assert [each["standing"] for each in rows] == ["new", "new", None]
    assert site(made(*rows, implementation="dummy"))[0] == 0
    page = (tmp_path / "site" / "implementation-dummy.html").read_text()
    assert "Array() takes no number of items" in page
    assert "a reason of before" not in page
    known, new = page.partition('<h2 id="known">')[2], page.partition('<h2 id="new">')[2]
    assert broken in known
    assert hung in new.partition("<h2")[0]
    assert "Manager() returns the module" not in page, "it is known to be broken, and it hung"
    assert kept not in known


def test_the_address_of_evidence_is_followed_only_to_the_web(site: Site, tmp_path: Path) -> None:
    told = whole()
    told["checks"][0]["known"] = {"outcome": "broken", "reason": "javascript:alert(1)", "sometimes": False}
    told["checks"][0]["standing"] = "known"
    assert site(told)[0] == 0
    assert 'href="javascript' not in (tmp_path / "site" / "implementation-mine.html").read_text()


def test_names_of_files_are_made_of_letters_and_differ() -> None:
    taken: set[str] = set()
    assert [unique(text, taken) for text in ("../a b", "a-b", "A/B", "§")] == ["a-b", "a-b-2", "a-b-3", "unnamed"]


def test_data_can_be_read_by_a_script_and_holds_nothing_that_a_page_could_take_for_its_own() -> None:
    text = packed("log", {"seen": "</script>\u2028"}).decode("ascii")
    assert text.startswith('mpconform.take("log","')
    assert "<" not in text


def test_a_clause_counts_by_its_worst_check_and_each_start_method_by_its_own() -> None:
    of = "log.children.name"
    rows = [row(f"{of}[fork]"), row(f"{of}[spawn]", Outcome.LEAKED), row(f"{of}[forkserver]", Outcome.NOT_APPLICABLE)]
    found = state(checks.known()[of], rows)
    assert (found.worst, found.letter, found.code) == (Outcome.LEAKED, "l", ".kla..n.")


def test_what_does_not_apply_or_was_not_run_is_not_judged() -> None:
    clause = checks.known()["log.logger.type"]
    states = [state(clause, [row(clause.id, outcome)]) for outcome in (Outcome.KEPT, Outcome.NOT_APPLICABLE)]
    found = tally([*states, NEVER_RUN])
    assert (found.kept, found.judged, found.letter) == (1, 1, "k")
    assert found.told == "1 of 1 kept; 1 not applicable, 1 not run"
