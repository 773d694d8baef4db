"""The choice among the start methods; each is imported when it is used for the first time."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..process import BaseProcess, Launched


def start(process: BaseProcess, method: str) -> Launched:
    """Start a child that runs `process` by the start method 'fork', 'spawn' or 'forkserver'."""
    if method == "fork":
        from .fork import start
    elif method == "spawn":
        from .spawn import start
    else:
        from .forkserver import start
    return start(process)
