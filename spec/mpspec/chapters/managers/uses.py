"""A use of each type of a SyncManager that shows that a proxy of it works."""

from __future__ import annotations

from typing import Any

USES: dict[str, tuple[str, tuple[Any, ...], str, tuple[Any, ...], str]] = {
    "list": ("list", ([7],), "__getitem__", (0,), "returned 7"),
    "dict": ("dict", ({"a": 7},), "__getitem__", ("a",), "returned 7"),
    "Lock": ("Lock", (), "acquire", (), "returned True"),
    "RLock": ("RLock", (), "acquire", (), "returned True"),
    "Semaphore": ("Semaphore", (2,), "acquire", (), "returned True"),
    "BoundedSemaphore": ("BoundedSemaphore", (2,), "acquire", (), "returned True"),
    "Condition": ("Condition", (), "acquire", (), "returned True"),
    "Event": ("Event", (), "is_set", (), "returned False"),
    "Barrier": ("Barrier", (1,), "wait", (), "returned 0"),
    "Queue": ("Queue", (), "get", (False,), "Empty"),
    "Array": ("Array", ("i", [7]), "__getitem__", (0,), "returned 7"),
}
"""A type, the arguments that make one, what a child calls, and what comes of that."""
