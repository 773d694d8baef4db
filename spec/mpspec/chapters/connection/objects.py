"""send() and recv(): objects that cross a connection, the end of file, and what fails on the way."""

from __future__ import annotations

import array
import contextlib
import os
import pickle
import socket
from typing import Any, Callable

from mpspec.chapters.connection.chapter import PIPE, arrived, begins_to_arrive, chapter, pipe
from mpspec.chapters.connection.targets import HUGE, send_huge
from mpspec.clause import ANY_METHOD, MAY, NO_METHOD, SHOULD, UNSPECIFIED
from mpspec.observation.processes import end
from mpspec.observation.see import NotKept, See
from mpspec.observation.waits import LONG, YIELD

SEND = "multiprocessing.connection.Connection.send"
RECV = "multiprocessing.connection.Connection.recv"
LARGE = 1 << 18
"""More bytes than are read at once."""


def no_object() -> Any:
    """What a pickle that cannot be loaded refers to."""
    raise LookupError("this object cannot be re-created")


class Unloadable:
    """Can be pickled, but not unpickled. weight: bytes that stand in its pickle after what fails."""

    def __init__(self, weight: int) -> None:
        self.weight = weight

    def __reduce__(self) -> Any:
        return no_object, (), b"w" * self.weight


class Unpicklable:
    """An object that no pickler takes."""

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise LookupError("this object cannot be pickled")


class Point:
    """An object of a class of its own."""

    def __init__(self, x: int, y: int) -> None:
        self.x = x
        self.y = y

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Point) and (self.x, self.y) == (other.x, other.y)


class Held:
    """An object that gives its buffer to the pickle as it is, where the pickle's protocol knows buffers."""

    def __init__(self, buffer: Any) -> None:
        self.buffer = bytes(buffer)
        self._source = buffer

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Held) and self.buffer == other.buffer

    def __reduce_ex__(self, protocol: Any) -> Any:
        return Held, (pickle.PickleBuffer(self._source) if protocol >= 5 else self.buffer,)


@chapter.clause("connection.send.returns-none", source=SEND, level=UNSPECIFIED, methods=NO_METHOD)
def what_send_returns(mp: Any, see: See) -> None:
    """What send(obj) returns is left open."""
    with pipe(mp) as (near, _):
        see.records(returns=near.send("message"))


@chapter.clause("connection.send.obj-name", passage=f"{SEND}/1", methods=NO_METHOD)
def the_object_to_send_has_a_name(mp: Any, see: See) -> None:
    """send() takes its object by the name obj."""
    with pipe(mp) as (near, far):
        near.send(obj="message")
        see.equal(arrived(see, far), "message", "what arrives")


@chapter.clause(
    "connection.send.any-object",
    passage=(f"{RECV}/2", "connection-objects/1", "exchanging-objects-between-processes/13"),
    methods=NO_METHOD,
    cases={
        "none": None,
        "number": -(1 << 200),
        "float": 1e-300,
        "text": "\u00e9\U0001f600\0",
        "empty": "",
        "bytes": b"\0\xff" * 9,
        "tuple": (1, (2.5, [True, {"k": {1, 2}}])),
        "object": Point(1, 2),
        "function": os.path.join,
        "class": Point,
    },
)
def an_equal_object_arrives(mp: Any, see: See, thing: Any) -> None:
    """recv() returns an object equal to the one that the other end gave to send()."""
    with pipe(mp) as (near, far):
        near.send(thing)
        seen = arrived(see, far)
        see.true(type(seen) is type(thing), f"a {type(thing).__name__}", seen)
        see.equal(seen, thing, "what arrives")


@chapter.clause(
    "connection.send.buffers",
    passage=f"{RECV}/2",
    methods=NO_METHOD,
    cases={
        "bytearray": bytearray(b"ab" * 150_000),
        "array": array.array("i", range(80_000)),
        "own": Held(array.array("i", range(80_000))),
    },
)
def objects_that_hold_buffers_arrive(mp: Any, see: See, thing: Any) -> None:
    """An object that holds a large buffer arrives unchanged, and so does the same object sent after it."""
    with pipe(mp) as (near, far):
        sending = see.in_thread(lambda: [near.send(thing), near.send(thing)])
        for which in ("first", "second"):
            see.true(far.poll(LONG), f"the {which} arrives")
            see.true(far.recv() == thing, f"the {which} is equal to what was sent")
        sending.ends()


