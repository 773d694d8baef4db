"""Hypothesis drives the primitives and their sequential models with the same calls, and shrinks the difference.

Four users, two threads of each of two processes, do one thing after another; who has to wait does, known asleep by
the kernel's account of him. After each call the model knows who has to come back, with what, and who has not.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mpref
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test
from mpspec import kernel
from mpspec.synchronize_models import (
    BarrierModel,
    Call,
    ConditionModel,
    EventModel,
    Model,
    RLockModel,
    SemaphoreModel,
    explains,
)

AGENT = Path(__file__).with_name("primitive_agent.py")
MODULES = ["mpref", "multiprocessing"]
PROCESSES, THREADS = 2, 2
USERS = PROCESSES * THREADS
PATIENCE = 20.0
"""Seconds for an answer: a call that should come back has hung after that."""
SAMPLE = 0.002
"""Seconds in which a sleeper is not woken: long enough for one who was to be scheduled."""
SHORT = 0.003
STEPS = settings(max_examples=20, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck))

users = some.integers(0, USERS - 1)


class Company:
    """The users of one primitive."""

    def __init__(self, module: str, kind: str, *arguments: Any) -> None:
        mine: list[tuple[int, int]] = []
        theirs: list[list[int]] = []
        for _ in range(USERS):
            told, tell = os.pipe()
            hear, say = os.pipe()
            mine.append((tell, hear))
            theirs.append([told, say])
        self._ends = mine
        self._heard = [b""] * USERS
        path = [str(Path(mpref.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
        ends = [theirs[at : at + THREADS] for at in range(0, USERS, THREADS)]
        self._process = subprocess.Popen(
            [sys.executable, str(AGENT), module, kind, json.dumps(arguments), json.dumps(ends)],
            pass_fds=[end for pair in theirs for end in pair],
            start_new_session=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path)},
        )
        for pair in theirs:
            for end in pair:
                os.close(end)
        self._who = [self._line(user) for user in range(USERS)]

    def begin(self, user: int, *order: Any) -> None:
        """Have a user begin something."""
        os.write(self._ends[user][0], json.dumps(order).encode() + b"\n")
        assert self._line(user) == "begun"

    def answers(self, timeout: float = PATIENCE) -> list[tuple[int, Any]]:
        """What came, of those who came back first."""
        return [(user, self._line(user)) for user in self._who_came(timeout)]

    def asleep(self, waiting: list[int]) -> bool:
        """Whether these users sleep, and none has come back."""
        return all(kernel.thread_sleeps(*self._who[user], SAMPLE) for user in waiting) and not self._who_came(0)

    def end(self) -> None:
        """End them, whatever they are doing."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for pair in self._ends:
            for end in pair:
                os.close(end)

    def _who_came(self, timeout: float) -> list[int]:
        users = [user for user in range(USERS) if self._heard[user]]
        if not users:
            readable, _, _ = select.select([hear for _, hear in self._ends], [], [], timeout)
            users = [user for user in range(USERS) if self._ends[user][1] in readable]
        return users

    def _line(self, user: int) -> Any:
        hear = self._ends[user][1]
        while b"\n" not in self._heard[user]:
            assert select.select([hear], [], [], PATIENCE)[0], f"user {user} does not answer"
            some_bytes = os.read(hear, 65_536)
            assert some_bytes, f"user {user} is gone"
            self._heard[user] += some_bytes
        line, _, self._heard[user] = self._heard[user].partition(b"\n")
        return json.loads(line)


