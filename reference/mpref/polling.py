"""Waiting until descriptors are readable, with a deadline."""

from __future__ import annotations

import select
from select import POLLERR, POLLHUP, POLLIN, poll
from time import monotonic

from .quantities import seconds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, Protocol

    class HasFileno(Protocol):
        """What has a descriptor."""

        def fileno(self) -> int:
            """Return it."""


_LONGEST = 86400.0
"""Seconds of one poll(), which takes milliseconds, as a C int."""

_CLOSED = POLLHUP | POLLERR | getattr(select, "POLLRDHUP", 0)


def wait(object_list: Iterable[HasFileno | int], timeout: float | None = None) -> list[Any]:
    """Wait until some of the objects are ready, and return the list of those. Section "Listeners and Clients".

    object_list: connections, sockets, sentinels of processes, other descriptors or what has a fileno().
    timeout: seconds to wait at most, None for ever; a negative one is zero. Then the list may be empty.

    An object is ready where data can be read from it or its other end is closed.
    """
    objects = list(object_list)
    descriptors = [one if isinstance(one, int) else one.fileno() for one in objects]
    watched = poll()
    for descriptor in descriptors:
        watched.register(descriptor, POLLIN)
    ready = {descriptor for descriptor, _ in _polled(watched, timeout)}
    return [one for one, descriptor in zip(objects, descriptors, strict=True) if descriptor in ready]


def wait_readable(descriptor: int, timeout: float | None) -> bool:
    """Wait at most `timeout` seconds, None for ever, until a descriptor is readable, and tell whether it is."""
    watched = poll()
    watched.register(descriptor, POLLIN)
    return bool(_polled(watched, timeout))


def is_hung_up(descriptor: int) -> bool:
    """Tell whether the other end of a connection is closed, whatever is left to be read."""
    watched = poll()
    watched.register(descriptor, _CLOSED)
    return bool(watched.poll(0))


def _polled(watched: poll, timeout: float | None) -> list[tuple[int, int]]:
    if timeout is None:
        return watched.poll()
    if timeout == 0.0:
        return watched.poll(0)
    timeout = seconds(timeout)
    end = monotonic() + timeout
    while True:
        left = max(0.0, end - monotonic())
        events = watched.poll(min(left, _LONGEST) * 1000)
        if events or left <= _LONGEST:
            return events
