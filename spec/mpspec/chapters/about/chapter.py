"""What an implementation is found to be, beside any promise: its version, its names. No chapter of the page."""

from __future__ import annotations

import importlib.metadata
import os
import sys
from typing import Any

from mpspec.clause import NO_METHOD, UNSPECIFIED, Chapter
from mpspec.implementation import SUBMODULES
from mpspec.observation.see import See

NAMES = "MPSPEC_NAMES"
"""Environment variable: documented names of which is asked whether they are there, by spaces."""

chapter = Chapter("about", section="", source="module-multiprocessing")


@chapter.clause("about.version", level=UNSPECIFIED, methods=NO_METHOD)
def an_implementation_has_a_version(mp: Any, see: See) -> None:
    """The module has a `__version__`, or its distribution has one in its metadata."""
    top = mp.module_name.split(".")[0]
    for module in (mp.load(), sys.modules[top]):
        if isinstance(getattr(module, "__version__", None), str):
            see.records(number=module.__version__, told_by="module")
            return
    number = _distributed(top)
    if number:
        see.records(number=number, told_by="distribution")


def _distributed(top: str) -> str | None:
    """The version of the distribution that a package comes from, or None where there is none."""
    if top in getattr(sys, "stdlib_module_names", ("multiprocessing",)):
        return None
    names = [top]
    if sys.version_info >= (3, 10):
        names = importlib.metadata.packages_distributions().get(top, names)
    try:
        return importlib.metadata.version(names[0])
    except importlib.metadata.PackageNotFoundError:
        return None


@chapter.clause("about.names", level=UNSPECIFIED, methods=NO_METHOD)
def names_are_there(mp: Any, see: See) -> None:
    """The documented names of which is asked are there."""
    names = os.environ.get(NAMES, "").split()
    see.records(there=" ".join(name for name in names if is_there(mp, name)))


def is_there(mp: Any, name: str) -> bool:
    """Whether the implementation has a name such as "Barrier", "Queue.close" or "managers.SyncManager"."""
    parts = name.split(".")[1:] if name.startswith("multiprocessing.") else name.split(".")
    # What the package itself has to offer is looked for there; the classes of its objects lie in the submodules.
    for submodule in (None, *sorted(SUBMODULES)) if len(parts) > 1 else (None,):
        try:
            thing = mp if submodule is None else getattr(mp, submodule)
            for part in parts:
                thing = getattr(thing, part)
        except AttributeError:
            continue
        return True
    return False
