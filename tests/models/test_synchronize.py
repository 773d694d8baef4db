"""Hypothesis drives the primitives and their sequential models with the same calls, and shrinks the difference."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from hypothesis.stateful import initialize, precondition, rule, run_state_machine_as_test
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

from .company import USERS, Company, Machine

MODULES = ["mpref", "multiprocessing"]
SHORT = 0.003
# Who comes next is the implementation's choice: no rule depends on it, or a replay would not be one.
STEPS = settings(max_examples=15, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck))

users = some.integers(0, USERS - 1)


class Semaphores(Machine):
    """Lock, Semaphore, BoundedSemaphore: everybody may release."""

    @initialize(
        made=some.sampled_from(
            [("Lock", 1, 1), ("Semaphore", 0, None), ("Semaphore", 2, None), ("BoundedSemaphore", 2, 2)]
        )
    )
    def begin(self, made: tuple[str, int, int | None]) -> None:
        """Make one of them."""
        self.kind, free, bound = made
        self.open(SemaphoreModel(free=free, bound=bound), self.kind, *([] if self.kind == "Lock" else [free]))

    @rule(user=users, block=some.booleans(), timeout=some.sampled_from([-1, 0, SHORT]))
    def acquire_at_once(self, user: int, block: bool, timeout: float) -> None:
        """acquire() that has no time to wait succeeds exactly where something is free."""
        self.do(self.idle(user), "acquire", block, timeout)

    @rule(user=users)
    def acquire(self, user: int) -> None:
        """acquire() waits where nothing is free."""
        if self.may_wait():
            self.do(self.idle(user), "acquire")

    @rule(user=users)
    def release(self, user: int) -> None:
        """release() wakes exactly one of those who wait, and no Lock or BoundedSemaphore exceeds its bound."""
        self.do(self.idle(user), "release")

    @precondition(lambda self: self.kind != "Lock")
    @rule(user=users)
    def count(self, user: int) -> None:
        """get_value() is exact while nobody is amid anything."""
        self.do(self.idle(user), "get_value")


class Owned(Machine):
    """RLock, and what a condition does with its lock."""

    def begin(self) -> None:
        """Make an RLock."""
        self.open(RLockModel(), "RLock")

    initial = initialize()(begin)

    def owner(self) -> int | None:
        """Who has the lock."""
        return self.model.owner  # type: ignore[no-any-return, attr-defined]

    def recursive(self) -> bool:
        """Whether the owner may have it again."""
        return self.model.recursive  # type: ignore[no-any-return, attr-defined]

    @rule(user=users, block=some.booleans(), timeout=some.sampled_from([-1, 0, SHORT]))
    def acquire_at_once(self, user: int, block: bool, timeout: float) -> None:
        """acquire() that has no time to wait succeeds where it is free or one's own."""
        self.do(self.idle(user), "acquire", block, timeout)

    @rule(user=users)
    def acquire(self, user: int) -> None:
        """acquire() waits where another one has it."""
        user = self.idle(user)
        if self.may_wait() and (self.recursive() or user != self.owner()):
            self.do(user, "acquire")

    @rule()
    def release(self) -> None:
        """release() by the owner lets one of those in who wait, once it was called as often as acquire()."""
        owner = self.owner()
        if owner is not None:
            self.do(owner, "release")

    @rule(user=users)
    def release_of_another(self, user: int) -> None:
        """release() by anybody else is refused."""
        user = self.idle(user)
        if self.recursive() and user != self.owner():
            self.do(user, "release")


class Conditions(Owned):
    """Condition, on an RLock or a Lock."""

    @initialize(lock=some.sampled_from([[], ["RLock"], ["Lock"]]))
    def initial(self, lock: list[str]) -> None:
        """Make one."""
        unowned = "RuntimeError" if self.module == "mpref" else "AssertionError"
        self.open(ConditionModel(unowned=unowned, recursive=lock != ["Lock"]), "Condition", *lock)

    @rule()
    def wait(self) -> None:
        """wait() gives the lock to others and sleeps."""
        owner = self.owner()
        if owner is not None and self.may_wait():
            self.do(owner, "wait")

    @rule(timeout=some.sampled_from([0, SHORT]))
    def wait_in_vain(self, timeout: float) -> None:
        """wait(timeout) that nobody notifies comes back with False, and has the lock as soon as it is free."""
        owner = self.owner()
        if owner is not None:
            self.do(owner, "wait", timeout)

    def notifier(self) -> int | None:
        """Who may notify, while nobody's time runs out."""
        return None if any(one.timed for one in self.model.inside) else self.owner()

    @rule(n=some.integers(0, USERS))
    def notify(self, n: int) -> None:
        """notify(n) calls n of those who wait."""
        notifier = self.notifier()
        if notifier is not None:
            self.do(notifier, "notify", n)

    @rule()
    def notify_all(self) -> None:
        """notify_all() calls all who wait."""
        notifier = self.notifier()
        if notifier is not None:
            self.do(notifier, "notify_all")

    @rule(user=users, what=some.sampled_from(["wait", "notify", "notify_all"]))
    def use_without_lock(self, user: int, what: str) -> None:
        """Nothing goes without the lock."""
        user = self.idle(user)
        if user != self.owner() and (self.recursive() or self.owner() is None):
            self.do(user, what)


