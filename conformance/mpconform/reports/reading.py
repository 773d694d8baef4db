"""Documents are read as they were written, or it is said in one sentence why not."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, cast

from mpconform import __version__
from mpconform.errors import Unusable
from mpconform.reports.document import SCHEMA, Document

WRITTEN = "`mpconform run --report=FILE` writes one"


@dataclass(frozen=True)
class Named:
    """A document, and what a message calls it: its file."""

    name: str
    document: Document


def read(path: str) -> Named:
    """The document in the file.

    Raises Unusable where the file cannot be read, or holds no document of the schema that this version writes.
    """
    try:
        told: Any = json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise Unusable(f"{path}: cannot be read ({error.strerror}); {WRITTEN}") from None
    except (ValueError, RecursionError) as error:
        raise Unusable(f"{path}: no run document, since it is not JSON ({error}); {WRITTEN}") from None
    schema = told.get("schema") if isinstance(told, dict) else None
    if type(schema) is not int:
        raise Unusable(f"{path}: no run document, since it names no version of its schema; {WRITTEN}")
    if schema != SCHEMA:
        by = told.get("mpconform", "of a version not told")
        raise Unusable(
            f"{path}: a document of schema {schema}, made by mpconform {by}, where this mpconform, {__version__}, "
            f"reads schema {SCHEMA}; make it anew"
        )
    wrong = _wrong(told)
    if wrong is not None:
        raise Unusable(f"{path}: no run document of schema {SCHEMA}: {wrong}; {WRITTEN}")
    return Named(path, cast(Document, told))


def settled(path: str) -> Named:
    """A document that stands for all that its run meant to judge. Raises Unusable for any other, too."""
    read_ = read(path)
    refuse_interrupted(read_)
    shard = read_.document["selection"]["shard"]
    if shard is not None and shard["of"] > 1:
        raise Unusable(
            f"{path}: shard {shard['number']} of {shard['of']} alone; put them together first, by `mpconform merge`"
        )
    return read_


def refuse_interrupted(given: Named) -> None:
    """Raise Unusable for the document of a run that did not come to its end."""
    if not given.document["complete"]:
        raise Unusable(f"{given.name}: the run is not complete, some of what was selected has not run; run it again")


def _wrong(told: dict[str, Any]) -> str | None:
    """The first thing that does not fit the schema, or None."""
    from fastjsonschema import JsonSchemaValueException  # which no other command needs

    try:
        _validator()(told)
    except JsonSchemaValueException as error:
        return error.message.replace("data.", "", 1).splitlines()[0]
    twice = [id for id, number in Counter(row["check"] for row in told["checks"]).items() if number > 1]
    return f"it has {twice[0]} more than once" if twice else None


@cache
def _validator() -> Any:
    import fastjsonschema

    return fastjsonschema.compile(published())


def published() -> dict[str, Any]:
    """The schema of documents, as it comes with the package."""
    text = files("mpconform.reports").joinpath("document.schema.json").read_text(encoding="utf-8")
    return cast(dict[str, Any], json.loads(text))
