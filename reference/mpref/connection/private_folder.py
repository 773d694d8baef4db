"""A folder that nobody else may enter, for the file of a Unix socket, whose path has to be short."""

from __future__ import annotations

import os
import sys

LONGEST = 100
"""Bytes of the path of a Unix socket that every platform takes: Linux takes 107, macOS 103."""

_ATTEMPTS = 100
"""How many names are tried where others have taken them."""


def private_folder(name: str) -> str:
    """Make a folder in which a file `name` has a path that can be the address of a socket, and return its path.

    It is where temporary files are, or else, where that path is too long, in /tmp or its like.
    OSError: there is no such place.
    """
    error: OSError | None = None
    for place in (*_places(), "/tmp", "/var/tmp", "/dev/shm"):
        if len(os.fsencode(os.path.join(place, "mpref-????????", name))) > LONGEST:
            continue
        try:
            return _made(place)
        except OSError as refusal:
            error = error or refusal
    raise error or OSError(f"there is no folder for temporary files whose path is short enough for a socket: {LONGEST}")


def _places() -> list[str]:
    """Return where temporary files are. `tempfile`, which knows, takes longer to import than a server to start."""
    tempfile = sys.modules.get("tempfile")
    if tempfile is not None:
        return [tempfile.gettempdir()]
    return [os.path.abspath(place) for name in ("TMPDIR", "TEMP", "TMP") if (place := os.environ.get(name))]


def _made(place: str) -> str:
    for _ in range(_ATTEMPTS):
        folder = os.path.join(place, f"mpref-{os.urandom(4).hex()}")
        try:
            os.mkdir(folder, 0o700)
        except FileExistsError:
            continue
        return folder
    raise FileExistsError(f"no name is left for a folder in {place!r}")
