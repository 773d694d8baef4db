"""Colour where a person looks at a terminal: never in a file or a pipe, never where NO_COLOR is set."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TextIO

Paint = Callable[[str, str], str]
"""(text, style) -> text; the styles are the keys of STYLES."""

STYLES = {"bold": "1", "faint": "2", "red": "1;31", "green": "32", "yellow": "33", "blue": "36"}


def ansi(text: str, style: str) -> str:
    """The text with the escapes of a terminal around it."""
    return f"\x1b[{STYLES[style]}m{text}\x1b[0m" if text else text


def plain(text: str, style: str) -> str:
    """The text as it is."""
    return text


def paint(stream: TextIO) -> Paint:
    """How to paint what is written to the stream."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return plain
    return ansi if os.environ.get("FORCE_COLOR") or stream.isatty() else plain
