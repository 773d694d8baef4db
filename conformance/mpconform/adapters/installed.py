"""The interpreters that there are on this machine: where they are looked for, and what each says of itself."""

from __future__ import annotations

import functools
import itertools
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from findpython.providers import ALL_PROVIDERS
from findpython.providers.base import BaseProvider
from findpython.providers.path import PathProvider

FOLDERS = "MPCONFORM_INTERPRETERS"
"""Environment variable: further folders, separated as in PATH, that hold interpreters or their installations."""
BROUGHT = "~/.cache/mpconform/interpreters"
"""A folder of installations that is always looked into, as if FOLDERS named it."""
PATIENCE = 60.0
"""Seconds that an interpreter may take to say what it is."""

_PROGRAM = re.compile(r"(?:python|pypy)(?:\d+(?:\.\d+)?)?")
"""The names of what is started to be asked: narrower than findpython's, to which `python.sh` is an interpreter, too."""
_VERSION = re.compile(r"(?:python|pypy|cpython-|pypy-)?(\d+\.\d+)\b.*")
_QUESTION = """
import json, sys
print(json.dumps([list(sys.version_info[:3]), sys.implementation.name, sys.platform,
                  sys.version_info[3], "t" in getattr(sys, "abiflags", ""),
                  list(getattr(sys, "pypy_version_info", ()))[:3]]))
"""


@dataclass(frozen=True)
class Interpreter:
    """An interpreter that starts.

    path: the program; version: of the language, (3, 11, 7); implementation: "cpython", "pypy"; stage: "final", or what
    comes before ("alpha", "beta", "candidate"); threads: it has no global lock; own: the version of the implementation
    where that is another one, as PyPy's (7, 3, 11).
    """

    path: str
    version: tuple[int, ...]
    implementation: str
    platform: str
    stage: str = "final"
    threads: bool = False
    own: tuple[int, ...] = ()

    @property
    def release(self) -> tuple[int, ...]:
        """The exact version that tells it from others of its name: (3, 11, 7), or PyPy's own (7, 3, 11)."""
        return self.own or self.version

    @property
    def edition(self) -> tuple[int, int]:
        """The edition of the documentation that comes with it."""
        return self.version[0], self.version[1]

    @property
    def name(self) -> str:
        """Short name, as in "3.11" or "pypy3.9"."""
        short = f"{self.version[0]}.{self.version[1]}"
        return short if self.implementation == "cpython" else self.implementation + short

    @property
    def full_name(self) -> str:
        """Name with the patch level, and the stage where it is no release: "3.11.7", "pypy3.9.15", "3.15.0 (beta)"."""
        kind = "" if self.implementation == "cpython" else self.implementation
        stage = "" if self.stage == "final" else f" ({self.stage})"
        return f"{kind}{'.'.join(map(str, self.version))}{stage}"

    @property
    def rank(self) -> tuple[bool, tuple[int, ...]]:
        """Greater for the better of two matches: releases before others, then newer ones."""
        return self.stage == "final", self.version


@functools.cache
def asked(path: str) -> Interpreter:
    """What the interpreter at the path says of itself. Raises OSError or ValueError where it does not start."""
    try:
        answer = subprocess.run(
            [path, "-c", _QUESTION], cwd=os.sep, capture_output=True, encoding="utf-8", timeout=PATIENCE
        )
    except subprocess.TimeoutExpired:
        raise ValueError(f"it has not answered for {PATIENCE:g} s") from None
    try:
        version, implementation, platform, stage, threads, own = json.loads(answer.stdout)
    except ValueError:
        said = (answer.stderr or answer.stdout).strip().rsplit("\n", 1)[-1]
        raise ValueError(f"it ended with status {answer.returncode}" + (f": {said}" if said else "")) from None
    return Interpreter(path, tuple(version), implementation, platform, stage, threads, tuple(own))


def found(version: str = "") -> list[Interpreter]:
    """Every interpreter that there is, best first; version: only those that may be of "3.13", as their path tells.

    Each is asked once, and stands once under whatever names there are; of equals that at hand comes first.
    """
    known: dict[str, Interpreter] = {}
    for path in _candidates():
        if version and path != sys.executable and _told(path) not in (None, version):
            continue
        real = os.path.realpath(path)
        if real not in known:
            try:
                known[real] = asked(path)
            except (OSError, ValueError):
                continue  # a broken one is no candidate; named by its path, it is told what is wrong
    return sorted(known.values(), key=lambda one: one.rank, reverse=True)


def _told(path: str) -> str | None:
    """The version that the names of the program or of its installation tell, as in "3.13"; None: none does."""
    program = Path(path)
    for name in (program.name, program.parent.parent.name):
        match = _VERSION.fullmatch(name)
        if match:
            return match[1]
    return None


def _candidates() -> Iterator[str]:
    """Programs that by their name and place are interpreters: that at hand, then installations, then PATH."""
    yield sys.executable
    own = [folder for folder in os.environ.get(FOLDERS, "").split(os.pathsep) if folder]
    brought = [path for folder in [*own, BROUGHT] for path in _holding_programs(Path(folder).expanduser())]
    providers = {name: provider.create() for name, provider in ALL_PROVIDERS.items()}
    # Where names tell versions, as those of installations do, less has to be started: PATH comes last.
    on_path = providers.pop(PathProvider.name())
    usual = PathProvider([Path("/usr/bin"), Path("/usr/local/bin")])
    for provider in (PathProvider(brought), *providers.values(), on_path, usual):
        yield from _programs(provider) if provider is not None else ()


def _holding_programs(home: Path) -> list[Path]:
    """The folders of programs, of a folder that is one, an installation, or holds installations."""
    return [home, home / "bin", home / "usr" / "bin", *sorted(home.glob("*/bin")), *sorted(home.glob("*/usr/bin"))]


def _programs(provider: BaseProvider) -> Iterator[str]:
    """The interpreters that a provider knows of, folder by folder, none of them started."""
    shims = Path(os.environ.get("PYENV_ROOT") or "~/.pyenv", "shims").expanduser()
    for folder, together in itertools.groupby(
        (one.executable for one in provider.find_pythons()), lambda path: path.parent
    ):
        if folder == shims:
            continue  # they only start what pyenv has installed, slowly
        # "python3.13" before "python3" before "python": the name that tells most is looked at first.
        for path in sorted(together, key=lambda path: (-len(path.name), path.name)):
            if _PROGRAM.fullmatch(path.name) and os.access(path, os.X_OK):
                yield str(path)
