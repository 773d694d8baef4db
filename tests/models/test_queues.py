"""Hypothesis drives queues and their sequential model with the same operations, and shrinks the difference."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import mpref
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test
from mpspec.queueing.model import QueueModel

AGENT = Path(__file__).with_name("agent.py")
USERS = 2
PATIENCE = 20.0
"""Seconds for an answer: an operation that should come back has hung after that."""

sizes = some.sampled_from([0, 1, 64, 4_080, 4_096, 5_000, 65_536, 300_000])
times = some.sampled_from([-1, 0, 0.001, 0.01])
users = some.integers(0, USERS - 1)


class Agents:
    """Processes that use one queue of the implementation as they are told."""

    def __init__(self, module: str, kind: str, maxsize: int) -> None:
        path = [str(Path(mpref.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
        self._process = subprocess.Popen(
            [sys.executable, str(AGENT), module, kind, str(maxsize), "fork", str(USERS)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
            start_new_session=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path)},
        )

    def ask(self, user: int, *order: Any) -> Any:
        """Have a user do something: its outcome."""
        orders, answers = self._process.stdin, self._process.stdout
        assert orders is not None
        assert answers is not None
        orders.write(json.dumps([user, order]) + "\n")
        readable, _, _ = select.select([answers], [], [], PATIENCE)
        assert readable, f"{order} of user {user} does not come back"
        return json.loads(answers.readline())

    def end(self) -> None:
        """End them, whatever they are doing."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(BrokenPipeError):
                if stream is not None:
                    stream.close()


class QueueMachine(RuleBasedStateMachine):
    """A queue beside its model. module: of the implementation; a subclass names it."""

    module = "mpref"
    agents: Agents | None = None

    @initialize(kind=some.sampled_from(["Queue", "JoinableQueue"]), maxsize=some.sampled_from([0, 1, 2, 5]))
    def begin(self, kind: str, maxsize: int) -> None:
        """Make both."""
        self.kind, self.model, self.number = kind, QueueModel(maxsize), 0
        self.agents = Agents(self.module, kind, maxsize)

    def ask(self, user: int, *order: Any) -> Any:
        """Have the queue do something."""
        assert self.agents is not None
        return self.agents.ask(user, *order)

    @rule(user=users, size=sizes, block=some.booleans(), timeout=times)
    def put(self, user: int, size: int, block: bool, timeout: float) -> None:
        """A put that has no time to wait succeeds exactly where there is room."""
        self.number += 1
        expected = self.model.put(user, [self.number, size])
        assert self.ask(user, "put", self.number, size, block, timeout) == expected

    @precondition(lambda self: len(self.model) > 0)
    @rule(user=users)
    def get(self, user: int) -> None:
        """A get returns the oldest item of one of those who put."""
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
            if self.agents is not None:
                while len(self.model):
                    self.get(0)
        finally:
            if self.agents is not None:
                self.agents.end()


@pytest.mark.parametrize("module", ["mpref", "multiprocessing"])
def test_a_queue_does_as_its_model(module: str) -> None:
    machine = type("Machine", (QueueMachine,), {"module": module})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=25, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