@chapter.clause(
    "connection.recv.re-created", passage=(f"{PIPE}/5", "exchanging-objects-between-processes/16"), methods=NO_METHOD
)
def the_object_is_re_created(mp: Any, see: See) -> None:
    """recv() returns an object of its own: it shares nothing that can be changed with the one that was sent."""
    sent = [[1], Point(1, 2)]
    with pipe(mp) as (near, far):
        near.send(sent)
        seen = arrived(see, far)
        see.equal(seen, [[1], Point(1, 2)], "what arrives")
        see.true(seen is not sent and seen[0] is not sent[0] and seen[1] is not sent[1], "new objects")


@chapter.clause("connection.send.as-it-is-now", passage=f"{PIPE}/5", methods=NO_METHOD)
def what_is_sent_is_the_state_at_the_call(mp: Any, see: See) -> None:
    """What arrives is the object as it was when send() was called, whatever becomes of it afterwards."""
    changing = ["then"]
    with pipe(mp) as (near, far):
        near.send(changing)
        changing.append("later")
        see.equal(arrived(see, far), ["then"], "what arrives")


@chapter.clause(
    "connection.send.unpicklable",
    passage=(f"{SEND}/3", f"{PIPE}/5"),
    level=SHOULD,
    methods=NO_METHOD,
    cases={"alone": Unpicklable(), "inside": [1, Unpicklable()]},
)
def an_object_that_cannot_be_pickled_is_refused(mp: Any, see: See, thing: Any) -> None:
    """send() of an object that cannot be pickled raises what pickling it raises."""
    with pipe(mp) as (near, _), see.raises(LookupError):
        near.send(thing)


@chapter.clause("connection.send.unpicklable-sends-nothing", passage=f"{RECV}/2", level=SHOULD, methods=NO_METHOD)
def nothing_of_a_refused_object_is_sent(mp: Any, see: See) -> None:
    """After a send() that could not pickle its object, the next message arrives whole and as the first."""
    with pipe(mp) as (near, far):
        with contextlib.suppress(Exception):
            near.send(["x" * 100_000, Unpicklable()])
        see.true(not far.poll(), "nothing is there to be received")
        near.send("next")
        see.equal(arrived(see, far), "next", "what arrives")


@chapter.clause("connection.send.very-large", passage=f"{SEND}/4", level=MAY, methods=NO_METHOD)
def a_very_large_object_arrives_or_is_refused(mp: Any, see: See) -> None:
    """An object whose pickle is beyond 32 MiB arrives whole, or send() raises ValueError."""
    thing = bytes(range(256)) * (40 << 12)
    with pipe(mp) as (near, far):
        sending = see.in_thread(near.send, thing)
        arrives = begins_to_arrive(see, far, sending)
        if arrives:
            see.true(far.recv() == thing, "an equal object arrives")
            sending.ends()
        see.records(arrives=arrives)


@chapter.clause(
    "connection.recv.blocks",
    passage=(
        f"{RECV}/3,1",
        "multiprocessing.connection.Connection.recv_bytes/3",
        "multiprocessing.connection.Connection.recv_bytes_into/3",
    ),
    methods=NO_METHOD,
    cases={
        "recv": lambda end: end.recv(),
        "recv_bytes": lambda end: end.recv_bytes(),
        "recv_bytes_into": lambda end: end.recv_bytes_into(bytearray(99)),
    },
)
def receiving_blocks_until_a_message_is_there(mp: Any, see: See, receive: Callable[[Any], Any]) -> None:
    """recv(), recv_bytes() and recv_bytes_into() block as long as there is nothing to receive."""
    with pipe(mp) as (near, far):
        receiving = see.blocks(receive, far)
        near.send("message")
        receiving.ends()


