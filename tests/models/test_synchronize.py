"""Hypothesis drives the primitives and their sequential models with the same calls, and shrinks the difference."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from hypothesis.stateful import initialize, precondition, rule
from mpspec.models.primitives import (
    BarrierModel,
    Call,
    ConditionModel,
    EventModel,
    Model,
    RLockModel,
    SemaphoreModel,
    explains,
)

from .driver import WORKERS, Implementation, Workers
from .machine import WaitingMachine, run

SHORT = 0.003
# Which waiter comes next is the implementation's choice: no rule depends on it, or a replay would not be one.

workers = some.integers(0, WORKERS - 1)


class Semaphores(WaitingMachine):
    """Lock, Semaphore, BoundedSemaphore: any worker may release."""

    @initialize(
        made=some.sampled_from(
            [("Lock", 1, 1), ("Semaphore", 0, None), ("Semaphore", 2, None), ("BoundedSemaphore", 2, 2)]
        )
    )
    def begin(self, made: tuple[str, int, int | None]) -> None:
        """Make one of them."""
        self.kind, free, bound = made
        self.begin_with(SemaphoreModel(free=free, bound=bound), self.kind, *([] if self.kind == "Lock" else [free]))

    @rule(worker=workers, block=some.booleans(), timeout=some.sampled_from([-1, 0, SHORT]))
    def acquire_at_once(self, worker: int, block: bool, timeout: float) -> None:
        """acquire() that has no time to wait succeeds exactly where something is free."""
        self.do(self.idle(worker), "acquire", block, timeout)

    @rule(worker=workers)
    def acquire(self, worker: int) -> None:
        """acquire() waits where nothing is free."""
        if self.may_wait():
            self.do(self.idle(worker), "acquire")

    @rule(worker=workers)
    def release(self, worker: int) -> None:
        """release() wakes exactly one of those that wait, and no Lock or BoundedSemaphore exceeds its bound."""
        self.do(self.idle(worker), "release")

    @precondition(lambda self: self.kind != "Lock")
    @rule(worker=workers)
    def count(self, worker: int) -> None:
        """get_value() is exact while no operation is under way."""
        self.do(self.idle(worker), "get_value")


class Owned(WaitingMachine):
    """RLock, and what a condition does with its lock."""

    def begin(self) -> None:
        """Make an RLock."""
        self.begin_with(RLockModel(), "RLock")

    initial = initialize()(begin)

    def owner(self) -> int | None:
        """The worker that has the lock."""
        return self.model.owner  # type: ignore[no-any-return, attr-defined]

    def recursive(self) -> bool:
        """Whether the owner may have it again."""
        return self.model.recursive  # type: ignore[no-any-return, attr-defined]

    @rule(worker=workers, block=some.booleans(), timeout=some.sampled_from([-1, 0, SHORT]))
    def acquire_at_once(self, worker: int, block: bool, timeout: float) -> None:
        """acquire() that has no time to wait succeeds where it is free or one's own."""
        self.do(self.idle(worker), "acquire", block, timeout)

    @rule(worker=workers)
    def acquire(self, worker: int) -> None:
        """acquire() waits where another worker has it."""
        worker = self.idle(worker)
        if self.may_wait() and (self.recursive() or worker != self.owner()):
            self.do(worker, "acquire")

    @rule()
    def release(self) -> None:
        """release() by the owner lets one of those in that wait, once it was called as often as acquire()."""
        owner = self.owner()
        if owner is not None:
            self.do(owner, "release")

    @rule(worker=workers)
    def release_of_another(self, worker: int) -> None:
        """release() by any other is refused."""
        worker = self.idle(worker)
        if self.recursive() and worker != self.owner():
            self.do(worker, "release")


class Conditions(Owned):
    """Condition, on an RLock or a Lock."""

    @initialize(lock=some.sampled_from([[], ["RLock"], ["Lock"]]))
    def initial(self, lock: list[str]) -> None:
        """Make one."""
        unowned = "RuntimeError" if self.strict else "AssertionError"
        self.begin_with(ConditionModel(unowned=unowned, recursive=lock != ["Lock"]), "Condition", *lock)

    @rule()
    def wait(self) -> None:
        """wait() gives the lock to others and sleeps."""
        owner = self.owner()
        if owner is not None and self.may_wait():
            self.do(owner, "wait")

    @rule(timeout=some.sampled_from([0, SHORT]))
    def wait_in_vain(self, timeout: float) -> None:
        """wait(timeout) without a notification comes back with False, and has the lock as soon as it is free."""
        owner = self.owner()
        if owner is not None:
            self.do(owner, "wait", timeout)

    def notifier(self) -> int | None:
        """The worker that may notify, while no time runs out."""
        return None if any(one.timed for one in self.model.pending) else self.owner()

    @rule(n=some.integers(0, WORKERS))
    def notify(self, n: int) -> None:
        """notify(n) wakes n of those that wait."""
        notifier = self.notifier()
        if notifier is not None:
            self.do(notifier, "notify", n)

    @rule()
    def notify_all(self) -> None:
        """notify_all() wakes all that wait."""
        notifier = self.notifier()
        if notifier is not None:
            self.do(notifier, "notify_all")

    @rule(worker=workers, what=some.sampled_from(["wait", "notify", "notify_all"]))
    def use_without_lock(self, worker: int, what: str) -> None:
        """None of them works without the lock."""
        worker = self.idle(worker)
        if worker != self.owner() and (self.recursive() or self.owner() is None):
            self.do(worker, what)


