"""Our own tests have a deadline, and `--share=1/3` runs a third of those that are run in turn.

A check of an implementation has the deadline of its host's supervisor, and no other.
"""

from __future__ import annotations

import argparse
import re
import signal
import zlib
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import settings
from mpconform import ending

HERE = Path(__file__).parent
DEADLINE = 300
"""Seconds. The longest tests, mutants that hang in several clauses, take a minute or two on a busy machine."""

IN_TURN = ("different", "engine", "platforms")
"""Folders whose tests are shared out, as mutants are: they take long, and seldom notice a single change."""

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


def pytest_addoption(parser: pytest.Parser) -> None:
    """The option of the gate."""
    parser.addoption("--share", metavar="K/N", type=_share, help="the kth of n shares of what is run in turn")


def _share(text: str) -> tuple[int, int]:
    """Which share, from 1, and how many there are."""
    found = re.fullmatch(r"([1-9]\d*)/([1-9]\d*)", text)
    if found is None or int(found[1]) > int(found[2]):
        raise argparse.ArgumentTypeError(f"a share is K/N, as in 1/3 to 3/3, not {text!r}")
    return int(found[1]), int(found[2])


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Give every test below this folder the deadline, where it has none of its own, and leave other shares out.

    By signal: the test fails, and those behind it go on. The other method ends the whole process, so that no fixture
    takes away what the test has started. What is run in turn stays in its share, whatever is written beside it.
    """
    for item in items:
        if HERE in item.path.parents and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(DEADLINE, method="signal"))
    if config.option.share is not None:
        share, shares = config.option.share
        others = {one for one in items if _in_turn(one) and zlib.crc32(one.name.encode()) % shares != share - 1}
        config.hook.pytest_deselected(items=list(others))
        items[:] = [item for item in items if item not in others]


def _in_turn(item: pytest.Item) -> bool:
    """Whether it is a mutant, or a test of a folder that is shared out."""
    return item.path.suffix == ".toml" or any(HERE / folder in item.path.parents for folder in IN_TURN)
