"""A use of each type of a SyncManager that shows that a proxy of it works."""

from __future__ import annotations

from typing import Any

USES: dict[str, tuple[tuple[Any, ...], str, tuple[Any, ...], str]] = {
    "list": (([7],), "pop", (), "returned 7"),
    "dict": (({"a": 7},), "__getitem__", ("a",), "returned 7"),
    "Lock": ((), "acquire", (), "returned True"),
    "RLock": ((), "acquire", (), "returned True"),
    "Semaphore": ((2,), "acquire", (), "returned True"),
    "BoundedSemaphore": ((2,), "acquire", (), "returned True"),
    "Condition": ((), "acquire", (), "returned True"),
    "Event": ((), "is_set", (), "returned False"),
    "Barrier": ((1,), "wait", (), "returned 0"),
    "Queue": ((), "qsize", (), "returned 0"),
    "Array": (("i", [7]), "__getitem__", (0,), "returned 7"),
}
"""How each type is made, what a child calls, and what comes of that."""