class Events(Machine):
    """Event."""

    @initialize()
    def begin(self) -> None:
        """Make one."""
        self.open(EventModel(strict=self.module == "mpref"), "Event")

    @rule(user=users, what=some.sampled_from(["set", "clear", "is_set", "pulse"]))
    def change(self, user: int, what: str) -> None:
        """The flag is what it was made; everybody who waits when it is made true comes back."""
        self.do(self.idle(user), what)

    @rule(user=users, timeout=some.sampled_from([-1, 0, SHORT]))
    def wait_in_vain(self, user: int, timeout: float) -> None:
        """wait(timeout) returns what the flag is."""
        self.do(self.idle(user), "wait", timeout)

    @rule(user=users)
    def wait(self, user: int) -> None:
        """wait() waits where it is false."""
        if self.may_wait():
            self.do(self.idle(user), "wait")


class Barriers(Machine):
    """Barrier with an action."""

    @initialize(parties=some.integers(1, USERS - 1))
    def begin(self, parties: int) -> None:
        """Make one."""
        self.open(BarrierModel(parties=parties), "Barrier", parties)

    @rule(user=users)
    def wait(self, user: int) -> None:
        """wait() waits until all parties have come, and gives each another number."""
        self.do(self.idle(user), "wait")

    @rule(user=users)
    def wait_in_vain(self, user: int) -> None:
        """wait(timeout) to which the others do not come breaks the barrier."""
        self.do(self.idle(user), "wait", SHORT)

    @rule(user=users, what=some.sampled_from(["abort", "reset", "broken", "n_waiting", "actions"]))
    def change(self, user: int, what: str) -> None:
        """Who waits is sent away by abort() and reset(); the action was called once for each round."""
        self.do(self.idle(user), what)


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("machine", [Semaphores, Owned, Conditions, Events, Barriers])
def test_a_primitive_does_as_its_model(machine: type[Machine], module: str) -> None:
    run_state_machine_as_test(type(machine.__name__, (machine,), {"module": module}), settings=STEPS)


def of_semaphore(what: Any) -> Any:
    return some.tuples(some.just("acquire"), some.booleans(), what) | some.tuples(some.just("release"))


TIMES = some.sampled_from([-1, 0, 0.0002])
FREE: dict[str, tuple[Callable[[str], Model], list[Any], Any]] = {
    "Lock": (lambda module: SemaphoreModel(bound=1), [], of_semaphore(TIMES)),
    "RLock": (lambda module: RLockModel(), [], of_semaphore(TIMES)),
    "Semaphore": (lambda module: SemaphoreModel(free=1), [1], of_semaphore(TIMES)),
    "BoundedSemaphore": (lambda module: SemaphoreModel(free=2, bound=2), [2], of_semaphore(TIMES)),
    "Event": (
        lambda module: EventModel(strict=module == "mpref"),
        [],
        some.sampled_from([("set",), ("clear",), ("is_set",)]) | some.tuples(some.just("wait"), TIMES),
    ),
}


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("kind", FREE)
def test_what_users_see_of_a_primitive_at_the_same_time_has_an_explanation(kind: str, module: str) -> None:
    model, arguments, order = FREE[kind]

    @settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
    @given(some.lists(some.lists(order, min_size=1, max_size=8), min_size=USERS, max_size=USERS))
    def all_at_once(orders: list[list[tuple[Any, ...]]]) -> None:
        company = Company(module, kind, *arguments)
        try:
            begin = time.monotonic() + 0.002
            for user, todo in enumerate(orders):
                company.begin(user, "series", begin, todo)
            came: dict[int, Any] = {}
            while len(came) < USERS:
                came.update(company.answers())
        finally:
            company.end()
        calls = [
            [Call(what, tuple(rest), *seen) for (what, *rest), seen in zip(todo, came[user], strict=True)]
            for user, todo in enumerate(orders)
        ]
        assert explains(model(module), calls), f"no order of these calls explains what came of them: {calls}"

    all_at_once()
