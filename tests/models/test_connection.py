"""Hypothesis drives pipes and their sequential model with the same operations, and shrinks the difference."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as some
from hypothesis.stateful import initialize, rule
from mpspec.models.pipe import COMES, OVER, REFUSED, WAITS, Message, PipeModel

from .driver import PATIENCE, PROCESSES, THREADS, WORKERS, Implementation, process_of
from .machine import Machine, run
from .worker import content, digest

COPIES = [(process, end) for process in range(PROCESSES) for end in (0, 1)]
ROOM = 20_000
"""Bytes that every pipe takes though nobody receives, and how many messages that may be."""
MOST = 20

workers = some.integers(0, WORKERS - 1)
ends = some.sampled_from([0, 1])
sizes = some.sampled_from([0, 1, 3, 4, 100, 4_096, 16_384])
large = some.sampled_from([65_536, 262_145, 3_000_000])
helds = some.sets(some.sampled_from(COPIES)).filter(lambda held: {end for _, end in held} == {0, 1})
ways = some.sampled_from(["recv_bytes", "recv_bytes_into"])


class Pipes(Machine):
    """A pipe beside its model."""

    @property
    def reports_loss(self) -> bool:
        """Whether another OSError is raised in place of EOFError where the other end was closed with something left to
        be received there: by the standard library on Linux, as the errata say.
        """
        return not self.strict

    @initialize(duplex=some.booleans(), held=helds)
    def begin(self, duplex: bool, held: set[tuple[int, int]]) -> None:
        """Make both."""
        self.model, self.number = PipeModel(duplex, held), 0
        self.workers.begin("Pipe", duplex, sorted(held))

    def next_message(self, is_object: bool, size: int) -> Message:
        """Something to send that was not sent before."""
        self.number += 1
        return Message(is_object, content(self.number, size))

    def left_open(self, *copies: tuple[int, int]) -> bool:
        """Whether the page leaves open what comes of using these copies now."""
        ended = self.model.ended_reading
        return ended is not None and set(copies) != {ended}

    def has_room(self, end: int, size: int) -> bool:
        """Whether so much can be sent from this end without waiting."""
        coming = self.model.coming(1 - end)
        return len(coming) < MOST and sum(len(one.content) for one in coming) + size <= ROOM

    def another(self, worker: int, end: int, seed: int) -> int | None:
        """Another worker that can send from this end."""
        able = [w for w in range(WORKERS) if w != worker and self.model.sending(process_of(w), end) == "done"]
        return able[seed % len(able)] if able else None

    def receive(
        self, worker: int, end: int, way: str, limit: int | None = None, slack: int = 0, offset: int = 0
    ) -> None:
        """Receive what comes: the message or the error that the model has."""
        message, expected = self.model.receive(end), "OSError"
        arguments: tuple[Any, ...] = ()
        if way == "recv_bytes" and limit is not None:
            arguments = (max(0, len(message.content) + limit),)
            if arguments[0] < len(message.content):
                assert self.ask(worker, way, end, *arguments) == expected
                self.model.ended_reading = process_of(worker), end
                return
        if way == "recv_bytes_into":
            # The offset has to be less than the length of the buffer.
            arguments = (max(offset + 1, offset + len(message.content) + slack), offset)
        came = self.ask(worker, "recv" if message.is_object else way, end, *(() if message.is_object else arguments))
        fits = message.is_object or way == "recv_bytes" or arguments[0] - offset >= len(message.content)
        assert came == (digest(message.content) if fits else ["BufferTooShort", digest(message.content)])

    @rule(worker=workers, end=ends, size=sizes)
    def send(self, worker: int, end: int, size: int) -> None:
        """send() makes one message of an object, where this copy is open, leads that way and reaches somebody."""
        expected = self.model.sending(process_of(worker), end)
        if self.left_open() or (expected == "done" and not self.has_room(end, size)):
            return
        message = self.next_message(True, size)
        assert self.ask(worker, "send", end, self.number, size) == expected
        if expected == "done":
            self.model.send(end, message)

    @rule(
        worker=workers,
        end=ends,
        size=sizes,
        offset=some.sampled_from([None, 0, 1, 4, 5_000]),
        amount=some.sampled_from([None, 0, 1, 4, 5_000]),
    )
    def send_bytes(self, worker: int, end: int, size: int, offset: int | None, amount: int | None) -> None:
        """send_bytes() makes one message of the bytes from an offset on, and ValueError outside the buffer."""
        expected = self.model.sending(process_of(worker), end)
        if self.left_open() or (expected == "done" and not self.has_room(end, size)):
            return
        part = () if offset is None else (offset,) if amount is None else (offset, amount)
        begin = offset or 0
        stop = size if amount is None or offset is None else begin + amount
        if not begin <= stop <= size:
            if expected == "done":
                assert self.ask(worker, "send_bytes", end, 1, size, *part) == "ValueError"
            return
        whole = self.next_message(False, size).content
        assert self.ask(worker, "send_bytes", end, self.number, size, *part) == expected
        if expected == "done":
            self.model.send(end, Message(False, whole[begin:stop]))

    @rule(
        worker=workers,
        end=ends,
        size=large,
        is_object=some.booleans(),
        way=ways,
        slack=some.integers(-1, 1),
        seed=workers,
    )
    def send_large(self, worker: int, end: int, size: int, is_object: bool, way: str, slack: int, seed: int) -> None:
        """A message that the pipe does not take waits for its receiver, and arrives whole."""
        sender = self.another(worker, 1 - end, seed)
        if self.left_open() or sender is None or self.model.receiving(process_of(worker), end) != WAITS:
            return
        message = self.next_message(is_object, size)
        self.workers.start(sender, "send" if is_object else "send_bytes", 1 - end, self.number, size)
        self.model.send(1 - end, message)
        self.receive(worker, end, way, slack=slack, offset=2)
        assert self.workers.outcome(sender) == "done"

    @rule(
        worker=workers,
        end=ends,
        way=ways,
        limit=some.sampled_from([None, None, -1, 0, 1]),
        slack=some.sampled_from([-1, 0, 3]),
        offset=some.sampled_from([0, 1, 7]),
    )
    def receive_something(self, worker: int, end: int, way: str, limit: int | None, slack: int, offset: int) -> None:
        """Receiving gives the next message, EOFError after the last one, OSError where this copy cannot."""
        copy = process_of(worker), end
        expected = self.model.receiving(*copy)
        if expected == WAITS or self.left_open(copy):
            return
        if expected == COMES:
            self.receive(worker, end, way, limit, slack, offset)
            return
        for order in (("recv",), ("recv_bytes",), ("recv_bytes", 7), ("recv_bytes_into", 9, 0)):
            came = self.ask(worker, order[0], end, *order[1:])
            if expected == OVER and self.reports_loss and self.model.lost(end):
                assert came in (OVER, REFUSED)
            else:
                assert came == expected

    @rule(worker=workers, end=ends, size=sizes, seed=workers)
    def wait_for_a_message(self, worker: int, end: int, size: int, seed: int) -> None:
        """recv() that waits returns what is sent then."""
        sender = self.another(worker, 1 - end, seed)
        if self.left_open() or sender is None or self.model.receiving(process_of(worker), end) != WAITS:
            return
        message = self.next_message(True, size)
        self.workers.start(worker, "recv", end)
        assert self.ask(sender, "send", 1 - end, self.number, size) == "done"
        assert self.workers.outcome(worker) == digest(message.content)

    @rule(worker=workers, end=ends, way=some.sampled_from(["recv", "recv_bytes"]))
    def wait_for_the_end(self, worker: int, end: int, way: str) -> None:
        """recv() that waits raises EOFError once the other end is closed everywhere."""
        if self.left_open() or self.model.receiving(process_of(worker), end) != WAITS:
            return
        lost = bool(self.model.coming(1 - end))
        self.workers.start(worker, way, end)
        for process, other in sorted(self.model.open):
            if other == 1 - end:
                closer = process * THREADS + (worker + 1) % THREADS  # not the one that waits
                assert self.ask(closer, "close", other) == "done"
                self.model.close(process, other)
        assert self.workers.outcome(worker) in ((OVER, REFUSED) if lost and self.reports_loss else (OVER,))

    @rule(worker=workers, end=ends, timeout=some.sampled_from([(), (0,), (-1,), (0.0,), (0.01,), (None,), (PATIENCE,)]))
    def poll(self, worker: int, end: int, timeout: tuple[float | None, ...]) -> None:
        """poll() is True where a message is there, False after its timeout; the end of file is left open."""
        copy = process_of(worker), end
        expected = self.model.receiving(*copy)
        if self.left_open(copy) or (expected == WAITS and timeout in ((None,), (PATIENCE,), (-1,))):
            return
        answers = {REFUSED: (REFUSED,), WAITS: (False,), COMES: (True,), OVER: (True, False)}
        assert self.ask(worker, "poll", end, *timeout) in answers[expected]

    @rule(worker=workers, end=ends, size=sizes, seed=workers, timeout=some.sampled_from([None, PATIENCE]))
    def poll_for_a_message(self, worker: int, end: int, size: int, seed: int, timeout: float | None) -> None:
        """poll() that waits returns True once something is sent."""
        sender = self.another(worker, 1 - end, seed)
        if self.left_open() or sender is None or self.model.receiving(process_of(worker), end) != WAITS:
            return
        message = self.next_message(False, size)
        self.workers.start(worker, "poll", end, timeout)
        assert self.ask(sender, "send_bytes", 1 - end, self.number, size) == "done"
        assert self.workers.outcome(worker) is True
        self.model.send(1 - end, message)

    @rule(worker=workers, end=ends)
    def fileno(self, worker: int, end: int) -> None:
        """fileno() is a number as long as this copy is open."""
        if self.left_open():
            return
        came = self.ask(worker, "fileno", end)
        assert type(came) is int if (process_of(worker), end) in self.model.open else came == REFUSED

    @rule(worker=workers, end=ends)
    def close(self, worker: int, end: int) -> None:
        """close() closes this copy, once or again."""
        assert self.ask(worker, "close", end) == "done"
        self.model.close(process_of(worker), end)


def test_a_pipe_does_as_its_model(implementation: Implementation) -> None:
    run(Pipes, implementation, examples=40, steps=40)
