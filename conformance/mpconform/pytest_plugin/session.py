"""The hooks of a conformance run; a session that judges nothing never sees them."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from mpspec.clause import METHODS, Chapter, Level
from mpspec.loader import CHAPTERS

from mpconform.pytest_plugin import failures, items, junit
from mpconform.pytest_plugin.extent import Collected
from mpconform.pytest_plugin.gatherer import JUNIT, Gatherer
from mpconform.pytest_plugin.progress import Lines, Progress
from mpconform.pytest_plugin.run import FLAGS, MEASURED, RUN, Run
from mpconform.pytest_plugin.waiting import Waiting

SAFE_PATH = "PYTHONSAFEPATH"
"""Environment variable by which an interpreter does not import from the folder where it is started."""


class ConformanceSession:
    """Registered with pytest once the options have been understood."""

    def __init__(self, config: pytest.Config, run: Run) -> None:
        self._config = config
        self._run = run
        self._interrupted = False
        self._works = hasattr(config, "workerinput")
        """Whether this is a worker of xdist, which only judges."""
        config.stash[RUN] = run
        for name in (*CHAPTERS, *METHODS, *(level.value.lower() for level in Level)):
            config.addinivalue_line("markers", f"{name}: a check of this chapter, start method or level")
        run.remember_apart(config)
        self._safe_path = os.environ.get(SAFE_PATH)
        if self._works and config.workerinput[SAFE_PATH] is None:  # type: ignore[attr-defined]  # given by xdist
            os.environ.pop(SAFE_PATH, None)  # it was meant for the worker, not for the interpreters under test

    def pytest_report_header(self) -> list[str]:
        """What the smoke stage saw."""
        return self._run.notes

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_setupnodes(self, config: pytest.Config, specs: list[Any]) -> None:
        """A worker starts in the user's folder, and must not take `queue.py` there for a module of its own."""
        os.environ.setdefault(SAFE_PATH, "1")  # there is no other way to them, and nothing else is started from here

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Hand a worker of xdist what it cannot see of this interpreter."""
        node.workerinput[FLAGS] = self._run.flags
        node.workerinput[MEASURED] = {method: dict(kept) for method, kept in self._run.adapter.measured.items()}
        node.workerinput[SAFE_PATH] = self._safe_path

    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
        """The chapters of the installed spec are collected too: `pytest --pyargs mpspec`."""
        named = parent.session.isinitpath(file_path)  # a file that is named itself is collected as a module anyway
        if not named and items.is_chapter(file_path):
            module: pytest.Collector = pytest.Module.from_parent(parent, path=file_path)
            return module
        return None

    def pytest_pycollect_makeitem(self, collector: Any, name: str, obj: object) -> list[pytest.Item] | None:
        """A chapter that stands in a module becomes its checks, whatever the module is called."""
        if isinstance(collector, pytest.Module) and issubclass(type(obj), Chapter):
            assert isinstance(obj, Chapter)
            first = next(each for each, value in vars(collector.obj).items() if value is obj)
            return list(items.checks(collector, obj)) if first == name else []
        return None

    @pytest.hookimpl(trylast=True)
    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Gather where the terminal is; workers only judge."""
        collected = Collected()
        self._config.pluginmanager.register(collected, "mpconform-collected")
        if not self._works:
            self._config.pluginmanager.register(Gatherer(self._config, collected), "mpconform-gatherer")
            writer = junit.writer(self._config)
            if writer is not None:
                edition = self._run.adapter.follows(self._run.interpreter)
                self._config.pluginmanager.register(junit.JUnit(writer, edition), JUNIT)
            if not self._config.option.collectonly:
                self._show_progress()

    def _show_progress(self) -> None:
        """Below the last line of a terminal that has a cursor; elsewhere in lines of its own."""
        told = Progress()
        self._config.pluginmanager.register(told, "mpconform-progress")
        if sys.stdout.isatty() and os.environ.get("TERM") != "dumb":
            self._config.pluginmanager.register(Waiting(self._config, told), "mpconform-waiting")
        elif self._config.option.verbose > -2:
            self._config.pluginmanager.register(Lines(self._config, told), "mpconform-lines")

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Ids of the installed spec name no file, so the terminal is to begin no line for one."""
        reporter: Any = self._config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None and any(isinstance(i, items.CheckItem) and "::" not in i.nodeid for i in session.items):
            reporter.showfspath = False

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> Generator[None, object, object]:
        """In the terminal a failure has colours, and its line in the summary fits."""
        if self._works or not failures.is_ours(report):
            return (yield)
        told: Any = failures.Coloured(report.longrepr)
        report.longrepr = told
        result = yield
        told.fit(self._config.get_terminal_writer().fullwidth - len(f"FAILED {report.nodeid} - "))
        return result

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Tell an interrupt from an end that pytest brings about itself."""
        told = excinfo.value
        self._interrupted = isinstance(told, KeyboardInterrupt) and not isinstance(told, pytest.Session.Interrupted)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """An interrupted run says so by its exit status, as every program does."""
        if self._works:
            return
        if self._interrupted:
            session.exitstatus = 130
        elif session.exitstatus == pytest.ExitCode.INTERRUPTED and session.testsfailed and self._run.rows:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED  # --stepwise stops a run that has failed

    def pytest_unconfigure(self, config: pytest.Config) -> None:
        """End the zygote."""
        self._run.judge.close()
        if self._safe_path is None:
            os.environ.pop(SAFE_PATH, None)
