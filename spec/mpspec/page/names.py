"""The names that the page documents, as far as its anchors tell."""

from __future__ import annotations

import functools

from mpspec.implementation import SUBMODULES
from mpspec.registers import passages

PACKAGE = "multiprocessing."


@functools.cache
def documented() -> frozenset[str]:
    """Functions, classes and submodules, under the package's name for them ("Queue") and the submodule's ("queues")."""
    found = set(SUBMODULES)
    for edition in passages.editions():
        for passage in passages.read(edition):
            anchor = passage.anchor.removeprefix("module-")
            if anchor.startswith(PACKAGE):
                first, _, rest = anchor.removeprefix(PACKAGE).partition(".")
                found |= {first, rest.partition(".")[0]} if first in SUBMODULES else {first}
    return frozenset(found - {""})


def is_documented(name: str) -> bool:
    """Whether a name such as "Barrier", "Queue.close" or "managers.SyncManager" begins with one of them."""
    first, _, rest = name.removeprefix(PACKAGE).partition(".")
    if first not in documented():
        return False
    return first not in SUBMODULES or not rest or rest.partition(".")[0].isidentifier()
