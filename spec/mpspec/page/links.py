"""Where the public page speaks of a clause: the address that a report and a baseline send their reader to."""

from __future__ import annotations

from functools import cache

from mpspec.clause import Clause
from mpspec.registers import passages

EDITION = "3.13"
"""The edition that links lead to, unless only another one has the passage."""


def link(clause: Clause) -> str:
    """The page at the passage that the clause rests on, which a browser then highlights, or at its anchor."""
    if clause.passages:
        passage, edition = _registers()[clause.passages[0]]
        return passage.link(edition)
    return f"{passages.page(EDITION)}#{clause.source}"


@cache
def _registers() -> dict[str, tuple[passages.Passage, str]]:
    """Id -> the passage, with the edition that has it: where several do, EDITION, or else the newest."""
    found = {}
    for edition in [*passages.editions(), EDITION]:
        found.update({passage.id: (passage, edition) for passage in passages.read(edition)})
    return found
