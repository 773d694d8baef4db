"""The start methods of this platform, and which one this program uses."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    class Context(Protocol):
        """What shared objects want to know of the context that they are made for."""

        def get_start_method(self) -> str | None:
            """Return the start method of its processes."""


METHODS = ("spawn", "fork", "forkserver") if sys.platform == "darwin" else ("fork", "spawn", "forkserver")
"""Those of this platform, the default first. On macOS a fork is unsafe."""

DEFAULT = METHODS[0]

_fixed: str | None = None


def fixed() -> str | None:
    """Return the start method of the program, once it is settled; None before."""
    return _fixed


def settled() -> str:
    """Return the start method of the program; where it is open, it is settled by that to be the default."""
    global _fixed
    _fixed = _fixed or DEFAULT
    return _fixed


def fix(method: str | None) -> None:
    """Settle the start method of the program; None: it is open again."""
    global _fixed
    _fixed = method


def method_of(ctx: Context | None) -> str:
    """Return the start method of a context; None: that of the program, which is not settled by that."""
    return (_fixed if ctx is None else ctx.get_start_method()) or DEFAULT
