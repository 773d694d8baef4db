"""The chapter contexts, which its parts fill, and what several of them look at."""

from __future__ import annotations

import os
from typing import Any

from mpspec.clause import Chapter
from mpspec.contexts_targets import MEMORY, post_origin
from mpspec.see import See

chapter = Chapter("contexts", section="Contexts and start methods", source="multiprocessing-start-methods")

METHODS = {"fork": "fork", "spawn": "spawn", "forkserver": "forkserver"}
"""The names of the start methods as a table of cases."""


def origin(maker: Any, see: See) -> str:
    """Start a process by maker.Process: the start method that parent and memory of the child speak for."""
    MEMORY["changed"] = True
    box = see.mailbox()
    child = maker.Process(target=post_origin, args=(box,))
    child.start()
    parent, changed = box.take()
    see.exits(child, 0)
    if parent != os.getpid():
        return "forkserver"
    return "fork" if changed else "spawn"
