"""The resource tracker's own program: remember what is registered, unlink what is left at the end.

It imports nothing until there is something to unlink, and no other module of the package, ever.
"""

from __future__ import annotations

import os


def main(reading: int) -> None:
    """Read lines ``+name`` and ``-name`` from a pipe until no process can write to it any more."""
    registered: dict[bytes, None] = {}
    rest = b""
    while data := os.read(reading, 65536):
        *lines, rest = (rest + data).split(b"\n")
        for line in lines:
            if line[:1] == b"+":
                registered[line[1:]] = None
            else:
                registered.pop(line[1:], None)
    if registered:
        unlink([os.fsdecode(name) for name in registered])


def unlink(names: list[str]) -> None:
    """Unlink blocks of shared memory, and say so on the standard error stream, in one line."""
    from _posixshmem import shm_unlink  # type: ignore[import-not-found]

    removed = []
    for name in names:
        try:
            shm_unlink(name)
        except FileNotFoundError:
            continue
        except OSError as error:
            removed.append(f"{name} (in vain: {error})")
        else:
            removed.append(name)
    if removed:
        text = f"resource tracker: shared memory left by ended processes, now unlinked: {', '.join(removed)}\n"
        os.write(2, text.encode(errors="backslashreplace"))
