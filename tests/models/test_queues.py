"""Hypothesis drives queues and their sequential model with the same operations, and shrinks the difference."""

from __future__ import annotations

from hypothesis import strategies as some
from hypothesis.stateful import initialize, precondition, rule
from mpspec.models.queue import QueueModel

from .driver import PATIENCE, WORKERS, Implementation, process_of
from .machine import Machine, run

sizes = some.sampled_from([0, 1, 64, 4_080, 4_096, 5_000, 65_536, 300_000])
times = some.sampled_from([-1, 0, 0.001, 0.01])
workers = some.integers(0, WORKERS - 1)


class Queues(Machine):
    """A queue beside its model."""

    @initialize(kind=some.sampled_from(["Queue", "JoinableQueue"]), maxsize=some.sampled_from([0, 1, 2, 5]))
    def begin(self, kind: str, maxsize: int) -> None:
        """Make both."""
        self.kind, self.model, self.number = kind, QueueModel(maxsize), 0
        self.workers.begin(kind, maxsize)

    @rule(worker=workers, size=sizes, block=some.booleans(), timeout=times)
    def put(self, worker: int, size: int, block: bool, timeout: float) -> None:
        """A put that has no time to wait succeeds exactly where there is room."""
        self.number += 1
        expected = self.model.put(process_of(worker), [self.number, size])
        assert self.ask(worker, "put", self.number, size, block, timeout) == expected

    @precondition(lambda self: len(self.model) > 0)
    @rule(worker=workers)
    def get(self, worker: int) -> None:
        """A get returns the oldest item of one of the processes that put, whichever of its threads did."""
        came = self.ask(worker, "get", True, PATIENCE)
        assert came in self.model.may_come()
        self.model.got(came)

    @precondition(lambda self: len(self.model) == 0)
    @rule(worker=workers, block=some.booleans(), timeout=times)
    def get_in_vain(self, worker: int, block: bool, timeout: float) -> None:
        """A get of an empty queue that has no time to wait raises Empty."""
        assert self.ask(worker, "get", block, timeout) == "Empty"

    @rule(worker=workers)
    def report(self, worker: int) -> None:
        """While no operation is under way, qsize() and full() are exact, and empty() not too soon False."""
        assert self.ask(worker, "qsize") == len(self.model)
        assert self.ask(worker, "full") == self.model.full
        if not len(self.model):
            assert self.ask(worker, "empty") is True

    @precondition(lambda self: self.kind == "JoinableQueue")
    @rule(worker=workers)
    def task_done(self, worker: int) -> None:
        """task_done() counts down to zero and no further."""
        assert self.ask(worker, "task_done") == self.model.task_done()

    @precondition(lambda self: self.kind == "JoinableQueue" and self.model.unfinished == 0)
    @rule(worker=workers)
    def join(self, worker: int) -> None:
        """join() does not wait where everything is finished."""
        assert self.ask(worker, "join") == "done"

    def teardown(self) -> None:
        """Drain the queue against the model, then end its workers."""
        try:
            while len(self.model):
                self.get(0)
        finally:
            super().teardown()


def test_a_queue_does_as_its_model(implementation: Implementation) -> None:
    run(Queues, implementation, examples=25, steps=40)
