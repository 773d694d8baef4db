"""Where the public page speaks of a clause: the address that a report and a baseline send their reader to."""

from __future__ import annotations

from functools import cache

from mpspec.clause import Clause, Version
from mpspec.registers import passages

EDITION = "3.13"
"""The edition that links lead to where no implementation is judged, unless only another one has the passage."""


def link(clause: Clause, edition: Version | None = None) -> str:
    """The page at the passage that the clause rests on, which a browser then highlights, or at its anchor.

    edition: that which an implementation follows. Where there is no table of it, nobody knows whether the sentence
    stands there in the same words, and the link leads to the anchor.
    """
    asked = edition and ".".join(map(str, edition))
    if clause.passages:
        passage, known = _registers()[clause.passages[0]]
        if asked in (None, known):
            return passage.link(known)
    return f"{passages.page(asked or EDITION)}#{clause.source}"


@cache
def _registers() -> dict[str, tuple[passages.Passage, str]]:
    """Id -> the passage, with the edition that has it: where several do, EDITION, or else the newest."""
    found = {}
    for edition in [*passages.editions(), EDITION]:
        found.update({passage.id: (passage, edition) for passage in passages.read(edition)})
    return found
