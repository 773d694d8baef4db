"""Filling an environment: virtualenv makes it, its own pip installs; what these say is told where it does not work."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from mpconform.errors import BrokenAdapter

PATIENCE = "120"
"""Seconds that virtualenv gives an interpreter to say what it is: PyPy on a busy machine takes more than its own 15."""
LINES = 12
"""Lines that are told of what an installer has written."""
IGNORED = (
    "PYTHONPATH",
    "PYTHONHOME",
    "PYTHONUSERBASE",
    "PIP_USER",
    "PIP_TARGET",
    "PIP_PREFIX",
    "PIP_ROOT",
    "PIP_REQUIRE_VIRTUALENV",
)
"""Variables that would have it import, or install, elsewhere; those that tell where packages are hold."""


def install(name: str, requires: Sequence[str], interpreter: str, place: Path) -> None:
    """Make an environment of the interpreter, a path, at this place, and install there what is required.

    name: the adapter's, for messages. Raises BrokenAdapter, with the last lines of the installer, where that fails.
    """
    seeds = place.parents[1] / "seeds"
    make = [sys.executable, "-P", "-m", "virtualenv", "--quiet", "--no-download", "--no-periodic-update"]
    make += ["--app-data", str(seeds), "--python", interpreter, str(place)]
    _run(make, place.parent, f"{name}: no environment can be made for {interpreter}")
    pip = [
        str(place / "bin" / "python"),
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-input",
        "--disable-pip-version-check",
    ]
    _run([*pip, *requires], place, f"{name} cannot be installed for {interpreter}: {', '.join(requires)}")


def _run(command: Sequence[str], folder: Path, failed: str) -> None:
    ended = subprocess.run(
        command,
        cwd=folder,
        env=_environment(os.environ),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    if ended.returncode != 0:
        lines = [line for line in ended.stdout.splitlines() if line.strip()]
        told = [line for line in lines if not line.startswith("WARNING:")] or lines
        raise BrokenAdapter(
            "\n".join(
                [
                    f"{failed}; the installer ended with status {ended.returncode}, its last lines are",
                    *(f"  {line}" for line in told[-LINES:]),
                    "name another --python, or an interpreter that has it without --environment",
                ]
            )
        )


def _environment(ours: Mapping[str, str]) -> dict[str, str]:
    """That of an installer: the user's, without what is meant for other programs."""
    kept = {name: value for name, value in ours.items() if name not in IGNORED and not name.startswith("VIRTUALENV_")}
    return {"PY_DISCOVERY_TIMEOUT": PATIENCE, **kept}
