"""Connections that are sent over connections."""

from __future__ import annotations

from typing import Any

from mpspec.chapters.connection.chapter import arrived, chapter, pipe
from mpspec.chapters.connection.targets import (
    hand_over_an_end,
    hand_over_many,
    hand_over_one_way,
    hand_over_to_a_child,
    hand_over_to_two,
)
from mpspec.clause import ANY_METHOD
from mpspec.observation.see import See


@chapter.clause("connection.transfer.usable", passage="multiprocessing.connection.Connection/2", patience=2)
def a_connection_is_sent_over_a_connection(mp: Any, see: See) -> None:
    """A connection that another process sends by send() is received by recv() and talks to its other end."""
    with pipe(mp) as (here, there):
        child = mp.Process(target=hand_over_an_end, args=(mp, there))
        child.start()
        received = arrived(see, here)
        see.true(isinstance(received, mp.connection.Connection), "a Connection", type(received))
        with received:
            received.send("question")
            see.equal(arrived(see, received), ("answer", "question"), "what the other end answers")
            received.send("end")
            see.exits(child, 0)


@chapter.clause(
    "connection.transfer.to-child",
    passage="multiprocessing.connection.Connection/2",
    cases={"pipe": None, "listener": (), "internet": (("127.0.0.1", 0),)},
    patience=2,
)
def a_connection_is_sent_to_a_child(mp: Any, see: See, address: Any) -> None:
    """A connection of a pipe, or of a listener, that is sent to a child which runs already works there."""
    box = see.mailbox()
    # The sender is a process of its own: it may keep a thread for what it has sent, to its end.
    child = mp.Process(target=hand_over_to_a_child, args=(mp, box, address))
    child.start()
    see.equal(box.take(), ("answer", "question"), "what the child of the child answers")
    see.exits(child, 0)


@chapter.clause(
    "connection.transfer.direction",
    passage="multiprocessing.connection.Connection/2",
    methods=ANY_METHOD,
    hanging=True,
    cases={"receiver": 0, "sender": 1},
    patience=2,
)
def a_sent_connection_keeps_its_direction(mp: Any, see: See, which: int) -> None:
    """An end of a one-way pipe that was sent over a connection still only receives, or only sends."""
    with pipe(mp) as (here, there):
        child = mp.Process(target=hand_over_one_way, args=(mp, there, which))
        child.start()
        received = arrived(see, here)
        here.send("go")
        with received:
            with see.raises(Exception):
                received.send("x") if which == 0 else received.recv()
            if which == 0:
                see.equal(arrived(see, received), "to the receiver", "what arrives")
            else:
                received.send("from the sender")
                see.equal(arrived(see, here), "from the sender", "what the child receives")
        here.send("end")
        see.exits(child, 0)


@chapter.clause("connection.transfer.many", passage="multiprocessing.connection.Connection/2", patience=2)
def many_connections_are_sent_in_one_message(mp: Any, see: See) -> None:
    """One message carries 260 connections, more than one message of a Unix socket takes; each one works."""
    with pipe(mp) as (here, there):
        child = mp.Process(target=hand_over_many, args=(mp, there, 260))
        child.start()
        received = arrived(see, here)
        see.equal([arrived(see, one) for one in received], list(range(260)), "what arrives on each")
        here.send("end")
        see.exits(child, 0)
    for one in received:
        one.close()


@chapter.clause("connection.transfer.not-yet-received", passage="multiprocessing.connection.Connection/2", patience=2)
def a_child_is_started_before_it_is_received(mp: Any, see: See) -> None:
    """A connection that was sent before another child was started is received after that, and works."""
    with pipe(mp) as (here, there):
        gate = see.gate()
        child = mp.Process(target=hand_over_to_two, args=(mp, there, gate))
        child.start()
        see.equal(arrived(see, here), "sent", "what the child says once both children are started")
        gate.open()
        see.equal(arrived(see, here), ["answer", "answer"], "what comes over the connections that were sent")
        see.exits(child, 0)
