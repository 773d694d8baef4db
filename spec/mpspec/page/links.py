"""Where the public page speaks of a clause: the address that a report and a baseline send their reader to."""

from __future__ import annotations

from functools import cache

from mpspec.clause import Clause
from mpspec.registers import passages

EDITION = "3.13"
"""The edition that links lead to: the one whose passages have a register."""


def link(clause: Clause) -> str:
    """The page at the passage that the clause rests on, which a browser then highlights, or at its anchor."""
    if clause.passages:
        return _register()[clause.passages[0]].link(EDITION)
    return f"{passages.page(EDITION)}#{clause.source}"


@cache
def _register() -> dict[str, passages.Passage]:
    return {passage.id: passage for passage in passages.read(EDITION)}
