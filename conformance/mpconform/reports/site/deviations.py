"""The deviations of one implementation over all of its runs, and the register of errata beside what runs showed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from mpspec.clause import Clause
from mpspec.registers.errata import ERRATA
from mpspec.registers.erratum import Erratum

from mpconform.reports.document import Row
from mpconform.reports.site.evidence import Link, part
from mpconform.reports.site.runs import Run
from mpconform.reports.site.states import State

STANDINGS = ("new", "healed", "known")
"""From what asks most for attention."""


@dataclass(frozen=True)
class Deviation:
    """What some runs of an implementation have in common.

    where: runs that have it in the same checks, and which these are, "" for all of the clause's.
    """

    clause: Clause
    outcome: str
    standing: str
    reason: str
    link: str
    where: tuple[tuple[tuple[Run, ...], str], ...]


def deviations(runs: Sequence[Run], clauses: Mapping[str, Clause], link: Link) -> dict[str, list[Deviation]]:
    """Standing -> deviations, in the order of the spec; link: the evidence of a known one."""
    groups: dict[tuple[str, str, str, str], dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    links: dict[tuple[str, str, str, str], str] = {}
    for run in runs:
        for row in run.document["checks"]:
            if row["standing"] is not None:
                key = (row["clause"], row["outcome"], row["standing"], row["known"]["reason"] if row["known"] else "")
                groups[key][run.slug].append(row)
                links[key] = links.get(key) or (link(run, row) if row["known"] else "")
    order = {id: number for number, id in enumerate(clauses)}
    found: dict[str, list[Deviation]] = {standing: [] for standing in STANDINGS}
    for key in sorted(groups, key=lambda key: order[key[0]]):
        id, outcome, standing, reason = key
        where: dict[str, tuple[Run, ...]] = {}
        for run in runs:
            if run.slug in groups[key]:
                parts = _parts(run, id, groups[key][run.slug])
                where[parts] = (*where.get(parts, ()), run)
        places = tuple((of, parts) for parts, of in where.items())
        found[standing].append(Deviation(clauses[id], outcome, standing, reason, links[key], places))
    return {standing: of for standing, of in found.items() if of}


def _parts(run: Run, clause: str, rows: Sequence[Row]) -> str:
    """Which of a clause's checks these are; "" where they are all."""
    return "" if len(rows) == len(run.rows[clause]) else ", ".join(part(row) for row in rows)


@dataclass(frozen=True)
class Shown:
    """An entry of the register of errata, and what the runs of the standard library showed of it."""

    erratum: Erratum
    clause: Clause
    states: tuple[tuple[Run, State], ...]


def errata(runs: Iterable[Run], clauses: Mapping[str, Clause]) -> list[Shown]:
    """The register in the order of the spec."""
    own = [run for run in runs if run.implementation == "stdlib"]
    order = {id: number for number, id in enumerate(clauses)}
    entries = sorted((entry for entry in ERRATA if entry.clause in clauses), key=lambda entry: order[entry.clause])
    return [
        Shown(entry, clauses[entry.clause], tuple((run, run.state(entry.clause)) for run in own)) for entry in entries
    ]
