"""Hypothesis drives queues and their sequential model with the same operations, and shrinks the difference."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test
from mpspec.models.queue import QueueModel

from .agents import PATIENCE, USERS, Agents, process_of

sizes = some.sampled_from([0, 1, 64, 4_080, 4_096, 5_000, 65_536, 300_000])
times = some.sampled_from([-1, 0, 0.001, 0.01])
users = some.integers(0, USERS - 1)


class QueueMachine(RuleBasedStateMachine):
    """A queue beside its model. agents: use an implementation; a subclass has them."""

    agents: Agents

    @initialize(kind=some.sampled_from(["Queue", "JoinableQueue"]), maxsize=some.sampled_from([0, 1, 2, 5]))
    def begin(self, kind: str, maxsize: int) -> None:
        """Make both."""
        self.kind, self.model, self.number = kind, QueueModel(maxsize), 0
        self.agents.begin(kind, maxsize)

    def ask(self, user: int, *order: Any) -> Any:
        """Have the queue do something."""
        return self.agents.ask(user, *order)

    @rule(user=users, size=sizes, block=some.booleans(), timeout=times)
    def put(self, user: int, size: int, block: bool, timeout: float) -> None:
        """A put that has no time to wait succeeds exactly where there is room."""
        self.number += 1
        expected = self.model.put(process_of(user), [self.number, size])
        assert self.ask(user, "put", self.number, size, block, timeout) == expected

    @precondition(lambda self: len(self.model) > 0)
    @rule(user=users)
    def get(self, user: int) -> None:
        """A get returns the oldest item of one of the processes that put, whichever of its threads did."""
        came = self.ask(user, "get", True, PATIENCE)
        assert came in self.model.may_come()
        self.model.got(came)

    @precondition(lambda self: len(self.model) == 0)
    @rule(user=users, block=some.booleans(), timeout=times)
    def get_in_vain(self, user: int, block: bool, timeout: float) -> None:
        """A get of an empty queue that has no time to wait raises Empty."""
        assert self.ask(user, "get", block, timeout) == "Empty"

    @rule(user=users)
    def report(self, user: int) -> None:
        """While nobody is in the midst of anything, qsize() and full() are exact, and empty() not too soon False."""
        assert self.ask(user, "qsize") == len(self.model)
        assert self.ask(user, "full") == self.model.full
        if not len(self.model):
            assert self.ask(user, "empty") is True

    @precondition(lambda self: self.kind == "JoinableQueue")
    @rule(user=users)
    def task_done(self, user: int) -> None:
        """task_done() counts down to zero and no further."""
        assert self.ask(user, "task_done") == self.model.task_done()

    @precondition(lambda self: self.kind == "JoinableQueue" and self.model.unfinished == 0)
    @rule(user=users)
    def join(self, user: int) -> None:
        """join() does not wait where everything is finished."""
        assert self.ask(user, "join") == "done"

    def teardown(self) -> None:
        """Drain the queue against the model, then end its users."""
        try:
            while len(self.model):
                self.get(0)
        finally:
            self.agents.dismiss()


@pytest.mark.parametrize("module", ["mpref", "multiprocessing"])
def test_a_queue_does_as_its_model(module: str) -> None:
    agents = Agents(module)
    machine = type("Machine", (QueueMachine,), {"agents": agents})
    try:
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=25, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
            ),
        )
    finally:
        agents.end()
