"""The command line: the same words in every command, pytest's behind `--`, and one sentence for what makes no sense."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from mpconform.pytest_plugin.options import CLAUSE, OPTIONS

Command = Callable[..., subprocess.CompletedProcess[str]]


def judged(mpconform: Command, folder: Path, *words: str) -> list[str]:
    """The checks that a run judged."""
    ended = mpconform("run", "--impl=stdlib", "--report=report.json", *words)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return [row["check"] for row in json.loads((folder / "report.json").read_text())["checks"]]


@pytest.mark.parametrize(
    ("words", "checks"),
    [
        (["log.logger.type", "--", "--no-header"], ["log.logger.type"]),
        (["-vvv", "log.logger.type", "--", "--durations=5"], ["log.logger.type"]),
        (["log.logger.type", "-x", "-k", "type"], ["log.logger.type"]),
        (["--chapter=log", "--level=UNSPECIFIED", "log.logger"], ["log.logger.name"]),
        (["log.children.name[spawn]"], ["log.children.name[spawn]"]),
        (
            ["log.children.name", "--start-method=fork", "log.logger.type"],
            ["log.children.name[fork]", "log.logger.type"],
        ),
        (["--chapter", "log", "-m", "log and spawn and must", "-k", "children.name"], ["log.children.name[spawn]"]),
    ],
    ids=" ".join,
)
def test_a_run_judges_what_its_words_mean(
    mpconform: Command, tmp_path: Path, words: list[str], checks: list[str]
) -> None:
    assert judged(mpconform, tmp_path, *words) == checks


def test_what_stands_behind_the_dashes_reaches_pytest(mpconform: Command) -> None:
    ended = mpconform("run", "--impl=stdlib", "log.logger.type", "--", "-vv", "--durations=5", "-rA")
    assert "slowest 5 durations" in ended.stdout
    assert "PASSED log.logger.type\n" in ended.stdout


def test_an_option_that_is_neither_ours_nor_known_is_told_its_place(mpconform: Command) -> None:
    ended = mpconform("run", "--impl=stdlib", "--no-header", "log.logger.type")
    assert ended.returncode == 2
    assert "there is no option --no-header" in ended.stderr
    assert "behind `--`" in ended.stderr


def test_the_help_of_a_run_shows_every_option_of_ours(mpconform: Command) -> None:
    told = mpconform("run", "--help").stdout
    for option in OPTIONS:
        shown = f"  --{option.short} {option.metavar}".rstrip()
        assert option is CLAUSE or re.search(rf"^{re.escape(shown)}(  |$)", told, re.M), shown
    assert "seconds that a check may take" in told


@pytest.mark.parametrize("command", ["run", "list", "explain", "verify"])
@pytest.mark.parametrize("words", [["log.nope"], ["--chapter=nope"], ["--level=nope"], ["--start-method=nope"]])
def test_every_command_knows_the_same_words(mpconform: Command, command: str, words: list[str]) -> None:
    impl = [] if command == "list" else ["--impl=stdlib"]
    more = ["log.logger.type"] if command == "explain" else []
    ended = mpconform(command, *impl, *words, *more)
    assert ended.returncode == 2, ended.stdout + ended.stderr
    assert re.search("there is no clause|there are|start methods are", ended.stdout + ended.stderr)


@pytest.mark.parametrize("command", ["run", "list", "explain", "verify"])
def test_an_unknown_option_is_named(mpconform: Command, command: str) -> None:
    ended = mpconform(command, *([] if command == "list" else ["--impl=stdlib"]), "--nope")
    assert ended.returncode == 2
    assert "there is no option --nope" in ended.stderr


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["run", "--deadline=0"], "--deadline=0: seconds are a positive number"),
        (["run", "--deadline=nan"], "--deadline=nan: seconds are"),
        (["run", "--patience=inf"], "--patience=inf: a factor is"),
        (["run", "--patience=much"], "--patience=much: a factor is"),
        (["run", "-n", "few"], "--jobs=few: it is a whole number"),
        (
            ["run", "--start-method=fork", "log.children.name[spawn]"],
            "log.children.name[spawn]: this run has no such",
        ),
        (["explain", "log.logger.type", "--deadline=-1"], "--deadline=-1: seconds are"),
        (["verify", "--deadline=x"], "--deadline=x: seconds are"),
        (["verify", "--patience=0"], "--patience=0: a factor is"),
        (["verify", "--times=-1"], "--times=-1: it is a whole number, 0 or more"),
        (["verify", "--loaded=-1"], "--loaded=-1: it is a whole number, 0 or more"),
        (["verify", "--times=0", "--loaded=0"], "nothing would be repeated"),
        (["verify", "--jobs=0"], "--jobs=0: it is a whole number, 1 or more"),
        (["verify", "--seed=x"], "--seed=x: it is a whole number"),
        (["verify", "--start-method=fork", "log.children.name[spawn]"], "there is no such check"),
    ],
    ids=" ".join,
)
def test_a_value_that_makes_no_sense_is_refused(mpconform: Command, words: list[str], sentence: str) -> None:
    ended = mpconform(*words, "--impl=stdlib")
    assert sentence in ended.stdout + ended.stderr
    assert ended.returncode == 2
    assert "Traceback" not in ended.stdout + ended.stderr


def test_a_list_is_searched_by_an_option_and_its_words_are_ids(mpconform: Command) -> None:
    found = mpconform("list", "log", "--search=root logger", "--level=MUST").stdout.splitlines()
    assert 1 < len(found) < 10
    assert all(line.startswith("log.") and "root logger" in line for line in found)
    assert "list --search=WORD" in mpconform("list", "daemon").stderr


def test_explain_takes_several_clauses_and_single_checks(mpconform: Command) -> None:
    ended = mpconform("explain", "log.children.name[spawn]", "log.logger.type", "--impl=stdlib")
    assert ended.returncode == 0, ended.stderr
    stands = [line.split(":")[0] for line in ended.stdout.splitlines() if " by stdlib on " in line]
    assert stands == ["log.logger.type", "log.children.name[spawn]"]


def test_explain_leads_to_the_edition_that_is_judged(mpconform: Command, module: Callable[[str], str]) -> None:
    reached = module("def get_logger(): ...\n")
    for chosen, page in (([], "3.13"), ([reached, "--python=3.11"], "3.11"), ([reached, "--python=3.13"], "3.13")):
        ended = mpconform("explain", *chosen, "log.logger.type")
        assert f"/{page}/library/multiprocessing.html#multiprocessing.get_logger" in ended.stdout, ended.stderr


def test_explain_needs_to_know_what(mpconform: Command) -> None:
    ended = mpconform("explain")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "explain what?" in ended.stderr


SLEEPS = "import time\n\ndef get_logger():\n    time.sleep(50)\n"


def test_a_check_is_hung_after_the_deadline_that_was_given(mpconform: Command, module: Callable[[str], str]) -> None:
    ended = mpconform("run", module(SLEEPS), "--deadline=1", "log.logger.type")
    assert "the check is over within 1 s" in ended.stdout
    assert "hung" in ended.stdout.splitlines()[-3]
    ended = mpconform("explain", module(SLEEPS), "--deadline=1", "log.logger.type")
    assert "the check is over within 1 s" in ended.stdout
    ended = mpconform("verify", module(SLEEPS), "--deadline=1", "--times=2", "--loaded=0", "log.logger.type")
    assert ended.returncode == 0, "it hangs each time"


def test_verify_tells_each_round(mpconform: Command) -> None:
    ended = mpconform("verify", "--impl=stdlib", "log.logger.type", "--times=1", "--loaded=1", "--jobs=1")
    assert ended.returncode == 0, ended.stderr
    first, second, verdict = ended.stdout.splitlines()
    assert first.startswith("round 1 of 2: 0 of 1 checks with more than one outcome")
    assert second.startswith("round 2 of 2 under load: 0 of 1 checks")
    assert verdict == "1 checks, 1 rounds and 1 under load: 0 with more than one outcome"
