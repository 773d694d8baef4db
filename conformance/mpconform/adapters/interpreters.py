"""Interpreters on this machine: by path, or by version ("3.13", "pypy3.9")."""

from __future__ import annotations

import functools
import glob
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass

from mpconform.errors import BrokenAdapter, Unusable

OLDEST = (3, 9)
"""The oldest version in which a host can run."""


@dataclass(frozen=True)
class Interpreter:
    """An interpreter that starts. path: the program; version: (3, 11, 7); implementation: "cpython", "pypy"."""

    path: str
    version: tuple[int, ...]
    implementation: str
    platform: str

    @property
    def edition(self) -> tuple[int, int]:
        """The edition of the documentation that comes with it."""
        return self.version[0], self.version[1]

    @property
    def name(self) -> str:
        """Short name, as in "3.11" or "pypy3.9"."""
        short = f"{self.version[0]}.{self.version[1]}"
        return short if self.implementation == "cpython" else self.implementation + short


@functools.cache
def interpreter(wanted: str | None) -> Interpreter:
    """The interpreter at a path or of a version; None: the one that runs this.

    Raises Unusable where there is none or it is too old, BrokenAdapter where it does not start.
    """
    path = sys.executable if wanted is None else _path(wanted)
    question = (
        "import sys, json; print(json.dumps([list(sys.version_info[:3]), sys.implementation.name, sys.platform]))"
    )
    try:
        answer = subprocess.run([path, "-c", question], cwd=os.sep, capture_output=True, text=True, timeout=60)
        version, implementation, platform = json.loads(answer.stdout)
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        raise BrokenAdapter(
            f"--python={wanted}: {path} does not start as a Python interpreter ({error}); name another one"
        ) from None
    found = Interpreter(path, tuple(version), implementation, platform)
    if found.edition < OLDEST:
        raise Unusable(
            f"--python={wanted}: {path} is Python {'.'.join(map(str, version))}, "
            f"checks run in {OLDEST[0]}.{OLDEST[1]} or newer; name a newer one"
        )
    return found


def _path(wanted: str) -> str:
    if os.sep in wanted:
        if os.access(wanted, os.X_OK) and os.path.isfile(wanted):
            return os.path.abspath(wanted)
        raise Unusable(f"--python={wanted}: there is no such program; give a path or a version such as 3.13")
    match = re.fullmatch(r"(pypy)?(\d+\.\d+)(\.\d+)?", wanted)
    if match is None:
        raise Unusable(f"--python={wanted}: neither a path nor a version; give a path or a version such as 3.13")
    kind, version, patch = match.group(1) or "python", match.group(2), match.group(3) or ""
    candidates = [
        *sorted(glob.glob(os.path.expanduser(f"~/.pyenv/versions/{version}{patch or '.*'}/bin/python")), reverse=True),
        shutil.which(f"{kind}{version}"),
        shutil.which("pypy3" if kind == "pypy" else "python3"),
        sys.executable,
    ]
    if kind == "pypy":
        candidates = [c for c in candidates if c and "pypy" in os.path.basename(c)]
    for candidate in candidates:
        if candidate and _is(candidate, kind, version + patch):
            return candidate
    raise Unusable(f"--python={wanted}: there is no such interpreter on this machine; install it or give its path")


@functools.cache
def _is(path: str, kind: str, version: str) -> bool:
    code = "import sys; print(sys.implementation.name, '%d.%d.%d' % sys.version_info[:3])"
    try:
        told = subprocess.run([path, "-c", code], cwd=os.sep, capture_output=True, text=True, timeout=60).stdout.split()
    except (OSError, subprocess.TimeoutExpired):
        return False
    name = {"python": "cpython", "pypy": "pypy"}[kind]
    return len(told) == 2 and told[0] == name and (told[1] + ".").startswith(version + ".")
