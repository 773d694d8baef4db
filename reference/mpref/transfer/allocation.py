"""Memory for messages: how it stays with a process that has freed it, for the next message.

The GNU C library gives the top of its heap back to the system as soon as 128 KB of it are free, and maps larger blocks
one by one: each message would fault its pages in again, which takes several times as long as to send it. It raises
both limits by itself when it sees a large mapped block come and go.
"""

from __future__ import annotations

ROOM = 1 << 20
"""Bytes of that block: up to twice as many stay with the process. None of them is touched."""

_kept = False


def keep() -> None:
    """Keep what is freed from now on; once for a process and those forked from it."""
    global _kept
    if not _kept:
        _kept = True
        bytes(ROOM)
