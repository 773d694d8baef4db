"""What a failure of a check comes from, and what is told of it: outcome, promised, seen, line, traceback.

Imported by the hosts of checks that fail, and by no other.
"""

from __future__ import annotations

import os
import sys
import traceback
from typing import TYPE_CHECKING

from mpspec import chapters
from mpspec.clause import Clause
from mpspec.implementation import Implementation, Missing
from mpspec.observation import see
from mpspec.observation.mailbox import NoMessage

if TYPE_CHECKING:
    from mpconform.hosts.protocol import Finding

_CHAPTERS = os.path.realpath(chapters.__path__[0])


def finding(error: BaseException, clause: Clause, mp: Implementation) -> Finding:
    """What the error says that ended the body of the clause, which the implementation mp was to keep."""
    lacking = _lacking(error) or _asked_in_vain(error, mp)
    if lacking is not None:
        name, _, why = str(lacking).partition(": ")
        return _missing([name], name, f"{why}; `modules` in an adapter names another one" if why else "")
    told: Finding = {
        "outcome": "broken",
        "promised": clause.sentence,
        "seen": f"an unexpected {error!r}",
        "line": _line(error),
        "traceback": _traceback(error),
    }
    if isinstance(error, (see.NotKept, NoMessage)):
        told["promised"], told["seen"] = error.promised, error.seen
    elif isinstance(error, AttributeError):
        absent = _absent(error, mp)
        if absent:
            told.update(_missing(absent, absent[0]))
    elif isinstance(error, (NameError, SyntaxError, ImportError)):
        told["seen"] = repr(error)
        if _raised_by_clause(error, clause):
            told["outcome"] = "harness"
    return told


def engine() -> Finding:
    """What is told of an exception of the engine itself, amid its handling."""
    return {"outcome": "harness", "promised": "the engine works", "seen": traceback.format_exc()}


def _missing(absent: list[str], name: str, why: str = "") -> Finding:
    seen = why or f"{name} is not there"
    return {"outcome": "missing", "promised": f"the name {name} exists", "seen": seen, "absent": absent}


def _lacking(error: BaseException | None) -> Missing | None:
    """The name that was looked for in vain, also where an observation has failed for want of it."""
    while error is not None and not isinstance(error, Missing):
        error = error.__cause__ or error.__context__ if isinstance(error, see.NotKept) else None
    return error


def _asked_in_vain(error: BaseException, mp: Implementation) -> Missing | None:
    """The name that a program has looked for in vain, where it was seen not to keep the clause."""
    if "mpspec.observation.program" not in sys.modules or not isinstance(error, (see.NotKept, NoMessage)):
        return None
    from mpspec.observation import program

    return program.asked_in_vain(mp)


def _absent(error: AttributeError, mp: Implementation) -> list[str]:
    """The names of what the spec itself looked for in vain on an object of the implementation, by each of its classes.

    Known since Python 3.10, where the error tells its object.
    """
    thing, name = getattr(error, "obj", None), getattr(error, "name", None)
    if thing is None or name is None or name.startswith("_"):
        return []
    innermost = [frame for frame, _ in traceback.walk_tb(error.__traceback__)][-1]
    if innermost.f_globals.get("__name__", "").partition(".")[0] in mp.packages:
        return []  # the implementation's own mistake
    kinds = [kind for kind in type(thing).__mro__ if kind.__module__.partition(".")[0] in mp.packages]
    return [f"{kind.__name__}.{name}" for kind in kinds]


def _traceback(error: BaseException) -> str:
    # The first frame is the engine's call of the body.
    below = error.__traceback__ and error.__traceback__.tb_next
    return "".join(traceback.format_exception(type(error), error, below))


def _line(error: BaseException) -> str:
    """'process/identity.py:80: source' of the innermost line of the traceback in a clause or a target, or ''."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        path = os.path.realpath(frame.filename)
        if path.startswith(_CHAPTERS + os.sep):
            return f"{os.path.relpath(path, _CHAPTERS)}:{frame.lineno}: {frame.line}"
    return ""


def _raised_by_clause(error: BaseException, clause: Clause) -> bool:
    frames = traceback.extract_tb(error.__traceback__)
    return bool(frames) and frames[-1].filename == clause.body.__code__.co_filename
