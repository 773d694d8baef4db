"""A check as a script by a command of its own: the same that a failure shows, or the reason why there is none."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from mpconform import cli
from mpconform.adapters.adapter import adapter
from mpconform.checks import Check, clause
from mpconform.standalone.script import script

Command = Callable[..., subprocess.CompletedProcess[str]]


def test_it_is_the_script_of_the_failure(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["repro", "log.children.name[fork]", "--impl=stdlib"]) == 0
    assert capsys.readouterr().out == script(Check(clause("log.children.name"), "fork", None), adapter("stdlib")).text


def test_a_failure_is_reproduced_by_the_command_that_is_told(
    mpconform: Command, module: Callable[[str], str], tmp_path: Path
) -> None:
    impl = module("def get_logger(): ...\n")
    (tmp_path / "elsewhere").mkdir()
    for file in ("shown.py", "elsewhere/a script.py"):
        ended = mpconform("repro", "log.logger.type", impl, "-o", file)
        assert ended.returncode == 0, ended.stderr
        told = shlex.split(ended.stdout.partition("run it: ")[2])
        shown = subprocess.run(told, cwd=tmp_path, capture_output=True, text=True, timeout=60)
        assert shown.returncode == 1
        assert "AssertionError" in shown.stderr
    (tmp_path / "wrong_one.py").write_text("from multiprocessing import *\n")
    assert subprocess.run(told, cwd=tmp_path, capture_output=True, timeout=60).returncode == 0


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["log.nope"], "there is no clause 'log.nope'"),
        (["log.children.name"], "these are 3 checks; name one of them: log.children.name[fork], "),
        (["log.logger"], "name one of them: "),
        ([], "repro takes one check, not 0"),
        (["log.logger.type", "log.logger.one"], "repro takes one check, not 2"),
        (["context.fork.threads-warning[fork]", "--python=3.11"], "not applicable to stdlib on 3.11: promised since"),
    ],
    ids=["unknown", "several", "beginning", "none", "two", "edition"],
)
def test_what_is_not_one_check_of_the_implementation_is_told(
    capsys: pytest.CaptureFixture[str], words: list[str], sentence: str
) -> None:
    assert cli.main(["repro", "--impl=stdlib", *words]) == 2
    told = capsys.readouterr()
    assert (told.out, told.err.count("\n")) == ("", 1)
    assert sentence in told.err


def test_a_check_without_a_script_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    without = Check(clause("process.daemon.all-end"), "fork", "returns")
    reason = script(without, adapter("stdlib")).reason
    assert reason, "this test needs a check without a script"
    assert cli.main(["repro", without.id, "--impl=stdlib"]) == 2
    told = capsys.readouterr()
    assert (told.out, told.err) == (
        "",
        f"mpconform: repro {without.id}: no script of at most 20 lines: {reason}; `mpconform run` judges it\n",
    )


def test_a_start_method_that_the_implementation_has_not_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "one.toml"
    file.write_text('name = "one"\nimplementation = "multiprocessing"\nmethods = ["fork"]\n')
    assert cli.main(["repro", "log.children.name[spawn]", f"--impl={file}"]) == 2
    assert "one has fork, and no such check" in capsys.readouterr().err
    assert cli.main(["repro", "context.fresh.no-warning", f"--impl={file}"]) == 2
    assert "context.fresh.no-warning" in capsys.readouterr().err


def test_an_implementation_that_needs_a_newer_interpreter_ends_with_3(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "newer.toml"
    file.write_text('name = "newer"\nimplementation = "multiprocessing"\npython = "3.15"\n')
    assert cli.main(["repro", "log.logger.type", f"--impl={file}", "--python=3.11"]) == 3
    assert "newer runs on Python 3.15 or newer" in capsys.readouterr().err
