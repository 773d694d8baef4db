"""A run becomes a report: rows come together where the terminal is, and are compared with the floor."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, cast

import pytest

from mpconform.baselines import baseline, recording
from mpconform.outcomes import Outcome
from mpconform.pytest_plugin.failures import ROW
from mpconform.pytest_plugin.run import RUN
from mpconform.reports import document, text
from mpconform.reports.document import Row


class Gatherer:
    """Gathers the rows of all workers, and closes the run."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._run = config.stash[RUN]
        self._complaints: list[str] = []
        self._selected = False

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take the row that comes with a report."""
        if report.when == "call":
            self._run.rows += [cast(Row, value) for name, value in report.user_properties if name == ROW]

    def pytest_deselected(self, items: Any) -> None:
        """A run of a part has no floor."""
        self._selected = True

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Compare with the floor, write the report and the baseline."""
        self._put_hypothesis_aside()
        run = self._run
        ran, whole = _ran(run.rows), self._whole(session)
        if run.updating:
            known = recording.recorded(run.baseline, run.rows, ran if whole else {}, run.interpreter.name)
            baseline.write(run.baseline_path, known)
        elif whole:
            for chapter, floor in run.baseline.floor.items():
                if chapter in ran and ran[chapter] < floor:
                    self._complaints.append(f"{chapter}: {ran[chapter]} checks ran, the recorded floor is {floor}")
        if self._complaints and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        path = self._config.option.impl_report
        if path:
            written = json.dumps(document.document(run.adapter, run.interpreter, run.methods, run.rows), indent=1)
            Path(path).write_text(written + "\n", encoding="utf-8")

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """The table, and what is wrong with the run as a whole."""
        run = self._run
        if not run.rows:
            return
        told = document.document(run.adapter, run.interpreter, run.methods, run.rows)
        title = f"{run.adapter.name} on {run.interpreter.name} follows the edition {told['documentation']}"
        terminalreporter.section(title)
        for line in text.summary(told):
            terminalreporter.line(line)
        for complaint in self._complaints:
            terminalreporter.line(f"FLOOR  {complaint}", red=True)

    def _whole(self, session: pytest.Session) -> bool:
        """Whether everything of the chapters that were named has run, so that there is a floor to hold."""
        run, option = self._run, self._config.option
        return not (
            self._selected
            or run.clauses
            or set(run.methods) != set(run.adapter.methods)
            or option.keyword
            or option.markexpr
            or getattr(option, "lf", False)
            or option.collectonly
            or any("::" in str(arg) for arg in self._config.args)
            or session.shouldstop
            or session.shouldfail
        )

    def _put_hypothesis_aside(self) -> None:
        """Its part of the summary would import all of it, to say nothing."""
        idle = self._config.pluginmanager.get_plugin("hypothesispytest")
        if idle is not None and "hypothesis" not in sys.modules:
            self._config.pluginmanager.unregister(idle)


def _ran(rows: list[Row]) -> dict[str, int]:
    """Chapter -> number of checks that ran and were judged."""
    counts: dict[str, int] = {}
    for row in rows:
        if row["outcome"] not in (Outcome.NOT_APPLICABLE, Outcome.BLOCKED):
            counts[row["chapter"]] = counts.get(row["chapter"], 0) + 1
    return counts
