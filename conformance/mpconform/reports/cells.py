"""The index of a matrix, `matrix.json`: what was judged on which interpreter, and what was not, and why.

A machine that does a share of the cells writes one of its own, as `matrix-2-of-4.json`: a folder may have several.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypedDict, cast

from mpspec.clause import METHODS

from mpconform.errors import Unusable
from mpconform.shards import Shard

NAME = "matrix.json"
"""What it is called in the folder with the documents of the matrix."""
_NAMES = re.compile(r"matrix(-\d+-of-\d+)?\.json")
SCHEMA = 1
"""Version of its form."""
JUDGED, LEFT_OUT, FAILED, WAITING = "judged", "left out", "failed", "waiting"
"""The states of a cell: it has a document; its adapter says that there is nothing to judge; its run came to no
document; it is not over."""


class Cell(TypedDict):
    """An implementation on an interpreter, by one start method or (None) by all that it has."""

    implementation: str
    python: str
    """The exact version, as "3.14.2" or "pypy3.11.13"; where there is no such interpreter, what was asked for."""
    start_method: str | None
    state: str
    document: str | None
    """Of a judged one: the file of its run document, beside that of the matrix."""
    why: str | None
    """Of one that has failed or is left out: what was said, in one or several lines."""
    status: int | None
    """The exit status of its run; of one that could not begin, what it would have been."""


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


def name(shard: Shard | None) -> str:
    """What the index is called of a matrix, or of one machine's share of it."""
    return NAME if shard is None else f"matrix-{shard.number}-of-{shard.of}.json"


def indexes(path: Path) -> list[Path]:
    """The indexes that a file is, or a folder has."""
    return [each for each in sorted(path.iterdir()) if is_index(each)] if path.is_dir() else [path] * is_index(path)


def is_index(path: Path) -> bool:
    """Whether a file is called as an index is."""
    return _NAMES.fullmatch(path.name) is not None


def text(cells: Sequence[Cell]) -> str:
    """What stands in an index of these cells."""
    return json.dumps({"schema": SCHEMA, "cells": cells}, indent=1) + "\n"


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
            "state": {"enum": [JUDGED, LEFT_OUT, FAILED, WAITING]},
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
