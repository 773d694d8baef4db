"""A run becomes a report: rows come together where the terminal is, and are compared with what is recorded."""

from __future__ import annotations

import contextlib
import json
import sys
import time
from collections.abc import Iterable
from typing import Any, cast

import pytest

from mpconform.baselines import recording
from mpconform.driver import about
from mpconform.errors import Unusable
from mpconform.outcomes import Outcome
from mpconform.pytest_plugin.extent import TOLD, Collected, Extent, extent
from mpconform.pytest_plugin.failures import ROW
from mpconform.pytest_plugin.items import IN_DOUBT
from mpconform.pytest_plugin.run import RUN
from mpconform.reports import document, files, text
from mpconform.reports.document import Circumstances, Document, Row, Version

JUNIT = "mpconform-junit"
"""The plugin that tells a JUnit document of the run, where there is one."""
INTERRUPTED = 0.5
"""Seconds that the workers of an interrupted run are given, in the place of xdist's ten."""


class Gatherer:
    """Gathers the rows of all workers, and closes the run. collected: what this process collects, if it does."""

    def __init__(self, config: pytest.Config, collected: Collected) -> None:
        self._config = config
        self._run = config.stash[RUN]
        self._workers = config.pluginmanager.hasplugin("dsession")
        self._collected = None if self._workers else collected
        self._started = time.time()
        self._seconds = 0.0
        self._extent: Extent | None = None
        self._complaints: list[str] = []
        self._remarks: list[str] = []
        self._version: Version | None = None
        self._session: pytest.Session | None = None
        self._in_doubt: set[str] = set()
        if not config.option.collectonly:
            self._look()

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take what a worker of xdist tells at its end; every one has collected the same."""
        told = getattr(node, "workeroutput", {}).get(TOLD)
        if told is not None:
            self._collected = Collected(**told)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take the row that comes with a report."""
        if report.when == "call":
            self._run.rows += [cast(Row, value) for name, value in report.user_properties if name == ROW]
            self._in_doubt.update(*(cast(list[str], names) for key, names in report.user_properties if key == IN_DOUBT))

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Compare with the floor, write the report and the baseline."""
        self._session = session
        self._put_hypothesis_aside()
        run = self._run
        self._seconds = time.time() - self._started + (run.journal.spent if run.journal is not None else 0)
        self._extent = extent(self._config, run, self._collected, exitstatus)
        ran = _ran(run.rows)
        if session.exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED and self._collected and self._collected.elsewhere:
            session.exitstatus = pytest.ExitCode.OK  # so small a selection leaves some machines without work
            self._remarks.append(f"shard {run.shard} has none of the {self._collected.elsewhere} checks")
        if self._extent.is_whole:
            self._hold_the_floor(ran)
        if run.updating and run.rows:
            self._update(ran)
        if self._complaints and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        junit = self._config.pluginmanager.get_plugin(JUNIT)
        if junit is not None:
            junit.close(self._document())
        if run.report is not None:
            try:
                files.put(run.report, json.dumps(self._document(), indent=1) + "\n")
            except Unusable as error:  # whatever was found, nobody has it
                session.exitstatus = error.status
                self._remarks.append(f"--report: {error}")
                return
        if run.journal is not None and self._extent.complete:
            run.journal.end()

    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure(self, config: pytest.Config) -> None:
        """The verdict is the last line, below pytest's own."""
        reporter: Any = config.pluginmanager.get_plugin("terminalreporter")
        if reporter is None or self._extent is None or not self._run.rows or self._session is None:
            return
        status = int(self._session.exitstatus)
        if status in (0, 1):
            told = text.verdict(self._document(), len(self._complaints), failed=status == 1)
            reporter.write_line(told.text, **told.markup)

    def pytest_keyboard_interrupt(self) -> None:
        """The workers of an interrupted run are not waited for: what they have started ends with them."""
        nodes = getattr(self._config.pluginmanager.get_plugin("dsession"), "nodemanager", None)
        if nodes is not None:
            nodes.EXIT_TIMEOUT = INTERRUPTED

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """The table, how it stands to what is known, and what is wrong with the run as a whole."""
        run = self._run
        if run.rows and self._extent is not None:
            told = self._document()
            title = f"{run.adapter.name} on {run.interpreter.name} follows the edition {told['documentation']}"
            terminalreporter.section(title)
            for line in text.summary(told, terminalreporter._tw.fullwidth):
                terminalreporter.line(line.text, **line.markup)
            if self._in_doubt:
                terminalreporter.line(text.in_doubt(len(self._in_doubt)))
        elif self._complaints:
            terminalreporter.section(f"{run.adapter.name} on {run.interpreter.name}")
        for complaint in self._complaints:
            terminalreporter.line(f"FLOOR  {complaint}", red=True)
        for remark in self._remarks:
            terminalreporter.line(remark, yellow=True)

    def _look(self) -> None:
        """Find out what is asked beside any verdict; that of xdist's controller is not in the way of its workers."""
        judge = self._run.judge
        with contextlib.suppress(Unusable):  # the checks will tell
            number, told_by = about.version(judge)
            self._version = {"number": number, "told_by": told_by}
            self._remarks += [
                f"{judge.adapter.name} declares {name} as not offered, but it is there: correct the adapter"
                for name in about.there_after_all(judge)
            ]
        if self._workers:
            judge.close()

    def _hold_the_floor(self, ran: dict[str, int]) -> None:
        """Complain of each chapter of the run of which fewer checks ran than are recorded, or none at all."""
        run, within = self._run, self._extent
        assert within is not None
        floor = {
            chapter: count
            for chapter, count in run.baseline.floor.items()
            if within.chapters is None or chapter in within.chapters
        }
        for chapter, count in floor.items():
            if ran.get(chapter, 0) < count and not (run.updating and chapter in ran):
                self._complaints.append(
                    f"{chapter}: {ran.get(chapter) or 'no'} checks ran, the recorded floor is {count}"
                )
        without = sorted(set(ran) - set(floor))
        if without and not run.updating:
            self._remarks.append(
                f"no floor is recorded for {', '.join(without)} of {run.adapter.name} on {run.interpreter.name}: "
                "checks could vanish unseen; --update-baseline records one"
            )

    def _update(self, ran: dict[str, int]) -> None:
        """Write what is known now, and tell of it."""
        from mpconform.baselines import writing  # with tomlkit, which no other run needs

        run, within = self._run, self._extent
        assert within is not None
        assert run.record.path is not None
        known = recording.recorded(
            run.baseline,
            run.rows,
            ran if within.is_whole else {},
            run.interpreter,
            methods=run.adapter.methods,
            whole=within.is_everything,
        )
        change = writing.write(run.record.path, known)
        self._remarks.append(f"baseline written to {run.record.path}: {change}")

    def _document(self) -> Document:
        run, within = self._run, self._extent
        assert within is not None
        version = self._version or {"number": document.dotted(run.interpreter), "told_by": "interpreter"}
        circumstances = Circumstances(self._started, self._seconds, version, within.selection(), within.complete)
        return document.document(run.adapter, run.interpreter, run.methods, run.rows, circumstances)

    def _put_hypothesis_aside(self) -> None:
        """Its part of the summary would import all of it, to say nothing."""
        idle = self._config.pluginmanager.get_plugin("hypothesispytest")
        if idle is not None and "hypothesis" not in sys.modules:
            self._config.pluginmanager.unregister(idle)


def _ran(rows: Iterable[Row]) -> dict[str, int]:
    """Chapter -> number of checks that ran and were judged."""
    counts: dict[str, int] = {}
    for row in rows:
        if row["outcome"] not in (Outcome.NOT_APPLICABLE, Outcome.NOT_OFFERED, Outcome.BLOCKED):
            counts[row["chapter"]] = counts.get(row["chapter"], 0) + 1
    return counts
