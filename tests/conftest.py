"""Our own tests have a deadline. A check of an implementation has that of its host's supervisor, and no other."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import settings
from mpconform import ending

HERE = Path(__file__).parent
DEADLINE = 300
"""Seconds. The longest tests, mutants that hang in several clauses, take a minute or two on a busy machine."""

settings.register_profile("gate", derandomize=True)
"""--hypothesis-profile=gate: the models try the same each time, and a landing does not hang on what comes to them."""


def pytest_configure(config: pytest.Config) -> None:
    """Tests that are told to end take away what they have started, and workers end with their controller.

    What a shell runs in the background ignores SIGINT, and so would every program that a test starts to interrupt it.
    """
    for number, handler in ((signal.SIGINT, signal.default_int_handler), (signal.SIGQUIT, signal.SIG_DFL)):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, handler)
    if hasattr(config, "workerinput"):
        ending.with_parent()
    else:
        config.add_cleanup(ending.in_order(_leave))


def _leave(number: signal.Signals) -> NoReturn:
    pytest.exit(f"ended by {number.name}", returncode=128 + number)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give every test below this folder the deadline, where it has none of its own.

    By signal: the test fails, and those behind it go on. The other method ends the whole process, so that no fixture
    takes away what the test has started.
    """
    for item in items:
        if HERE in item.path.parents and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(DEADLINE, method="signal"))
