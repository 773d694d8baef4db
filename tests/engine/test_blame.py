"""What a failure comes from: a name that is not there is missing, whatever observation fails for want of it."""

from __future__ import annotations

import contextlib
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from mpconform.hosts import blame
from mpspec.clause import Clause
from mpspec.implementation import Implementation
from mpspec.observation.see import See

CLAUSE = Clause("sample", "none", "none", "Nothing is promised.", lambda mp, see: None)


@pytest.mark.parametrize(
    "observation",
    [See("", None).raises(ValueError), See("", None).takes(at_least=60), contextlib.nullcontext()],  # type: ignore[arg-type]
    ids=["raises", "takes", "none"],
)
def test_a_name_that_is_not_there_is_missing_though_an_observation_fails(observation: Any) -> None:
    mp = Implementation({"multiprocessing": "json"})
    with pytest.raises((AssertionError, AttributeError)) as raised, observation:
        mp.connection.wait([])
    told = blame.finding(raised.value, CLAUSE, mp)
    assert told["outcome"] == "missing"
    assert told["promised"] == "the name multiprocessing.connection exists"
    assert "`modules` in an adapter names another one" in told["seen"]


def told_of(thing: Any, mp: Implementation) -> tuple[str, list[str]]:
    """What is told where a clause asks the thing for a name that it has not."""
    with pytest.raises(AttributeError) as raised:
        _ = thing.nowhere
    told = blame.finding(raised.value, CLAUSE, mp)
    return told["outcome"], told.get("absent", [])


def test_what_an_object_of_any_of_its_packages_lacks_is_missing() -> None:
    """An adapter may name modules of several packages, and present them by a module that has no class of its own."""
    mp = Implementation({"multiprocessing": "presented", "multiprocessing.queues": "fractions.inner"})
    assert told_of(Fraction(1, 2), mp) == ("missing", ["Fraction.nowhere"])
    assert told_of(Decimal(1), mp) == ("broken", []), "it is no object of the implementation's"
