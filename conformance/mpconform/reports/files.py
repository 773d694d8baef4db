"""Files that a report is written to: all of it is there afterwards, or what was there before."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from mpconform.errors import Unusable


class Unwritten(Unusable):
    """What was found out could not be written."""

    status = 3


def put(path: Path, text: str) -> None:
    """Write the text, in UTF-8. Raises Unwritten, which names the file, where there is no place for it."""
    where = Path(os.path.realpath(path))
    special = where.exists() and not where.is_file()  # a terminal, a pipe, /dev/null
    if special or not os.access(where.parent, os.W_OK):
        whole = where
    else:
        whole = where.with_name(f".{where.name}.{os.getpid()}")
    try:
        whole.write_text(text, encoding="utf-8")
        if whole != where:
            whole.replace(where)
    except OSError as error:
        raise Unwritten(f"{path}: cannot be written ({error.strerror}); name another file, or make room") from None
    finally:
        if whole != where:
            with contextlib.suppress(OSError):
                whole.unlink()
