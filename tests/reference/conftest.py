"""Programs that use the reference, each run by an interpreter of its own and watched to its end."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

REFERENCE = Path(__file__).parents[2] / "reference"

METHODS = ("fork", "spawn", "forkserver")

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def environment() -> dict[str, str]:
    """The environment in which `import mpref` finds the reference of this checkout."""
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    return {**buffered, "PYTHONPATH": str(REFERENCE)}


@pytest.fixture(params=METHODS)
def method(request: pytest.FixtureRequest) -> str:
    """Each start method."""
    return str(request.param)


@pytest.fixture
def save(tmp_path: Path) -> Callable[..., Path]:
    """Write a program into a file of the test's own folder."""

    def write(source: str, name: str = "program.py") -> Path:
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(source))
        return file

    return write


@pytest.fixture
def run(save: Callable[..., Path], tmp_path: Path, environment: dict[str, str]) -> Run:
    """Run a program with interpreter options and arguments; it has to end by itself, sooner or later."""

    def start(source: str, *arguments: str, options: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, *options, str(save(source)), *arguments]
        return subprocess.run(
            command, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=240, check=False
        )

    return start
