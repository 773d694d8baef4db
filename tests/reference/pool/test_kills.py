"""Workers are killed all the time: each task ends once, with its result or an error that says what has happened."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.timeout(120, method="signal")

KILLS = Path(__file__).parents[3] / "tools" / "kills.py"


@pytest.mark.parametrize(
    "options",
    [
        ("--method=fork", "--tasks=20000"),
        ("--method=forkserver", "--tasks=20000"),
        ("--method=spawn", "--tasks=5000", "--processes=2"),
        ("--method=fork", "--tasks=300", "--most=5", "--processes=2"),
        ("--method=spawn", "--tasks=30", "--most=3", "--processes=2"),
    ],
    ids=" ".join,
)
def test_each_task_ends_once(options: tuple[str, ...]) -> None:
    told = subprocess.run([sys.executable, str(KILLS), *options], capture_output=True, text=True, timeout=100)
    assert (told.returncode, told.stderr) == (0, ""), told.stdout + told.stderr
