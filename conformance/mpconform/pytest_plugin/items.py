"""Chapters become items, and items become verdicts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mpspec
import pytest
from mpspec.clause import Chapter
from mpspec.loader import CHAPTERS, load

from mpconform.baselines.baseline import Deviation
from mpconform.checks import Check
from mpconform.outcomes import DEVIATIONS, Outcome, Verdict
from mpconform.pytest_plugin import failures
from mpconform.pytest_plugin.failures import NotKept
from mpconform.pytest_plugin.run import RUN, Run
from mpconform.reports import document
from mpconform.reports.files import Unwritten

ROW = failures.ROW
IN_DOUBT = "mpconform-in-doubt"
"""And that of the names in shared memory that were left alone because they may be others'."""


def is_chapter(path: Path) -> bool:
    """Whether it is the module of a chapter of the installed spec."""
    folder = Path(mpspec.__file__).parent / "chapters"
    return path.name == "chapter.py" and path.parent.parent == folder and path.parent.name in CHAPTERS


def checks(module: pytest.Module, chapter: Chapter) -> Iterator[pytest.Item]:
    """The chapter's checks, of the clauses and at the start methods of the run.

    Those of the installed spec are called by their ids alone, others by their module as well, as pytest has it. The
    name is given whole: pytest would take the brackets for a part of what it cannot read again from its cache.
    """
    run = module.config.stash[RUN]
    prefix = f"{module.nodeid}::"
    if is_chapter(module.path):
        load(chapter.name)
        prefix = ""
    for check in run.selection.checks(chapter.clauses.values(), run.methods, run.adapter.methods):
        if run.shard is not None and not run.shard.takes(check.id):
            run.elsewhere += 1
            continue
        yield CheckItem.from_parent(module, name=check.id, check=check, nodeid=prefix + check.id)


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
        judge = self.run.judge
        told = set(judge.in_doubt)
        verdict = self._verdict()
        if judge.in_doubt - told:
            self.user_properties.append((IN_DOUBT, sorted(judge.in_doubt - told)))
        known = self.run.baseline.expected(self.check, verdict.outcome)
        self.user_properties.append((ROW, document.row(self.check, verdict, known)))
        if self.run.updating and verdict.outcome in DEVIATIONS:
            pytest.xfail(f"{verdict.outcome.value}, recorded")
        match verdict.outcome:
            case Outcome.NOT_APPLICABLE:
                pytest.skip(verdict.promised)
            case Outcome.NOT_OFFERED if known is None or known.sometimes or self.run.updating:
                pytest.skip(f"not offered: {verdict.promised}")
            case Outcome.UNSPECIFIED:
                pytest.skip(f"unspecified, {verdict.unjudged}, recorded: {verdict.recorded}")
            case Outcome.BLOCKED:
                pytest.skip(f"blocked: {verdict.promised}, {verdict.seen}")
            case Outcome.KEPT:
                if known is not None and not known.sometimes and not self.run.updating:
                    raise NotKept(
                        verdict, f"the baseline no longer fits: {known.outcome.value} is known, it is kept now"
                    )
            case _:
                _expected(verdict, known)

    def _verdict(self) -> Verdict:
        """What comes of it, or came of it before the run was taken up."""
        judge, journal = self.run.judge, self.run.journal
        if journal is None:
            return judge.verdict(self.check)
        if self.check.id in journal.verdicts:
            return journal.verdicts[self.check.id]
        verdict = judge.verdict(self.check)
        try:
            journal.add(self.check.id, verdict)
        except Unwritten as error:  # the run itself can do without
            self.warn(pytest.PytestWarning(str(error)))
        return verdict

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The report of a verdict, or of a check that was stopped from outside and has none."""
        if isinstance(excinfo.value, NotKept):
            return failures.report(excinfo, self.check, self.run)
        return failures.no_verdict(excinfo, self.check, super().repr_failure(excinfo, style))

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
