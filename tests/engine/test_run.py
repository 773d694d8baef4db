"""A whole run: selection, order, workers, report, baseline and floor, on two small chapters."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest

CLAUSE = "log.logger.level-notset"


def run(*words: str, folder: Path, options: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    """`mpconform run` in an empty folder."""
    return subprocess.run(
        [sys.executable, *options, "-m", "mpconform", "run", *words],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=240,
    )


def report(*words: str, folder: Path) -> dict[str, object]:
    """The document of a run."""
    ended = run(*words, "--report=report.json", folder=folder)
    assert (folder / "report.json").exists(), ended.stdout + ended.stderr
    document = json.loads((folder / "report.json").read_text())
    assert isinstance(document, dict)
    return document


def test_the_document_fits_its_published_schema(tmp_path: Path) -> None:
    document = report("--impl=stdlib", CLAUSE, folder=tmp_path)
    jsonschema.validate(document, json.loads(files("mpconform.reports").joinpath("document.schema.json").read_text()))


def test_a_clause_is_named_to_pytest_as_to_mpconform_and_an_option_keeps_its_value(tmp_path: Path) -> None:
    def judged(*command: str, prefix: str = "") -> list[str]:
        words = ["--impl=stdlib", "-k", "log.logger", CLAUSE, f"--{prefix}report=report.json"]
        ended = subprocess.run(
            [sys.executable, "-m", *command, *words], cwd=tmp_path, capture_output=True, text=True, timeout=240
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return [row["check"] for row in json.loads((tmp_path / "report.json").read_text())["checks"]]

    assert judged("mpconform", "run") == judged("pytest", prefix="impl-") == [CLAUSE]


def test_workers_give_the_same_document_as_one_process(tmp_path: Path) -> None:
    def outcomes(document: dict[str, object]) -> list[tuple[str, str]]:
        rows = document["checks"]
        assert isinstance(rows, list)
        return [(row["check"], row["outcome"]) for row in rows]

    words = ("--impl=stdlib", "-k", "log.logger")
    alone = outcomes(report(*words, folder=tmp_path))
    assert alone
    assert outcomes(report(*words, "-n2", folder=tmp_path)) == alone


def test_as_many_workers_as_wanted_are_five_for_two_cores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTEST_XDIST_AUTO_NUM_WORKERS", raising=False)
    cores = len(os.sched_getaffinity(0))
    ended = run("--impl=stdlib", "-k", CLAUSE, "-n", "auto", folder=tmp_path)
    assert f"created: {(5 * cores + 1) // 2}/" in ended.stdout


def test_a_run_does_not_import_what_only_other_tests_need(tmp_path: Path) -> None:
    ended = run("--impl=stdlib", CLAUSE, folder=tmp_path, options=("-X", "importtime"))
    assert "mpconform.driver.judge" in ended.stderr
    assert "hypothesis.core" not in ended.stderr


def test_the_junit_document_names_each_check(tmp_path: Path) -> None:
    run("--impl=stdlib", CLAUSE, "--junitxml=junit.xml", folder=tmp_path)
    assert f'name="{CLAUSE}"' in (tmp_path / "junit.xml").read_text()


def baseline(folder: Path, floor: int, extra: str = "") -> str:
    """A baseline file of the stdlib with this floor."""
    path = folder / "baseline.toml"
    path.write_text(f'implementation = "stdlib"\nversion = "x"\n[floor]\nlog = {floor}\n{extra}')
    return f"--impl-baseline={path}"


def whole_log(*words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """A full run of the chapter log alone."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "--pyargs",
        "mpspec.chapters.log.chapter",
        "-p",
        "no:cacheprovider",
        "-q",
        *words,
    ]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=240)


def test_fewer_checks_than_the_floor_fail_the_run(tmp_path: Path) -> None:
    ended = whole_log("--impl=stdlib", baseline(tmp_path, 10_000), folder=tmp_path)
    assert "the recorded floor is 10000" in ended.stdout
    assert ended.returncode == 1


def test_a_part_of_a_run_has_no_floor(tmp_path: Path) -> None:
    ended = whole_log("--impl=stdlib", baseline(tmp_path, 10_000), "-k", CLAUSE, folder=tmp_path)
    assert ended.returncode == 0, ended.stdout


def test_a_run_of_named_clauses_has_no_floor(tmp_path: Path) -> None:
    ended = run("--impl=stdlib", baseline(tmp_path, 10_000).replace("--impl-", "--"), CLAUSE, folder=tmp_path)
    assert ended.returncode == 0, ended.stdout


@pytest.mark.parametrize(
    ("extra", "status"),
    [
        ('[[deviation]]\nclause = "log.logger.level-notset"\noutcome = "broken"\nreason = "r"\nlink = "l"', 1),
        (
            '[[deviation]]\nclause = "log.logger.level-notset"\noutcome = "broken"\nsometimes = true\n'
            'reason = "r"\nlink = "l"',
            0,
        ),
    ],
    ids=["always", "sometimes"],
)
def test_a_baseline_that_no_longer_fits_fails_the_run(tmp_path: Path, extra: str, status: int) -> None:
    ended = whole_log("--impl=stdlib", baseline(tmp_path, 0, extra), "-k", CLAUSE, folder=tmp_path)
    assert ended.returncode == status, ended.stdout
    assert ("no longer fits" in ended.stdout) == bool(status)


def test_an_updated_baseline_records_deviations_and_the_floor(tmp_path: Path) -> None:
    path = tmp_path / "new.toml"
    path.write_text('implementation = "stdlib"\nversion = "x"\n')
    ended = whole_log("--impl=stdlib", f"--impl-baseline={path}", "--impl-update-baseline", folder=tmp_path)
    written = tomllib.loads(path.read_text())
    assert written["floor"]["log"] > 0, ended.stdout


def test_the_flags_of_the_driver_reach_the_interpreter_under_test(tmp_path: Path) -> None:
    ended = run("--impl=stdlib", CLAUSE, folder=tmp_path, options=("-O", "-W", "error"))
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_a_failure_tells_clause_link_observation_and_the_command_for_it_alone(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong_log.py"
    wrong.write_text(
        "import logging\nfrom multiprocessing import *\n\n\ndef get_logger():\n    return logging.getLogger('x', )\n"
        "logging.getLogger('x').setLevel(10)\n"
    )
    adapter = tmp_path / "wrong.toml"
    adapter.write_text(f'name = "wrong"\nimplementation = "wrong_log"\nexpose = ["{wrong}"]\n')
    ended = run(f"--impl={adapter}", CLAUSE, folder=tmp_path)
    assert ended.returncode == 1, ended.stdout + ended.stderr
    for part in ("BROKEN by wrong", "MUST", "https://docs.python.org", "promised", "seen", "again", "log/logger.py:"):
        assert part in ended.stdout, part
