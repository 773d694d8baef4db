"""What a person reads of a run: the summary in the terminal, and what is told of a check that was not kept."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from mpspec.clause import Level
from mpspec.page.links import link

from mpconform.adapters.adapter import Adapter
from mpconform.adapters.interpreters import Interpreter
from mpconform.checks import Check
from mpconform.outcomes import DEVIATIONS, SEVERITY, Outcome, Verdict
from mpconform.reports import table
from mpconform.reports.colour import Paint
from mpconform.reports.document import Document, Row
from mpconform.standalone.script import LINES, Script, script

LISTED = 10
"""How many deviations of a kind are listed at the end of a run."""
WIDTH = 80
"""Characters in a line, where no terminal says how many."""
FEW_WORDS = 90
"""Characters of what was seen, in that list."""

PAGE, PAGE_LINES = 4000, 60
"""Characters and lines of what was seen that a report shows."""
SHORT, HALF = 160, 24
"""Characters of what was promised, and of what was seen, in the line of a summary: at most, and to be worth showing."""

_FIRST = re.compile(rf"(\S.*?): ({'|'.join(o.value.upper() for o in Outcome)})( by .*)")
_LABEL = re.compile(r"  (MUST|SHOULD|MAY|UNSPECIFIED|page|promised|seen|at|again|alone)(  .*)", re.DOTALL)


@dataclass(frozen=True)
class Line:
    """A line for the terminal. markup: as pytest's terminal takes it, {"red": True}."""

    text: str
    markup: Mapping[str, bool] = field(default_factory=dict)


def summary(report: Document, width: int = WIDTH) -> list[Line]:
    """The lines that the terminal shows: a row a chapter, the MUST clauses, and how deviations stand to the known.

    width: of the terminal, in characters, which the table keeps to.
    """
    rows = report["checks"]
    chapters: dict[str, list[Row]] = {}
    for r in rows:
        chapters.setdefault(r["chapter"], []).append(r)
    counts = {
        chapter: (len({r["clause"] for r in of}), Counter(Outcome(r["outcome"]) for r in of))
        for chapter, of in chapters.items()
    }
    head, of_chapters, in_all = table.table(counts, width)
    lines = [Line(line, {"bold": True}) for line in head]
    lines += [Line(line, _colour(of)) for line, of in zip(of_chapters, chapters.values(), strict=True)]
    lines += [Line(line) for line in in_all]
    lines += [Line(""), Line(must_line(rows), {**_colour(rows), "bold": True}), *_deviations(rows), *_remarks(rows)]
    if not report["complete"]:
        lines.append(Line("the run is not complete: some of what was selected has not run", {"yellow": True}))
    return lines


def verdict(report: Document, floors: int, *, failed: bool) -> Line:
    """The last line of a run: whether it has passed, and why not. floors: how many were not reached."""
    rows = report["checks"]
    name = f"{report['implementation']} on {report['interpreter']['name']}"
    standings = Counter(r["standing"] for r in rows)
    part = "" if report["complete"] else "; the run is not complete"
    if not failed:
        known = standings["known"]
        found = f"{known} known deviation{'s' * (known > 1)}, and no other" if known else "no deviation"
        if standings["new"] or standings["healed"]:  # a run that writes a baseline
            found = f"the baseline knows it now: {standings['new']} new, {standings['healed']} healed"
        return Line(f"PASSED  {name}: {found}{part}", {"green": True, "bold": True})
    counts = (
        (standings["new"], "new deviation"),
        (standings["healed"], "healed deviation"),
        (sum(r["outcome"] == Outcome.HARNESS for r in rows), "check that failed by itself"),
        (floors, "floor not reached"),
    )
    reasons = ", ".join(f"{count} {_several(what, count)}" for count, what in counts if count)
    return Line(f"FAILED  {name}: {reasons or 'see above'}{part}", {"red": True, "bold": True})


def _several(what: str, count: int) -> str:
    """ "new deviations", "checks that failed by themselves": the words of one, for more than one."""
    if count == 1:
        return what
    for one, several in (
        ("deviation", "deviations"),
        ("check that failed by itself", "checks that failed by themselves"),
    ):
        what = what.replace(one, several)
    return what.replace("floor", "floors")


