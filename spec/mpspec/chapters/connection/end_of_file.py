"""The end of file: what receiving does once the other end is closed, and when it counts as closed."""

from __future__ import annotations

from typing import Any, Callable

from mpspec.chapters.connection.chapter import RECEIVING, arrived, chapter, pipe
from mpspec.chapters.connection.targets import hold, send_then_hold
from mpspec.clause import NO_METHOD
from mpspec.observation.processes import end
from mpspec.observation.see import See

RECV = "multiprocessing.connection.Connection.recv"


@chapter.clause(
    "connection.recv.eof",
    passage=(
        f"{RECV}/4",
        "multiprocessing.connection.Connection.recv_bytes/4",
        "multiprocessing.connection.Connection.recv_bytes_into/4",
    ),
    methods=NO_METHOD,
    hanging=True,
    cases=RECEIVING,
)
def receiving_from_a_closed_end_raises_eof_error(mp: Any, see: See, case: Any) -> None:
    """Receiving raises EOFError once nothing is left to receive and the other end is closed."""
    duplex, receive = case
    with pipe(mp, duplex) as (far, near):
        near.close()
        with see.raises(EOFError):
            receive(far)


@chapter.clause(
    "connection.recv.eof-unread",
    passage=f"{RECV}/4",
    methods=NO_METHOD,
    cases={
        "recv": lambda end: end.recv(),
        "recv_bytes": lambda end: end.recv_bytes(),
        "recv_bytes_into": lambda end: end.recv_bytes_into(bytearray(9)),
    },
)
def an_end_closed_with_something_unread_is_the_end(mp: Any, see: See, receive: Callable[[Any], Any]) -> None:
    """Receiving raises EOFError also where the other end was closed before it had received all that was sent to it."""
    with pipe(mp) as (near, far):
        far.send("never received")
        near.send("received")
        near.close()
        see.equal(far.recv(), "received", "what arrives")
        for _ in range(2):
            with see.raises(EOFError):
                receive(far)


@chapter.clause("connection.recv.drains-before-eof", passage=f"{RECV}/4,2", methods=NO_METHOD)
def what_was_sent_before_the_end_closed_is_received(mp: Any, see: See) -> None:
    """What was sent before the other end was closed is still received; EOFError comes after it."""
    with pipe(mp) as (near, far):
        near.send("first")
        near.send_bytes(b"second")
        near.close()
        see.equal(far.recv(), "first", "the first message")
        see.equal(far.recv_bytes(), b"second", "the second message")
        with see.raises(EOFError):
            far.recv()


@chapter.clause("connection.recv.eof-wakes", passage=f"{RECV}/4,3", methods=NO_METHOD, hanging=True)
def closing_wakes_a_receiver(mp: Any, see: See) -> None:
    """A recv() that blocks raises EOFError when the other end is closed."""
    with pipe(mp) as (near, far):
        receiving = see.blocks(far.recv)
        near.close()
        with see.raises(EOFError):
            receiving.ends()


@chapter.clause("connection.recv.eof-killed", passage=f"{RECV}/4,2", hanging=True)
def the_death_of_the_last_owner_is_the_end(mp: Any, see: See) -> None:
    """When the only process that has the other end open is killed, recv() gives what it sent, then EOFError."""
    box = see.mailbox()
    with pipe(mp, duplex=False) as (here, there):
        child = mp.Process(target=send_then_hold, args=(there, box))
        child.start()
        there.close()
        box.take()
        end(child)
        see.equal(arrived(see, here), "before", "what arrives")
        with see.raises(EOFError):
            here.recv()


@chapter.clause("connection.recv.open-elsewhere", passage=f"{RECV}/4,3")
def an_end_open_in_another_process_is_open(mp: Any, see: See) -> None:
    """An end that this process has closed counts as open while a child that was given it lives."""
    box, gate = see.mailbox(), see.gate()
    with pipe(mp, duplex=False) as (here, there):
        child = mp.Process(target=hold, args=(there, box, gate))
        child.start()
        there.close()
        box.take()
        receiving = see.blocks(here.recv)
        gate.open()
        with see.raises(EOFError):
            receiving.ends()
        see.exits(child, 0)
