"""A clause that claims a platform uses nothing on its way that is not there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import mpspec
import pytest
from mpconform import checks
from mpspec.clause import EVERYWHERE, Clause

from .reach import Reach

ROOT = Path(mpspec.__file__).parent.parent
LINUX = re.compile(r"/proc\b|/dev/shm|\bprocfs\.|\bCDLL\(|\bprctl\b")
"""What only Linux has and no stub knows of: paths, and functions of the C library by name."""
ASKS_WHICH = {"mpspec.chapters.queues.targets.threads": "it goes on without"}
"""Function that has a way for platforms that lack what it asks for -> which."""


def not_there(platform: str) -> dict[tuple[str, int], str]:
    """Where the spec names what the platform lacks, as the stubs of the standard library tell, and what."""
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--platform",
        platform,
        "--cache-dir",
        f".mypy_cache/{platform}",
        "-p",
        "mpspec",
    ]
    ended = subprocess.run(command, cwd=ROOT.parent, capture_output=True, text=True, check=False)
    assert "checked" in ended.stdout or "no issues" in ended.stdout, ended.stdout + ended.stderr
    found = re.findall(r"^(.+?):(\d+): error: (Module has no attribute .*) \[attr-defined\]", ended.stdout, re.M)
    return {(str(ROOT.parent / file), int(line)): what for file, line, what in found}


def claiming(platform: str) -> list[Clause]:
    """The clauses that claim it."""
    everything = [clause for chapter in checks.chapters() for clause in chapter.clauses.values()]
    return [clause for clause in everything if platform in clause.platforms]


@pytest.mark.parametrize("platform", [name for name in EVERYWHERE if name != "linux"])
def test_a_clause_uses_no_name_that_its_platforms_lack(platform: str) -> None:
    lacking = not_there(platform)
    assert lacking or platform != "win32", "the stubs know what Windows lacks"
    found = {
        f"{clause.id}: {file}:{line}: {lacking[file, line]}"
        for clause in claiming(platform)
        for file, line in Reach(clause, platform).lines()
        if (file, line) in lacking
    }
    assert not found, "\n".join(sorted(found))


@pytest.mark.parametrize("platform", [name for name in EVERYWHERE if name != "linux"])
def test_a_clause_that_claims_another_platform_asks_for_nothing_of_linux(platform: str) -> None:
    found = set()
    for clause in claiming(platform):
        reach = Reach(clause, platform)
        for key, function in list(reach.functions.items()):
            if f"{function.__module__}.{function.__qualname__}" in ASKS_WHICH:
                del reach.functions[key]
        found |= {f"{clause.id}: {word}" for word in LINUX.findall(reach.words())}
    assert not found, "\n".join(sorted(found))


def reached(id: str) -> set[str]:
    """The names of the functions that a clause comes to."""
    return {function.__qualname__ for function in Reach(checks.clause(id), "linux").functions.values()}


def test_what_a_clause_comes_to_is_found() -> None:
    names = {"tell_get_and_post", "See.settles", "of_process", "Mailbox.post"}
    assert names <= reached("queue.get.nowait-beside-a-waiter")
    assert "Mailbox.post" not in reached("process.name.subclass")
    assert "/proc/self/maps" in Reach(checks.clause("sharedctypes.leftovers.ended"), "linux").words()


PLATFORMS = {"linux": True, "freebsd": True, "freebsd14": True, "darwin": True, "win32": False}


@pytest.mark.parametrize(("platform", "runs"), PLATFORMS.items())
def test_a_platform_is_known_by_its_name_with_or_without_a_version(platform: str, runs: bool) -> None:
    assert (checks.clause("process.join.again").not_applicable((3, 13), platform, None) is None) == runs
