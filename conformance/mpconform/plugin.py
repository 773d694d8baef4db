"""The pytest plugin: chapters become items, items become verdicts, a run becomes a report."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import mpspec
import pytest
from mpspec.clause import METHODS, Chapter, Level
from mpspec.loader import CHAPTERS, load

from mpconform import baseline, checks, recording, report, smoke
from mpconform.adapters import Adapter, adapter
from mpconform.baseline import Baseline, Deviation
from mpconform.checks import Check
from mpconform.errors import Unusable
from mpconform.hosting import interpreter_flags
from mpconform.interpreters import Interpreter, interpreter
from mpconform.judge import Judge
from mpconform.outcomes import DEVIATIONS, Outcome, Verdict

ROW = "mpconform"
FLAGS = "mpconform_flags"


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of a conformance run."""
    group = parser.getgroup("mpconform", "conformance of an implementation of multiprocessing")
    group.addoption(
        "--impl",
        metavar="NAME|MODULE|FILE",
        help="the implementation: reference, stdlib, …, an importable module, or an adapter file",
    )
    group.addoption("--python", metavar="PATH|VERSION", help="the interpreter that runs it; default: this one")
    group.addoption(
        "--start-method", metavar="METHOD", action="append", help="only this start method; can be given again"
    )
    group.addoption(
        "--baseline",
        metavar="FILE",
        help="what is known of it; default: the recorded baseline of implementation and version",
    )
    group.addoption(
        "--update-baseline",
        action="store_true",
        help="write the baseline from this run, keeping reasons that still fit",
    )
    group.addoption(
        "--patience",
        metavar="FACTOR",
        type=float,
        default=1.0,
        help="factor on every wait and deadline, for slow machines",
    )
    group.addoption("--clause", metavar="ID", action="append", help="only this clause; can be given again")
    group.addoption("--report", metavar="FILE", help="write the run's JSON document there")


class Run:
    """What one conformance run is about; made once per pytest process."""

    def __init__(self, config: pytest.Config) -> None:
        self.patience: float = config.getoption("patience")
        if not self.patience > 0:
            raise Unusable(f"--patience={self.patience}: a factor is a positive number; give 2 to wait twice as long")
        asked = {name: config.getoption(name) for name in ("impl", "python")}
        self.called = [f"--{name}={value}" for name, value in asked.items() if value]
        self.adapter: Adapter = adapter(asked["impl"])
        self.interpreter: Interpreter = interpreter(asked["python"])
        self.methods = self._methods(config.getoption("start_method"))
        path = config.getoption("baseline")
        self.baseline_path = Path(path) if path else self._recorded()
        self.updating: bool = config.getoption("update_baseline")
        if path is None and not self.baseline_path.exists():
            self.baseline = Baseline(self.adapter.name, self.interpreter.name)
        else:
            self.baseline = baseline.read(self.baseline_path)
        # The workers of xdist are started without the flags of their controller, which hands them on.
        worker: dict[str, Any] | None = getattr(config, "workerinput", None)
        self.flags: list[str] = (worker or {}).get(FLAGS) or interpreter_flags()
        alone = worker is None
        self.judge = Judge(self.adapter, self.interpreter, patience=self.patience, flags=self.flags, alone=alone)
        self.rows: list[dict[str, Any]] = []

    def _methods(self, wanted: list[str] | None) -> tuple[str, ...]:
        for method in wanted or ():
            if method not in METHODS:
                raise Unusable(f"--start-method={method}: the start methods are {', '.join(METHODS)}; name one of them")
            if method not in self.adapter.methods:
                raise Unusable(
                    f"--start-method={method}: {self.adapter.name} has {', '.join(self.adapter.methods)}; "
                    "name one of them"
                )
        return tuple(wanted) if wanted else self.adapter.methods

    def _recorded(self) -> Path:
        name = self.adapter.baseline or self.adapter.name
        return baseline.folder() / f"{name}-{self.interpreter.name}.toml"

    def again(self, check: Check) -> str:
        """The command that runs this one check alone."""
        words = ["mpconform run", *self.called]
        if check.method:
            words.append(f"--start-method={check.method}")
        return " ".join([*words, check.clause.id])


