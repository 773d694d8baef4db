"""What pytest loads in every session: one group of options. All else comes with --impl, and with it alone."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING, NoReturn

import pytest

from mpconform.pytest_plugin import options

if TYPE_CHECKING:
    from mpconform.pytest_plugin.run import Run


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of a conformance run."""
    options.add(parser)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Check the options and the ground before anything is collected."""
    if config.getoption("impl", None) is None:
        idle = options.without_implementation(config)
        if idle is not None:
            pytest.exit(f"{idle} goes with --impl; name the implementation, as in --impl=reference", returncode=2)
        return
    from mpconform import ending
    from mpconform.errors import Unusable
    from mpconform.pytest_plugin.session import ConformanceSession

    if hasattr(config, "workerinput"):
        ending.with_parent()
    else:
        config.add_cleanup(ending.in_order(_leave))
    try:
        run = _run(config)
    except Unusable as error:
        pytest.exit(str(error), returncode=error.status)
    except KeyboardInterrupt:
        pytest.exit("interrupted before the first check", returncode=130)
    config.pluginmanager.register(ConformanceSession(config, run), "mpconform-session")


@pytest.hookimpl(tryfirst=True, optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """`-n auto` of a conformance run: five workers for two cores: checks wait for processes, and for seconds."""
    if config.getoption("impl", None) is None or "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ:
        return None  # as xdist has it
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return (5 * cores + 1) // 2


def _run(config: pytest.Config) -> Run:
    """The run that the options ask for, its ground tested. Raises Unusable."""
    from mpconform.pytest_plugin.run import Run

    run = Run(config)
    if not hasattr(config, "workerinput") and not config.option.collectonly:
        run.test()
    return run


def _leave(number: signal.Signals) -> NoReturn:
    pytest.exit(f"ended by {number.name}", returncode=128 + number)
