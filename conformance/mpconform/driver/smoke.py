"""The smoke stage: is there something to judge at all? A failure here is the adapter's, not a broken promise.

Asked before any verdict: the implementation imports, each start method can be chosen, and a child of each runs the
right interpreter and implementation, came by that start method, ends, and is reported with its exit status. What a
process keeps open for life is measured, where the adapter does not say it.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import mpspec
from mpspec.loader import load

from mpconform.adapters.adapter import Adapter
from mpconform.adapters.interpreters import Interpreter
from mpconform.checks import Check
from mpconform.driver import zygotes
from mpconform.driver.judge import Judge
from mpconform.driver.paths import without_machinery
from mpconform.driver.zygotes import Zygote
from mpconform.errors import BrokenAdapter
from mpconform.hosts import keeping, stacks
from mpconform.outcomes import Outcome, Verdict

DEADLINE = 6.0
"""Seconds, before patience, for a check of this stage and for the exit of its host: each takes a fraction of one, and
whoever is asleep after that has hung."""
IMPORTS = 3
"""How often a child, and what it is started by, may import the implementation anew within a check."""
PARTS = {"pool": "pool", "dummy": "dummy", "log": "log"}
"""Chapter -> what has to be there for it, where that is less than processes."""
NO_METHOD = "none"
"""What is measured without naming a start method stands under it."""
LINES = 60
"""Lines that are told of each output and of the stacks."""
OURS = os.path.dirname(mpspec.__file__)
"""The folder of the clauses and of what observes for them."""
_PASSED = (Outcome.KEPT, Outcome.LEAKED)


class Ready(NamedTuple):
    """An implementation that can be judged."""

    adapter: Adapter
    """How it is reached, with what it was seen to keep."""
    notes: Sequence[str]
    """What else was seen that whoever reads the verdicts wants to know, in a line each."""


class First:
    """Verdicts at a short deadline: a hang is told soon, and a machine that is merely busy is not taken for one."""

    def __init__(self, zygote: Zygote, judge: Judge) -> None:
        self._zygote = zygote
        self._judge = judge

    def verdict(self, check: Check) -> Verdict:
        """What comes of the check; once more, with the time that every other check has, where it was still at work."""
        verdict = self._judge.verdict(check)
        if verdict.outcome is Outcome.HUNG and stacks.working(verdict.post_mortem):
            self._zygote.deadline, self._zygote.exit_deadline = zygotes.DEADLINE, zygotes.EXIT_DEADLINE
            self._judge.forget()
            verdict = self._judge.verdict(check)
        return verdict


def test(
    adapter: Adapter,
    interpreter: Interpreter,
    methods: Sequence[str],
    patience: float,
    chapters: Collection[str],
) -> Ready:
    """Raise BrokenAdapter, which says what was done and seen, where the adapter reaches no working implementation.

    methods, chapters: those that are to be judged; only what these need has to be there.
    """
    adapter.refuse_what_cannot_be_judged(interpreter)
    with Zygote(adapter, interpreter, patience=patience) as zygote:
        greeting = zygote.start()
        zygote.deadline = zygote.exit_deadline = round(DEADLINE + IMPORTS * greeting["seconds"] / patience, 1)
        # What it writes that nobody expects is for the clauses to say: that does not keep it from being judged.
        first = First(zygote, Judge(replace(adapter, silent=False), interpreter, hosts=zygote))
        for check in _checks(adapter, methods, chapters):
            verdict = first.verdict(check)
            if verdict.outcome not in _PASSED:
                what = check.clause.sentence + (f" By {check.method} this fails" if check.method else " This fails")
                raise BrokenAdapter(
                    f"{adapter.name} cannot be judged in {interpreter.path}. {what}:\n{_told(verdict)}\n"
                    "correct the adapter, or name another --impl, --python or --start-method"
                )
        notes = []
        if zygote.printed:
            notes += [f"{adapter.implementation} prints at import, in each spawned child too: {zygote.printed.strip()}"]
        if adapter.keeps is None:
            # What needs no start method, as threads that stand for processes, is measured by the default one.
            measured, failed = _measured(first, methods or (None,))
            adapter = replace(adapter, measured=measured)
            kept = [
                f"by {method} {_listed(kinds)}".replace(f"by {NO_METHOD} ", "")
                for method, kinds in measured.items()
                if kinds
            ]
            if kept:
                notes += [f"{adapter.name} keeps descriptors for life, as measured: {'; '.join(kept)}"]
            notes += failed
    return Ready(adapter, notes)


def _checks(adapter: Adapter, methods: Sequence[str], chapters: Collection[str]) -> Iterator[Check]:
    """What has to work: of a part of the API, only what is asked of that part."""
    clauses = load("smoke").clauses
    part = adapter.offers
    parts = dict.fromkeys(PARTS.get(name, "process") for name in chapters if part is None or name in part.chapters)
    if part is not None and "Process" not in part.names:
        parts.pop("process", None)
    whole = part is None and "process" in parts and bool(adapter.methods)
    needed = ["whole"] if whole else [*(["methods"] if adapter.methods else []), *parts]
    yield from (Check(clauses["smoke.names"], None, name) for name in needed)
    wanted = ["smoke.child"] if "process" in parts else ["smoke.pool"] if "pool" in parts else []
    wanted += ["smoke.status"] if "process" in parts and adapter.methods else []  # a thread has none to leave with
    yield from (
        Check(clauses[id], method, None) for id in wanted for method in (methods if adapter.methods else (None,))
    )


def _measured(first: First, methods: Sequence[str | None]) -> tuple[Mapping[str, dict[str, int]], list[str]]:
    """What a process keeps for life by each method, and a note where that could not be found out."""
    (clause,) = keeping.chapter.clauses.values()
    found: dict[str, dict[str, int]] = {}
    for method in methods:
        verdict = first.verdict(Check(clause, method, None))
        if verdict.outcome not in _PASSED:
            # It would be so again; that it hangs or breaks in use is for the clauses to say.
            by = f", by {method}" if method else ""
            why = f"it could not be measured what it keeps for life{by}: {verdict.outcome}, {verdict.seen}"
            return found, [why]
        found[method or NO_METHOD] = {kind: int(count) for kind, count in verdict.recorded.items()}
    return found, []


def _listed(kept: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {kind}" for kind, count in sorted(kept.items()))


def _told(verdict: Verdict) -> str:
    """What was promised and seen, and what the processes said."""
    lines = [f"  promised  {verdict.promised}", f"  seen      {verdict.seen} ({verdict.outcome})"]
    for title, text in (
        ("traceback", verdict.traceback if _passes_theirs(verdict.traceback) else ""),
        ("standard output", verdict.out),
        ("standard error", verdict.err),
        ("it waits here", verdict.post_mortem),
    ):
        if text.strip():
            lines += [f"--- {title}", *without_machinery(text)[-LINES:]]
    return "\n".join(lines)


def _passes_theirs(traceback: str) -> bool:
    """Whether a line of the traceback is neither ours nor the clause's: it says more than what was seen."""
    files = [line for line in traceback.splitlines() if line.startswith('  File "')]
    return any(not line.startswith(f'  File "{OURS}{os.sep}') for line in files)
