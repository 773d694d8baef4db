"""Where the public page speaks of a clause: the address that a report and a baseline send their reader to."""

from __future__ import annotations

from functools import cache

from mpspec.clause import Clause, Version
from mpspec.registers import passages

EDITION = "3.13"
"""The edition that links lead to where no implementation is judged: the oldest that has the passage."""


def link(clause: Clause, edition: Version | None = None) -> str:
    """The page at the passage that the clause rests on, which a browser then highlights, or at its anchor.

    edition: that which an implementation follows. Where there is no table of it, nobody knows whether the sentence
    stands there in the same words, and the link leads to the anchor.
    """
    asked = edition and ".".join(map(str, edition))
    for known in passages.editions() if asked is None else [asked]:
        register = _register(known)
        for id in clause.passages:
            if id in register:
                return register[id].link(known)
    return f"{passages.page(asked or EDITION)}#{clause.source}"


@cache
def _register(edition: str) -> dict[str, passages.Passage]:
    """Id -> the passage, of those that the edition has; none where there is no table of it."""
    if edition not in passages.editions():
        return {}
    return {passage.id: passage for passage in passages.read(edition)}
