"""A baseline into its file: comments, order and form of what is there survive, new entries come in their sorted place.

The file is taken apart into its tables, each with the comments right above it; tomlkit changes and writes a table.
Comments that stand by themselves stay wherever they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import tomlkit

from mpconform.baselines.baseline import Baseline, Deviation, read
from mpconform.baselines.recording import order
from mpconform.errors import Unusable

_HEADER = re.compile(r"\s*\[")
_DEVIATION = re.compile(r"\s*\[\[\s*[\"']?deviation[\"']?\s*\]\]")
_FLOOR = re.compile(r"\s*\[\s*[\"']?floor[\"']?\s*\]")


@dataclass(frozen=True)
class Change:
    """What writing has changed: numbers of deviations, and chapter -> floor, of those that are new or others now."""

    added: int = 0
    removed: int = 0
    changed: int = 0
    floor: dict[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        words = [f"{count} {word}" for word in ("added", "removed", "changed") if (count := getattr(self, word))]
        told = f"deviations: {', '.join(words)}" if words else "no deviation changed"
        if self.floor:
            told += f"; floor: {', '.join(f'{chapter} {count}' for chapter, count in sorted(self.floor.items()))}"
        return told


@dataclass
class _Table:
    """A piece of the file. known: the deviation that it holds, if it holds one."""

    text: str
    known: Deviation | None = None


def write(path: Path, after: Baseline) -> Change:
    """Write the baseline, into what the file is now. Raises Unusable where the file cannot be updated."""
    existed = path.exists()
    there = read(path) if existed else replace(after, deviations=(), floor={}, recorded=(), partly=())
    tables = _split(path.read_text(encoding="utf-8")) if existed else [_Table(_top(after))]
    holders = [table for table in tables if _DEVIATION.search(_uncommented(table.text))]
    if len(holders) != len(there.deviations):
        raise Unusable(
            f"baseline {path}: write each deviation as a table under [[deviation]], so that it can be updated"
        )
    for table, known in zip(holders, there.deviations, strict=True):
        table.known = known
    change = _deviations(tables, there.deviations, after.deviations)
    floor = {chapter: count for chapter, count in after.floor.items() if there.floor.get(chapter) != count}
    _floor(tables, floor)
    for key in ("recorded", "partly"):
        if getattr(after, key) != getattr(there, key):
            tables[0].text = _with(tables[0].text, **{key: list(getattr(after, key)) or None})
    text = "\n\n".join(table.text.strip("\n") for table in tables if table.text.strip()) + "\n"
    path.write_text(text, encoding="utf-8")
    return replace(change, floor=floor)


def _deviations(tables: list[_Table], before: Iterable[Deviation], after: Iterable[Deviation]) -> Change:
    """Bring the tables of the deviations from what was to what is."""
    missing = [entry for entry in after if entry not in set(before)]
    removed = changed = 0
    for table in [table for table in tables if table.known is not None]:
        known = table.known
        assert known is not None
        if known in after:
            continue
        heirs = [entry for entry in missing if entry.clause == known.clause]
        heir = max(heirs, key=lambda entry: _likeness(entry, known), default=None)
        if heir is None:
            tables.remove(table)
            removed += 1
        else:
            missing.remove(heir)
            table.text, table.known = _with(table.text, **_keys(heir)), heir
            changed += 1
    for entry in sorted(missing, key=order):
        tables.insert(_place(tables, entry), _Table(_new(entry), entry))
    return Change(len(missing), removed, changed)


def _likeness(one: Deviation, other: Deviation) -> int:
    """How many keys of theirs agree."""
    mine, its = _keys(one), _keys(other)
    return sum(mine[key] == its[key] for key in mine)


def _place(tables: list[_Table], entry: Deviation) -> int:
    """Where the entry belongs: behind the one before it, or else ahead of the one after it."""
    holders = [(index, table.known) for index, table in enumerate(tables) if table.known is not None]
    smaller = [index for index, known in holders if order(known) < order(entry)]
    greater = [index for index, known in holders if order(known) > order(entry)]
    return smaller[-1] + 1 if smaller else greater[0] if greater else len(tables)


def _floor(tables: list[_Table], floor: dict[str, int]) -> None:
    if not floor:
        return
    table = next((table for table in tables if _FLOOR.search(_uncommented(table.text))), None)
    if table is None:
        table = _Table("[floor]")
        tables.insert(1, table)
    document = tomlkit.parse(table.text.strip("\n") + "\n")
    counts: Any = document["floor"]
    for chapter, count in floor.items():
        later = [] if chapter in counts else [(key, counts[key]) for key in counts if key > chapter]
        counts[chapter] = count
        for key, value in later:  # behind the new one, so that the table stays sorted
            counts.remove(key)
            counts.append(key, value)
    table.text = tomlkit.dumps(document)


def _split(text: str) -> list[_Table]:
    """The tables of a file, what stands above the first one ahead of them, and comments that stand by themselves."""
    pieces: list[list[str]] = [[]]
    for line in text.split("\n"):
        if _HEADER.match(line):
            lead: list[str] = []
            while pieces[-1] and _is_comment(pieces[-1][-1]):
                lead.insert(0, pieces[-1].pop())
            pieces.append(lead)
        pieces[-1].append(line)
    tables = []
    for piece in pieces:
        end = max(
            (n for n, line in enumerate(piece, 1) if line.strip() and not line.lstrip().startswith("#")), default=0
        )
        while end < len(piece) and _is_comment(piece[end]):
            end += 1  # right below the last line of the table
        tables += [_Table("\n".join(piece[:end])), _Table("\n".join(piece[end:]))]
    return [tables[0], *(table for table in tables[1:] if table.text.strip())]


def _is_comment(line: str) -> bool:
    return line.lstrip().startswith("#")


def _uncommented(text: str) -> str:
    """The first line that is no comment."""
    return next((line for line in text.split("\n") if line.strip() and not _is_comment(line)), "")


def _with(text: str, **values: Any) -> str:
    """The text of a table in which the keys have these values; None: it has no such key."""
    document = tomlkit.parse(text.strip("\n") + "\n")
    table: Any = document["deviation"][0] if "deviation" in document else document
    for key, value in values.items():
        if value is None:
            table.pop(key, None)
        elif key not in table or table[key] != value:
            table[key] = value
    return tomlkit.dumps(document)


def _keys(known: Deviation) -> dict[str, Any]:
    return {
        "clause": known.clause,
        "methods": list(known.methods) or None,
        "cases": list(known.cases) or None,
        "outcome": known.outcome.value,
        "sometimes": True if known.sometimes else None,
        "since": known.since or None,
        "until": known.until or None,
        "reason": known.reason,
        "link": known.link,
    }


def _new(known: Deviation) -> str:
    table = tomlkit.table()
    for key, value in _keys(known).items():
        if value is not None:
            table.add(key, value)
    tables = tomlkit.aot()
    tables.append(table)
    document = tomlkit.document()
    document.add("deviation", tables)
    return tomlkit.dumps(document)


def _top(baseline: Baseline) -> str:
    document = tomlkit.document()
    document.add("implementation", baseline.implementation)
    document.add("version", baseline.version)
    return tomlkit.dumps(document)
