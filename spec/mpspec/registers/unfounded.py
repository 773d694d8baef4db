"""What clauses demand and the page never said: a debt, not a licence.

The table beside this module has a line for each such clause. An entry ends when the clause is given its passage, the
level that the page supports, or a body that demands no more.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

NOWHERE = "nowhere"
"""The clause is judged and rests on no passage at all."""
BEYOND = "beyond"
"""It rests on a passage, and its sentence or body demands something beside."""


class Debt(NamedTuple):
    """One clause that demands more than the page says."""

    clause: str
    """Its id."""
    rests: str
    """NOWHERE or BEYOND."""
    demand: str
    """What it demands, what the page leaves open, and what would be right."""


def read() -> list[Debt]:
    """The entries, in the order of the chapters."""
    _, *lines = Path(__file__).with_suffix(".tsv").read_text(encoding="utf-8").splitlines()
    return [Debt(*line.split("\t")) for line in lines]
