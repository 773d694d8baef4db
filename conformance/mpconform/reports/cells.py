"""The file of a matrix, `matrix.json`: what was judged on which interpreter, and what was not, and why."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypedDict, cast

from mpspec.clause import METHODS

from mpconform.errors import Unusable

NAME = "matrix.json"
"""What the file is called in the folder with the documents of the matrix."""
SCHEMA = 1
"""Version of its form."""
JUDGED, FAILED, WAITING = "judged", "failed", "waiting"


class Cell(TypedDict):
    """An implementation on an interpreter, by one start method or (None) by all that it has."""

    implementation: str
    python: str
    """As `--python` takes it: "3.14", "pypy3.11", a path."""
    start_method: str | None
    state: str
    """"judged", "failed" (it could not be judged) or "waiting" (nobody has tried yet)."""
    document: str | None
    """Of a judged one: the file of its run document, beside that of the matrix."""
    why: str | None
    """Of a failed one: what was said, in one or several lines."""
    status: int | None
    """Exit status of its run."""


@dataclass(frozen=True)
class Matrix:
    """The cells of one file. name: what a message calls it."""

    name: str
    cells: Sequence[Cell]

    @property
    def documents(self) -> list[str]:
        """The files of the run documents."""
        folder = Path(self.name).parent
        return list(dict.fromkeys(str(folder / cell["document"]) for cell in self.cells if cell["document"]))

    @property
    def unjudged(self) -> list[Cell]:
        """The cells without a document."""
        return [cell for cell in self.cells if not cell["document"]]


def read(path: Path) -> Matrix:
    """The matrix in a file. Raises Unusable where it cannot be read, or is of another form."""
    from fastjsonschema import JsonSchemaValueException  # which few commands need

    try:
        told: Any = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise Unusable(f"{path}: cannot be read ({error.strerror}); `mpconform matrix` writes one") from None
    except (ValueError, RecursionError) as error:
        raise Unusable(f"{path}: no matrix, since it is not JSON ({error}); `mpconform matrix` writes one") from None
    try:
        _validator()(told)
    except JsonSchemaValueException as error:
        wrong = error.message.replace("data.", "", 1).splitlines()[0]
        raise Unusable(f"{path}: no matrix of schema {SCHEMA}: {wrong}; `mpconform matrix` writes one") from None
    return Matrix(str(path), cast(list[Cell], told["cells"]))


@cache
def _validator() -> Any:
    import fastjsonschema

    text, maybe = {"type": "string", "minLength": 1}, {"type": ["string", "null"]}
    cell = {
        "type": "object",
        "required": ["implementation", "python", "state"],
        "properties": {
            "implementation": text,
            "python": text,
            "start_method": {"enum": [*METHODS, None], "default": None},
            "state": {"enum": [JUDGED, FAILED, WAITING]},
            "document": {**maybe, "default": None},
            "why": {**maybe, "default": None},
            "status": {"type": ["integer", "null"], "default": None},
        },
        "if": {"properties": {"state": {"const": JUDGED}}},
        "then": {"required": ["document"], "properties": {"document": text}},
    }
    form = {
        "type": "object",
        "required": ["schema", "cells"],
        "properties": {"schema": {"const": SCHEMA}, "cells": {"type": "array", "items": cell}},
    }
    return fastjsonschema.compile({"$schema": "http://json-schema.org/draft-07/schema#", **form})
