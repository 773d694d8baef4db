"""A folder that nobody else may enter, for the file of a Unix socket, whose path has to be short."""

from __future__ import annotations

import os
import tempfile

LONGEST = 100
"""Bytes of the path of a Unix socket that every platform takes: Linux takes 107, macOS 103."""


def private_folder(name: str) -> str:
    """Make a folder in which a file `name` has a path that can be the address of a socket, and return its path.

    It is where temporary files are, or else, where that path is too long, in /tmp or its like.
    OSError: there is no such place.
    """
    error: OSError | None = None
    for place in (tempfile.gettempdir(), "/tmp", "/var/tmp", "/dev/shm"):
        if len(os.fsencode(os.path.join(place, "mpref-????????", name))) > LONGEST:
            continue
        try:
            return tempfile.mkdtemp(prefix="mpref-", dir=place)
        except OSError as refusal:
            error = error or refusal
    raise error or OSError(f"there is no folder for temporary files whose path is short enough for a socket: {LONGEST}")
