"""Chapters become items, and items become verdicts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import mpspec
import pytest
from mpspec.clause import Chapter
from mpspec.loader import CHAPTERS, load

from mpconform import checks
from mpconform.baselines.baseline import Deviation
from mpconform.checks import Check
from mpconform.outcomes import DEVIATIONS, Outcome, Verdict
from mpconform.pytest_plugin.run import RUN, Run
from mpconform.reports import document, text

ROW = "mpconform"
"""The name of the property under which a report carries the row of its check."""


def is_chapter(path: Path) -> bool:
    """Whether it is the module of a chapter of the installed spec."""
    folder = Path(mpspec.__file__).parent / "chapters"
    return path.name == "chapter.py" and path.parent.parent == folder and path.parent.name in CHAPTERS


class ChapterModule(pytest.Module):
    """A module that holds a chapter."""

    def collect(self) -> Iterator[pytest.Item | pytest.Collector]:
        """The chapter's checks, of the clauses and at the start methods of the run."""
        module: ModuleType = self.obj
        chapter = getattr(module, "chapter", None)
        if not isinstance(chapter, Chapter):
            yield from super().collect()
            return
        if is_chapter(self.path):
            load(chapter.name)
        if RUN not in self.config.stash:
            raise self.CollectError("which implementation? Name it, as in --impl=reference or --impl=stdlib")
        run = self.config.stash[RUN]
        wanted = [clause for clause in chapter.clauses.values() if not run.clauses or clause.id in run.clauses]
        for check in checks.checks(wanted, run.methods, run.adapter.methods):
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
        self.user_properties.append((ROW, document.row(self.check, verdict, known)))
        if self.run.updating and verdict.outcome in DEVIATIONS:
            pytest.xfail(f"{verdict.outcome.value}, recorded")
        match verdict.outcome:
            case Outcome.NOT_APPLICABLE:
                pytest.skip(verdict.promised)
            case Outcome.NOT_OFFERED if known is None or known.sometimes or self.run.updating:
                pytest.skip(f"not offered: {verdict.promised}")
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
            return remark + text.failure(
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
