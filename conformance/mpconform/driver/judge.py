"""The judge: from a check to its verdict, with everything that decides beyond the body itself."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from mpspec.clause import METHODS, Level
from mpspec.loader import CHAPTERS

from mpconform.adapters.adapter import Adapter
from mpconform.adapters.interpreters import Interpreter
from mpconform.checks import Check, chapters
from mpconform.driver import not_offered
from mpconform.driver.zygotes import DEADLINE, Zygote, Zygotes
from mpconform.hosts.protocol import Answer
from mpconform.outcomes import Outcome, Verdict

SILENT = "no process writes what no clause expects, as the adapter claims by `silent`"


class Judge:
    """Judges one implementation on one interpreter; keeps its verdicts, so that dependencies cost once.

    alone: no other judge shares the cores, so that a second zygote is worth its start. hosts: a zygote that there is
    already, whoever has made it ends it. The others are those of Zygote.
    """

    def __init__(
        self,
        adapter: Adapter,
        interpreter: Interpreter,
        *,
        patience: float = 1.0,
        deadline: float = DEADLINE,
        flags: Sequence[str] | None = None,
        alone: bool = False,
        hosts: Zygote | None = None,
    ) -> None:
        self.adapter = adapter
        self.interpreter = interpreter
        self.follows = adapter.follows(interpreter)
        make = partial(Zygote, adapter, interpreter, patience=patience, deadline=deadline, flags=flags)
        self._zygotes = hosts or (Zygotes(make) if alone else make())
        self._verdicts: dict[str, Verdict] = {}
        self._clauses = {clause.id: clause for chapter in chapters() for clause in chapter.clauses.values()}

    def verdict(self, check: Check) -> Verdict:
        """What comes of the check; a check that was judged before is not run again."""
        if check.id not in self._verdicts:
            self._verdicts[check.id] = self._judge(check)
        return self._verdicts[check.id]

    def adapt(self, adapter: Adapter) -> None:
        """Take another adapter of the same implementation, before anything is judged."""
        self.adapter = adapter
        self._zygotes.adapt(adapter)

    def forget(self) -> None:
        """Judge every check anew from here on."""
        self._verdicts.clear()

    @property
    def in_doubt(self) -> set[str]:
        """The names in shared memory that came with a check, may be others', and were left alone."""
        return self._zygotes.in_doubt

    def interrupt(self) -> None:
        """From another thread: the verdict that is waited for comes at once, and is none."""
        self._zygotes.interrupt()

    def close(self) -> None:
        """End what hosts."""
        self._zygotes.stop()

    def _judge(self, check: Check) -> Verdict:
        reason = check.clause.not_applicable(self.follows, self.interpreter.platform, check.method, check.case)
        if reason is None:
            asked = (check.method, *check.clause.used(check.case))
            lacking = dict.fromkeys(method for method in asked if method and method not in self.adapter.methods)
            reason = f"{self.adapter.name} has no start method {' and no '.join(lacking)}" if lacking else None
        if reason is None and not self.adapter.methods and 0 < len(check.clause.methods) < len(METHODS):
            by = " and ".join(check.clause.methods)
            reason = f"promised of {by} alone, {self.adapter.name} has no start method of which one could be chosen"
        if reason is not None:
            return Verdict(Outcome.NOT_APPLICABLE, promised=reason)
        part = self.adapter.offers
        if part is not None and check.clause.chapter in CHAPTERS and check.clause.chapter not in part.chapters:
            return Verdict(Outcome.NOT_OFFERED, promised=part.reason)
        for id in check.clause.builds_on:
            ground = self._ground(check, id)
            if ground is not None and ground.outcome is Outcome.NOT_OFFERED:
                return ground
            if ground is not None:
                return Verdict(Outcome.BLOCKED, promised=f"it builds on {id}", seen=f"which is {ground.outcome}")
        answer = self._zygotes.host(check)
        verdict = Verdict.from_answer(answer)
        if verdict.outcome is Outcome.MISSING:
            declared = not_offered.declared(verdict.absent, self.adapter.not_offered, self.adapter.offers)
            if declared is not None:
                return replace(verdict, outcome=Outcome.NOT_OFFERED, promised=declared)
        lie = self._lie(check, answer)
        if lie is not None and verdict.outcome is Outcome.KEPT:
            verdict = replace(verdict, outcome=Outcome.BROKEN, promised="what was asked for is what ran", seen=lie)
        if check.clause.level is Level.UNSPECIFIED and verdict.outcome is not Outcome.HARNESS:
            verdict = replace(verdict, outcome=Outcome.UNSPECIFIED, unjudged=verdict.outcome.value)
        if self.adapter.silent and verdict.remark:
            verdict = replace(verdict, outcome=Outcome.BROKEN, promised=SILENT, seen=verdict.remark)
        return verdict

    def _ground(self, check: Check, id: str) -> Verdict | None:
        """What came of a clause that the check builds on, at the same method where it matters, if it is not kept."""
        below = self._clauses[id]
        method = check.method
        if method not in below.methods or below.once:
            bound = below.bound_to(self.adapter.methods) or (below.methods if self.adapter.methods else ())
            method = next(iter(bound), None)
        for case in below.cases or [None]:
            verdict = self.verdict(Check(below, method, case))
            if verdict.outcome not in (Outcome.KEPT, Outcome.NOT_APPLICABLE, Outcome.UNSPECIFIED):
                return verdict
        return None

    def _lie(self, check: Check, answer: Answer) -> str | None:
        """What the children's witnesses say against the run: another interpreter, start method or implementation."""
        for witness in answer.get("witnesses", ()):
            if check.method is not None and witness["start"] != check.method:
                return f"{check.method} was asked for, a child came by {witness['start']}"
            if witness["version"] != list(self.interpreter.version):
                return f"a child ran Python {witness['version']}"
            expected = self.adapter.implementation.split(".")[0]
            ran = witness["implementation"]
            if ran and expected not in os.path.splitext(ran)[0].split(os.sep):
                return f"a child ran {witness['implementation']}"
        return None
