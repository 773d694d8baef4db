"""Standard output that outlives its reader: `| head`, which has seen enough, ends nothing that is under way."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Iterator
from typing import Any


class Outlet(io.FileIO):
    """A descriptor that swallows what is written once nobody reads it."""

    def write(self, data: Any) -> int:
        """Write, or lose it."""
        try:
            return super().write(data)
        except BrokenPipeError:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self.fileno())
            os.close(nowhere)
            return memoryview(data).nbytes


@contextlib.contextmanager
def outliving() -> Iterator[None]:
    """Standard output and error are such outlets meanwhile, where they are descriptors at all."""
    before = sys.stdout, sys.stderr
    try:
        outlets = [_outlet(stream) for stream in before]
    except (OSError, AttributeError, ValueError):  # something else takes their place, as in a test
        yield
        return
    sys.stdout, sys.stderr = outlets
    try:
        yield
    finally:
        for outlet in outlets:
            outlet.flush()
        sys.stdout, sys.stderr = before


def _outlet(stream: Any) -> io.TextIOWrapper:
    stream.flush()
    raw = Outlet(stream.fileno(), "w", closefd=False)
    return io.TextIOWrapper(
        io.BufferedWriter(raw), encoding=stream.encoding, errors=stream.errors, line_buffering=stream.line_buffering
    )
