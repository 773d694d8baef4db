"""The adapter file to begin with: two keys filled in are enough, and every other key can be taken as it is shown."""

from __future__ import annotations

import re
import subprocess
import tomllib
from collections.abc import Callable
from pathlib import Path

from mpconform.adapters import rules
from mpconform.commands.adapter import TEMPLATE

Command = Callable[..., subprocess.CompletedProcess[str]]


def test_with_its_two_keys_filled_in_it_reaches_an_implementation(mpconform: Command, tmp_path: Path) -> None:
    printed = mpconform("adapter").stdout
    assert [key for key, value in tomllib.loads(printed).items() if value == ""] == [*rules.REQUIRED]
    for key, value in (("name", "mine"), ("implementation", "multiprocessing")):
        printed = printed.replace(f'{key} = ""', f'{key} = "{value}"', 1)
    (tmp_path / "mine.toml").write_text(printed)
    ran = mpconform("run", "--impl=mine.toml", "process.join.again", "-q", "--start-method=spawn")
    assert (ran.returncode, "1 of 1 MUST clauses kept" in ran.stdout) == (0, True), ran.stdout + ran.stderr


def test_as_it_is_printed_it_asks_for_the_name(mpconform: Command, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(mpconform("adapter").stdout)
    ran = mpconform("run", "--impl=mine.toml")
    assert ran.returncode == 2
    assert "mine.toml: name is a name, of one line and without a slash, not ''" in ran.stderr


def test_each_key_that_there_is_can_be_taken_from_it() -> None:
    text = TEMPLATE.read_text(encoding="utf-8").replace('= ""', '= "mine"')
    whole = tomllib.loads(re.sub(r'^# (?=[\w"]|\[)(?=.* = |\[)', "", text, flags=re.M))
    assert set(whole) == set(rules.RULES)
    assert rules.broken({**whole, "methods": ["spawn"]}) is None


def test_a_word_behind_it_is_told(mpconform: Command) -> None:
    ran = mpconform("adapter", "mine")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.startswith("mpconform: adapter takes no words, not 'mine'")
