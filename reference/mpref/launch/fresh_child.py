"""What a child does that does not share its parent's memory, until it is like any other child.

It is on the way of every spawned process, so it imports what it needs and no more.
"""

from __future__ import annotations

import os
import sys
from _frozen_importlib_external import SourceFileLoader, SourcelessFileLoader  # `importlib` itself is half a ms

from .. import log, start_method
from .. import process as processes
from . import child, lifeline
from .inheritance import keep_only

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType, ModuleType
    from typing import Any, BinaryIO

    from .interpreter import Head
    from .main_module import Place
    from .orders import Orders, SpawnOrders


_replaced: list[ModuleType | None] = []
"""The main modules that were replaced: what is in use must not be collected."""

_imported: tuple[object, object] | None = None
"""The main module that this process has imported, with the path it was found by."""


def main(head: SpawnOrders, orders: BinaryIO) -> None:
    """Be the child that `orders` describe. The first function that a spawned interpreter calls."""
    body = orders.read(head["size"])
    orders.close()
    if len(body) < head["size"]:  # the parent died over it
        sys.exit(1)
    keep_only(head["descriptors"])
    replace_if_told(head)
    sys.exit(run_process(head, body, head["descriptors"]))


def replace_if_told(head: Head) -> None:
    """Let `multiprocessing` mean this package where it does so in the process that has started this interpreter."""
    if head["replaces"]:
        from . import substitution

        substitution.install()


def run_process(head: Orders, body: bytes | bytearray, descriptors: list[int]) -> int:
    """Take over what the parent has told, run the process object, and return the exit status."""
    places = len(descriptors) - len(head["named"])
    named = dict(zip(head["named"], descriptors[places:], strict=True))
    line = named.pop("lifeline")
    if "vital" in named:
        lifeline.vital.add(named.pop("vital"))
    lifeline.inherited.clear()
    lifeline.hold(named)
    if places:
        from ..transfer import handover

        handover.receive(descriptors[:places])

    waiting = processes.MainProcess(head["name"], head["identity"], head["daemon"], head["authkey"])
    child.begin(waiting, lifeline.ParentProcess(*head["parent"], line))
    _settle(head)
    main = head["main"]
    if main is not None:
        try:
            import_main(main, head["path"])
        except BaseException:
            child.report(head["name"], f"the main module could not be imported: {main[1]}\n")
            return 1
    try:
        from _pickle import loads

        process, state, work = loads(body)
        state.target, state.args, state.kwargs = work
        processes.be_known(process, state)  # its class may pickle as it likes
        if places:
            handover.close_untaken()
    except BaseException:
        lacking = "" if main else "; the main module, which has no file to be imported from, was not imported"
        child.report(head["name"], f"its process object could not be unpickled{lacking}\n")
        return 1
    processes.stand_in(process)
    return child.run(process)


def import_main(main: Place, path: list[str]) -> None:
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


def _settle(head: Orders) -> None:
    log.apply(head["log"])
    sys.path[:] = head["path"]
    sys.argv[:] = head["argv"]
    if head["folder"] is not None:
        try:  # noqa: SIM105
            os.chdir(head["folder"])
        except OSError:  # removed, or not to be entered: stay where the child was started
            pass
    start_method.fix(head["method"])


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
