"""Where a baseline is read and where it is written: never silently among the installed packages."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

from mpconform.adapters.adapter import BUILT_IN, Adapter
from mpconform.adapters.interpreters import Interpreter
from mpconform.baselines.baseline import EVERY, Baseline, read
from mpconform.errors import Unusable

FOLDER = Path(__file__).parent
"""Where the baselines lie that come with the engine."""
INSTALLED = {"site-packages", "dist-packages"}
"""Folders that a package manager looks after, and no user."""


@dataclass(frozen=True)
class Record:
    """What is known, and the file that it is recorded in. path: None where there is no place for it."""

    known: Baseline
    path: Path | None


def known(adapter: Adapter, interpreter: Interpreter) -> Baseline:
    """What is recorded of the implementation on the interpreter: nothing, where there is no record."""
    return record(adapter, interpreter, None).known


def record(
    adapter: Adapter, interpreter: Interpreter, file: str | None, *, updating: bool = False, writing: bool = False
) -> Record:
    """The record of the implementation on the interpreter.

    file: where the user wants it; updating: the run makes a record, so that there need not be one; writing: it is this
    process that will write it.

    Raises Unusable where the file cannot be read, or there is no place to write it.
    """
    nothing = Baseline(adapter.name, interpreter.name, release=interpreter.release)
    if file is not None:
        path = Path(file)
        if writing:
            writable(path, f"--baseline={file}")
        return Record(_read(path, interpreter) if path.exists() or not updating else nothing, path)
    names = _names(adapter, interpreter)
    home = None if adapter.folder == "." else Path(adapter.folder)  # "." is the folder of a module without an adapter
    homes = [FOLDER] if home == BUILT_IN else [*filter(None, [home]), FOLDER]
    there = next((folder / name for folder in homes for name in names if (folder / name).exists()), None)
    found = nothing if there is None else _read(there, interpreter)
    if home == BUILT_IN:
        home = FOLDER
    target = there if there is not None and there.parent == home else None if home is None else home / names[0]
    if writing:
        if target is None or INSTALLED & set(target.resolve().parts):
            told = "has no adapter file beside which it could lie" if target is None else "is an installed package"
            raise Unusable(
                f"--update-baseline: there is no place of yours for the baseline, since {adapter.name} {told}; "
                f"name one, as in --baseline={names[0]}"
            )
        writable(target, "--update-baseline")
    return Record(found, target)


def _read(path: Path, interpreter: Interpreter) -> Baseline:
    """The file as it holds on the interpreter."""
    found = read(path, interpreter.release)
    return replace(found, release=found.of(interpreter))


def writable(path: Path, option: str) -> None:
    """Raise Unusable, which names the option, where the file cannot be written. What is in it stays."""
    there = path.exists()
    try:
        with open(path, "ab"):
            pass
        if not there:
            path.unlink()
    except OSError as error:
        raise Unusable(f"{option}: {path} cannot be written ({error.strerror}); name another file") from None


def _names(adapter: Adapter, interpreter: Interpreter) -> list[str]:
    """The names of the file: for this version, or for all."""
    name = re.sub(r"[^\w.-]+", "-", adapter.baseline or adapter.name)
    return [f"{name}-{interpreter.name}.toml", f"{name}-{EVERY}.toml"]
