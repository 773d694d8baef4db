"""Correct implementations that are built differently are called neither broken, nor hung, nor leaking.

Here the clauses that see whether somebody waits, and of some all that they name, by fork; `python tools/difference.py`
has all, by every method.
"""

from __future__ import annotations

import inspect
import os

import difference
import pytest
from mpconform.checks import Check

WORDS = ("see.blocks(", "see.settles(", "interrupted(")
"""What a clause says that sees whether somebody waits."""
WHOLE = ("managers", "rebuilt_pools", "threads")
"""What differs otherwise than in how it waits: every clause that it names can see that."""
JOBS = 3 * (os.cpu_count() or 1)
"""Checks at once: most of them wait."""


def sees_a_wait(check: Check) -> bool:
    """Whether the clause itself says so; what it calls may do so as well."""
    return any(word in inspect.getsource(check.clause.body) for word in WORDS)


@pytest.mark.parametrize("name", sorted(path.stem for path in difference.FOLDER.glob("*.toml")))
def test_a_correct_implementation_keeps_what_it_promises_however_it_is_built(name: str) -> None:
    different = difference.read(difference.FOLDER / f"{name}.toml")
    concerned = difference.concerned(different, ["fork"])
    wanted = [check for check in concerned if name in WHOLE or sees_a_wait(check)]
    assert len(wanted) > 20, "the clauses are found by what they say"
    with difference.reached(different) as implementation:
        found = difference.deviations(implementation, wanted, JOBS)
    assert not found, difference.told(found)
