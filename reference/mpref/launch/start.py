"""The choice among the start methods, each imported when it is first used; and how children end with their parent."""

from __future__ import annotations

from .. import finalize, log
from .. import process as processes
from ..process import SIGKILL, SIGTERM

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..process import BaseProcess, Launched

GRACE = 2.0
"""Seconds that daemonic children are given at the exit of their parent between SIGTERM and SIGKILL."""

_ends_children: finalize.Finalizer | None = None


def start(process: BaseProcess, method: str) -> Launched:
    """Start a child that runs `process` by the start method 'fork', 'spawn' or 'forkserver'."""
    global _ends_children
    if method == "fork":
        from .fork import start
    elif method == "spawn":
        from .spawn import start
    else:
        from .forkserver.client import start
    handle = start(process)
    if _ends_children is None or not _ends_children.alive:
        _ends_children = finalize.Finalizer(_end_children, priority=finalize.CHILDREN)
    return handle


def _end_children() -> None:
    """Wait for the children, then end the daemonic ones, the stubborn by SIGKILL."""
    from time import monotonic

    try:
        for child in processes.active_children():
            if not child._daemon and child._handle is not None:
                log.info("waiting for process %s", child._name)
                child._note(child._handle.wait(None))
    finally:
        daemons = [child for child in processes.active_children() if child._daemon]
        for number in (SIGTERM, SIGKILL):
            for child in daemons:
                if child._handle is not None:
                    child._handle.signal(number)
            deadline = monotonic() + GRACE
            for child in daemons:
                if child._handle is not None:
                    child._note(child._handle.wait(max(0.0, deadline - monotonic())))
