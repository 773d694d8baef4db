"""The register of what the page promises and no clause can test, each with its reason. Nothing else is left out."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Untestable:
    """One promise without a clause. source: its anchor; promise: in our words; reason: why nothing can show it."""

    source: str
    promise: str
    reason: str


UNTESTABLE: tuple[Untestable, ...] = (
    Untestable(
        "module-multiprocessing.sharedctypes",
        "a pointer in shared memory is an address of one process, and following it in another is likely to crash",
        "what follows is a matter of chance: the address may happen to be mapped",
    ),
    Untestable(
        "multiprocessing.sharedctypes.synchronized",
        "access through a wrapper can be a lot slower than to the object itself",
        "a matter of speed, which the benchmarks show",
    ),
    Untestable(
        "multiprocessing.sharedctypes.RawArray",
        "reading and assigning an item may be non-atomic",
        "it may as well be atomic: nothing could break it",
    ),
)
