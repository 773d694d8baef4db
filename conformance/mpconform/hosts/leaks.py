"""What a host left behind outside of its own memory: files in its folder, and names in shared memory."""

from __future__ import annotations

import contextlib
import os

SHARED_MEMORY = "/dev/shm"


def named() -> set[str]:
    """The names that there are in shared memory."""
    try:
        return set(os.listdir(SHARED_MEMORY))
    except OSError:
        return set()


def left_behind(folder: str, named_before: set[str]) -> list[str]:
    """What is left in the host's folder, and what has come into shared memory, which is removed: in words."""
    left = [f"temporary file {name}" for name in sorted(os.listdir(folder))]
    for name in sorted(named() - named_before):
        left.append(f"named semaphore {name[4:]}" if name.startswith("sem.") else f"shared memory {name}")
        with contextlib.suppress(OSError):
            os.unlink(os.path.join(SHARED_MEMORY, name))
    return left
