"""Hypothesis drives shared ctypes arrays and lists of their items with the same calls, and shrinks the difference."""

from __future__ import annotations

from hypothesis import strategies as some
from hypothesis.stateful import initialize, rule

from .driver import WORKERS, Implementation
from .machine import Machine, run

workers = some.integers(0, WORKERS - 1)
places = some.integers(-7, 7)
CODES = {"b": (8, True), "B": (8, False), "h": (16, True), "H": (16, False), "q": (64, True), "Q": (64, False)}
"""By type code: bits, and whether it has a sign. What does not fit is cut off, as ctypes does."""
numbers = some.sampled_from([0, 1, -1, 127, 128, 255, 256, -32769, 2**63 - 1, 2**63, 2**64]) | some.integers()


def cut(code: str, number: int) -> int:
    """The number as an item of the type."""
    bits, signed = CODES[code]
    rest = number % (1 << bits)
    return rest - (1 << bits) if signed and rest >> (bits - 1) else rest


class Arrays(Machine):
    """An array beside a list."""

    @initialize(
        kind=some.sampled_from(["Array", "RawArray"]),
        code=some.sampled_from(list(CODES)),
        begin=some.integers(0, 5) | some.lists(numbers, max_size=5),
    )
    def begin(self, kind: str, code: str, begin: int | list[int]) -> None:
        """Make both: zeroes, or what is given."""
        self.code = code
        self.items = [0] * begin if isinstance(begin, int) else [cut(code, number) for number in begin]
        self.workers.begin(kind, code, begin)

    @rule(worker=workers, at=places)
    def read(self, worker: int, at: int) -> None:
        """An item is what any worker has assigned last."""
        inside = -len(self.items) <= at < len(self.items)
        assert self.ask(worker, "get", at) == (self.items[at] if inside else "IndexError")

    @rule(worker=workers, at=places, number=numbers)
    def assign(self, worker: int, at: int, number: int) -> None:
        """Every worker sees what is assigned."""
        if -len(self.items) <= at < len(self.items):
            self.items[at] = cut(self.code, number)
            assert self.ask(worker, "put", at, number) is None
        else:
            assert self.ask(worker, "put", at, number) == "IndexError"

    @rule(worker=workers, begin=places, end=places, step=some.sampled_from([-2, -1, 1, 2]))
    def read_slice(self, worker: int, begin: int, end: int, step: int) -> None:
        """A slice is a list of items."""
        assert self.ask(worker, "get", begin, end, step) == self.items[begin:end:step]

    @rule(worker=workers, begin=places, end=places, new=some.lists(numbers, max_size=5))
    def assign_slice(self, worker: int, begin: int, end: int, new: list[int]) -> None:
        """As many items as it has can be assigned to a slice."""
        if len(self.items[begin:end]) == len(new):
            self.items[begin:end] = [cut(self.code, number) for number in new]
            assert self.ask(worker, "put", begin, end, new) is None
        else:
            assert self.ask(worker, "put", begin, end, new) == "ValueError"

    @rule(worker=workers)
    def measure(self, worker: int) -> None:
        """It has its length."""
        assert self.ask(worker, "__len__") == len(self.items)


def test_an_array_does_as_a_list(implementation: Implementation) -> None:
    run(Arrays, implementation, examples=10, steps=30)
