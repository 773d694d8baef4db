"""What `os.posix_spawn` does for this package, for an interpreter that has no such function, as PyPy.

A fork of our own would not do: what the program has registered with os.register_at_fork() is not for a new program.
"""

from __future__ import annotations

import os
from _signal import SIG_BLOCK, SIG_SETMASK, pthread_sigmask  # type: ignore[import-not-found]  # `signal` is expensive

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

POSIX_SPAWN_OPEN, POSIX_SPAWN_CLOSE, POSIX_SPAWN_DUP2 = 0, 1, 2


def posix_spawn(
    program: str,
    arguments: Sequence[str],
    environment: None,
    *,
    file_actions: Iterable[tuple[Any, ...]],
    setsigmask: Iterable[int],
) -> int:
    """Start a program in a child of this process, and return its process id. OSError: it cannot be executed.

    environment: always that of this process, without what has an interpreter ask at its end what to do.
    file_actions: descriptors to hand down under their own numbers or as the standard input, standard streams that are
    the null device. All others are closed.
    """
    from subprocess import DEVNULL, Popen

    actions = list(file_actions)
    null = {number for action, number, *_ in actions if action == POSIX_SPAWN_OPEN}
    given = {there: here for action, here, *to in actions if action == POSIX_SPAWN_DUP2 for there in to}
    standard_input = given.pop(0, DEVNULL if 0 in null else None)
    inspected = "PYTHONINSPECT" in os.environ
    before = pthread_sigmask(SIG_BLOCK, setsigmask)
    try:
        child = Popen(
            arguments,
            executable=program,
            env={name: value for name, value in os.environ.items() if name != "PYTHONINSPECT"} if inspected else None,
            stdin=standard_input,
            stdout=DEVNULL if 1 in null else None,
            pass_fds=list(given),
            restore_signals=False,
        )
    finally:
        pthread_sigmask(SIG_SETMASK, before)
    child.returncode = 0  # it is for the caller to reap
    return child.pid
