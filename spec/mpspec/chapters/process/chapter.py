"""Process and exceptions: what a process object promises, from its constructor to the end of its child.

With it go the functions about processes: active_children, cpu_count, current_process, parent_process,
freeze_support, set_executable.
"""

from __future__ import annotations

import os
import threading
import warnings
from typing import Any

from mpspec.clause import Chapter
from mpspec.observation.see import See

chapter = Chapter(
    "process",
    section="Process and exceptions",
    source="process-and-exceptions",
    subjects=(
        "constructor",
        "start",
        "join",
        "name",
        "state",
        "daemon",
        "end",
        "exit",
        "streams",
        "program",
        "authkey",
        "sentinel",
        "termination",
        "interrupt",
        "exceptions",
        "active_children",
        "cpu_count",
        "current_process",
        "parent_process",
        "freeze_support",
        "set_executable",
    ),
)


def remove_leftovers(see: See) -> None:
    """Remove what a process that was killed could not: the page promises no tidy folder after a violent end."""
    from shutil import rmtree

    for name in os.listdir(see.folder):
        if not name.startswith(("mail-", "gate-")):
            rmtree(os.path.join(see.folder, name), ignore_errors=True)


def start_in_a_thread(process: Any) -> None:
    """Start the process from a thread that has ended afterwards."""
    starter = threading.Thread(target=process.start)
    with warnings.catch_warnings():
        # Forking beside a thread may warn, which other clauses are about; under -W error it would raise.
        warnings.simplefilter("ignore", DeprecationWarning)
        starter.start()
        starter.join()