class Events(WaitingMachine):
    """Event."""

    @initialize()
    def begin(self) -> None:
        """Make one."""
        self.begin_with(EventModel(strict=self.strict), "Event")

    @rule(worker=workers, what=some.sampled_from(["set", "clear", "is_set", "pulse"]))
    def change(self, worker: int, what: str) -> None:
        """The flag is what it was made; every waiter comes back when it is made true."""
        self.do(self.idle(worker), what)

    @rule(worker=workers, timeout=some.sampled_from([-1, 0, SHORT]))
    def wait_in_vain(self, worker: int, timeout: float) -> None:
        """wait(timeout) returns what the flag is."""
        self.do(self.idle(worker), "wait", timeout)

    @rule(worker=workers)
    def wait(self, worker: int) -> None:
        """wait() waits where it is false."""
        if self.may_wait():
            self.do(self.idle(worker), "wait")


class Barriers(WaitingMachine):
    """Barrier with an action."""

    @initialize(parties=some.integers(1, WORKERS - 1))
    def begin(self, parties: int) -> None:
        """Make one."""
        self.begin_with(BarrierModel(parties=parties), "Barrier", parties)

    @rule(worker=workers)
    def wait(self, worker: int) -> None:
        """wait() waits until all parties have come, and gives each another number."""
        self.do(self.idle(worker), "wait")

    @rule(worker=workers)
    def wait_in_vain(self, worker: int) -> None:
        """wait(timeout) to which the others do not come breaks the barrier."""
        self.do(self.idle(worker), "wait", SHORT)

    @rule(worker=workers, what=some.sampled_from(["abort", "reset", "broken", "n_waiting", "actions"]))
    def change(self, worker: int, what: str) -> None:
        """The waiters are sent away by abort() and reset(); the action was called once for each round."""
        self.do(self.idle(worker), what)


@pytest.mark.parametrize("machine", [Semaphores, Owned, Conditions, Events, Barriers])
def test_a_primitive_does_as_its_model(machine: type[WaitingMachine], implementation: Implementation) -> None:
    run(machine, implementation, examples=15, steps=25)


def of_semaphore(timeouts: Any) -> Any:
    return some.tuples(some.just("acquire"), some.booleans(), timeouts) | some.tuples(some.just("release"))


TIMES = some.sampled_from([-1, 0, 0.0002])
FREE: dict[str, tuple[Callable[[bool], Model], list[Any], Any]] = {
    "Lock": (lambda strict: SemaphoreModel(bound=1), [], of_semaphore(TIMES)),
    "RLock": (lambda strict: RLockModel(), [], of_semaphore(TIMES)),
    "Semaphore": (lambda strict: SemaphoreModel(free=1), [1], of_semaphore(TIMES)),
    "BoundedSemaphore": (lambda strict: SemaphoreModel(free=2, bound=2), [2], of_semaphore(TIMES)),
    "Event": (
        lambda strict: EventModel(strict=strict),
        [],
        some.sampled_from([("set",), ("clear",), ("is_set",)]) | some.tuples(some.just("wait"), TIMES),
    ),
}


@pytest.mark.parametrize("kind", FREE)
def test_what_workers_see_of_a_primitive_at_the_same_time_has_an_explanation(
    kind: str, implementation: Implementation
) -> None:
    model, arguments, operation = FREE[kind]
    workers = Workers(implementation)

    @settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
    @given(some.lists(some.lists(operation, min_size=1, max_size=8), min_size=WORKERS, max_size=WORKERS))
    def all_at_once(operations: list[list[tuple[Any, ...]]]) -> None:
        workers.begin(kind, *arguments)
        begin = time.monotonic() + 0.002
        for worker, todo in enumerate(operations):
            workers.start(worker, "series", begin, todo)
        seen = [workers.outcome(worker) for worker in range(WORKERS)]
        workers.end()
        calls = [
            [Call(what, tuple(rest), *one) for (what, *rest), one in zip(todo, came, strict=True)]
            for todo, came in zip(operations, seen, strict=True)
        ]
        assert explains(model(implementation.strict), calls), f"no order explains what came of these calls: {calls}"

    try:
        all_at_once()
    finally:
        workers.close()
