"""What a person does with a failure: reads it in one line or in full, and runs just that check again."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import arrows
import pytest
from mpconform.outcomes import Outcome, Verdict
from mpconform.reports import colour, text

Command = Callable[..., subprocess.CompletedProcess[str]]
Module = Callable[[str], str]
WRONG = """
import logging

def get_logger():
    return logging.getLogger("x")

logging.getLogger("x").setLevel(10)
"""


def failed(told: str) -> list[str]:
    """The checks that the short summary names."""
    return re.findall(r"^FAILED (\S+?) - ", told, re.M)


def test_the_command_under_again_judges_the_failing_check_alone_as_it_was(
    mpconform: Command, module: Module, tmp_path: Path
) -> None:
    baseline = tmp_path / "what is known.toml"
    baseline.write_text('implementation = "wrong"\nversion = "x"\n')
    options = ["--patience=2", "--deadline=9", f"--baseline={baseline.name}", f"--python={sys.executable}"]
    options += ["--start-method=spawn"]
    words = ["log.children.new-logger", "log.logger.level-notset", "log.logger.type"]
    ended = mpconform("run", module(WRONG), *options, *words)
    assert failed(ended.stdout) == ["log.logger.level-notset", "log.children.new-logger[spawn]"]
    commands = re.findall(r"^  again     (.*)$", ended.stdout, re.M)
    assert len(commands) == 2
    for check, command in zip(failed(ended.stdout), commands, strict=True):
        assert set(options) <= set(shlex.split(command)), command
        again = subprocess.run(["sh", "-c", command], cwd=tmp_path, capture_output=True, text=True, timeout=120)
        assert again.returncode == 1, again.stdout + again.stderr
        assert failed(again.stdout) == [check]
        assert "1 failed in" in again.stdout


def test_the_short_summary_says_once_what_failed_and_what_was_seen(mpconform: Command, module: Module) -> None:
    ended = mpconform("run", module(WRONG), "log.logger.level-notset")
    assert ended.stdout.splitlines()[-3] == "FAILED log.logger.level-notset - broken: promised the level is 0; seen 10"


def test_a_line_of_the_summary_has_room_for_both(mpconform: Command, module: Module) -> None:
    ended = mpconform("run", module(WRONG), "log.logger.no-propagation", COLUMNS="120", CI="")
    line = ended.stdout.splitlines()[-3]
    assert len(line) <= 120
    assert re.search(r"broken: promised the messages.*\.\.\.; seen \(\['between", line), line


def test_what_was_seen_is_shown_to_a_page_and_told_how_long_it_is() -> None:
    assert text.bounded("short\nenough") == "short\nenough"
    told = text.bounded("x" * 12_345)
    assert told.endswith("x ... 12,345 characters in all")
    assert len(told) < 5000
    assert len(text.bounded("line\n" * 1000).splitlines()) < 70
    assert len(text.short(Verdict(Outcome.BROKEN, promised="p " * 5000, seen="s " * 5000))) < 400


def test_a_report_of_much_is_bounded(mpconform: Command, module: Module) -> None:
    lines = "def get_logger():\n    class Much:\n        level = 'x' * 1_000_000\n    return Much()\n"
    ended = mpconform("run", module(lines), "log.logger.level-notset", CI="1")
    assert "characters in all" in ended.stdout
    assert max(map(len, ended.stdout.split("--- traceback")[0].splitlines())) < 5000
    assert len(ended.stdout.splitlines()[-3]) < 500


@pytest.mark.parametrize(("option", "workers"), [("--lf", []), ("--lf", ["-n2"]), ("--ff", [])], ids=str)
def test_what_failed_runs_again_and_nothing_else(
    mpconform: Command, module: Module, option: str, workers: list[str]
) -> None:
    choice = ["log.logger.type", "log.logger.level-notset", "log.stderr.level-none"]
    words = ["run", module(WRONG), *choice, *workers]
    before = failed(mpconform(*words).stdout)
    assert len(before) == 3, "in a clause without brackets and in two checks with them"
    # What other implementations do meanwhile changes nothing.
    assert mpconform("run", "--impl=stdlib", *choice).returncode == 0
    again = mpconform(*words, option).stdout
    assert sorted(failed(again)) == sorted(before)
    passed = re.search(r"(\d+) passed", again)
    assert (passed is None) == (option == "--lf"), again


def test_in_the_clone_just_what_failed_runs_again_too(module: Module, tmp_path: Path) -> None:
    choice = ["log.logger.type", "log.logger.level-notset", "log.stderr.level-none"]
    words = [str(arrows.ROOT / "conformance"), *choice, "-o", f"cache_dir={tmp_path / 'cache'}", "--tb=no"]

    def judged(*more: str) -> str:
        command = [sys.executable, "-m", "pytest", *words, *more]
        wide = {**os.environ, "COLUMNS": "300"}
        return subprocess.run(command, cwd=tmp_path, env=wide, capture_output=True, text=True, timeout=120).stdout

    wrong = module(WRONG)
    before = failed(judged(wrong))
    assert len(before) == 3
    assert "4 passed" in judged("--impl=stdlib")
    again = judged(wrong, "--lf")
    assert sorted(failed(again)) == sorted(before)
    assert " passed" not in again


def test_stepwise_goes_on_where_it_failed(mpconform: Command, module: Module) -> None:
    words = ["run", module(WRONG), "log.logger", "--sw"]
    first, second = mpconform(*words), mpconform(*words)
    assert failed(first.stdout) == failed(second.stdout) == ["log.logger.level-notset"]
    assert " 3 passed, " in first.stdout
    assert " 4 deselected" in second.stdout
    assert first.returncode == second.returncode == 1


def test_what_cannot_be_remembered_is_not_asked_for_in_vain(mpconform: Command) -> None:
    ended = mpconform("run", "--impl=stdlib", "log.logger.type", "--lf", XDG_CACHE_HOME="/proc/nowhere")
    assert ended.returncode == 2
    assert "set XDG_CACHE_HOME" in ended.stderr


@pytest.mark.parametrize("method", ["signal", "thread"])
def test_a_timeout_from_outside_is_no_verdict_and_the_next_check_starts_anew(
    mpconform: Command, module: Module, method: str
) -> None:
    hangs = "def cpu_count():\n    import time\n    time.sleep(40)\n"
    words = ["cpu_count.number", "log.logger.type", "log.stderr.returns"]
    ended = mpconform("run", module(hangs), *words, "--", "--timeout=2", f"--timeout-method={method}")
    if method == "thread":  # it ends the whole process, and says so
        assert ended.returncode == 1
        assert "Timeout" in ended.stdout + ended.stderr
        return
    assert failed(ended.stdout) == ["cpu_count.number"]
    assert "2 passed" in ended.stdout
    assert "no verdict" in ended.stdout
    assert "The deadline of a check is --deadline=SECONDS" in ended.stdout


def test_a_report_is_coloured_where_colour_is_wanted_and_nowhere_else(mpconform: Command, module: Module) -> None:
    words = ["run", module(WRONG), "log.logger.level-notset"]
    told = mpconform(*words, "-n1", "--color=yes").stdout
    assert "\x1b[1;31mBROKEN\x1b[0m by wrong" in told
    assert "  \x1b[1mpromised\x1b[0m  the level is 0" in told
    assert "\x1b" not in mpconform(*words).stdout
    for command in (["list", "log.logger.type"], ["explain", "log.logger.type"]):
        assert "\x1b[1m" in mpconform(*command, FORCE_COLOR="1").stdout
        assert "\x1b" not in mpconform(*command, FORCE_COLOR="1", NO_COLOR="1").stdout
        assert "\x1b" not in mpconform(*command).stdout


def test_colours_change_no_word_of_a_report() -> None:
    report = "a.clause[fork]: BROKEN by mine on 3.11\n  MUST  It is so.\n  seen      5: HUNG by\n--- traceback\nseen"
    assert re.sub(r"\x1b\[[0-9;]*m", "", text.painted(report, colour.ansi)) == report
    assert text.painted(report, colour.plain) == report
