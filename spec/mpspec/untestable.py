"""The register of what the page promises and no clause can test, each with its reason. Nothing else is left out."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Untestable:
    """One promise without a clause. source: its anchor; promise: in our words; reason: why nothing can show it."""

    source: str
    promise: str
    reason: str


UNTESTABLE: tuple[Untestable, ...] = ()
