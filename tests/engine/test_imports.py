"""What an interpreter under test imports of ours: each host pays for it, and so does each child."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import mpconform
import mpspec

FOLDERS = [str(Path(package.__file__).parent.parent) for package in (mpspec, mpconform)]
COSTLY = {"ast", "dataclasses", "inspect", "shutil", "subprocess", "tempfile", "traceback"}
"""What a host needs only where a check fails, starts a program, asks for a signature or leaves a folder."""


def imported(module: str) -> set[str]:
    """What a fresh interpreter has imported once it has imported the module, beyond what it begins with."""
    program = (
        f"import sys; sys.path[:0] = {FOLDERS!r}; before = set(sys.modules); import {module}; "
        "print(*set(sys.modules) - before)"
    )
    found = subprocess.run([sys.executable, "-I", "-S", "-c", program], check=True, capture_output=True, text=True)
    return set(found.stdout.split())


def test_a_zygote_imports_nothing_that_few_hosts_need() -> None:
    assert imported("mpconform.hosts.zygote") & COSTLY == set()


def test_an_interpreter_below_a_host_imports_next_to_nothing() -> None:
    assert imported("mpconform.hosts.arming") & {"collections", "enum", "functools", "re", "signal", "typing"} == set()
