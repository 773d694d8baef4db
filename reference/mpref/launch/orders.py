"""What a child that does not share its parent's memory has to be told before it can run a process object."""

from __future__ import annotations

import os
import sys

from .. import log, start_method
from .. import process as processes
from ..transfer import handover
from . import main_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .interpreter import Head
    from .main_module import Place

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
        "path": main_module.path(),
        "replaces": main_module.replaces,
        "argv": arguments(),
        "folder": main_module.folder(),
        "main": main_module.place(),
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


def arguments() -> list[str]:
    """Return the command line of this program; an interpreter that is embedded may have none."""
    return [str.__str__(str(one)) for one in getattr(sys, "argv", ())]
