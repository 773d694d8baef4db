"""A standard input from which nothing comes, made before the children that get it: each would pay for making it."""

from __future__ import annotations

import os
from io import BufferedReader, RawIOBase, TextIOWrapper

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

    from _typeshed import WriteableBuffer


class _NullDevice(RawIOBase):
    """The null device, opened when somebody asks for its descriptor."""

    name = os.devnull
    mode = "rb"
    _descriptor = -1

    def readable(self) -> bool:
        return True

    def readinto(self, _buffer: WriteableBuffer) -> int:
        return 0

    def fileno(self) -> int:
        """Return a descriptor, which stays open."""
        if self._descriptor < 0:
            self._descriptor = os.open(os.devnull, os.O_RDONLY)
        return self._descriptor


def empty_input() -> TextIO:
    """Return a text stream that is at its end."""
    global _stream, _taken
    if _taken and _stream.closed:  # in the process that has forked this one
        _stream = _new()
    _taken = True
    return _stream


def _new() -> TextIO:
    return TextIOWrapper(BufferedReader(_NullDevice()), "utf-8")


_stream = _new()
_taken = False
