"""Run by every interpreter of `mpconform exec` at its start: `multiprocessing` and its modules mean an implementation.

The environment says which. They are the same modules under both names. The standard library's own package is what the
implementation finds while its modules are imported, in case it is derived from it. Then comes the sitecustomize that
this one hides.
"""

from __future__ import annotations

import os
import sys
from _frozen_importlib import ModuleSpec
from _frozen_importlib_external import FileLoader, PathFinder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any, Callable

MODULES = "MPCONFORM_EXEC_MODULES"
"""Environment variable: "documented=module" for each documented module that has a module of its own, by spaces."""
EXPOSED = "MPCONFORM_EXEC_EXPOSED"
"""Environment variable: the path of each package that has to be found, by line breaks."""
STANDARD = "multiprocessing"


class Finder:
    """Finds the modules of an implementation under the documented names, too.

    modules: documented module -> module. exposed: name of a package -> the folder it lies in.
    """

    def __init__(self, modules: dict[str, str], exposed: dict[str, str]) -> None:
        self._modules = modules
        self._exposed = exposed
        self._own = {module.partition(".")[0] for module in modules.values()} - {STANDARD}
        self._importing = False
        self._standard: dict[str, ModuleType] = {}

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        """Return the spec of a module that this finder gives; None for any other."""
        top = name.partition(".")[0]
        if top == STANDARD and not self._importing:
            loader: Any = Loader(self)
            return ModuleSpec(name, loader) if self._there(self.module(name)) else None
        if top in self._own and not self._importing:
            return self._with_the_standard_package(self._found(name, path))
        return self._found(name, None) if name in self._exposed else None

    def module(self, documented: str) -> str:
        """Return the name of the module that stands for the documented one."""
        head, rest = documented, ""
        while head not in self._modules:
            head, _, last = head.rpartition(".")
            rest = f".{last}{rest}"
        return self._modules[head] + rest

    def load(self, documented: str) -> ModuleType:
        """Return the module that stands for the documented one.

        ImportError: the implementation starts processes by the package in whose place it would be.
        """
        own = self.module(documented)
        if own.partition(".")[0] == STANDARD:
            self._meanwhile_standard(__import__, own)
            return self._standard[own]
        __import__(own)
        standard = getattr(self._standard.get(STANDARD), "Process", None)
        if standard is not None and getattr(sys.modules[own], "Process", None) is standard:
            raise ImportError(f"{own}.Process is that of the standard library, in whose place it cannot be put")
        return sys.modules[own]

    def load_parts(self, package: ModuleType) -> None:
        """Let modules of their own be found below what is no package: an import would look for nothing there."""
        if not hasattr(package, "__path__"):
            for name in self._modules:
                if name.rpartition(".")[0] == STANDARD:
                    part = sys.modules[name] = self.load(name)
                    setattr(package, name.rpartition(".")[2], part)

    def _there(self, name: str) -> bool:
        """Tell whether there is such a module. Those it lies in are imported, if they are not."""
        above = name.rpartition(".")[0]
        if not above or above == STANDARD or name in sys.modules:
            return True  # or its import tells that there is none
        if not self._there(above):
            return False
        __import__(above)
        place = getattr(sys.modules[above], "__path__", None)
        return name in sys.modules or (place is not None and self._found(name, place) is not None)

    def _found(self, name: str, path: Any) -> ModuleSpec | None:
        """Return what this finder or the others find under this very name."""
        if name in self._exposed:
            return PathFinder.find_spec(name, [self._exposed[name]])
        found = (each.find_spec(name, path, None) for each in sys.meta_path if each is not self)
        return next((spec for spec in found if spec is not None), None)

    def _with_the_standard_package(self, spec: ModuleSpec | None) -> ModuleSpec | None:
        loader: Any = spec.loader if spec is not None else None
        if FileLoader in type(loader).__mro__:  # the others serve several modules at once
            execute = loader.exec_module
            loader.exec_module = lambda module: self._meanwhile_standard(execute, module)
        return spec

    def _meanwhile_standard(self, call: Callable[[Any], object], argument: Any) -> None:
        """Call a function that imports. Meanwhile `multiprocessing` is the standard library's."""
        if self._importing:
            call(argument)
            return
        ours, self._importing = _taken(), True
        sys.modules.update(self._standard)
        try:
            call(argument)
        finally:
            self._standard, self._importing = _taken(), False
            sys.modules.update(ours)


class Loader:
    """Gives a module its documented name. It stays what it is: it was imported by its own."""

    def __init__(self, finder: Finder) -> None:
        self._finder = finder

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return the module."""
        module = self._finder.load(spec.name)
        self._spec = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Take back what the import has made of its spec."""
        package = module.__spec__ is not None and module.__spec__.name == STANDARD
        module.__spec__ = self._spec
        if package:
            self._finder.load_parts(module)


def _taken() -> dict[str, ModuleType]:
    """Take what is known as `multiprocessing` from the modules of this process."""
    names = [name for name in sys.modules if name.partition(".")[0] == STANDARD]
    return {name: sys.modules.pop(name) for name in names}


def _install() -> None:
    given = os.environ.get(MODULES)
    if given:
        modules = dict(pair.split("=") for pair in given.split())
        places = [os.path.split(path) for path in os.environ.get(EXPOSED, "").splitlines()]
        finder: Any = Finder(modules, {name.partition(".")[0]: folder for folder, name in places})
        _taken()  # what was imported by the site
        sys.meta_path.insert(0, finder)


def _go_on() -> None:
    """Run the sitecustomize that the environment or the site has, as if this one were not there."""
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry) != here]
    del sys.modules[__name__]
    __import__(__name__)  # that there is none, the site takes as well from here


if __name__ == "sitecustomize":
    _install()
    _go_on()
