"""A comparison in words: lines for a terminal, or Markdown for a pull request."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from mpspec.page.links import link

from mpconform.checks import known
from mpconform.reports.colour import Paint
from mpconform.reports.comparison import Change, Comparison, Kind
from mpconform.reports.document import Document, Row
from mpconform.reports.reading import Named
from mpconform.reports.text import must_line

LISTED = 20
"""How many changes of a kind are listed, but for what became worse."""
WORST = 100
"""How many of these Markdown lists: GitHub takes comments of 65,536 characters."""
FEW_WORDS = 100
"""Characters of what was seen."""
_STYLES = {Kind.WORSE: "red", Kind.HEALED: "green"}


@dataclass(frozen=True)
class Entry:
    """Changes of one clause at one start method that say the same of its cases. told: what was seen."""

    clause: str
    method: str
    cases: tuple[str, ...]
    level: str
    before: str
    after: str
    told: str


def entries(changes: Sequence[Change]) -> list[Entry]:
    """The changes, those of one clause, start method and outcome together."""
    groups: dict[tuple[str, ...], list[Change]] = {}
    for change in changes:
        row = change.row
        key = row["clause"], row["method"] or "-", _outcome(change.first), _outcome(change.second)
        groups.setdefault(key, []).append(change)
    return [
        Entry(
            clause,
            method,
            tuple(change.row["case"] for change in of if change.row["case"] is not None),
            of[0].row["level"],
            before,
            after,
            _told(of[0]),
        )
        for (clause, method, before, after), of in groups.items()
    ]


def lines(comparison: Comparison, paint: Paint, *, every: bool = False) -> Iterator[str]:
    """What a terminal shows; every: nothing is left out."""
    for word, one in (("first", comparison.first), ("second", comparison.second)):
        yield f"{word:<7} {one.name}: {_run(one.document)}"
        yield f"        {must_line(one.document['checks'])}"
    for kind in Kind:
        found = entries(comparison.of(kind))
        if found:
            yield ""
            yield paint(f"{kind}: {len(found)}", _STYLES.get(kind, "bold"))
        limit = len(found) if every or kind is Kind.WORSE else LISTED
        for entry in found[:limit]:
            told = f"; {entry.told}" if entry.told else ""
            cases = f" ({', '.join(entry.cases)})" if entry.cases else ""
            outcomes = entry.before if kind is Kind.RECORDED else f"{entry.before} -> {entry.after}"
            yield f"  {entry.clause} [{entry.method}] {entry.level}: {outcomes}{cases}{told}"
        if len(found) > limit:
            yield f"  and {len(found) - limit} more; --all lists them"
    yield ""
    yield paint(verdict(comparison), "red" if comparison.is_worse else "green")


def markdown(comparison: Comparison, *, every: bool = False) -> Iterator[str]:
    """The lines of a comment; every: nothing is left out."""
    first, second = comparison.first.document, comparison.second.document
    yield f"### {_run(first)} → {_run(second)}"
    yield ""
    yield f"{'❌' if comparison.is_worse else '✅'} **{verdict(comparison)}**"
    yield ""
    yield f"- before: {must_line(first['checks'])}{_confined(comparison.first)}"
    yield f"- after: {must_line(second['checks'])}{_confined(comparison.second)}"
    linked = _linked(second)
    for kind in Kind:
        found = entries(comparison.of(kind))
        if found:
            limit = len(found) if every else WORST if kind is Kind.WORSE else LISTED
            yield ""
            yield f"<details{' open' if kind is Kind.WORSE else ''}><summary>{kind}: {len(found)}</summary>"
            yield ""
            yield "| clause | start method | level | before | after | seen |"
            yield "|---|---|---|---|---|---|"
            for entry in found[:limit]:
                method = f"{entry.method}: {', '.join(entry.cases)}" if entry.cases else entry.method
                cells = [linked(entry.clause), _code(method), entry.level, entry.before, entry.after, _code(entry.told)]
                yield f"| {' | '.join(cells)} |"
            yield ""
            if len(found) > limit:
                yield f"and {len(found) - limit} more"
                yield ""
            yield "</details>"


def verdict(comparison: Comparison) -> str:
    """ "2 promises became worse, of 4550 checks that both runs have"."""
    clauses = {change.row["clause"] for change in comparison.of(Kind.WORSE)}
    number = f"{len(clauses) or 'no'} promise{'' if len(clauses) in (0, 1) else 's'}"
    return f"{number} became worse, of {comparison.checks} checks that both runs have"


def _run(one: Document) -> str:
    version, running = one["version"], one["interpreter"]
    number = "" if version["told_by"] == "interpreter" else f" {version['number']}"
    python = running["release"] if running["implementation"] == "cpython" else f"{running['name']} {running['release']}"
    return plain(f"{one['implementation']}{number} on {python}, edition {one['documentation']}, {one['platform']}")


def _confined(one: Named) -> str:
    """What the run was confined to, if to anything."""
    selection = one.document["selection"]
    words = [*(f"--chapter={name}" for name in selection["chapters"] or ()), *selection["parts"]]
    words += [f"{len(selection['clauses'])} clauses"] if selection["clauses"] else []
    return f" ({_code(' '.join(words))} alone)" if words else ""


def _outcome(row: Row | None) -> str:
    if row is None:
        return "not there"
    return f"{row['outcome']}, known" if row["standing"] == "known" else row["outcome"]


def _told(change: Change) -> str:
    """What was seen when it was not kept, or recorded now and before, or why it was not judged; in a few words."""
    row = change.row
    if change.kind is Kind.RECORDED and change.first is not None:
        return _recorded(change.first, row)
    if change.kind is Kind.HEALED and change.first is not None:
        row = change.first
    return _cut(plain(row["evidence"].get("seen") or row["evidence"].get("promised") or ""))


def _recorded(first: Row, second: Row) -> str:
    """What is recorded differently, of both."""
    records = [{**row["evidence"].get("recorded", {}), "": row["evidence"].get("unjudged")} for row in (first, second)]
    keys = [key for key in {**records[0], **records[1]} if records[0].get(key) != records[1].get(key)]
    said = [plain(", ".join(f"{key} {record.get(key, '-')}".strip() for key in keys)) for record in records]
    length = min(map(len, said))
    alike = next((at for at in range(length) if said[0][at] != said[1][at]), length) - FEW_WORDS // 4
    if alike > 0:
        said = ["…" + one[alike:] for one in said]
    return f"{_cut(said[0], FEW_WORDS // 2)} before; {_cut(said[1], FEW_WORDS // 2)} now"


def _cut(text: str, length: int = FEW_WORDS) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"


def plain(text: str) -> str:
    """One line of printable characters: what a check has seen may be anything."""
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in " ".join(text.split()))


def _code(text: str) -> str:
    """The text as it is, in a cell of a table in Markdown."""
    if not text:
        return ""
    fence = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{pad}{text}{pad}{fence}".replace("|", "\\|")


def _linked(one: Document) -> Callable[[str], str]:
    """Clause -> its id, which leads to the page where this mpconform knows the clause."""
    major, minor = map(int, one["documentation"].split("."))

    def linked(id: str) -> str:
        return f"[{_code(id)}]({link(known()[id], (major, minor))})" if id in known() else _code(id)

    return linked
