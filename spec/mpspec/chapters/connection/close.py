"""fileno(), close() and the with statement: how a connection has its descriptor, and gives it up."""

from __future__ import annotations

import contextlib
import gc
import os
import select
from typing import Any, Callable

from mpspec.chapters.connection.chapter import CONNECTION, chapter, open_descriptor, pipe
from mpspec.clause import NO_METHOD, SHOULD
from mpspec.observation.see import See
from mpspec.observation.waits import LONG

CLOSE = "multiprocessing.connection.Connection.close"


def collected() -> bool:
    """Collect garbage; an interpreter without reference counts may need more than one round."""
    gc.collect()
    return True


@chapter.clause(
    "connection.fileno.descriptor",
    passage="multiprocessing.connection.Connection.fileno/2,1",
    methods=NO_METHOD,
    cases={"duplex": True, "one-way": False},
)
def fileno_is_the_descriptor(mp: Any, see: See, duplex: bool) -> None:
    """fileno() returns the descriptor that the connection reads from: readable when a message is there."""
    with pipe(mp, duplex) as (far, near):
        number = far.fileno()
        see.true(type(number) is int and open_descriptor(number), "an open descriptor", number)
        see.equal(select.select([number], [], [], 0)[0], [], "what is readable before")
        near.send("message")
        see.equal(select.select([number], [], [], LONG)[0], [number], "what is readable afterwards")


@chapter.clause("connection.fileno.own", passage="multiprocessing.connection.Connection.fileno/2", methods=NO_METHOD)
def each_end_has_its_descriptor(mp: Any, see: See) -> None:
    """The two ends have different descriptors, and an end keeps its descriptor."""
    with pipe(mp) as (first, second):
        see.true(first.fileno() != second.fileno(), "two descriptors", first.fileno())
        see.equal(first.fileno(), first.fileno(), "the descriptor")


@chapter.clause("connection.close.releases", passage=f"{CLOSE}/2,1", methods=NO_METHOD)
def close_releases_the_descriptor(mp: Any, see: See) -> None:
    """close() closes the descriptor."""
    with pipe(mp) as (first, _):
        number = first.fileno()
        first.close()
        see.true(not open_descriptor(number), "the descriptor is closed", "it is open")


@chapter.clause("connection.close.own-end", passage=f"{CLOSE}/2", methods=NO_METHOD)
def close_leaves_the_other_end(mp: Any, see: See) -> None:
    """close() of one end leaves the other end open."""
    with pipe(mp) as (first, second):
        number = second.fileno()
        first.close()
        see.true(open_descriptor(number), "the other descriptor is open")
        see.equal(second.fileno(), number, "the other end's descriptor")


@chapter.clause("connection.close.twice", passage=f"{CLOSE}/3", level=SHOULD, methods=NO_METHOD)
def close_can_be_repeated(mp: Any, see: See) -> None:
    """close() of a closed connection does nothing."""
    first, second = mp.Pipe()
    first.close()
    taken = os.open(os.devnull, os.O_RDONLY)
    first.close()
    see.true(open_descriptor(taken), "a descriptor that somebody else has opened stays open")
    os.close(taken)
    second.close()


USES = {
    "send": lambda end: end.send("x"),
    "recv": lambda end: end.recv(),
    "poll": lambda end: end.poll(),
    "fileno": lambda end: end.fileno(),
    "send_bytes": lambda end: end.send_bytes(b"x"),
    "recv_bytes": lambda end: end.recv_bytes(),
    "recv_bytes_into": lambda end: end.recv_bytes_into(bytearray(9)),
}


@chapter.clause("connection.close.unusable", passage=f"{CLOSE}/2", level=SHOULD, methods=NO_METHOD, cases=USES)
def a_closed_connection_cannot_be_used(mp: Any, see: See, use: Callable[[Any], Any]) -> None:
    """Every use of a closed connection raises."""
    with pipe(mp) as (first, second):
        second.send("message")
        first.close()
        with see.raises(Exception):
            use(first)


@chapter.clause(
    "connection.close.sender-learns",
    passage="connection-objects/2",
    level=SHOULD,
    methods=NO_METHOD,
    hanging=True,
    cases={"duplex": True, "one-way": False},
)
def sending_to_a_closed_end_fails(mp: Any, see: See, duplex: bool) -> None:
    """Once the other end is closed everywhere, sending raises, sooner or later."""
    with pipe(mp, duplex) as (far, near):
        far.close()
        with see.raises(Exception):
            for _ in range(1000):
                near.send_bytes(bytes(10_000))


@chapter.clause("connection.close.collected", passage=f"{CLOSE}/3", methods=NO_METHOD)
def a_collected_connection_is_closed(mp: Any, see: See) -> None:
    """A connection that is garbage collected closes its descriptor, and the other end sees the end of file."""
    first, second = mp.Pipe()
    number = first.fileno()
    del first
    see.eventually(lambda: collected() and not open_descriptor(number), "the descriptor is closed")
    with second, see.raises(EOFError):
        second.recv()


@chapter.clause("connection.with.enter", passage=f"{CONNECTION}/2", methods=NO_METHOD)
def entering_gives_the_connection(mp: Any, see: See) -> None:
    """A connection is a context manager; entering it returns the connection itself."""
    with pipe(mp) as (first, _), first as entered:
        see.true(entered is first, "the connection itself", entered)


@chapter.clause(
    "connection.with.exit", passage=f"{CONNECTION}/2", methods=NO_METHOD, cases={"plain": False, "raising": True}
)
def leaving_closes_the_connection(mp: Any, see: See, raising: bool) -> None:
    """Leaving the with statement closes the connection, and an exception passes through."""
    with pipe(mp) as (first, _):
        number = first.fileno()
        with see.raises(LookupError) if raising else contextlib.nullcontext(), first:
            if raising:
                raise LookupError
        see.true(not open_descriptor(number), "the descriptor is closed", "it is open")
