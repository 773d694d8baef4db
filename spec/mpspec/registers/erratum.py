"""An entry of the register of errata: one disagreement of the page and CPython."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Erratum:
    """One disagreement.

    clause: the clause that follows the page. page: what the page says, in our words. seen: version, or versions as in
    "3.9 to 3.11" or "3.9 to 3.13.11", -> what CPython does there. link: the upstream issue, or "" where none is known.
    """

    clause: str
    page: str
    seen: Mapping[str, str]
    link: str = ""

    def on(self, version: str) -> str | None:
        """What CPython of this version ("3.11", or "3.11.7") does, or None where it does not disagree."""
        asked = _number(version)
        for versions, behaviour in self.seen.items():
            first, _, last = map(_number, versions.partition(" to "))
            last = last or first
            if first <= asked[: len(first)] and asked[: len(last)] <= last:
                return behaviour
        return None


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))


ALL = "3.9 to 3.15"
