"""What an implementation writes that no clause expects is told, and judged where it claims to be silent."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from mpconform.adapters.adapter import adapter
from mpspec.observation import noise

Command = Callable[..., subprocess.CompletedProcess[str]]

EXPECTED_BY_A_CLAUSE = """\
Process Process-1:
Traceback (most recent call last):
  File "targets.py", line 9, in fall
    raise error
ValueError: thrown
[WARNING/Process-1] the words of a child
"""

EXPECTED_BY_NONE = [
    """\
Exception ignored in: <function Loud.__del__ at 0x7f>
Traceback (most recent call last):
  File "loud.py", line 3, in __del__
    raise ValueError
ValueError: not to be seen
""",
    """\
Exception in thread Thread-1:
Traceback (most recent call last):
  File "loud.py", line 3, in __del__
ValueError: not to be seen
""",
    "x.py:3: ResourceWarning: unclosed <socket fd=3>\n  kept = None\n",
    "Fatal Python error: Aborted\n",
]


@pytest.mark.parametrize("text", EXPECTED_BY_NONE)
def test_what_no_clause_expects_is_found_among_what_a_clause_captures(text: str) -> None:
    assert noise.unexpected(EXPECTED_BY_A_CLAUSE) == ""
    assert noise.unexpected(text + EXPECTED_BY_A_CLAUSE) == text
    assert noise.unexpected(EXPECTED_BY_A_CLAUSE + text.rstrip("\n")) == text


NOISY = """
import multiprocessing

class Loud:
    def __del__(self):
        raise ValueError("not to be seen")

class Process(multiprocessing.Process):
    def run(self):
        Loud()
        super().run()
"""

CLAUSES = ("process.args.given", "process.exitcode.exception", "process.run.prints")
"""One that captures nothing, one that expects a traceback, one that runs a program."""


def judged(mpconform: Command, folder: Path, option: str) -> tuple[subprocess.CompletedProcess[str], dict[str, str]]:
    """Run the clauses; the end of the run, and the remark or what was seen of each check under fork."""
    ended = mpconform("run", option, *CLAUSES, "--start-method=fork", "--report=run.json", folder=folder)
    document = json.loads((folder / "run.json").read_text())
    return ended, {
        row["check"]: f"{row['outcome']} {row['remark']} {row['evidence'].get('seen')}" for row in document["checks"]
    }


def test_unexpected_words_are_a_remark(mpconform: Command, module: Callable[[str], str], tmp_path: Path) -> None:
    ended, rows = judged(mpconform, tmp_path, module(NOISY))
    assert ended.returncode == 0, ended.stdout
    assert f"remarks: {len(rows)} checks wrote what no clause expects" in ended.stdout
    for row in rows.values():
        assert row.startswith("kept on standard error: Exception ignored in"), row
        assert row.endswith("ValueError: not to be seen None"), row


def test_they_are_judged_where_the_adapter_claims_to_be_silent(
    mpconform: Command, module: Callable[[str], str], tmp_path: Path
) -> None:
    option = module(NOISY)
    with (tmp_path / "wrong one.toml").open("a") as file:
        file.write("silent = true\n")
    ended, rows = judged(mpconform, tmp_path, option)
    assert ended.returncode == 1
    assert "no process writes what no clause expects" in ended.stdout
    for row in rows.values():
        assert row.startswith("broken None on standard error: Exception ignored in"), row


def test_whoever_is_silent_gets_no_remark(mpconform: Command, module: Callable[[str], str], tmp_path: Path) -> None:
    ended, rows = judged(mpconform, tmp_path, module(""))
    assert ended.returncode == 0
    assert "remark" not in ended.stdout
    assert set(rows.values()) == {"kept None None"}


def test_the_reference_claims_to_be_silent() -> None:
    assert adapter("reference").silent
    assert not adapter("stdlib").silent
