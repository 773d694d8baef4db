"""Runs of every check there is, whose deviations follow from the implementation's name."""

from __future__ import annotations

from documents import made
from mpconform import checks
from mpconform.baselines.baseline import Deviation
from mpconform.checks import Check
from mpconform.outcomes import Outcome, Verdict
from mpconform.reports import document
from mpconform.reports.document import Document, Row

EVIL = "</script><img src=x onerror=\"document.title='broken out'\"> & 'so'"
"""What a document may hold, and no page may take for its own."""
BROKEN = "queue.order.one-producer"
"""A clause that the runs of the standard library break by spawn alone, with EVIL as the evidence."""
ERRATUM = "process.start.keeps-arguments"
"""A clause that they break, as the standard library does: its baselines have the evidence."""
RUNS = [
    *(("reference", "0.1.0", release) for release in ("3.11.7", "3.13.18", "3.14.10", "3.15.2")),
    *(("stdlib", "", f"3.{minor}.1") for minor in range(9, 16)),
    ("multiprocess", "0.70.18", "3.12.1"),
    ("billiard", "4.2.1", "3.12.1"),
    ("loky", "3.5.5", "3.12.1"),
    ("<i>dummy</i>", "1.0", "3.12.1"),
]
"""Implementation, its version, the interpreter's: how much of it deviates follows from the name alone."""
SHARES = {"stdlib": 30, "multiprocess": 30, "billiard": 12, "loky": 8, "<i>dummy</i>": 6}
"""One check of so many deviates."""


def _row(name: str, number: int, check: Check) -> Row:
    """The row of a check: kept, but for every nth one of an implementation."""
    clause = check.clause
    if clause.level.value == "UNSPECIFIED":
        return document.row(check, Verdict(Outcome.UNSPECIFIED, unjudged="kept", recorded={"way": name}), None)
    if clause.id == BROKEN and name == "stdlib" and check.method == "spawn":
        known = Deviation(clause.id, Outcome.BROKEN, reason=f"a reason {EVIL}", link="https://example.org/why")
        return document.row(
            check, Verdict(Outcome.BROKEN, "promised " + EVIL, EVIL, "q.py:1: put()", EVIL, err=EVIL), known
        )
    if clause.id == ERRATUM and name == "stdlib":
        known = Deviation(clause.id, Outcome.BROKEN, reason="start() drops its references")
        return document.row(check, Verdict(Outcome.BROKEN, "it is kept alive", "it is not"), known)
    if name not in SHARES or number % SHARES[name]:
        return document.row(check, Verdict(Outcome.KEPT), None)
    outcome = (Outcome.BROKEN, Outcome.MISSING, Outcome.HUNG, Outcome.LEAKED)[number % 4]
    lines = (f'  File "/opt/{name}/{n}.py", line {number * n % 977}, in step_{n}\n    go({n})\n' for n in range(8))
    seen = f"an unexpected AttributeError(\"module '{name}' has no attribute '{clause.id.split('.')[-1]}'\")"
    told = (
        Deviation(clause.id, outcome, reason=f"{name} has none of it") if name in ("stdlib", "multiprocess") else None
    )
    return document.row(check, Verdict(outcome, clause.sentence, seen, "a.py:7: see.equal()", "".join(lines)), told)


def whole(name: str, version: str, release: str) -> Document:
    """A run of every check there is."""
    every = checks.checks(checks.known().values(), ("fork", "spawn", "forkserver"))
    rows = [_row(name, number, check) for number, check in enumerate(every)]
    short = ".".join(release.split(".")[:2])
    interpreter = {
        "name": short,
        "version": release,
        "release": release,
        "implementation": "cpython",
        "path": f"/opt/{short}/bin/python",
    }
    told = {"number": version or release, "told_by": "distribution" if version else "interpreter"}
    return made(*rows, implementation=name, version=told, interpreter=interpreter, documentation=short)
