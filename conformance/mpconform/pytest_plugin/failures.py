"""What pytest shows of a check that was not kept: the report of it, and one line in the summary at the end."""

from __future__ import annotations

from typing import Any

import pytest

from mpconform.checks import Check
from mpconform.outcomes import Verdict
from mpconform.pytest_plugin.run import Run
from mpconform.reports import colour, text

ROW = "mpconform"
"""The name of the property under which a report carries the row of its check."""


class NotKept(Exception):
    """Carries a verdict that is not green to the report of its item."""

    def __init__(self, verdict: Verdict, remark: str = "") -> None:
        super().__init__(remark or verdict.outcome.value)
        self.verdict = verdict
        self.remark = remark


def report(excinfo: pytest.ExceptionInfo[BaseException], check: Check, run: Run) -> Any:
    """The report of a verdict. It is a traceback in pytest's terms, which alone comes whole from a worker of xdist."""
    told = excinfo.value
    assert isinstance(told, NotKept)
    lines = text.failure(check, told.verdict, run.adapter, run.interpreter, run.again(check))
    short = told.remark or text.short(told.verdict)
    return _shown(excinfo, check, f"{told.remark}\n{lines}" if told.remark else lines, short)


def no_verdict(excinfo: pytest.ExceptionInfo[BaseException], check: Check, shown: Any) -> Any:
    """What ended the wait for a verdict. pytest-timeout is told apart: it is what people reach for."""
    if not isinstance(excinfo.value, pytest.fail.Exception) or "pytest-timeout" not in str(excinfo.value):
        return shown
    remark = (
        f"{check.id}: no verdict. {excinfo.value}: it ended the wait for the check and says nothing of the "
        "implementation. The deadline of a check is --deadline=SECONDS (in pytest --impl-deadline), after which it "
        "counts as hung."
    )
    return _shown(excinfo, check, remark, f"no verdict: {excinfo.value}; the deadline of a check is --deadline")


def is_ours(told: pytest.TestReport) -> bool:
    """Whether the report is that of a check which was not kept."""
    return told.failed and hasattr(told.longrepr, "reprcrash") and any(name == ROW for name, _ in told.user_properties)


class Coloured:
    """A report of ours in a terminal; elsewhere it is as it was."""

    def __init__(self, plain: Any) -> None:
        self._plain = plain
        self.reprcrash = plain.reprcrash
        self.reprtraceback = plain.reprtraceback
        self.sections = plain.sections

    def __str__(self) -> str:
        return str(self._plain)

    def fit(self, width: int) -> None:
        """Cut its line in the summary to so many characters, once nobody else takes it: a JUnit document has it all."""
        self.reprcrash.message = text.fitted(self.reprcrash.message, width)

    def toterminal(self, tw: Any) -> None:
        """Write it with a terminal writer of pytest, which knows whether colours are wanted."""
        lines = str(self._plain)
        tw.write(text.painted(lines, colour.ansi) if tw.hasmarkup else lines)
        tw.line()


def _shown(excinfo: pytest.ExceptionInfo[BaseException], check: Check, lines: str, short: str) -> Any:
    shown: Any = excinfo.getrepr(style="native")
    shown.reprtraceback.reprentries[:] = shown.reprtraceback.reprentries[:1]
    shown.reprtraceback.reprentries[0].lines[:] = [lines]
    if shown.reprcrash is not None:
        code = check.clause.body.__code__
        shown.reprcrash.path, shown.reprcrash.lineno = code.co_filename, code.co_firstlineno
        shown.reprcrash.message = short
    return shown
