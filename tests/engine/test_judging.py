"""The run of one cell of a matrix: watched, taken up where it was killed, ended where nothing comes."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from mpconform.matrix import judging
from mpconform.reports import journal


def test_a_run_of_which_nothing_comes_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = "import signal, time\nfor n in (2, 15): signal.signal(n, signal.SIG_IGN)\ntime.sleep(100)"
    monkeypatch.setattr(sys, "executable", written_program(tmp_path, program))
    monkeypatch.setattr(judging, "ORDERLY", 0.2)
    run = judging.Run([], tmp_path / "document", tmp_path / "verdicts", tmp_path / "log", silence=0.1)
    with pytest.raises(judging.Failed, match=r"no verdict came for 0\.1 s, behind 0 of them; the run was ended"):
        run.carry_out(lambda found: None)


def test_a_run_that_is_killed_is_taken_up_as_long_as_it_gets_further(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = f"""import os, pathlib, signal
verdicts = pathlib.Path({str(tmp_path / "verdicts")!r})
lines = verdicts.read_text().splitlines() if verdicts.exists() else ["header"]
verdicts.write_text("\\n".join([*lines, '{{"check": "log"}}'][:4]) + "\\n")
print("at", len(lines))
os.kill(os.getpid(), signal.SIGKILL)"""
    monkeypatch.setattr(sys, "executable", written_program(tmp_path, program))
    run = judging.Run([], tmp_path / "document", tmp_path / "verdicts", tmp_path / "log", silence=60)
    with pytest.raises(judging.Failed) as told:
        run.carry_out(lambda found: None)
    assert journal.written(tmp_path / "verdicts") == 3
    assert told.value.why == "the run was killed by SIGKILL, its last lines are\n  at 4"


def test_the_number_of_verdicts_does_not_shrink_when_the_run_removes_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = f"""import os, sys
os.chdir({str(tmp_path)!r})
with open("verdicts", "w") as file:
    file.write("header" + 2 * '\\n{{"check": "log"}}' + "\\n")
open("pipe").read()
os.unlink("verdicts")
open("pipe").read()
sys.exit(2)"""
    os.mkfifo(tmp_path / "pipe")
    monkeypatch.setattr(sys, "executable", written_program(tmp_path, program))
    told: list[int] = []

    def progress(found: int) -> None:
        told.append(found)
        if told.count(2) in (1, 3):  # once they are there, and once they were seen to be gone
            (tmp_path / "pipe").write_text("go on")

    run = judging.Run([], tmp_path / "document", tmp_path / "verdicts", tmp_path / "log", silence=60)
    with pytest.raises(judging.Failed):
        run.carry_out(progress)
    assert told == sorted(told)


def written_program(folder: Path, program: str) -> str:
    """A program in the place of the interpreter that starts a run: it does this, whatever its arguments."""
    path = folder / "program"
    path.write_text(f"#!{sys.executable}\n{program}\n")
    path.chmod(0o755)
    return str(path)