def _beyond(rows: Iterable[Row]) -> set[str]:
    """The chapters of which nothing is offered: an implementation of a part of the API is judged on that part."""
    seen: dict[str, set[Outcome]] = {}
    for r in rows:
        seen.setdefault(r["chapter"], set()).add(Outcome(r["outcome"]))
    nothing = {Outcome.NOT_OFFERED, Outcome.NOT_APPLICABLE}
    return {chapter for chapter, outcomes in seen.items() if Outcome.NOT_OFFERED in outcomes and outcomes <= nothing}


def must_counts(rows: Sequence[Row]) -> Counter[Outcome]:
    """Outcome -> number of MUST clauses, of chapters that are offered; a clause counts by its worst check."""
    beyond = _beyond(rows)
    worst: dict[str, Outcome] = {}
    for r in rows:
        if r["level"] == Level.MUST and r["chapter"] not in beyond:
            before = worst.get(r["clause"], Outcome.NOT_APPLICABLE)
            worst[r["clause"]] = max(before, Outcome(r["outcome"]), key=SEVERITY.index)
    return Counter(worst.values())


def must_line(rows: Sequence[Row]) -> str:
    """ "281 of 284 MUST clauses kept; 1 not offered, 2 broken; 4 not run; 9 chapters not offered"."""
    counts = must_counts(rows)
    not_run = counts.pop(Outcome.NOT_APPLICABLE, 0)
    kept = counts.pop(Outcome.KEPT, 0)
    others = [f"{counts[o]} {o.value}" for o in SEVERITY if counts.get(o)]
    if set(counts) <= {Outcome.NOT_OFFERED}:
        others.insert(0, "none broken")
    line = f"{kept} of {kept + sum(counts.values())} MUST clauses kept; {', '.join(others)}; {not_run} not run"
    beyond = len(_beyond(rows))
    return line + (f"; {beyond} chapter{'s' * (beyond > 1)} not offered" if beyond else "")


def _colour(rows: Iterable[Row]) -> dict[str, bool]:
    """Red where the rows have something that fails a run, yellow where something is less than kept, green else."""
    rows = list(rows)
    if any(r["standing"] in ("new", "healed") or r["outcome"] == Outcome.HARNESS for r in rows):
        return {"red": True}
    less = {*DEVIATIONS, Outcome.BLOCKED, Outcome.NOT_OFFERED}
    return {"yellow": True} if any(r["outcome"] in less for r in rows) else {"green": True}


def _deviations(rows: Iterable[Row]) -> Iterator[Line]:
    """How many deviations are known, new and healed, and of the new and healed ones which."""
    of: dict[str, list[Row]] = {"known": [], "new": [], "healed": []}
    for r in rows:
        if r["standing"] is not None:
            of[r["standing"]].append(r)
    if not any(of.values()):
        return
    yield Line("deviations: " + ", ".join(f"{len(rows) or 'none'} {standing}" for standing, rows in of.items()))
    for standing in ("new", "healed"):
        for r in of[standing][:LISTED]:
            yield Line(f"  {standing:<8}{r['check']}: {_few_words(r)}", {"red": True})
        if len(of[standing]) > LISTED:
            yield Line(f"  {standing:<8}and {len(of[standing]) - LISTED} more", {"red": True})


def _remarks(rows: Iterable[Row]) -> Iterator[Line]:
    """How many checks are kept and yet wrote what no clause expects, and the beginning of some of that."""
    of = [r for r in rows if r["remark"]]
    if of:
        yield Line(f"remarks: {len(of)} checks wrote what no clause expects", {"yellow": True})
    for r in of[:LISTED]:
        yield Line(f"  remark  {r['check']}: {_line(r['remark'] or '')}", {"yellow": True})
    if len(of) > LISTED:
        yield Line(f"  remark  and {len(of) - LISTED} more", {"yellow": True})


