"""What a failure comes from: a name that is not there is missing, whatever observation fails for want of it."""

from __future__ import annotations

import contextlib
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
