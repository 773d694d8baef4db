"""The main module of the program, as a child imports it. Section "The spawn and forkserver start methods"."""

from __future__ import annotations

import sys
from _frozen_importlib_external import SourceFileLoader, SourcelessFileLoader  # `importlib` itself is half a ms

from .. import process as processes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType, ModuleType
    from typing import Any

    Place = tuple[str, str]
    """('module', name) or ('file', path)."""

_replaced: list[ModuleType | None] = []
"""The main modules that were replaced: what is in use must not be collected."""

_imported: tuple[object, object] | None = None
"""The main module that this process has imported, with the path it was found by."""


def load(main: Place, path: list[str]) -> None:
    """Import the main module under the name ``__mp_main__``, unless this process has it already."""
    global _imported
    if _imported == (main, path):
        return
    processes.importing_main = True
    try:
        kind, where = main
        module = _from_module(where) if kind == "module" else _from_file(where)
        sys.modules["__main__"] = sys.modules["__mp_main__"] = module
        _imported = main, list(path)
    finally:
        processes.importing_main = False


def _from_file(file: str) -> ModuleType:
    loader = SourceFileLoader("__mp_main__", file)
    module = _begin(file, loader)
    if file.endswith(".pyc"):
        code = SourcelessFileLoader("__mp_main__", file).get_code("__mp_main__")
    else:
        code = loader.source_to_code(loader.get_data(file), file)
    _execute(code, module)
    return module


def _from_module(name: str) -> ModuleType:
    from importlib.util import find_spec

    spec = find_spec(name)
    if spec is None or spec.loader is None:
        raise ImportError(f"no module named {name!r} on sys.path", name=name)
    module = _begin(spec.origin, spec.loader)
    module.__spec__ = spec
    module.__package__ = spec.parent
    _execute(getattr(spec.loader, "get_code")(name), module)  # noqa: B009  # not every loader has it
    return module


def _execute(code: CodeType | None, module: ModuleType) -> None:
    if code is None:
        raise ImportError(f"there is no code to be found for {module.__file__}")
    exec(code, module.__dict__)


def _begin(file: str | None, loader: Any) -> ModuleType:
    """Make the module that is going to be the main module; what it defines is looked up there at once."""
    module = type(sys)("__mp_main__")
    module.__file__ = file
    module.__loader__ = loader
    _replaced.append(sys.modules.get("__main__"))
    sys.modules["__main__"] = sys.modules["__mp_main__"] = module
    return module
