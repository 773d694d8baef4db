"""The guides are true: their files are written, their commands run, and each line that they show comes, in order."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import arrows
import pytest
from installed import Installed

BLOCK = re.compile(r"^```\w*\n(.*?)^```$", re.M | re.S)
FILE = re.compile(r"# ([\w./-]+\.\w+)\n(.*)", re.S)
COMMAND = re.compile(r"^\$ (.+)\n((?:(?!\$ ).*\n)*)", re.M)
HERE = "{}.{}".format(*sys.version_info)
FOLDER = "/home/you/project"
"""What the guides call the folder in which everything is done."""
STATUS = "echo $?"


def lines(shown: str) -> list[list[str]]:
    """The lines that follow each other without a gap."""
    for_here = re.sub(r"\b(on|edition) 3\.11\b", rf"\1 {HERE}", shown)
    return [part.strip("\n").split("\n") for part in re.split(r"^\.\.\.\n", for_here, flags=re.M) if part.strip("\n")]


def without_times(output: str) -> list[str]:
    """The lines of an output; how long it took is not the guide's to know."""
    return [re.sub(r" in \d+\.\d+s( \(.*\))?$", "", line) for line in output.splitlines()]


def shown_status(shown: str, following: str) -> int:
    """The exit status that a guide tells of a command: by what it asks the shell next, or by what pytest says."""
    asked = re.match(rf"\$ {re.escape(STATUS)}\n(\d+)\n", following)
    return int(asked[1]) if asked else bool(re.search(r"\b\d+ failed", shown))


@pytest.mark.timeout(600, method="signal")  # a guide goes on for a minute, and for several where the machine is busy
@pytest.mark.parametrize(("page", "commands"), [("GUIDE.md", 16), ("ADAPTERS.md", 21)])
def test_a_guide_shows_what_comes(tmp_path: Path, installed: Installed, page: str, commands: int) -> None:
    status = ran = 0
    for text in BLOCK.findall((arrows.ROOT / page).read_text(encoding="utf-8")):
        file = FILE.match(text)
        if file is not None:
            path = tmp_path / file[1]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(file[2])
        for found in COMMAND.finditer(text):
            ran += 1
            command, shown = found.groups()
            ended = installed.run(command, tmp_path, status)
            output, status = ended.stdout.replace(str(tmp_path), FOLDER), ended.returncode
            if command != STATUS:
                assert status == shown_status(shown, text[found.end() :]), f"{command}\n{output}"
            came = without_times(output)
            for part in lines(shown):
                starts = [at for at in range(len(came)) if came[at : at + len(part)] == part]
                assert starts, "\n".join([*part, f"does not come of {command} in", output])
                came = came[starts[0] + len(part) :]
    assert ran == commands
