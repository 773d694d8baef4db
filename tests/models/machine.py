"""State machines of Hypothesis that have an implementation and its model do the same."""

from __future__ import annotations

import time
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test
from mpspec.models.primitives import Model

from .driver import PATIENCE, WORKERS, Implementation, Workers


class Machine(RuleBasedStateMachine):
    """A shared object beside its model. workers: those that use it; a subclass that runs has them."""

    workers: Workers

    @property
    def strict(self) -> bool:
        """Whether the implementation claims to keep the page where the standard library does not."""
        return self.workers.implementation.strict

    def ask(self, worker: int, *operation: Any) -> Any:
        """What comes of an operation that does not have to wait."""
        return self.workers.do(worker, *operation)

    def teardown(self) -> None:
        """Give up the object and its workers."""
        self.workers.end()


class WaitingMachine(Machine):
    """One whose workers wait: after each call its model knows which come back, with what, and which wait on."""

    patience = PATIENCE
    model: Model

    def begin_with(self, model: Model, kind: str, *arguments: Any) -> None:
        """Make both."""
        self.model = model
        self.workers.begin(kind, *arguments)

    def idle(self, worker: int) -> int:
        """One of the workers that are in no call, by a number."""
        free = [one for one in range(WORKERS) if self.model.find(one) is None]
        return free[worker % len(free)]

    def may_wait(self) -> bool:
        """Whether another worker is left if one has to wait."""
        return len(self.model.pending) < WORKERS - 1

    def do(self, worker: int, what: str, *arguments: Any) -> None:
        """Have a worker call something, and hold every worker that has to come back against the model."""
        self.model = self.model.call(worker, what, *arguments)
        self.workers.start(worker, what, *arguments)
        deadline = time.monotonic() + self.patience
        while (due := self.model.due()) or not self.workers.wait([one.caller for one in self.model.pending]):
            for one, outcome in self.workers.outcomes(self.patience if due else 0):
                self.model = self.model.returned(one, outcome)
            if time.monotonic() > deadline:
                type(self).patience = PATIENCE / 10  # it has failed: to shrink it, each try need not take so long
                raise AssertionError(f"none of the workers {due} comes back from {self.model.pending}")


def run(
    machine: type[Machine], implementation: Implementation, *, examples: int, steps: int, shrinks: bool = True
) -> None:
    """Run so many examples of so many steps, and shrink one that fails, or else run always the same ones.

    Those are always the same in the gate, too, which is not for finding what is new.
    """
    workers = Workers(implementation)
    try:
        run_state_machine_as_test(
            type(machine.__name__, (machine,), {"workers": workers}),
            settings=settings(
                max_examples=examples,
                stateful_step_count=steps,
                phases=list(Phase) if shrinks else [Phase.generate],
                derandomize=settings.default.derandomize or not shrinks,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
    finally:
        workers.close()
