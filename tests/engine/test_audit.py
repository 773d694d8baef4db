"""What a host calls left behind, as far as it depends on when it looks."""

from __future__ import annotations

import os

import pytest
from mpconform.hosts import audit


def test_what_a_cooperative_loop_closes_at_its_next_turn_is_not_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    before = audit.Inventory()
    ends = os.pipe()
    closed = list(ends)

    def turn(seconds: float) -> None:
        """As the sleep that such a library puts in the place of the interpreter's: a turn of its loop."""
        while closed:
            os.close(closed.pop())

    monkeypatch.setattr(audit.time, "sleep", turn)
    assert before.left_behind(0) == []


def test_what_stays_open_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    before = audit.Inventory()
    ends = os.pipe()
    try:
        assert len(before.left_behind(0)) == 2
    finally:
        for end in ends:
            os.close(end)
