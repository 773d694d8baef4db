"""The runs of a site: a column of its tables for each, in the order in which people look for them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from mpspec.clause import Clause, Version

from mpconform.outcomes import Outcome
from mpconform.reports.document import Document, Row
from mpconform.reports.site import fitting
from mpconform.reports.site.states import NEVER_RUN, State, state
from mpconform.reports.text import must_line

LEADING = ("reference", "stdlib")
"""Implementations that stand before the others: what is promised, and what everybody has."""
_SILENT = (None, Outcome.NOT_APPLICABLE, Outcome.NOT_OFFERED)
"""What a clause comes to in a run that says nothing of it."""
_KINDS = {"cpython": "CPython", "pypy": "PyPy"}


@dataclass(frozen=True)
class Run:
    """One run document as the pages show it.

    slug: its name in addresses; rows: clause -> its checks; states: clause -> what came of it; marks: what keeps it
    from being whole, in words.
    """

    slug: str
    document: Document
    rows: Mapping[str, Sequence[Row]]
    states: Mapping[str, State]
    marks: tuple[str, ...]

    @property
    def implementation(self) -> str:
        """The name of the implementation."""
        return self.document["implementation"]

    @property
    def version(self) -> str:
        """The version of the implementation, where it has one of its own."""
        told = self.document["version"]
        return "" if told["told_by"] == "interpreter" else told["number"]

    @property
    def interpreter(self) -> str:
        """The interpreter in full: "CPython 3.13.2", "PyPy 3.11 7.3.19"."""
        running = self.document["interpreter"]
        kind = _KINDS.get(running["implementation"], running["implementation"])
        if running["implementation"] == "cpython":
            return f"{kind} {running['release']}"
        return f"{kind} {'.'.join(running['version'].split('.')[:2])} ({running['release']})"

    @property
    def heading(self) -> str:
        """The interpreter in the head of a column: "3.13.2", "PyPy 3.11"."""
        running = self.document["interpreter"]
        if running["implementation"] == "cpython":
            return running["release"]
        return f"{self.interpreter.partition(' (')[0]}"

    @property
    def label(self) -> str:
        """The run in one line: "stdlib, CPython 3.13.2", "multiprocess 0.70.18, CPython 3.12.1"."""
        return f"{' '.join(filter(None, [self.implementation, self.version]))}, {self.interpreter}"

    @property
    def python(self) -> str:
        """The interpreter without its patch level: "3.13", "PyPy 3.11"."""
        running = self.document["interpreter"]
        short = ".".join(running["version"].split(".")[:2])
        return short if running["implementation"] == "cpython" else self.heading

    @property
    def mark(self) -> str:
        """In one word, that it is not whole; "" where it is."""
        return "part" if self.marks else ""

    @property
    def why(self) -> str:
        """Of what was judged no reason is asked for."""
        return ""

    @property
    def order(self) -> tuple[object, ...]:
        """Where its column stands: by implementation, interpreter, version."""
        return _order(self.document)

    @property
    def edition(self) -> Version:
        """The edition that the implementation follows."""
        major, minor = self.document["documentation"].split(".")
        return int(major), int(minor)

    @property
    def must(self) -> str:
        """The sentence on its MUST clauses."""
        return must_line(self.document["checks"])

    def state(self, clause: str) -> State:
        """What came of a clause."""
        return self.states.get(clause, NEVER_RUN)

    def concerns(self, clauses: Iterable[str]) -> bool:
        """Whether any of these clauses was run, and is of what the implementation offers."""
        return any(self.state(clause).worst not in _SILENT for clause in clauses)


def runs(documents: Iterable[Document], clauses: Mapping[str, Clause]) -> list[Run]:
    """The runs in the order of the columns: implementation, interpreter, version of the implementation."""
    taken: set[str] = set()
    return [_run(document, clauses, taken) for document in sorted(documents, key=_order)]


def unique(text: str, taken: set[str]) -> str:
    """A name for a file or an address that is not among those taken, to which it is added."""
    name = re.sub(r"[^A-Za-z0-9_.]+", "-", text).strip("-.").lower() or "unnamed"
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name}-{number}"
    taken.add(free)
    return free


def _run(document: Document, clauses: Mapping[str, Clause], taken: set[str]) -> Run:
    rows: dict[str, list[Row]] = defaultdict(list)
    for row in document["checks"]:
        rows[row["clause"]].append(row)
    running = document["interpreter"]
    own = document["version"]["number"] if document["version"]["told_by"] != "interpreter" else ""
    kind = "" if running["implementation"] == "cpython" else running["name"] + "-"
    return Run(
        unique("-".join(filter(None, [document["implementation"], own, kind + running["release"]])), taken),
        document,
        dict(rows),
        {id: state(clauses[id], of) for id, of in rows.items()},
        tuple(fitting.marks(document)),
    )


def rank(implementation: str) -> tuple[int, str]:
    """Where an implementation stands among the others."""
    return LEADING.index(implementation) if implementation in LEADING else len(LEADING), implementation


def _order(document: Document) -> tuple[object, ...]:
    running = document["interpreter"]
    numbers = tuple(tuple(map(int, re.findall(r"\d+", text))) for text in (running["version"], running["release"]))
    own = document["version"]
    number = tuple(map(int, re.findall(r"\d+", own["number"]))) if own["told_by"] != "interpreter" else ()
    return *rank(document["implementation"]), running["implementation"], *numbers, number, document["platform"]
