"""Processes that are started by a start method: the choice among the methods, and how children end with their parent.

Each method is imported when it is first used. A child finds the class of its process here: it needs no context.
"""

from __future__ import annotations

from .. import finalize, log, start_method
from .. import process as processes
from ..process import SIGKILL, SIGTERM, BaseProcess

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from ..state import Launched

GRACE = 2.0
"""Seconds that daemonic children are given at the exit of their parent between SIGTERM and SIGKILL."""

_ends_children: finalize.Finalizer | None = None


class Process(BaseProcess):
    """A process that is started by the start method of the program. See BaseProcess."""

    _mpref_method: str | None = None

    def _mpref_launch(self) -> Launched:
        return start(self, self._mpref_method or start_method.settled())


class ForkProcess(Process):
    """A process that is started by 'fork'. See BaseProcess."""

    _mpref_method = "fork"


class SpawnProcess(Process):
    """A process that is started by 'spawn'. See BaseProcess."""

    _mpref_method = "spawn"


class ForkServerProcess(Process):
    """A process that is started by 'forkserver'. See BaseProcess."""

    _mpref_method = "forkserver"


def start(process: BaseProcess, method: str) -> Launched:
    """Start a child that runs `process` by the start method 'fork', 'spawn' or 'forkserver'."""
    global _ends_children
    handle = (_starters.get(method) or _starter(method))(process)
    if _ends_children is None or not _ends_children.alive:
        _ends_children = finalize.Finalizer(_end_children, priority=finalize.CHILDREN)
    return handle


def _starter(method: str) -> Callable[[BaseProcess], Launched]:
    """Import what starts children by this method."""
    if method == "fork":
        from .fork import start
    elif method == "spawn":
        from .spawn import start
    else:
        from .forkserver.client import start
    _starters[method] = start
    return start


_starters: dict[str, Callable[[BaseProcess], Launched]] = {}


def _end_children() -> None:
    """Wait for the children, then end the daemonic ones, the stubborn by SIGKILL."""
    from time import monotonic

    try:
        for child in processes.living_children():
            if not (child.daemon or child.managed) and child.handle is not None:
                log.info("waiting for process %s", child.name)
                child.note(child.handle.wait(None))
    finally:
        daemons = [child for child in processes.living_children() if child.daemon]
        for number in (SIGTERM, SIGKILL):
            for child in daemons:
                if child.handle is not None:
                    child.handle.signal(number)
            deadline = monotonic() + GRACE
            for child in daemons:
                if child.handle is not None:
                    child.note(child.handle.wait(max(0.0, deadline - monotonic())))
