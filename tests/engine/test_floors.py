"""Floors and selections: a whole run holds what was recorded, a part of it neither holds nor changes it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

CLAUSES = ("log.logger.signature", "log.logger.type", "log.logger.one")
WORKERS = pytest.mark.parametrize("workers", ["-n0", "-n2"])

CHAPTER = """\
from mpspec.clause import Chapter
from mpspec.loader import load

chapter = Chapter("log", section="", source="logging")
chapter.clauses = {{id: load("log").clauses[id] for id in {clauses!r}}}
"""


def conformance(folder: Path, *words: str, expect: int | None = None) -> subprocess.CompletedProcess[str]:
    """pytest over the folder `conformance` there, unless the words name something else."""
    paths = [] if any(word.startswith("conformance") for word in words) else ["conformance"]
    ended = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            *paths,
            "--impl=stdlib.toml",
            "-q",
            "--impl-report=report.json",
            *map(in_pytest, words),
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert expect in (None, ended.returncode), ended.stdout + ended.stderr
    return ended


def in_pytest(word: str) -> str:
    """An option of ours under the name that it has in pytest."""
    return re.sub(r"^--(report|baseline|update-baseline|start-method|chapter|level)\b", r"--impl-\1", word)


def document(folder: Path) -> dict[str, Any]:
    """The report of the last run."""
    told = json.loads((folder / "report.json").read_text())
    assert isinstance(told, dict)
    return told


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder whose `conformance` has one chapter, log, of three checks."""
    (tmp_path / "conformance").mkdir()
    (tmp_path / "conformance" / "test_log.py").write_text(CHAPTER.format(clauses=CLAUSES))
    offers(tmp_path, "fork")
    return tmp_path


def offers(folder: Path, *methods: str) -> None:
    """The adapter there has these start methods: each is tried before a run, which takes longer than the run itself."""
    text = f'name = "stdlib"\nimplementation = "multiprocessing"\nbaseline = "stdlib"\nmethods = {[*methods]}\n'
    (folder / "stdlib.toml").write_text(text + "keeps = { fork = 2 }\n")


def baseline(folder: Path, floor: str, *broken: str) -> str:
    """The option for a baseline of this floor in which these clauses are broken."""
    path = folder / "baseline.toml"
    text = f'implementation = "stdlib"\nversion = "3"\n[floor]\n{floor}\n'
    for clause in broken:
        text += f'[[deviation]]\nclause = "{clause}"\noutcome = "broken"\nreason = "r"\nlink = "l"\n'
    path.write_text(text)
    return f"--baseline={path}"


def written(folder: Path) -> dict[str, Any]:
    """What the baseline there says now."""
    return tomllib.loads((folder / "baseline.toml").read_text())


@WORKERS
def test_a_chapter_of_which_fewer_checks_ran_fails_the_run(folder: Path, workers: str) -> None:
    ended = conformance(folder, baseline(folder, "log = 4"), workers, expect=1)
    assert "log: 3 checks ran, the recorded floor is 4" in ended.stdout


@WORKERS
@pytest.mark.parametrize("vanished", ["deleted", "without-chapter"])
def test_a_chapter_that_vanished_fails_the_run(folder: Path, workers: str, vanished: str) -> None:
    if vanished == "without-chapter":
        (folder / "conformance" / "test_queues.py").write_text("")
    ended = conformance(folder, baseline(folder, "log = 3\nqueues = 9"), workers, expect=1)
    assert "queues: no checks ran, the recorded floor is 9" in ended.stdout


