"""What the documentation has: its editions, the submodules of the package, and the names that it describes."""

from __future__ import annotations

import difflib
import functools
import queue
import re
import threading
from collections.abc import Iterable
from pathlib import Path

import mpspec.chapters
from mpspec.implementation import SUBMODULES
from mpspec.registers import passages

PACKAGE = "multiprocessing"
EDITIONS = tuple(f"3.{minor}" for minor in range(4, 16))
"""The editions of the page that an implementation can follow: start methods came with the first of them."""
MODULES = tuple(sorted(f"{PACKAGE}.{name}" for name in SUBMODULES))
"""The documented submodules, in full."""

ORIGINALS: dict[str, type] = {
    "Queue": queue.Queue,
    "JoinableQueue": queue.Queue,
    **{name: type(getattr(threading, name)()) for name in ("Condition", "Event", "Lock", "RLock", "Semaphore")},
    "Barrier": threading.Barrier,
    "BoundedSemaphore": threading.BoundedSemaphore,
}
"""Documented class -> the class of another module whose methods it has."""

_NAME = re.compile(rf"\b(?:mp|{PACKAGE})\.([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)")


@functools.cache
def names() -> frozenset[str]:
    """The names of which the page or a clause speaks, without the package's: "Pool", "Process.close", "managers"."""
    found = {*SUBMODULES}
    for edition in passages.editions():
        for passage in passages.read(edition):
            if passage.anchor.startswith(PACKAGE + "."):
                found.add(passage.anchor.removeprefix(PACKAGE + "."))
    # A clause may speak of what the page describes without an anchor.
    for path in Path(mpspec.chapters.__path__[0]).rglob("*.py"):
        found.update(_NAME.findall(path.read_text(encoding="utf-8")))
    # What the page calls a clone, or an equivalent, has the methods of the original.
    for name, original in ORIGINALS.items():
        found.update(f"{name}.{method}" for method in dir(original) if not method.startswith("_"))
    # The page describes the pool's class in its module, and offers it in the package.
    found.update([name.removeprefix("pool.") for name in found if name.startswith("pool.Pool")])
    return frozenset(found)


def near(name: str, known: Iterable[str]) -> str:
    """ "; near it: connection, context" for the names that come near; nothing where none does."""
    found = difflib.get_close_matches(name, sorted(known), n=3)
    return f"; near it: {', '.join(found)}" if found else ""
