"""What an implementation offers that has a part of the API: a pool alone, a context, a module of threads."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Offers:
    """The part that is judged.

    chapters: those whose clauses are run; names: documented names that are there, "Pool", "pool.AsyncResult", each with
    all that is below it; reason: why the others are not.
    """

    chapters: tuple[str, ...]
    names: tuple[str, ...]
    reason: str
