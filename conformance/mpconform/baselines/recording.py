"""From a run to the baseline that knows of it: what `--update-baseline` records.

A run tells of the checks that it has judged, at one exact version of the interpreter, and of nothing else: whatever is
known of other checks, or of other exact versions, stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from mpspec.clause import METHODS, Clause
from mpspec.page.links import link
from mpspec.registers.errata import ERRATA

from mpconform import checks
from mpconform.adapters.interpreters import Interpreter
from mpconform.baselines.baseline import EVERY, Baseline, Deviation, Release, dotted, meant, numbers
from mpconform.outcomes import DEVIATIONS, Outcome
from mpconform.reports.document import Row

Point = tuple[str | None, str | None]
"""What a check binds a clause to: start method and label of the case."""
JUDGED = DEVIATIONS | {Outcome.KEPT, Outcome.UNSPECIFIED, Outcome.NOT_OFFERED}
"""Outcomes that say something of the implementation: the others leave what is known as it is."""


def recorded(
    before: Baseline,
    rows: Iterable[Row],
    floor: Mapping[str, int],
    interpreter: Interpreter,
    *,
    methods: Iterable[str] = METHODS,
    whole: bool = False,
) -> Baseline:
    """The baseline after a run.

    rows: the run's, of its document; floor: of the chapters that ran whole; methods: that the implementation has;
    whole: everything has run, so that the baseline counts as made with the exact version of the interpreter; else it
    counts as one of which a part was judged.
    """
    release, methods = before.of(interpreter), tuple(methods)
    recorded, partly = {*map(numbers, before.recorded)}, {*map(numbers, before.partly)}
    levels = sorted({*recorded, *partly, release})
    judged: dict[str, list[Row]] = {}
    for row in rows:
        if row["outcome"] in JUDGED:
            judged.setdefault(row["clause"], []).append(row)
    deviations = [known for known in before.deviations if known.clause not in judged]
    for clause, of_clause in judged.items():
        known_before = [known for known in before.deviations if known.clause == clause]
        known = _OneClause(clause, known_before, of_clause, levels, release, methods)
        for row in of_clause:
            known.learn(row, _erratum(row, before, dotted(interpreter.version)))
        deviations += known.deviations()
    if before.version == EVERY and {*before.recorded} - {dotted(release)}:
        # Later editions promise more: of what serves all versions, the floor is that of the version with the fewest.
        floor = {chapter: min(count, before.floor.get(chapter, count)) for chapter, count in floor.items()}
    return replace(
        before,
        floor={**before.floor, **floor},
        deviations=tuple(sorted(deviations, key=order)),
        recorded=_dotted({*recorded, release} if whole else recorded),
        partly=_dotted(partly - {release} if whole or release in recorded else {*partly, release}),
    )


def _dotted(releases: Iterable[Release]) -> tuple[str, ...]:
    return tuple(map(dotted, sorted(releases)))


def order(known: Deviation) -> tuple[str, tuple[str, ...], tuple[str, ...], Release]:
    """The place of an entry in its file."""
    return known.clause, known.methods, known.cases, numbers(known.since) if known.since else ()


class _OneClause:
    """What is known of one clause: entries, each with the checks that it speaks of."""

    def __init__(
        self,
        clause: str,
        known: list[Deviation],
        rows: list[Row],
        levels: list[Release],
        release: Release,
        methods: Iterable[str],
    ) -> None:
        self._clause = clause
        self._levels = levels
        self._release = release
        found = checks.known().get(clause)
        self._once = found is not None and found.once
        grid = {*_grid(found, methods), *map(self._point, rows)}
        grid |= {point for entry in known for point in self._named(entry, grid)}
        self._before = [(entry, {point for point in grid if entry.speaks_of(clause, *point)}) for entry in known]
        self._pieces = [(entry, set(points)) for entry, points in self._before]

    def learn(self, row: Row, erratum: tuple[str, str]) -> None:
        """Take up what the row says. erratum: reason and link for what was not known."""
        point = self._point(row)
        seen = Outcome(row["outcome"]) if row["outcome"] in DEVIATIONS else None
        here = [(known, its) for known, its in self._pieces if point in its and known.holds(self._release)]
        known = meant((known for known, _ in here), seen)
        if known is not None:
            points = next(its for one, its in here if one is known)
            if seen is known.outcome or (known.sometimes and row["outcome"] == Outcome.KEPT):
                return  # as known; a race that was not seen this time is known still
            points.discard(point)
            self._add(point, self._over(known, self._held(known) - {self._release}))
            if seen is not None:
                self._add(point, self._over(replace(known, outcome=seen, since="", until=""), {self._release}))
        elif seen is not None:
            self._add(point, self._new(point, seen, erratum))

    def deviations(self) -> Iterator[Deviation]:
        """The entries after the run: an entry that speaks of what it spoke of stays as it was written."""
        merged: dict[Deviation, set[Point]] = {}
        for entry, points in self._pieces:
            if points or (entry, points) in self._before:
                merged.setdefault(replace(entry, methods=(), cases=()), set()).update(points)
        for content, points in merged.items():
            same = [(entry, its) for entry, its in self._before if replace(entry, methods=(), cases=()) == content]
            if points == {point for _, its in same for point in its}:
                yield from (entry for entry, _ in same)
            else:
                yield from _folded(content, points)

    def _point(self, row: Row) -> Point:
        """What the row speaks of; where one start method stands for all, it is none in particular."""
        return (None if self._once else row["method"], row["case"])

    def _named(self, entry: Deviation, grid: set[Point]) -> Iterator[Point]:
        """What the entry names, be it bound to the clause or not."""
        methods: Iterable[str | None] = {method for method, _ in grid} if self._once else entry.methods
        for method in methods or {method for method, _ in grid}:
            for case in entry.cases or {case for _, case in grid}:
                yield method, case

    def _new(self, point: Point, seen: Outcome, erratum: tuple[str, str]) -> list[Deviation]:
        """Entries for what is not known here: one of other exact versions is known of this one as well."""
        for known, points in self._pieces:
            if point in points and known.outcome is seen:
                points.discard(point)
                return self._over(known, self._held(known) | {self._release})
        return self._over(Deviation(self._clause, seen, *erratum), {self._release})

    def _add(self, point: Point, entries: list[Deviation]) -> None:
        self._pieces += [(entry, {point}) for entry in entries]

    def _held(self, known: Deviation) -> set[Release]:
        """The exact versions, of those that the baseline was made with, that the entry is known of."""
        return {level for level in self._levels if known.holds(level)}

    def _over(self, known: Deviation, wanted: set[Release]) -> list[Deviation]:
        """The entry for these exact versions: an entry for each run of neighbours.

        A bound that a person has narrowed stays where it says the same; a new one is the first exact version of
        which it was seen, or of its minor version where nothing is known of an earlier one of that.
        """
        levels, held = self._levels, self._held(known)
        entries = []
        for first, last in _runs([level in wanted for level in levels]):
            since = _bound(*levels[first - 1 : first + 1]) if first else ""
            until = _bound(*levels[last : last + 2]) if last + 1 < len(levels) else ""
            if held and levels[first] == min(held):
                since = known.since
            if held and levels[last] == max(held):
                until = known.until
            entries.append(replace(known, since=since, until=until))
        return entries


def _bound(before: Release, there: Release) -> str:
    """Where something changes that is seen in one exact version and was not in the one before it, or the reverse."""
    return dotted(there if there[:2] == before[:2] else (*there[:2], 0))


def _runs(flags: list[bool]) -> Iterator[tuple[int, int]]:
    """First and last index of each run of neighbours that are true."""
    first = None
    for index, flag in enumerate([*flags, False]):
        if flag and first is None:
            first = index
        elif not flag and first is not None:
            yield first, index - 1
            first = None


def _grid(clause: Clause | None, methods: Iterable[str]) -> set[Point]:
    """Everything that the clause is bound to by an implementation with these start methods."""
    if clause is None:  # it was removed
        return set()
    bound: tuple[str | None, ...] = () if clause.once else clause.bound_to(methods)
    return {(method, case) for method in bound or (None,) for case in clause.cases or (None,)}


def _erratum(row: Row, before: Baseline, version: str) -> tuple[str, str]:
    """Reason and evidence of a new deviation of the stdlib, where page and CPython are known to disagree."""
    if before.implementation == "stdlib":
        for erratum in ERRATA:
            seen = erratum.on(version)
            if erratum.clause == row["clause"] and seen is not None:
                evidence = erratum.link or link(checks.clause(erratum.clause))
                return f"The page: {erratum.page}. Seen: {seen}.", evidence
    return "", ""


def _folded(content: Deviation, points: set[Point]) -> Iterator[Deviation]:
    """Entries that speak of these checks and of no other: one for the methods that deviate in the same cases."""
    cases_of: dict[str | None, set[str | None]] = {}
    for method, case in points:
        cases_of.setdefault(method, set()).add(case)
    methods_of: dict[tuple[str, ...], list[str | None]] = {}
    for method, cases in cases_of.items():
        methods_of.setdefault(tuple(sorted(case for case in cases if case is not None)), []).append(method)
    for labels, methods in methods_of.items():
        yield replace(content, methods=tuple(method for method in METHODS if method in methods), cases=labels)
