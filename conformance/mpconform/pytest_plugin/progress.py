"""How far a run has come: how many checks are done, how many of them deviate, and how long the others may take."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from typing import Any, cast

import pytest

from mpconform.outcomes import DEVIATIONS, Outcome
from mpconform.pace import Pace, spoken
from mpconform.pytest_plugin.failures import ROW
from mpconform.reports.document import Row

EVERY = 60.0
"""Seconds between two lines in a file: who reads it later has no use for more."""
MANY = 20
"""Checks from which on a run is one of which one wants to know how far it has come."""
ENOUGH = 0.03
"""The share that has to be done before what is left can be guessed."""


class Progress:
    """Counts what comes of the checks. Registered where the terminal is; with xdist, it learns of them from there."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._pace = Pace(clock)
        self.total = 0
        self.done = 0
        self.deviating = 0
        self.unexpected = 0
        """How many of the checks have come to what fails the run."""

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """What is collected here is what runs here; the controller of xdist collects nothing."""
        self._begin(session.items)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: Collection[str]) -> None:
        """Every worker has collected the same."""
        self._begin(ids)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Something is known of a check."""
        if report.when == "teardown":
            self.done += 1
            self._pace.sees(self.done)
        if report.when == "call":
            for row in (cast(Row, value) for name, value in report.user_properties if name == ROW):
                self.deviating += row["outcome"] in DEVIATIONS
                self.unexpected += row["standing"] in ("new", "healed") or row["outcome"] == Outcome.HARNESS

    def _begin(self, found: Collection[Any]) -> None:
        if found:
            self.total, self._pace = len(found), Pace(self._clock)

    @property
    def told(self) -> str:
        """ "34 %, 1563 of 4597 checks; 12 deviate, 3 not as recorded; 4 min left", "" of a run that is over soon."""
        if self.total < MANY:
            return ""
        parts = [f"{100 * self.done // self.total} %, {self.done} of {self.total} checks"]
        parts.append(f"{self.deviating or 'none'} deviate{'s' * (self.deviating <= 1)}")
        if self.unexpected:
            parts[-1] += f", {self.unexpected} not as recorded"
        left = self._pace.left(self.total - self.done)
        if left is not None and self.total * ENOUGH <= self.done < self.total:
            parts.append(f"{spoken(left)} left")
        return "; ".join(parts)


class Lines:
    """Tells how far a run has come where there is no terminal: a line every so often."""

    def __init__(self, config: pytest.Config, progress: Progress, clock: Callable[[], float] = time.monotonic) -> None:
        self._config = config
        self._progress = progress
        self._clock = clock
        self._told = clock()

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Whatever pytest writes of the check stands there already."""
        now = self._clock()
        if report.when != "teardown" or now - self._told < EVERY or not self._progress.told:
            return
        self._told = now
        reporter: Any = self._config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None:
            reporter.write_line(self._progress.told)
            reporter.flush()
