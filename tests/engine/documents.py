"""Run documents for the tests of what is made of them: of as many checks as a test needs, of known clauses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from mpconform.adapters.adapter import Adapter
from mpconform.adapters.interpreters import Interpreter
from mpconform.baselines.baseline import Deviation
from mpconform.checks import Check, clause
from mpconform.outcomes import Outcome, Verdict
from mpconform.reports import document
from mpconform.reports.document import Circumstances, Document, Row, Selection

PYTHON = Interpreter("/usr/bin/python3.13", (3, 13, 2), "cpython", "linux", own=(3, 13, 2))


def row(
    id: str, outcome: Outcome = Outcome.KEPT, *, seen: str = "", known: Deviation | None = None, recorded: str = ""
) -> Row:
    """What a report says of a check. id: as in "queue.put.full-after-timeout" or "log.children.name[spawn]"."""
    name, _, part = id.rstrip("]").partition("[")
    method, _, case = part.partition("-")
    if method not in ("", "fork", "spawn", "forkserver"):
        method, case = "", part
    check = Check(clause(name), method or None, case or None)
    return document.row(check, Verdict(outcome, "that", seen, recorded={"way": recorded} if recorded else {}), known)


def selection(**changed: Any) -> Selection:
    """That of everything, but for what is changed."""
    whole: Any = {"chapters": None, "clauses": [], "parts": [], "shard": None}
    return {**whole, **changed}  # type: ignore[typeddict-item]  # the changed keys are its own


def made(*rows: Row, complete: bool = True, selected: Selection | None = None, **changed: Any) -> Document:
    """A document with these rows; changed: other keys of it."""
    circumstances = Circumstances(0.0, 1.5, {"number": "1.2", "told_by": "module"}, selected or selection(), complete)
    told: Any = document.document(Adapter("mine", "mine"), PYTHON, ("fork", "spawn"), rows, circumstances)
    return {**told, **changed}  # type: ignore[typeddict-item]  # the changed keys are its own


def shard(number: int, of: int, *rows: Row, **changed: Any) -> Document:
    """The document of one shard."""
    return made(*rows, selected=selection(shard={"number": number, "of": of}), **changed)


def written(folder: Path, name: str, told: object) -> str:
    """The path of a file with the document."""
    path = folder / name
    path.write_text(json.dumps(told))
    return str(path)
