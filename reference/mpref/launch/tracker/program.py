"""The resource tracker's own program: remember what is registered, unlink what is left at the end.

A shell has waited for the first line, which comes as an argument. Nothing is imported until there is something to
unlink, and no other module of the package, ever.
"""

from __future__ import annotations

import os


def main(reading: int, first: list[str]) -> None:
    """Read lines ``+inode name`` and ``-0 name`` from a pipe until no process can write to it any more.

    first: the line that was read already, if any.
    """
    registered: dict[bytes, int] = {}
    lines, rest = [os.fsencode(line) for line in first], b""
    while True:
        for line in lines:
            inode, _, name = line[1:].partition(b" ")
            if line[:1] == b"+":
                registered[name] = int(inode)
            else:
                registered.pop(name, None)
        data = os.read(reading, 65536)
        if not data:
            break
        *lines, rest = (rest + data).split(b"\n")
    left = {os.fsdecode(name): inode for name, inode in registered.items()}
    if left:
        unlink([name for name, inode in left.items() if is_it(name, inode)])


def is_it(name: str, inode: int) -> bool:
    """Tell whether the block of this name is the one that was registered, as far as can be seen."""
    from _posixshmem import shm_open  # type: ignore[import-not-found]

    if not inode:
        return True
    try:
        descriptor = shm_open(name, os.O_RDONLY)
    except OSError:  # it is gone, or somebody else's
        return False
    try:
        return os.fstat(descriptor).st_ino == inode
    finally:
        os.close(descriptor)


def unlink(names: list[str]) -> None:
    """Unlink blocks of shared memory, and say so on the standard error stream, in one line."""
    from _posixshmem import shm_unlink

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
