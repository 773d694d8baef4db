"""Connections: what Pipe, the objects that it returns and wait promise."""

from __future__ import annotations

import contextlib
import mmap
import os
from collections.abc import Iterator
from typing import Any

from mpspec.clause import Chapter
from mpspec.observation.see import Blocked, See
from mpspec.observation.waits import LONG

PIPE = "multiprocessing.Pipe"
CONNECTION = "multiprocessing.connection.Connection"
WAIT = "multiprocessing.connection.wait"

chapter = Chapter(
    "connection",
    section="Connection Objects",
    source=CONNECTION,
    subjects=(
        "pipe",
        "objects",
        "end_of_file",
        "bytes",
        "recv_bytes_into",
        "close",
        "poll",
        "transfer",
        "arguments",
        "wait",
    ),
)

RECEIVING = {
    f"{name}-{kind}": (duplex, receive)
    for kind, duplex in (("duplex", True), ("one-way", False))
    for name, receive in (
        ("recv", lambda end: end.recv()),
        ("recv_bytes", lambda end: end.recv_bytes()),
        ("recv_bytes_into", lambda end: end.recv_bytes_into(bytearray(9))),
    )
}
"""Cases: each way to receive from each kind of pipe, as whether it is duplex and a function of its end."""


@contextlib.contextmanager
def pipe(mp: Any, duplex: bool = True) -> Iterator[tuple[Any, Any]]:
    """Both ends of a new pipe, closed in the end."""
    first, second = mp.Pipe(duplex)
    try:
        yield first, second
    finally:
        for end in (first, second):
            with contextlib.suppress(OSError):
                end.close()


def arrived(see: See, end: Any) -> Any:
    """The object that arrives at the end, within LONG."""
    see.true(end.poll(LONG), "a message arrives", "poll() tells of none")
    return end.recv()


def arrived_bytes(see: See, end: Any) -> Any:
    """The bytes that arrive at the end, within LONG."""
    see.true(end.poll(LONG), "a message arrives", "poll() tells of none")
    return end.recv_bytes()


def begins_to_arrive(see: See, end: Any, sending: Blocked) -> bool:
    """Whether what is being sent begins to arrive; if not, the call has refused it for its size, with ValueError."""
    see.eventually(lambda: end.poll() or not sending.thread.is_alive(), "it begins to arrive, or the call comes back")
    if end.poll():
        return True
    try:
        sending.ends()
    except ValueError:
        return False
    see.true(end.poll(LONG), "what was sent arrives", "poll() tells of nothing")
    return True


def open_descriptor(number: int) -> bool:
    """Whether the descriptor is open in this process."""
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


def mapped() -> mmap.mmap:
    """Six bytes in a mapping of memory."""
    memory = mmap.mmap(-1, 6)
    memory[:] = b"abcdef"
    return memory
