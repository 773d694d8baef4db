"""What a failure of a check comes from, and what is told of it: outcome, promised, seen, line, traceback.

Imported by the hosts of checks that fail, and by no other.
"""

from __future__ import annotations

import os
import traceback
from typing import Any

from mpspec.clause import Clause
from mpspec.implementation import Missing
from mpspec.observation import see
from mpspec.observation.mailbox import NoMessage

_OBSERVATION = os.path.dirname(os.path.realpath(see.__file__))
_CHAPTERS = os.path.join(os.path.dirname(_OBSERVATION), "chapters")


def verdict(error: BaseException, clause: Clause, mp: Any) -> dict[str, Any]:
    """What the error says that ended the body of the clause, which the implementation mp was to keep."""
    if isinstance(error, Missing):
        return _missing(str(error))
    told = {"outcome": "broken", "promised": clause.sentence, "seen": f"an unexpected {error!r}", **_place(error)}
    if isinstance(error, (see.NotKept, NoMessage)):
        told.update(promised=error.promised, seen=error.seen)
    elif isinstance(error, AttributeError):
        absent = _absent(error, mp)
        if absent is not None:
            told.update(_missing(absent))
    elif isinstance(error, (NameError, SyntaxError, ImportError)):
        told.update(seen=repr(error))
        if _raised_by_clause(error, clause):
            told.update(outcome="harness")
    return told


def engine() -> dict[str, Any]:
    """What is told of an exception of the engine itself, amid its handling."""
    return {"outcome": "harness", "promised": "the engine works", "seen": traceback.format_exc()}


def _missing(name: str) -> dict[str, Any]:
    return {"outcome": "missing", "promised": f"the name {name} exists", "seen": "it does not"}


def _absent(error: AttributeError, mp: Any) -> str | None:
    """The name that the spec itself looked for in vain on an object of the implementation, or None.

    Known since Python 3.10, where the error tells its object.
    """
    thing, name = getattr(error, "obj", None), getattr(error, "name", None)
    if thing is None or name is None or name.startswith("_"):
        return None
    home = mp.module_name.split(".")[0]
    innermost = [frame for frame, _ in traceback.walk_tb(error.__traceback__)][-1]
    if innermost.f_globals.get("__name__", "").split(".")[0] == home:
        return None  # the implementation's own mistake
    kinds = [kind for kind in type(thing).__mro__ if kind.__module__.split(".")[0] == home]
    return f"{kinds[0].__name__}.{name}" if kinds else None


def _place(error: BaseException) -> dict[str, str]:
    # The first frame is the engine's call of the body.
    below = error.__traceback__ and error.__traceback__.tb_next
    return {
        "line": _line(error),
        "traceback": "".join(traceback.format_exception(type(error), error, below)),
    }


def _line(error: BaseException) -> str:
    """'file:number: source' of the innermost line of the error's traceback in a clause or a target, or ''."""
    frames = traceback.extract_tb(error.__traceback__)
    inside = [f for f in frames if os.path.realpath(f.filename).startswith(_CHAPTERS)]
    if not inside:
        return ""
    frame = inside[-1]
    return f"{os.path.basename(frame.filename)}:{frame.lineno}: {frame.line}"


def _raised_by_clause(error: BaseException, clause: Clause) -> bool:
    frames = traceback.extract_tb(error.__traceback__)
    return bool(frames) and frames[-1].filename == clause.body.__code__.co_filename
