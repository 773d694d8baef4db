"""Names in shared memory, and which of them are known to be those of certain processes. Linux: /dev/shm.

Other programs make and remove names there as well, unless the folder is private. A name is known to be a process's
where that process had it open or mapped: by inode, since a mapping may tell another name than the one that is left.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

FOLDER = os.path.realpath("/dev/shm")
VARIABLE = "MPSPEC_SHARED_MEMORY"
"""Environment variable: "private" where nobody but a host and what it starts sees what is in the folder."""


def private() -> bool:
    """Whether every name in the folder is the host's."""
    return os.environ.get(VARIABLE) == "private"


def names() -> dict[str, int]:
    """The names that there are, each with its inode."""
    try:
        with os.scandir(FOLDER) as entries:
            return {entry.name: entry.inode() for entry in entries}
    except OSError:
        return {}


def held(processes: Iterable[int | str], before: Mapping[str, int]) -> set[int]:
    """The inodes, of names that have come since, which these processes, by id or "self", have open or mapped now."""
    come = set(names().values()) - set(before.values())
    return come & _all_held(processes) if come else come


def _all_held(processes: Iterable[int | str]) -> set[int]:
    device = os.stat(FOLDER).st_dev
    here = f" {os.major(device):02x}:{os.minor(device):02x} "
    found: set[int] = set()
    for pid in processes:
        try:
            with open(f"/proc/{pid}/maps", encoding="utf-8", errors="replace") as maps:
                found.update(int(line.split(None, 5)[4]) for line in maps if here in line)
            descriptors = os.listdir(f"/proc/{pid}/fd")
        except OSError:
            continue  # the process is over, or another user's
        for name in descriptors:
            try:
                status = os.stat(f"/proc/{pid}/fd/{name}")
            except OSError:
                continue  # it has just been closed
            if status.st_dev == device:
                found.add(status.st_ino)
    return found
