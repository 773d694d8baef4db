"""The spec can be imported on Windows, and the clauses that claim it can run there.

There is no Windows here: `windows/sitecustomize.py` tells how the spec and programs are shown what it has.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import mpspec
import pytest

HERE = Path(__file__).with_name("windows")


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """That of an interpreter as on Windows. pythonw.exe is an interpreter that says that it ran."""
    pythonw = tmp_path / "pythonw.exe"
    pythonw.write_text(f'#!/bin/sh\ntouch "{tmp_path}/pythonw ran"\nexec "{sys.executable}" "$@"\n', encoding="utf-8")
    pythonw.chmod(0o700)
    subject = "multiprocessing=windowslike multiprocessing.connection=windowslike_connection"
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(HERE), str(Path(mpspec.__file__).parent.parent)]),
        "PYTHONDONTWRITEBYTECODE": "1",
        "MPSPEC_IMPLEMENTATION": subject,
        "WINDOWS_PREFIX": str(tmp_path),
        "TMPDIR": str(tmp_path),
    }


def test_every_module_can_be_imported_and_what_claims_windows_runs(environment: dict[str, str], tmp_path: Path) -> None:
    program = [sys.executable, str(HERE / "run.py")]
    ended = subprocess.run(program, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    outcomes = json.loads(ended.stdout)
    assert {id: outcome for id, outcome in outcomes.items() if outcome != "kept"} == {}
    assert len(outcomes) >= 17
    assert (tmp_path / "pythonw ran").exists()


@pytest.mark.parametrize(
    "statement",
    [
        "import fcntl",
        "import os; os.fork",
        "from os import register_at_fork",
        "import signal; signal.SIGKILL",
        "from signal import setitimer",
        "import socket; socket.AF_UNIX",
        "import _socket; _socket.AF_UNIX",
        "import select; select.poll",
    ],
)
def test_what_windows_lacks_is_hidden(statement: str, environment: dict[str, str]) -> None:
    ended = subprocess.run([sys.executable, "-c", statement], env=environment, capture_output=True, check=False)
    assert ended.returncode == 1
    assert b"on Windows" in ended.stderr or b"cannot import name" in ended.stderr
