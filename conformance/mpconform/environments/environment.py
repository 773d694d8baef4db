"""A virtual environment for each interpreter and each set of requirements: made once, kept among the user's caches.

Each attempt has a folder of its own, and is used once a file beside it names it, which is written last: what was
interrupted, or what the installer of a killed run goes on with, is never used. Two at once wait for each other.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypedDict

import platformdirs

from mpconform.adapters.adapter import Adapter
from mpconform.adapters.installed import asked
from mpconform.adapters.interpreters import Interpreter
from mpconform.environments import installing
from mpconform.errors import BrokenAdapter, Unusable

WHOLE = "whole.json"
"""The file that names the folder beside it of an environment that is whole, and tells what it was made of."""
TOOLS = ("virtualenv",)
"""What makes one: the extra `environments`."""


class MadeOf(TypedDict):
    """What an environment was made of."""

    interpreter: str
    version: str
    release: list[int]
    requires: list[str]


class Whole(TypedDict):
    """What WHOLE holds."""

    folder: str
    made_of: MadeOf


def home() -> Path:
    """The folder in which environments are: the user's, by the convention of the platform."""
    return platformdirs.user_cache_path("mpconform") / "environments"


def prepared(
    adapter: Adapter, interpreter: Interpreter, tell: Callable[[str], None] = lambda line: None
) -> Interpreter:
    """The interpreter of an environment in which the adapter's requirements are installed; made where there is none.

    Where the adapter requires nothing, that is the interpreter itself. tell: takes a line before what takes a while.
    Raises BrokenAdapter where it cannot be made or the requirements do not install, Unusable without the tools.
    """
    if not adapter.requires:
        return interpreter
    adapter.refuse_older(interpreter)
    made_of: MadeOf = {
        "interpreter": os.path.realpath(interpreter.path),
        "version": interpreter.full_name,
        "release": list(interpreter.release),
        "requires": sorted(adapter.requires),
    }
    digest = hashlib.sha256(json.dumps(made_of, sort_keys=True).encode()).hexdigest()
    place = home() / f"{interpreter.name}-{digest[:16]}"
    return _whole(place, made_of, interpreter) or _made(place, made_of, adapter, interpreter, tell)


def _whole(place: Path, made_of: MadeOf, interpreter: Interpreter) -> Interpreter | None:
    """The interpreter of the environment at this place, or None where there is none that is whole and works."""
    try:
        whole: Whole = json.loads((place / WHOLE).read_text(encoding="utf-8"))
        if whole["made_of"] != made_of:
            return None
        found = asked(str(place / whole["folder"] / "bin" / "python"))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return replace(interpreter, path=found.path) if found.release == interpreter.release else None


def _made(
    place: Path, made_of: MadeOf, adapter: Adapter, interpreter: Interpreter, tell: Callable[[str], None]
) -> Interpreter:
    lacking = [name for name in TOOLS if importlib.util.find_spec(name) is None]
    if lacking:
        raise Unusable(
            f"--environment: environments are made with {' and '.join(lacking)}, not installed here; install "
            "mpconform[environments], or leave --environment out and name an interpreter that has "
            f"{_listed(adapter.requires)}"
        )
    import filelock

    try:
        place.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(place / "lock"):
            found = _whole(place, made_of, interpreter)  # made by another one, while this one waited
            if found is not None:
                return found
            tell(f"making an environment with {_listed(adapter.requires)} for {interpreter.full_name}, in {place}")
            for left in place.iterdir():  # of attempts that were killed, or of an interpreter that is gone
                if left.is_dir():
                    shutil.rmtree(left, ignore_errors=True)
            attempt = Path(tempfile.mkdtemp(prefix="", dir=place))
            try:
                installing.install(adapter.name, made_of["requires"], made_of["interpreter"], attempt)
                _declare_whole(place, {"folder": attempt.name, "made_of": made_of})
            except BaseException:  # an interrupt as well
                shutil.rmtree(attempt, ignore_errors=True)
                raise
    except OSError as error:
        raise BrokenAdapter(
            f"--environment: no environment can be made in {place.parent} ({error.strerror or error}); make room or "
            "give leave there, or name another folder for caches in XDG_CACHE_HOME"
        ) from None
    asked.cache_clear()  # it may remember what stood there before
    found = _whole(place, made_of, interpreter)
    if found is None:
        raise BrokenAdapter(
            f"--environment: the interpreter of {place} does not start, or is not {interpreter.full_name}; name "
            "another --python"
        )
    return found


def _declare_whole(place: Path, whole: Whole) -> None:
    written = place / whole["folder"] / WHOLE
    written.write_text(json.dumps(whole, indent=1), encoding="utf-8")
    os.replace(written, place / WHOLE)


def _listed(requires: Sequence[str]) -> str:
    return ", ".join(sorted(requires))
