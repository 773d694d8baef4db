"""The implementation under test, under the documented names.

`mp` in a clause is an Implementation: `mp.Process`, `mp.connection.wait`, `mp.get_context` are looked up in the modules
that the adapter names. A documented name that is not there raises Missing. Children find the same
implementation through the environment. Imported by every spawned child, hence next to no imports.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType
    from typing import Any, Callable

VARIABLE = "MPSPEC_IMPLEMENTATION"
"""Environment variable: "documented=module" for each documented module that has a module of its own, by spaces."""

SUBMODULES = frozenset(
    [
        "connection",
        "context",
        "dummy",
        "managers",
        "pool",
        "process",
        "queues",
        "shared_memory",
        "sharedctypes",
        "synchronize",
    ]
)


class Missing(AttributeError):
    """A documented name that the implementation does not offer."""


class Implementation:
    """Documented names of one documented module, resolved in the implementation.

    modules: documented module name -> name of the module that stands for it; "multiprocessing" has to be
    there, a submodule without an entry is looked for under it. prefix: the documented module.
    """

    def __init__(self, modules: Mapping[str, str], prefix: str = "multiprocessing") -> None:
        self._modules = dict(modules)
        self._prefix = prefix

    @property
    def module_name(self) -> str:
        """Name of the module that stands for the documented one; what a program has to import."""
        given = self._modules.get(self._prefix)
        if given is not None:
            return given
        return self._modules["multiprocessing"] + self._prefix[len("multiprocessing") :]

    @property
    def packages(self) -> set[str]:
        """Names of the packages that its modules lie in."""
        return {name.partition(".")[0] for name in self._modules.values()}

    def load(self) -> ModuleType:
        """The module itself. Raises Missing where it cannot be imported."""
        try:
            __import__(self.module_name)
        except ImportError as error:
            raise Missing(f"{self._prefix}: module {self.module_name} cannot be imported: {error}") from error
        return sys.modules[self.module_name]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if self._prefix == "multiprocessing" and name in SUBMODULES:
            part = Implementation(self._modules, f"{self._prefix}.{name}")
            part.load()  # a submodule that is not there is missing here, not at its first name
            return part
        try:
            return getattr(self.load(), name)
        except AttributeError:
            pass
        inner = f"{self.module_name}.{name}"
        if name in SUBMODULES:  # of multiprocessing.dummy, which need not have imported it
            try:
                __import__(inner)
                return sys.modules[inner]
            except ImportError:
                pass
        raise Missing(f"{self._prefix}.{name}")

    def __reduce__(self) -> tuple[Callable[..., Implementation], tuple[str | None]]:
        # A child looks its implementation up anew: what crosses over is only which documented module it is.
        return under_test, (self._prefix,)


def under_test(prefix: str = "multiprocessing") -> Implementation:
    """The Implementation that the environment of this process names.

    Raises LookupError where the environment names none, as in a process that no host started.
    """
    text = os.environ.get(VARIABLE)
    if text is None:
        raise LookupError(f"the environment variable {VARIABLE} names no implementation")
    return Implementation(dict(pair.split("=") for pair in text.split()), prefix)
