"""The guide is true: its files are written, its commands run, and each line that it shows comes, in that order."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import arrows

BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
COMMAND = re.compile(r"^\$ mpconform (.+)\n((?:(?!\$ ).*\n)*)", re.M)
HERE = "{}.{}".format(*sys.version_info)


def lines(shown: str) -> list[list[str]]:
    """The lines that follow each other without a gap."""
    for_here = re.sub(r"\b(on|edition) 3\.11\b", rf"\1 {HERE}", shown)
    return [part.strip("\n").split("\n") for part in re.split(r"^\.\.\.\n", for_here, flags=re.M) if part.strip("\n")]


def without_times(output: str) -> list[str]:
    """The lines of an output; how long it took is not the guide's to know."""
    return [re.sub(r" in \d+\.\d+s( \(.*\))?$", "", line) for line in output.splitlines()]


def test_the_guide_shows_what_comes(tmp_path: Path, mpconform: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    commands = 0
    for kind, text in BLOCK.findall((arrows.ROOT / "GUIDE.md").read_text(encoding="utf-8")):
        if kind == "python":
            name, _, source = text.removeprefix("# ").partition("\n")
            (tmp_path / name).write_text(source)
        for words, shown in COMMAND.findall(text):
            commands += 1
            ended = mpconform(*words.split(), COLUMNS="80", PATH=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
            came = without_times(ended.stdout)
            assert ended.returncode == bool(re.search(r"\b\d+ failed", shown)), ended.stdout + ended.stderr
            for part in lines(shown):
                starts = [at for at in range(len(came)) if came[at : at + len(part)] == part]
                assert starts, "\n".join([*part, "does not come in", ended.stdout])
                came = came[starts[0] + len(part) :]
    assert commands == 6
