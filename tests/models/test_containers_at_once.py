"""What several processes see of a list that a manager shares, while all of them use it."""

from __future__ import annotations

import time
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from mpspec.models.containers import ListModel, Raised
from mpspec.models.primitives import Call, explains

from .container_operations import one_of, places
from .driver import PROCESSES, WORKERS, Implementation, Workers

at_once = one_of(
    ("append", some.integers(0, 9)),
    ("insert", places, some.integers(0, 9)),
    ("pop",),
    ("pop", places),
    ("len",),
    ("[]", places),
    ("[]=", places, some.integers(0, 9)),
    ("index", some.integers(0, 3)),
    ("count", some.integers(0, 3)),
)


def seen_at_once(workers: Workers, operations: list[list[tuple[Any, ...]]]) -> list[list[Call]]:
    """What comes of the operations of each worker on one list, where all begin at the same time."""
    workers.begin("Holders", PROCESSES)
    begin = time.monotonic() + 0.002
    for worker, todo in enumerate(operations):
        workers.start(worker, "series", begin, [("operate", what, 0, *given) for what, *given in todo])
    seen = [workers.outcome(worker) for worker in range(WORKERS)]
    workers.end()
    return [
        [
            Call(what, tuple(given), Raised(came) if kind == "raised" else came, began, ended)
            for (what, *given), ((kind, came, *_), began, ended) in zip(todo, of_worker, strict=True)
        ]
        for todo, of_worker in zip(operations, seen, strict=True)
    ]


def test_what_processes_see_of_a_list_at_the_same_time_has_an_explanation(implementation: Implementation) -> None:
    workers = Workers(implementation)

    @settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
    @given(some.lists(some.lists(at_once, min_size=1, max_size=8), min_size=WORKERS, max_size=WORKERS))
    def all_at_once(operations: list[list[tuple[Any, ...]]]) -> None:
        calls = seen_at_once(workers, operations)
        assert explains(ListModel(), calls), f"no order explains what came of these operations: {calls}"

    try:
        all_at_once()
    finally:
        workers.close()