@chapter.clause(
    "connection.recv.endless",
    passage=(
        f"{RECV}/3",
        "multiprocessing.connection.Connection.recv_bytes/3",
        "multiprocessing.connection.Connection.recv_bytes_into/3",
    ),
    methods=NO_METHOD,
)
def receiving_does_not_give_up(mp: Any, see: See) -> None:
    """recv(), recv_bytes() and recv_bytes_into() go on waiting for a message that takes seconds to come."""
    with pipe(mp) as (a, first), pipe(mp) as (b, second), pipe(mp) as (c, third):
        receiving = [
            see.blocks(first.recv),
            see.blocks(second.recv_bytes),
            see.blocks(third.recv_bytes_into, bytearray(99)),
        ]
        receiving[0].goes_on()
        for one in receiving:
            one.still()
        a.send("message")
        b.send_bytes(b"message")
        c.send_bytes(b"message")
        see.equal([one.ends() for one in receiving], ["message", b"message", 7], "what is received")


@chapter.clause("connection.recv.default-timeout", passage=f"{RECV}/3", methods=NO_METHOD)
def a_default_timeout_of_sockets_is_nothing_to_a_pipe(mp: Any, see: See) -> None:
    """recv() blocks until something comes, whatever socket.setdefaulttimeout() was told before Pipe() was called."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(YIELD)
    try:
        near, far = mp.Pipe()
    finally:
        socket.setdefaulttimeout(before)
    with near, far:
        receiving = see.blocks(far.recv)
        near.send("late")
        see.equal(receiving.ends(), "late", "what arrives")


@chapter.clause("connection.recv.unpickling-fails", passage=f"{PIPE}/5", level=SHOULD, methods=NO_METHOD)
def an_error_while_unpickling_comes_out_of_recv(mp: Any, see: See) -> None:
    """An exception raised while an object is re-created is raised by recv()."""
    with pipe(mp) as (near, far):
        near.send(Unloadable(0))
        with see.raises(LookupError, match="cannot be re-created"):
            far.recv()


@chapter.clause(
    "connection.recv.after-unpickling-failed",
    passage=f"{RECV}/2",
    level=SHOULD,
    methods=NO_METHOD,
    cases={"small": 1, "medium": 60_000, "large": 3_000_000},
)
def the_message_after_one_that_cannot_be_re_created_is_whole(mp: Any, see: See, weight: int) -> None:
    """After a recv() whose object could not be re-created, the next message is received whole."""
    with pipe(mp) as (near, far):
        sending = see.in_thread(near.send, Unloadable(weight))
        with contextlib.suppress(LookupError):
            far.recv()
        sending.ends()
        near.send("next")
        see.equal(arrived(see, far), "next", "the next message")


@chapter.clause(
    "connection.recv.killed-in-a-message",
    passage="connection-objects/9",
    level=MAY,
    methods=ANY_METHOD,
    hanging=True,
    patience=2,
)
def half_a_message_is_not_a_message(mp: Any, see: See) -> None:
    """When the sender is killed in the middle of a message, receiving fails, or the whole message is received."""
    with pipe(mp, duplex=False) as (here, there):
        child = mp.Process(target=send_huge, args=(there,))
        child.start()
        there.close()
        see.true(here.poll(LONG), "the message has begun to arrive")
        see.settles(child.pid, or_ends=True)
        end(child)
        try:
            see.equal(len(here.recv_bytes()), HUGE, "the length of the message")
        except NotKept:
            raise
        except Exception as error:
            see.records(error=type(error).__name__)
        else:
            see.records(arrives=True)


@chapter.clause(
    "connection.recv.protocols",
    source=RECV,
    level=UNSPECIFIED,
    methods=NO_METHOD,
    cases={str(number): number for number in range(pickle.HIGHEST_PROTOCOL + 1)},
)
def a_pickle_that_is_sent_as_bytes(mp: Any, see: See, protocol: int) -> None:
    """Whether recv() takes a pickle of any protocol that somebody has sent by send_bytes() is left open."""
    sent = ["a line\n", 1.5, {"key": (None, "x" * LARGE)}]
    with pipe(mp) as (here, there):
        sending = see.in_thread(there.send_bytes, pickle.dumps(sent, protocol))
        try:
            got = see.comes_back(here.recv)
        except Exception as error:
            see.records(raised=type(error).__name__)
        else:
            see.records(equal=got == sent)
        sending.ends()