RUN: pytest.StashKey[Run] = pytest.StashKey[Run]()


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Check the options and the ground before anything is collected."""
    for name in (*CHAPTERS, *METHODS, *(level.value.lower() for level in Level)):
        config.addinivalue_line("markers", f"{name}: a check of this chapter, start method or level")
    if config.getoption("impl", None) is None:
        for option, name in (("python", "--python"), ("start_method", "--start-method"), ("baseline", "--baseline")):
            if config.getoption(option, None):
                pytest.exit(f"{name} goes with --impl; name the implementation, as in --impl=reference", returncode=2)
        return
    try:
        run = Run(config)
        if not hasattr(config, "workerinput") and not config.option.collectonly:
            smoke.test(run.adapter, run.interpreter, run.methods, run.patience)
    except Unusable as error:
        pytest.exit(str(error), returncode=error.status)
    config.stash[RUN] = run


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Hand the flags of this interpreter to a worker of xdist."""
    if RUN in node.config.stash:
        node.workerinput[FLAGS] = node.config.stash[RUN].flags


@pytest.hookimpl(tryfirst=True, optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """`-n auto` of a conformance run: three workers for two cores, since checks wait for processes to begin and end."""
    if config.getoption("impl", None) is None or "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ:
        return None  # as xdist has it
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return (3 * cores + 1) // 2


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the clauses named by --clause."""
    wanted = config.getoption("clause", None)
    if wanted:
        left = [item for item in items if isinstance(item, CheckItem) and item.check.clause.id not in wanted]
        items[:] = [item for item in items if item not in left]
        if left:
            config.hook.pytest_deselected(items=left)


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the zygote."""
    if RUN in config.stash:
        config.stash[RUN].judge.close()


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """A module that holds a chapter is collected as its checks."""
    if _is_chapter(module_path) or module_path.parent.name == "conformance":
        return ChapterModule.from_parent(parent, path=module_path)
    return None


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """The chapters of the installed spec are collected too: `pytest --pyargs mpspec`."""
    named = parent.session.isinitpath(file_path)  # a file that is named itself is collected as a module anyway
    if not named and _is_chapter(file_path):
        return ChapterModule.from_parent(parent, path=file_path)
    return None


def _is_chapter(path: Path) -> bool:
    """Whether it is the module of a chapter of the installed spec."""
    folder = Path(mpspec.__file__).parent / "chapters"
    return path.name == "chapter.py" and path.parent.parent == folder and path.parent.name in CHAPTERS


class ChapterModule(pytest.Module):
    """A module that holds a chapter."""

    def collect(self) -> Iterator[pytest.Item | pytest.Collector]:
        """The chapter's checks at the start methods of the run."""
        module: ModuleType = self.obj
        chapter = getattr(module, "chapter", None)
        if not isinstance(chapter, Chapter):
            yield from super().collect()
            return
        if _is_chapter(self.path):
            load(chapter.name)
        if RUN not in self.config.stash:
            raise self.CollectError("which implementation? Name it, as in --impl=reference or --impl=stdlib")
        for check in checks.checks(chapter.clauses.values(), self.config.stash[RUN].methods):
            yield CheckItem.from_parent(self, name=check.id, check=check)


class NotKept(Exception):
    """Carries a verdict that is not green to the report of its item."""

    def __init__(self, verdict: Verdict, remark: str = "") -> None:
        super().__init__(remark or verdict.outcome.value)
        self.verdict = verdict
        self.remark = remark


class CheckItem(pytest.Item):
    """One check."""

    def __init__(self, *, check: Check, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.check = check
        self.add_marker(check.clause.level.value.lower())
        self.add_marker(check.clause.chapter)
        if check.method:
            self.add_marker(check.method)

    @property
    def run(self) -> Run:
        """The conformance run that the item belongs to."""
        return self.config.stash[RUN]

    def runtest(self) -> None:
        """Judge, and compare with what is known."""
        verdict = self.run.judge.verdict(self.check)
        known = self.run.baseline.expected(self.check)
        self.user_properties.append((ROW, report.row(self.check, verdict, known)))
        if self.run.updating and verdict.outcome in DEVIATIONS:
            pytest.xfail(f"{verdict.outcome.value}, recorded")
        match verdict.outcome:
            case Outcome.NOT_APPLICABLE:
                pytest.skip(verdict.promised)
            case Outcome.UNSPECIFIED:
                pytest.skip(f"unspecified, recorded: {verdict.recorded}")
            case Outcome.BLOCKED:
                pytest.skip(f"blocked: {verdict.promised}, {verdict.seen}")
            case Outcome.KEPT:
                if known is not None and not known.sometimes and not self.run.updating:
                    raise NotKept(
                        verdict, f"the baseline no longer fits: {known.outcome.value} is known, it is kept now"
                    )
            case _:
                _expected(verdict, known)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The report of a verdict; anything else as pytest shows it."""
        if isinstance(excinfo.value, NotKept):
            remark = f"{excinfo.value.remark}\n" if excinfo.value.remark else ""
            run = self.run
            return remark + report.failure(
                self.check, excinfo.value.verdict, run.adapter, run.interpreter, run.again(self.check)
            )
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where the clause stands."""
        return (
            self.path,
            self.check.clause.body.__code__.co_firstlineno - 1,
            f"{self.check.clause.chapter}: {self.name}",
        )


def _expected(verdict: Verdict, known: Deviation | None) -> None:
    """Raise for a deviation: as an expected failure where it is known."""
    if known is None:
        raise NotKept(verdict)
    if known.outcome is not verdict.outcome:
        raise NotKept(
            verdict, f"the baseline no longer fits: {known.outcome.value} is known, it is {verdict.outcome.value} now"
        )
    pytest.xfail(f"{verdict.outcome.value}, known: {known.reason}")


class Gatherer:
    """Gathers the rows of all workers where the terminal is, and closes the run."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.run = config.stash[RUN]
        self.complaints: list[str] = []
        self.selected = False

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take the row that comes with a report."""
        if report.when == "call":
            self.run.rows += [
                value for name, value in report.user_properties if name == ROW and isinstance(value, dict)
            ]

    def pytest_deselected(self, items: Any) -> None:
        """A run of a part has no floor."""
        self.selected = True

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Compare with the floor, write the report and the baseline."""
        idle = self.config.pluginmanager.get_plugin("hypothesispytest")
        if idle is not None and "hypothesis" not in sys.modules:
            # Its part of the summary would import all of it, to say nothing.
            self.config.pluginmanager.unregister(idle)
        run = self.run
        whole = not self.selected and set(run.methods) == set(run.adapter.methods)
        option = self.config.option
        whole = whole and not (option.keyword or option.markexpr or getattr(option, "lf", False) or option.collectonly)
        whole = (
            whole
            and not any("::" in str(arg) for arg in self.config.args)
            and not session.shouldstop
            and not session.shouldfail
        )
        ran = _ran(run.rows)
        if run.updating:
            self._update(ran, whole)
        elif whole:
            for chapter, floor in run.baseline.floor.items():
                if chapter in ran and ran[chapter] < floor:
                    self.complaints.append(f"{chapter}: {ran[chapter]} checks ran, the recorded floor is {floor}")
        if self.complaints and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        path = option.report
        if path:
            text = json.dumps(report.document(run.adapter, run.interpreter, run.methods, run.rows), indent=1)
            Path(path).write_text(text + "\n", encoding="utf-8")

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """The table, and what is wrong with the run as a whole."""
        run = self.run
        if not run.rows:
            return
        document = report.document(run.adapter, run.interpreter, run.methods, run.rows)
        title = f"{run.adapter.name} on {run.interpreter.name} follows the edition {document['documentation']}"
        terminalreporter.section(title)
        for line in report.summary(document):
            terminalreporter.line(line)
        for complaint in self.complaints:
            terminalreporter.line(f"FLOOR  {complaint}", red=True)

    def _update(self, ran: dict[str, int], whole: bool) -> None:
        run = self.run
        known = recording.recorded(run.baseline, run.rows, ran if whole else {}, run.interpreter.name)
        baseline.write(run.baseline_path, known)


def _ran(rows: list[dict[str, Any]]) -> dict[str, int]:
    """Chapter -> number of checks that ran and were judged."""
    counts: dict[str, int] = {}
    for row in rows:
        if row["outcome"] not in (Outcome.NOT_APPLICABLE, Outcome.BLOCKED):
            counts[row["chapter"]] = counts.get(row["chapter"], 0) + 1
    return counts


@pytest.hookimpl(trylast=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Gather where the terminal is; workers only judge."""
    config = session.config
    if RUN in config.stash and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Gatherer(config), "mpconform-gatherer")
