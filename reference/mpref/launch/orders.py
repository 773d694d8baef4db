"""What a child that does not share its parent's memory has to be told before it can run a process object."""

from __future__ import annotations

import os
import sys

from .. import log, start_method
from .. import process as processes
from ..transfer import handover

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .interpreter import Head

    Place = tuple[str, str]
    """Where the main module is: ('module', name) or ('file', path)."""

    class Orders(Head):
        """What a child is told beside the pickled process."""

        argv: list[str]
        folder: str | None
        """The working directory; None: it was removed."""
        main: Place | None
        name: str
        identity: tuple[int, ...]
        daemon: bool
        authkey: bytes
        parent: tuple[str, int]
        """Its name and its process id."""
        method: str | None
        """The start method of the program, if that is settled."""
        log: tuple[int, bool] | None
        """What log.settings() has returned."""
        named: list[str]
        """The names of the last descriptors; those before them are taken by the objects among the arguments."""
        size: int
        """Bytes of the pickled process."""

    class SpawnOrders(Orders):
        """What a fresh interpreter is told that is to be a child."""

        descriptors: list[int]


def pickled(process: processes.BaseProcess, delivery: handover.Delivery) -> bytes:
    """Pickle a process object for its child; `delivery` collects the descriptors that are among its arguments.

    This comes first, so that a start that fails here has not begun.
    """
    state = process._mpref_
    work = state.target, state.args, state.kwargs
    try:
        return handover.pickle_for_child((process, state, work), delivery)
    except Exception as error:
        error.add_note(
            f"This happened when process {state.name!r} was pickled for the start method {delivery.method!r}: "
            "its target and arguments, and the attributes of a subclass, have to be picklable."
        )
        raise


def orders(process: processes.BaseProcess, size: int, delivery: handover.Delivery, named: dict[str, int]) -> Orders:
    """Return the orders for a child whose pickled process has `size` bytes.

    named: the descriptors that the child shall know by name; they are added to the `delivery`.
    """
    for descriptor in named.values():
        delivery.give(descriptor)
    state = process._mpref_
    return {
        "path": path(),
        "argv": arguments(),
        "folder": _folder(),
        "main": main_module(),
        "name": state.name,
        "identity": state.identity or (),
        "daemon": state.daemon,
        "authkey": bytes(state.authkey),
        "parent": (processes.current_process()._mpref_.name, os.getpid()),
        "method": start_method.fixed(),
        "log": log.settings(),
        "named": list(named),
        "size": size,
    }


def path() -> list[str]:
    """Return where modules are looked for, without what only hooks of this process understand."""
    return [one for one in sys.path if isinstance(one, str)]


def main_module() -> Place | None:
    """Say how a child can import the main module: ('module', name) or ('file', path); None if it cannot.

    It cannot where there is no file (-c, an interactive session), and it shall not where the main module
    is the ``__main__`` of a package, folder or archive: that is all program, no definitions, and unguarded.
    """
    main = sys.modules.get("__main__")
    name = getattr(getattr(main, "__spec__", None), "name", None)
    if name is not None:
        return None if name == "__main__" or name.endswith(".__main__") else ("module", name)
    file = getattr(main, "__file__", None)
    if file is None or (file.startswith("<") and file.endswith(">")):  # <stdin>
        return None
    return "file", os.path.abspath(file)


def arguments() -> list[str]:
    """Return the command line of this program; an interpreter that is embedded may have none."""
    return [str(one) for one in getattr(sys, "argv", ())]


def _folder() -> str | None:
    try:
        return os.getcwd()
    except OSError:  # it was removed
        return None
