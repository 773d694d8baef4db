"""The clauses as the pages explain them: sentence, place on the page, body, and what every run saw."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Iterable, Sequence
from typing import TypedDict

from mpspec.clause import Clause
from mpspec.page.links import link
from mpspec.registers.errata import ERRATA
from mpspec.registers.passages import page

from mpconform.reports.site.evidence import Adapters, Link, Seen, seen
from mpconform.reports.site.runs import Run


class Disagreement(TypedDict):
    """What the register of errata says of a clause."""

    page: str
    seen: dict[str, str]
    link: str


class Explained(TypedDict):
    """One clause in full."""

    links: dict[str, str]
    """Edition -> what follows the address of its page."""
    applies: list[str]
    passages: list[str]
    builds_on: list[str]
    cases: list[str]
    body: str
    disagreements: list[Disagreement]
    seen: list[Seen]


def explained(
    clauses: Iterable[Clause], runs: Sequence[Run], evidence: Link, adapters: Adapters
) -> dict[str, Explained]:
    """Id -> the clause in full. evidence: the address behind a known deviation; adapters: for stand-alone scripts."""
    editions = sorted({run.edition for run in runs})
    return {
        clause.id: {
            "links": {
                dotted: link(clause, edition).removeprefix(page(dotted))
                for edition in editions
                for dotted in [".".join(map(str, edition))]
            },
            "applies": _applies(clause),
            "passages": list(clause.passages),
            "builds_on": list(clause.builds_on),
            "cases": list(clause.cases),
            "body": textwrap.dedent(inspect.getsource(clause.body)).rstrip(),
            "disagreements": [
                {"page": entry.page, "seen": dict(entry.seen), "link": entry.link}
                for entry in ERRATA
                if entry.clause == clause.id
            ],
            "seen": seen(clause, runs, evidence, adapters),
        }
        for clause in clauses
    }


def _applies(clause: Clause) -> list[str]:
    """When the clause applies, in words."""
    if not clause.methods:
        found = ["involves no start method"]
    else:
        found = ["any one start method" if clause.once else f"start methods {', '.join(clause.methods)}"]
    found += [f"promised since {'.'.join(map(str, clause.since))}"] if clause.since else []
    found += [f"{case} promised since {'.'.join(map(str, edition))}" for case, edition in clause.cases_since.items()]
    found += [f"promised before {'.'.join(map(str, clause.until))}"] if clause.until else []
    return [*found, f"platforms {', '.join(clause.platforms)}"]
