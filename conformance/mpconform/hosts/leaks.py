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


def files(folder: str) -> list[str]:
    """What is left in the host's folder, in words."""
    return [f"temporary file {name}" for name in sorted(os.listdir(folder))]


def come_since(named_before: set[str]) -> list[str]:
    """What has come into shared memory, in words; it is removed."""
    left = []
    for name in sorted(named() - named_before):
        left.append(f"named semaphore {name[4:]}" if name.startswith("sem.") else f"shared memory {name}")
        with contextlib.suppress(OSError):
            os.unlink(os.path.join(SHARED_MEMORY, name))
    return left
