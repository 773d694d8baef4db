"""Our own tests have a deadline. A check of an implementation has that of its host's supervisor, and no other."""

from __future__ import annotations

from pathlib import Path

import pytest

HERE = Path(__file__).parent
DEADLINE = 300
"""Seconds. The longest tests, mutants that hang in several clauses, take a minute or two on a busy machine."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give every test below this folder the deadline, where it has none of its own.

    By signal: the test fails, and those behind it go on. The other method ends the whole process, so that no fixture
    takes away what the test has started.
    """
    for item in items:
        if HERE in item.path.parents and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(DEADLINE, method="signal"))
