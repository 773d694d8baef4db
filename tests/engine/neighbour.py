"""A program that makes and removes named shared memory and semaphores, and counts what vanished without its doing.

It does so until its standard input ends, then prints how many there were, and how many of them it did not find again.
"""

from __future__ import annotations

import os
import select
import sys
from _multiprocessing import SemLock, sem_unlink
from _posixshmem import shm_open, shm_unlink

KEPT = 40
"""How many there are at a time: each of them lasts longer than a check."""


def make(number: int) -> str:
    """One of them, of either kind, that nobody has open after this."""
    name = f"/neighbour-{os.getpid()}-{number}"
    if number % 2:
        SemLock(0, 1, 1, name, False)
    else:
        os.close(shm_open(name, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    return name


def found(number: int, name: str) -> bool:
    """Remove it: whether it was still there."""
    try:
        (sem_unlink if number % 2 else shm_unlink)(name)
    except FileNotFoundError:
        return False
    return True


def main() -> None:
    """Make and remove."""
    made: dict[int, str] = {}
    number = lost = 0
    print("ready", flush=True)
    # A pause between two, or it would leave no time to anybody else on a small machine.
    while not select.select([sys.stdin], [], [], 0.002)[0]:
        made[number] = make(number)
        number += 1
        if len(made) > KEPT:
            oldest = min(made)
            lost += not found(oldest, made.pop(oldest))
    lost += sum(not found(number, name) for number, name in made.items())
    print(number, lost, flush=True)


if __name__ == "__main__":
    main()
