"""Where the page and CPython disagree: one entry each, to which the stdlib's baselines point."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Erratum:
    """One disagreement.

    clause: the clause that follows the page. page: what the page says, in our words. seen: version -> what that
    version of CPython does. link: the upstream issue, or "" where none is known.
    """

    clause: str
    page: str
    seen: Mapping[str, str]
    link: str = ""


ERRATA: tuple[Erratum, ...] = ()
