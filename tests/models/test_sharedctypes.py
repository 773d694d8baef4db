"""Hypothesis drives shared ctypes arrays and lists of their items with the same calls, and shrinks the difference."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from .company import PATIENCE, USERS, Company

users = some.integers(0, USERS - 1)
places = some.integers(-7, 7)
#: By type code: bits, and whether it has a sign. What does not fit is cut off, as ctypes does.
CODES = {"b": (8, True), "B": (8, False), "h": (16, True), "H": (16, False), "q": (64, True), "Q": (64, False)}
numbers = some.sampled_from([0, 1, -1, 127, 128, 255, 256, -32769, 2**63 - 1, 2**63, 2**64]) | some.integers()


def cut(code: str, number: int) -> int:
    """The number as an item of the type."""
    bits, signed = CODES[code]
    rest = number % (1 << bits)
    return rest - (1 << bits) if signed and rest >> (bits - 1) else rest


class Arrays(RuleBasedStateMachine):
    """An array beside a list. module: of the implementation; a subclass names it."""

    module = "mpref"
    company: Company | None = None

    @initialize(
        kind=some.sampled_from(["Array", "RawArray"]),
        code=some.sampled_from(list(CODES)),
        begin=some.integers(0, 5) | some.lists(numbers, max_size=5),
    )
    def begin(self, kind: str, code: str, begin: int | list[int]) -> None:
        """Make both: zeroes, or what is given."""
        self.code = code
        self.items = [0] * begin if isinstance(begin, int) else [cut(code, number) for number in begin]
        self.company = Company(self.module, kind, code, begin)

    def ask(self, user: int, *order: object) -> object:
        """What comes of it for a user."""
        assert self.company is not None
        self.company.begin(user, *order)
        ((who, outcome),) = self.company.answers(PATIENCE)
        assert who == user
        return outcome

    @rule(user=users, at=places)
    def read(self, user: int, at: int) -> None:
        """An item is what anybody has assigned last."""
        inside = -len(self.items) <= at < len(self.items)
        assert self.ask(user, "get", at) == (self.items[at] if inside else "IndexError")

    @rule(user=users, at=places, number=numbers)
    def assign(self, user: int, at: int, number: int) -> None:
        """Everybody sees what is assigned."""
        if -len(self.items) <= at < len(self.items):
            self.items[at] = cut(self.code, number)
            assert self.ask(user, "put", at, number) is None
        else:
            assert self.ask(user, "put", at, number) == "IndexError"

    @rule(user=users, begin=places, end=places, step=some.sampled_from([-2, -1, 1, 2]))
    def read_slice(self, user: int, begin: int, end: int, step: int) -> None:
        """A slice is a list of items."""
        assert self.ask(user, "get", begin, end, step) == self.items[begin:end:step]

    @rule(user=users, begin=places, end=places, new=some.lists(numbers, max_size=5))
    def assign_slice(self, user: int, begin: int, end: int, new: list[int]) -> None:
        """As many items as it has can be assigned to a slice."""
        if len(self.items[begin:end]) == len(new):
            self.items[begin:end] = [cut(self.code, number) for number in new]
            assert self.ask(user, "put", begin, end, new) is None
        else:
            assert self.ask(user, "put", begin, end, new) == "ValueError"

    @rule(user=users)
    def measure(self, user: int) -> None:
        """It has its length."""
        assert self.ask(user, "__len__") == len(self.items)

    def teardown(self) -> None:
        """End the users."""
        if self.company is not None:
            self.company.end()


@pytest.mark.parametrize("module", ["mpref", "multiprocessing"])
def test_an_array_does_as_a_list(module: str) -> None:
    run_state_machine_as_test(
        type("Machine", (Arrays,), {"module": module}),
        settings=settings(
            max_examples=10, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
