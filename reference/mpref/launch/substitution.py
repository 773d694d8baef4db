"""The package in the place of the standard library's: `multiprocessing` and every module of it are modules of this one.

They are the same modules under both names, so that classes are identical, and pickled by either name. A child that
is a fresh interpreter is told by its orders.
"""

from __future__ import annotations

import sys
from _frozen_importlib import ModuleSpec
from _frozen_importlib_external import PathFinder

from . import main_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType
    from typing import Any

STANDARD = "multiprocessing"
_HERE = __name__.partition(".")[0]


def install() -> None:
    """Let `multiprocessing` mean this package, in this process and in the children that it starts."""
    if main_module.replaces:
        return
    main_module.replaces = True
    for name in tuple(sys.modules):  # imported before the program, by what sets up the interpreter
        if name.startswith(f"{STANDARD}."):
            del sys.modules[name]
    sys.modules[STANDARD] = sys.modules[_HERE]
    sys.meta_path.insert(0, Finder)


class Finder:
    """Finds the modules of this package under the names of the standard library's."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Return the spec of such a module; None for any other, and for one that this package does not have."""
        if name == STANDARD:
            found = sys.modules[_HERE].__spec__
        elif name.startswith(f"{STANDARD}."):
            found = PathFinder.find_spec(_own(name), path)
        else:
            return None
        if found is None:
            return None
        package = found.submodule_search_locations is not None
        loader: Any = Loader()
        return ModuleSpec(name, loader, origin=found.origin, is_package=package)


class Loader:
    """Gives a module its second name. It stays what it is: it was imported by its own."""

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return the module of this package."""
        own = _own(spec.name)
        __import__(own)
        module = sys.modules[own]
        self._spec = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Take back what the import has made of its spec."""
        module.__spec__ = self._spec


def _own(name: str) -> str:
    return _HERE + name[len(STANDARD) :]
