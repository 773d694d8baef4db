"""Where a module is, without importing it: on the import path of this interpreter, or beside the caller."""

from __future__ import annotations

import importlib.util
import os
import pkgutil
import site
import sys
import sysconfig
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from typing import NamedTuple


class Found(NamedTuple):
    """A module that there is."""

    top: Path
    """The file or folder of its top-level package: what has to be on a path for it to be imported."""
    installed: bool
    """Whether every process of this interpreter finds it, wherever it is started."""


def beside(name: str, folder: Path) -> Found | None:
    """The module of this dotted name in a folder, or None."""
    return _found(name, PathFinder.find_spec(name.partition(".")[0], [str(folder)]))


def importable(name: str) -> Found | None:
    """The module of this dotted name that this interpreter would import, or None."""
    try:
        top = importlib.util.find_spec(name.partition(".")[0])
    except (ImportError, ValueError):  # a module without a spec, such as __main__
        return None
    return _found(name, top)


def modules_near(name: str) -> list[str]:
    """The names of the modules among which one could have been meant: those beside it in its package, or all."""
    package, _, _ = name.rpartition(".")
    if not package:
        return [module.name for module in pkgutil.iter_modules([os.getcwd(), *sys.path])]
    top = package.partition(".")[0]
    spec = PathFinder.find_spec(top, [os.getcwd()]) or importlib.util.find_spec(top)
    spec = _within(package, spec)
    places = spec.submodule_search_locations if spec is not None else None
    return [f"{package}.{module.name}" for module in pkgutil.iter_modules(list(places or ()))]


def _within(name: str, spec: ModuleSpec | None) -> ModuleSpec | None:
    """The spec of a dotted name below that of its top-level package."""
    parts = name.split(".")
    for end in range(2, len(parts) + 1):
        places = spec.submodule_search_locations if spec is not None else None
        spec = PathFinder.find_spec(".".join(parts[:end]), list(places)) if places else None
    return spec


def _found(name: str, top: ModuleSpec | None) -> Found | None:
    spec = _within(name, top)
    if top is None or spec is None or spec.origin is None:  # a mere folder has no origin, and nothing to judge
        return None
    if top.origin in ("built-in", "frozen"):
        return Found(Path(top.origin), True)
    origin = Path(top.origin) if top.origin else Path(next(iter(top.submodule_search_locations or ())))
    if origin.name.partition(".")[0] == "__init__":
        origin = origin.parent
    origin = Path(os.path.abspath(origin))
    return Found(origin, any(Path(folder) in origin.parents for folder in _installations()))


def _installations() -> set[str]:
    folders = {sysconfig.get_path(key) for key in ("stdlib", "platstdlib", "purelib", "platlib")}
    folders |= {*site.getsitepackages(), site.getusersitepackages()}
    return {os.path.abspath(folder) for folder in folders if folder}
