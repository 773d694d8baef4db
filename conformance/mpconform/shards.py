"""Shards of a run: a stable share of its checks by their ids, so that several machines do one run together."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass

from mpconform.errors import Unusable


@dataclass(frozen=True)
class Shard:
    """One share. number: which, from 1; of: how many there are."""

    number: int
    of: int

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"

    def takes(self, check: str) -> bool:
        """Whether the check of this id is in the share: on every machine, and whatever else is selected."""
        return zlib.crc32(check.encode()) % self.of == self.number - 1


def shard(text: str) -> Shard:
    """Understand "2/3". Raises Unusable for anything else."""
    found = re.fullmatch(r"([1-9][0-9]{0,5})/([1-9][0-9]{0,5})", text)
    if found is None or int(found[1]) > int(found[2]):
        raise Unusable(f"--shard={text}: a shard is I/N, as in 1/3 to 3/3; give the number of this one and of all")
    return Shard(int(found[1]), int(found[2]))