def test_a_whole_run_holds_every_floor_though_a_chapter_is_not_in_the_list_any_more(folder: Path) -> None:
    options = ["run", "--impl=stdlib.toml", baseline(folder, "log = 3\nqueues = 9")]
    program = (
        "import mpspec.loader; mpspec.loader.CHAPTERS = ('log',); import mpconform.cli; "
        f"raise SystemExit(mpconform.cli.main({options!r}))"
    )
    ended = subprocess.run([sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, timeout=240)
    assert "queues: no checks ran, the recorded floor is 9" in ended.stdout, ended.stdout + ended.stderr
    assert ended.returncode == 1


@WORKERS
def test_a_run_that_names_chapters_holds_their_floor_alone(folder: Path, workers: str) -> None:
    conformance(folder, "conformance/test_log.py", baseline(folder, "log = 3\nqueues = 9"), workers, expect=0)
    assert document(folder)["selection"]["chapters"] == ["log"]
    conformance(folder, "conformance/test_log.py", baseline(folder, "log = 4\nqueues = 9"), workers, expect=1)


@pytest.mark.parametrize(
    ("part", "workers"),
    [
        ("log.logger.type", "-n0"),
        ("log.logger.type", "-n2"),
        ("-k=type", "-n0"),
        ("-k=type", "-n2"),
        ("-m=must and not spawn and not nothing", "-n0"),
        ("--start-method=fork", "-n0"),
        ("--deselect=conformance/test_log.py::log.logger.type", "-n0"),
        ("--deselect=conformance/test_log.py::log.logger.type", "-n2"),
        ("conformance/test_log.py::log.logger.type", "-n0"),
        ("--ignore=conformance/test_queues.py", "-n0"),
    ],
)
def test_a_selection_holds_no_floor_and_changes_nothing_that_it_did_not_run(
    folder: Path, workers: str, part: str
) -> None:
    if part == "--start-method=fork":
        offers(folder, "fork", "spawn")
    option = baseline(folder, "log = 9000\nqueues = 9000", "log.logger.one", "log.stderr.format")
    before = written(folder)
    ended = conformance(folder, option, workers, part)
    assert "FLOOR" not in ended.stdout, ended.stdout
    ran = {row["clause"] for row in document(folder)["checks"]}
    assert ran
    conformance(folder, option, workers, part, "--update-baseline", expect=0)
    after = written(folder)
    assert after["floor"] == before["floor"]
    assert after["deviation"] == [entry for entry in before["deviation"] if entry["clause"] not in ran]


@pytest.mark.parametrize(("workers", "again"), [("-n0", "--lf"), ("-n2", "--lf"), ("-n0", "--stepwise")])
def test_what_failed_before_and_runs_again_is_a_selection(folder: Path, workers: str, again: str) -> None:
    first = "--stepwise" if again == "--stepwise" else "-v"
    conformance(folder, baseline(folder, "log = 3", "log.logger.type"), workers, first)
    ended = conformance(folder, baseline(folder, "log = 9000"), workers, again, expect=0)
    assert len(document(folder)["checks"]) < len(CLAUSES)
    assert "FLOOR" not in ended.stdout


@WORKERS
def test_a_run_that_stopped_at_a_failure_holds_no_floor(folder: Path, workers: str) -> None:
    option = baseline(folder, "log = 9000", *CLAUSES)
    ended = conformance(folder, option, workers, "-x")
    assert ended.returncode != 0
    stopped = len(document(folder)["checks"]) < len(CLAUSES)
    assert stopped or workers == "-n2", "two workers may have been through by then"
    if stopped:
        assert document(folder)["complete"] is False
        assert "FLOOR" not in ended.stdout


def test_an_interrupted_run_writes_a_document_that_says_so(folder: Path) -> None:
    (folder / "conformance" / "conftest.py").write_text(
        "import pytest\n\n\ndef pytest_runtest_teardown(item):\n"
        "    if 'type' in item.name:\n        raise KeyboardInterrupt\n"
    )
    ended = conformance(folder, baseline(folder, "log = 9000"), expect=130)
    assert "FLOOR" not in ended.stdout
    assert document(folder)["complete"] is False
    assert "the run is not complete" in ended.stdout
    assert len(document(folder)["checks"]) < len(CLAUSES)


def test_an_implementation_without_a_floor_is_told(folder: Path) -> None:
    ended = conformance(folder, baseline(folder, ""), expect=0)
    assert "no floor is recorded for log of stdlib" in ended.stdout
    assert "no floor is recorded" not in conformance(folder, baseline(folder, ""), "-k", "type", expect=0).stdout


# Records


@WORKERS
def test_a_first_baseline_is_written_where_it_is_wanted_and_told(folder: Path, workers: str) -> None:
    (folder / "of my own").mkdir()
    path = folder / "of my own" / "first.toml"
    ended = conformance(folder, f"--baseline={path}", "--update-baseline", workers, expect=0)
    assert f"baseline written to {path}: no deviation changed; floor: log 3" in ended.stdout
    known = tomllib.loads(path.read_text())
    assert (known["implementation"], known["floor"]) == ("stdlib", {"log": 3})
    assert known["recorded"] == [".".join(map(str, sys.version_info[:3]))]
    ended = conformance(folder, f"--baseline={path}", workers, expect=0)
    assert "FLOOR" not in ended.stdout


def test_what_changed_in_a_baseline_is_told(folder: Path) -> None:
    option = baseline(folder, "log = 3", "log.logger.one")
    ended = conformance(folder, option, "--update-baseline", expect=0)
    assert "baseline.toml: deviations: 1 removed" in ended.stdout


@pytest.mark.parametrize("option", ["--report", "--baseline"])
def test_a_file_that_cannot_be_written_is_refused_at_the_start(folder: Path, option: str) -> None:
    path = folder / "nowhere" / "file"
    ended = conformance(folder, f"{option}={path}", "--update-baseline", expect=2)
    told = ended.stdout + ended.stderr
    assert f"{option}={path}: {path} cannot be written (No such file or directory); name another file" in told
    assert "passed" not in told


def test_an_implementation_without_a_place_for_its_baseline_is_told_at_the_start(folder: Path) -> None:
    ended = conformance(folder, "--impl=multiprocessing", "--update-baseline", expect=2)
    assert "--baseline=multiprocessing-3." in ended.stdout + ended.stderr
    assert "passed" not in ended.stdout


# How a run stands to what is known

WRONG = """\
import logging
from multiprocessing import *


def get_logger():
    return logging.Logger("a new one")
"""


@WORKERS
def test_known_new_and_healed_deviations_are_told_apart(folder: Path, workers: str) -> None:
    (folder / "wrong.py").write_text(WRONG)
    (folder / "wrong.toml").write_text(
        'name = "wrong"\nimplementation = "wrong"\nexpose = ["./wrong.py"]\nmethods = ["fork"]\n'
    )
    option = baseline(folder, "log = 3", "log.logger.type")
    ended = conformance(folder, option, "--impl=wrong.toml", workers, expect=1)
    rows = document(folder)["checks"]
    standing = {row["clause"]: row["standing"] for row in rows}
    assert standing["log.logger.type"] == "healed"
    new = [clause for clause, its in standing.items() if its == "new"]
    assert new, rows
    assert f"deviations: none known, {len(new)} new, 1 healed" in ended.stdout
    for line in [f"new     {clause}: broken; " for clause in new] + ["healed  log.logger.type: kept, known as broken"]:
        assert line in ended.stdout
    conformance(folder, option, "--impl=wrong.toml", "--update-baseline", workers, expect=0)
    ended = conformance(folder, option, "--impl=wrong.toml", workers, expect=0)
    assert f"deviations: {len(new)} known, none new, none healed" in ended.stdout


def test_there_is_colour_where_it_is_wanted(folder: Path) -> None:
    option = baseline(folder, "log = 9", "log.logger.type")
    colourful = conformance(folder, option, "--color=yes").stdout
    must = next(line for line in colourful.splitlines() if "MUST clauses kept" in line)
    assert must.startswith("\x1b[31m")
    assert "log.logger.type: \x1b[32mKEPT" in colourful or "log.logger.type\x1b" in colourful, colourful
    assert "\x1b[" not in conformance(folder, option, "--color=no").stdout
