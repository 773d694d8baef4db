"""Items for queues: values of many kinds, sizes that take every way through a pipe, and what cannot be pickled."""

from __future__ import annotations

import pickle
from typing import Any


class Refuses:
    """Raises where it is pickled."""

    def __reduce__(self) -> Any:
        raise pickle.PicklingError("an object that refuses to be pickled")


def not_to_be_built() -> None:
    """Raise where an object is rebuilt."""
    raise ArithmeticError("an object that cannot be rebuilt")


VALUES: dict[str, Any] = {
    "none": None, "false": False, "zero": 0, "big": -(1 << 200), "float": 0.1, "text": "", "wide": "\N{SNOWMAN}\0",
    "bytes": b"\x00" * 4, "tuple": (), "nested": {"a": [1, (2, {3})], None: {}}, "class": dict,
    "function": not_to_be_built, "exception": KeyError,
}  # fmt: skip

SIZES = {
    "nothing": 0, "byte": 1, "below-4k": 4050, "4k": 4096, "above-4k": 4150, "below-64k": 65500, "64k": 65536,
    "above-64k": 65600, "megabyte": 1 << 20, "9-megabytes": 9_000_001,
}  # fmt: skip

MIXED = [10, 5_000, 0, 100_000, 3, 70_000, 4_090, 1, 20_000] * 4
"""Sizes of items that take every way through a pipe, mixed."""
