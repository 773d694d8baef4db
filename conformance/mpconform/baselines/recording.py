"""From a run to the baseline that knows of it: what `--update-baseline` writes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from mpspec.clause import METHODS
from mpspec.page.links import link
from mpspec.registers.errata import ERRATA

from mpconform import checks
from mpconform.baselines.baseline import Baseline, Deviation
from mpconform.outcomes import DEVIATIONS, Outcome
from mpconform.reports.document import Row


def recorded(before: Baseline, rows: Iterable[Row], floor: Mapping[str, int], version: str) -> Baseline:
    """The baseline after a run: what is known of clauses that were not judged stays, and so does every reason.

    rows: the run's, of its document; floor: of the chapters that ran whole; version: "3.11".
    """
    rows = list(rows)
    judged = {row["clause"] for row in rows}
    deviations = [known for known in before.deviations if known.clause not in judged]
    for row in rows:
        known = next((known for known in before.deviations if _speaks_of(known, row)), None)
        if row["outcome"] in DEVIATIONS:
            deviations.append(_entry(row, known, before, version))
        elif row["outcome"] == Outcome.KEPT and known is not None and known.sometimes:
            deviations.append(_narrowed(known, row))  # a race that was not seen this time is known still
    return Baseline(before.implementation, version, {**before.floor, **floor}, _folded(deviations))


def _speaks_of(known: Deviation, row: Row) -> bool:
    return (
        known.clause == row["clause"]
        and (not known.methods or row["method"] in known.methods)
        and (not known.cases or row["case"] in known.cases)
    )


def _narrowed(known: Deviation, row: Row) -> Deviation:
    """What is known of many checks, as what is known of this one."""
    return replace(
        known,
        outcome=Outcome(row["outcome"]) if row["outcome"] in DEVIATIONS else known.outcome,
        methods=(row["method"],) if row["method"] else (),
        cases=(row["case"],) if row["case"] else (),
    )


def _entry(row: Row, known: Deviation | None, before: Baseline, version: str) -> Deviation:
    """The deviation of a row, with the reason that was known of it, or that the errata give."""
    if known is None:
        reason, link = _erratum(row, before, version)
        known = Deviation(row["clause"], Outcome(row["outcome"]), reason, link)
    return _narrowed(known, row)


def _erratum(row: Row, before: Baseline, version: str) -> tuple[str, str]:
    """Reason and evidence of a new deviation of the stdlib, where page and CPython are known to disagree."""
    if before.implementation == "stdlib":
        for erratum in ERRATA:
            seen = erratum.on(version)
            if erratum.clause == row["clause"] and seen is not None:
                evidence = erratum.link or link(checks.clause(erratum.clause))
                return f"The page: {erratum.page}. Seen: {seen}.", evidence
    return "", ""


def _folded(deviations: Iterable[Deviation]) -> tuple[Deviation, ...]:
    """One entry for the methods and cases that deviate alike."""
    groups: dict[tuple[Any, ...], tuple[set[str], set[str], Deviation]] = {}
    for d in deviations:
        key = (d.clause, d.outcome, d.reason, d.link, d.sometimes)
        methods, cases, _ = groups.setdefault(key, (set(), set(), d))
        methods.update(d.methods)
        cases.update(d.cases)
    return tuple(
        replace(d, methods=tuple(m for m in METHODS if m in methods), cases=tuple(sorted(cases)))
        for methods, cases, d in groups.values()
    )
