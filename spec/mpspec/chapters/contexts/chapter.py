"""Contexts and start methods: how processes begin, how a program chooses, and what a child inherits.

With it go the functions about start methods, the fork server's preload, and the programming guidelines
that are about spawn and forkserver.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from mpspec.chapters.contexts.targets import MEMORY, post_origin
from mpspec.clause import Chapter
from mpspec.observation.see import See

if TYPE_CHECKING:
    from mpspec.observation.program import Program

chapter = Chapter(
    "contexts",
    section="Contexts and start methods",
    source="contexts-and-start-methods",
    subjects=(
        "inheritance",
        "forkserver",
        "resources",
        "context",
        "methods",
        "choice",
        "preload",
        "pickling",
        "main",
        "unguarded",
    ),
)

METHODS = {"fork": "fork", "spawn": "spawn", "forkserver": "forkserver"}
"""The names of the start methods as a table of cases."""

UNKNOWN = {"other-name": "thread", "empty": "", "upper-case": "FORK", "blank": "spawn "}
"""Names that no start method has."""


def origin(maker: Any, see: See) -> str:
    """Start a process by maker.Process: the start method that the child's parent and memory give away."""
    MEMORY["changed"] = True
    box = see.mailbox()
    child = maker.Process(target=post_origin, args=(box,))
    child.start()
    parent, changed = box.take()
    see.exits(child, 0)
    if parent != os.getpid():
        return "forkserver"
    return "fork" if changed else "spawn"


def prints(see: See, program: Program, out: str) -> None:
    """The program ends well, and this is all that it writes."""
    see.equal((program.status, program.out, program.err), (0, out, ""), "status, output and errors")
