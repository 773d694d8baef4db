"""What a host writes to its standard output and error, kept up to a limit."""

from __future__ import annotations

import contextlib
import os


class Captured:
    """One output stream: the beginning, and how much there was. limit: bytes that are kept."""

    def __init__(self, descriptor: int, limit: int) -> None:
        self.descriptor = descriptor
        self.size = 0
        self._limit = limit
        self._kept = b""

    def feed(self, piece: bytes) -> None:
        """Add what was read."""
        self.size += len(piece)
        self._kept += piece[: max(0, self._limit - len(self._kept))]

    def drain(self, most: int) -> None:
        """Read what is there now, until there have been more bytes than most in all, and close the stream."""
        os.set_blocking(self.descriptor, False)
        with contextlib.suppress(BlockingIOError):
            while self.size <= most:
                piece = os.read(self.descriptor, 65536)
                if not piece:
                    break
                self.feed(piece)
        os.close(self.descriptor)

    def text(self) -> str:
        """What was kept, and a note where that is not all."""
        text = self._kept.decode("utf-8", "backslashreplace")
        return text if self.size <= self._limit else f"{text}\n[{self.size} bytes in all]"