class Machine(RuleBasedStateMachine):
    """A primitive beside its model. module: of the implementation; a subclass names it."""

    module = "mpref"
    patience = PATIENCE
    company: Company | None = None
    model: Model

    def open(self, model: Model, kind: str, *arguments: Any) -> None:
        """Make both."""
        self.model = model
        self.company = Company(self.module, kind, *arguments)

    def idle(self, user: int) -> int:
        """One of those who are in no call, by a number."""
        free = [one for one in range(USERS) if self.model.find(one) is None]
        return free[user % len(free)]

    def may_wait(self) -> bool:
        """Whether somebody else is left if one has to wait."""
        return len(self.model.inside) < USERS - 1

    def do(self, user: int, what: str, *arguments: Any) -> None:
        """Have a user call something, and hold everybody who has to come back against the model."""
        assert self.company is not None
        self.model = self.model.call(user, what, *arguments)
        self.company.begin(user, what, *arguments)
        deadline = time.monotonic() + self.patience
        while (due := self.model.due()) or not self.company.asleep([one.user for one in self.model.inside]):
            for who, outcome in self.company.answers(self.patience if due else 0):
                self.model = self.model.returned(who, outcome)
            if time.monotonic() > deadline:
                type(self).patience = PATIENCE / 10  # it has failed: to shrink it, each try need not take so long
                raise AssertionError(f"none of the users {due} comes back from {self.model.inside}")

    def teardown(self) -> None:
        """End the users."""
        if self.company is not None:
            self.company.end()


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

    @precondition(lambda self: self.may_wait())
    @rule(user=users)
    def acquire(self, user: int) -> None:
        """acquire() waits where nothing is free."""
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

    @precondition(lambda self: self.may_wait())
    @rule(user=users)
    def acquire(self, user: int) -> None:
        """acquire() waits where another one has it."""
        user = self.idle(user)
        if self.recursive() or user != self.owner():
            self.do(user, "acquire")

    @precondition(lambda self: self.owner() is not None)
    @rule()
    def release(self) -> None:
        """release() by the owner lets one of those in who wait, once it was called as often as acquire()."""
        owner = self.owner()
        assert owner is not None
        self.do(owner, "release")

    @precondition(lambda self: self.recursive())
    @rule(user=users)
    def release_of_another(self, user: int) -> None:
        """release() by anybody else is refused."""
        user = self.idle(user)
        if user != self.owner():
            self.do(user, "release")


class Conditions(Owned):
    """Condition, on an RLock or a Lock."""

    @initialize(lock=some.sampled_from([[], ["RLock"], ["Lock"]]))
    def initial(self, lock: list[str]) -> None:
        """Make one."""
        unowned = "RuntimeError" if self.module == "mpref" else "AssertionError"
        self.open(ConditionModel(unowned=unowned, recursive=lock != ["Lock"]), "Condition", *lock)

    @precondition(lambda self: self.owner() is not None and self.may_wait())
    @rule()
    def wait(self) -> None:
        """wait() gives the lock to others and sleeps."""
        self.do(self.owner() or 0, "wait")

    @precondition(lambda self: self.owner() is not None)
    @rule(timeout=some.sampled_from([0, SHORT]))
    def wait_in_vain(self, timeout: float) -> None:
        """wait(timeout) that nobody notifies comes back with False, and has the lock as soon as it is free."""
        self.do(self.owner() or 0, "wait", timeout)

    @precondition(lambda self: self.owner() is not None and not any(one.timed for one in self.model.inside))
    @rule(n=some.integers(0, USERS))
    def notify(self, n: int) -> None:
        """notify(n) calls n of those who wait."""
        self.do(self.owner() or 0, "notify", n)

    @precondition(lambda self: self.owner() is not None and not any(one.timed for one in self.model.inside))
    @rule()
    def notify_all(self) -> None:
        """notify_all() calls all who wait."""
        self.do(self.owner() or 0, "notify_all")

    @precondition(lambda self: self.recursive() or self.owner() is None)
    @rule(user=users, what=some.sampled_from(["wait", "notify", "notify_all"]))
    def use_without_lock(self, user: int, what: str) -> None:
        """Nothing goes without the lock."""
        user = self.idle(user)
        if user != self.owner():
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

    @precondition(lambda self: self.may_wait())
    @rule(user=users)
    def wait(self, user: int) -> None:
        """wait() waits where it is false."""
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

    @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
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
