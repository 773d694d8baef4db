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


METHODS = ("fork", "spawn", "forkserver")
"""Those of this platform."""

_default: str | None = None
_fixed: str | None = None


def fixed() -> str | None:
    """Return the start method of the program, once it is settled; None before."""
    return _fixed


def settled() -> str:
    """Return the start method of the program; where it is open, it is settled by that to be the default."""
    global _fixed
    _fixed = _fixed or default()
    return _fixed


def default() -> str:
    """Return the default of this platform, in the edition of this interpreter; it is found out when first asked for."""
    global _default
    if _default is None:
        if sys.platform == "darwin":  # where a fork is unsafe
            _default = "spawn"
        elif sys.version_info < (3, 14):
            _default = "fork"
        else:
            _default = "forkserver" if _can_write_temporary_files() else "spawn"
    return _default


def names() -> list[str]:
    """Return the start methods of this platform, the default first."""
    return sorted(METHODS, key=lambda method: method != default())


def _can_write_temporary_files() -> bool:
    """Tell whether there is a folder for temporary files. `tempfile`, which knows, takes long to import."""
    import os

    place = next((place for name in ("TMPDIR", "TEMP", "TMP") if (place := os.environ.get(name))), "/tmp")
    try:
        file = os.open(place, getattr(os, "O_TMPFILE", 0) | os.O_WRONLY, 0o600)
        try:
            if os.write(file, b"w"):
                return True
        finally:
            os.close(file)
    except OSError as error:  # not there, or not by this file system or platform
        if error.errno is None:
            raise  # a signal handler's
    import tempfile

    try:
        tempfile.gettempdir()
    except FileNotFoundError:
        return False
    return True


def fix(method: str | None) -> None:
    """Settle the start method of the program; None: it is open again."""
    global _fixed
    _fixed = method


def method_of(ctx: Context | None) -> str:
    """Return the start method of a context; None: that of the program, which is not settled by that."""
    return (_fixed if ctx is None else ctx.get_start_method()) or default()
