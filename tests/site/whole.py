"""Runs of every check there is, whose deviations follow from the implementation's name."""

from __future__ import annotations

from documents import made
from mpconform import checks
from mpconform.baselines.baseline import Deviation
from mpconform.checks import Check
from mpconform.outcomes import Outcome, Verdict
from mpconform.reports import cells, document
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
_RELEASES = ("3.9.18", "3.10.13", "3.11.7", "3.11.15", "3.12.1", "3.12.13", "3.13.0", "3.13.18", "3.14.10", "3.15.2")
LARGE = [
    *(("reference", "0.1.0", release) for release in _RELEASES[2:]),
    *(
        (name, version, release)
        for name, version in (("stdlib", ""), ("multiprocess", "0.70.18"), ("billiard", "4.2.1"))
        for release in _RELEASES
    ),
    *((name, "1.0", release) for name in ("loky", "threads") for release in _RELEASES),
    *((name, "1.0", release) for name in ("ray", "lithops", "torch", "geventmp") for release in _RELEASES[1:7]),
    ("dragon", "1.0", "3.11.7"),
]
"""As many as there are in a matrix of every adapter on every interpreter."""
ABSENT = [
    cells.Cell(implementation=name, python=python, start_method=method, state=state, document=None, why=why, status=3)
    for name, python, method, state, why in (
        ("ray", "3.15", None, "failed", f"ray does not install on 3.15:\nno matching distribution {EVIL}"),
        ("dragon", "pypy3.11", "spawn", "failed", "there is no interpreter pypy3.11"),
        ("nowhere", "3.13", None, "waiting", None),
    )
]
"""What could not be judged, beside these."""
SHARES = {
    **{"stdlib": 30, "multiprocess": 30, "billiard": 12, "loky": 8, "<i>dummy</i>": 6, "geventmp": 31},
    **{"ray": 28, "torch": 32, "lithops": 29, "dragon": 25, "threads": 33},
}
"""One check of so many deviates."""
POOLS = ("ray", "lithops")
"""Implementations that offer a pool, and nothing else."""


def _row(name: str, release: str, number: int, check: Check) -> Row:
    """The row of a check: kept, but for every nth one of an implementation; what was seen differs by interpreter."""
    clause = check.clause
    if name in POOLS and clause.chapter != "pool":
        return document.row(check, Verdict(Outcome.NOT_OFFERED, f"{name} has a pool alone"), None)
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
    lines = (
        f'  File "/opt/{release}/{name}/{n}.py", line {number * n % 977}, in step_{n}\n    go({n})\n' for n in range(8)
    )
    minor = int(release.split(".")[1]) if number % 3 == 0 else 0
    seen = (
        f"an unexpected AttributeError(\"module '{name}' has no attribute '{clause.id.split('.')[-1]}{minor // 3}'\")"
    )
    told = (
        Deviation(clause.id, outcome, reason=f"{name} has none of it") if name in ("stdlib", "multiprocess") else None
    )
    return document.row(check, Verdict(outcome, clause.sentence, seen, "a.py:7: see.equal()", "".join(lines)), told)


def whole(name: str, version: str, release: str) -> Document:
    """A run of every check there is."""
    every = checks.checks(checks.known().values(), ("fork", "spawn", "forkserver"))
    rows = [_row(name, release, number, check) for number, check in enumerate(every)]
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