def _few_words(r: Row) -> str:
    """What came of a check, beside what is known of it."""
    known = f", known as {r['known']['outcome']}" if r["known"] is not None else ""
    seen = " ".join(r["evidence"].get("seen", "").split())
    seen = seen if len(seen) <= FEW_WORDS else seen[: FEW_WORDS - 1] + "…"
    return f"{r['outcome']}{known}" + (f"; {seen}" if seen else "")


def in_doubt(names: int) -> str:
    """What is said of names in a shared memory that others use as well, where some came during a run."""
    came = "1 name that came during the run was" if names == 1 else f"{names} names that came during the run were"
    return f"shared memory could not be made private here: {came} left alone, and no verdict rests on them"


def failure(check: Check, verdict: Verdict, adapter: Adapter, interpreter: Interpreter, command: str) -> str:
    """What a person reads of one check that was not kept."""
    clause = check.clause
    lines = [
        f"{check.id}: {verdict.outcome.value.upper()} by {adapter.name} on {interpreter.name}",
        f"  {clause.level.value}  {clause.sentence}",
        f"  page      {link(clause, adapter.follows(interpreter))}",
    ]
    if verdict.seen:  # of what is kept nothing was
        lines += [f"  promised  {bounded(verdict.promised)}", f"  seen      {bounded(verdict.seen)}"]
    if verdict.line:
        lines.append(f"  at        {verdict.line}")
    lines.append(f"  again     {command}")
    alone = _alone(check, verdict, adapter)
    if alone.reason:
        lines.append(f"  alone     no script of at most {LINES} lines: {alone.reason}")
    for title, text in (
        ("alone: a script that needs the implementation only", alone.text),
        ("traceback", verdict.traceback),
        ("standard output", verdict.out),
        ("standard error", verdict.err),
        ("processes and stacks at the deadline", verdict.post_mortem),
    ):
        if text.strip():
            lines += [f"--- {title}", text.rstrip()]
    return "\n".join(lines)


def bounded(text: str, characters: int = PAGE) -> str:
    """At most a page of a text, of so many characters, and how long it is in all where that is less."""
    lines = text.split("\n")
    page = "\n".join(lines[:PAGE_LINES])[:characters]
    return text if page == text else f"{page} ... {len(text):,} characters in all"


def short(verdict: Verdict) -> str:
    """A verdict in one line: what failed and was seen."""
    said = [f"promised {_line(verdict.promised)}"] if verdict.promised else []
    said += [f"seen {_line(verdict.seen)}"] if verdict.seen else []
    return f"{verdict.outcome.value}: {'; '.join(said)}" if said else verdict.outcome.value


def fitted(line: str, width: int) -> str:
    """A line of short() in so many characters: neither what was promised nor what was seen takes the other's place."""
    promised, between, seen = line.partition("; seen ")
    if len(line) <= width or not between:
        return line
    room = width - len(between)
    half = room // 2
    if half < HALF:
        outcome = promised.partition(":")[0]
        return _cut(f"{outcome}: seen {seen}", max(width, HALF))
    if len(seen) <= half:
        return _cut(promised, room - len(seen)) + between + seen
    kept = _cut(promised, half)
    return kept + between + _cut(seen, room - len(kept))


def painted(report: str, paint: Paint) -> str:
    """A failure's report in colour: the outcome, what the lines are about, the headings of what follows."""
    lines = report.split("\n")
    for number, line in enumerate(lines):
        if line.startswith("--- "):
            lines[number] = paint(line, "blue")
        elif match := _FIRST.match(line):
            lines[number] = f"{paint(match[1], 'bold')}: {paint(match[2], 'red')}{match[3]}"
        elif match := _LABEL.match(line):
            lines[number] = f"  {paint(match[1], 'bold')}{match[2]}"
    return "\n".join(lines)


def _line(text: str) -> str:
    """One line of a text, of a length that two of them can be read."""
    return _cut(" ".join(text.split()), SHORT)


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - len("...")] + "..."


def _alone(check: Check, verdict: Verdict, adapter: Adapter) -> Script:
    """The script that shows the same without the engine, where one can."""
    if verdict.outcome is Outcome.LEAKED:
        return Script(reason="what is left behind is seen by the engine")
    return Script() if verdict.outcome in (Outcome.KEPT, Outcome.HARNESS) else script(check, adapter)
