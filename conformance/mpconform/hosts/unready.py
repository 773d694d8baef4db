"""Why a module cannot be had: the type and the message of what it raised, and the line where it did.

Imported where an import has failed, and nowhere else.
"""

from __future__ import annotations

import linecache
import os
import traceback

LIMIT = 500
"""Characters of a message that are told."""
_STANDARD = os.path.dirname(os.path.abspath(os.__file__)) + os.sep


def why(error: BaseException) -> str:
    """ "raised ValueError: no such thing", and below it file, line and source where that is known."""
    return "\n  ".join(["raised " + _said(error), *_place(error)])


def _said(error: BaseException) -> str:
    kind = type(error)
    name = kind.__name__ if kind.__module__ in ("builtins", "__main__") else f"{kind.__module__}.{kind.__qualname__}"
    try:
        message = error.msg if isinstance(error, SyntaxError) else str(error)
    except Exception as another:  # it is a stranger's exception: even its text can fail
        message = f"its message cannot be had: {another!r}"
    if isinstance(error, Warning):
        message += " (a warning, which -W makes an error)"
    return f"{name}: {message}"[:LIMIT] if message else name


def _place(error: BaseException) -> list[str]:
    """The line of the implementation's own that raised, called what raised, or cannot be parsed."""
    if isinstance(error, SyntaxError) and error.filename:
        source = error.text or linecache.getline(error.filename, error.lineno or 0)
        return [f"{error.filename}:{error.lineno}: {source.strip()}"]
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if not _passed_through(frame.filename)]
    theirs = [frame for frame in frames if not _standard(frame.filename)]
    for frame in reversed(theirs or frames):
        return [f"{frame.filename}:{frame.lineno}: {(frame.line or '').strip()}"]
    return []


def _standard(path: str) -> bool:
    return path.startswith(_STANDARD) and "-packages" + os.sep not in path


def _passed_through(path: str) -> bool:
    """Whether it is the machinery that imports: the interpreter's, or ours."""
    here = os.path.dirname(os.path.abspath(__file__))
    return (
        path.startswith("<")
        or (_standard(path) and f"{os.sep}importlib{os.sep}" in path)
        or os.path.dirname(os.path.abspath(path)) == here
        or path.endswith(os.path.join("mpspec", "implementation.py"))
    )
