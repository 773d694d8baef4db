"""Connections: what Pipe, the objects that it returns and wait promise."""

from __future__ import annotations

import array
import contextlib
import ctypes
import gc
import mmap
import os
import pickle
import select
import signal
import socket
from collections.abc import Iterator
from typing import Any, Callable

from mpspec.clause import ANY_METHOD, MAY, NO_METHOD, SHOULD, UNSPECIFIED, Chapter
from mpspec.letters import Gate, Mailbox
from mpspec.see import See
from mpspec.waits import LONG, SMALL
from mpspec.witness import target

PIPE = "multiprocessing.Pipe"
CONNECTION = "multiprocessing.connection.Connection"
WAIT = "multiprocessing.connection.wait"

chapter = Chapter("connection", section="Connection Objects", source=CONNECTION)


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


def open_descriptor(number: int) -> bool:
    """Whether the descriptor is open in this process."""
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


def collected() -> bool:
    """Collect garbage; an interpreter without reference counts may need more than one round."""
    gc.collect()
    return True


def no_object() -> Any:
    """What a pickle that cannot be loaded refers to."""
    raise LookupError("this object cannot be re-created")


class Unloadable:
    """Can be pickled, but not unpickled. weight: bytes that stand in its pickle after what fails."""

    def __init__(self, weight: int) -> None:
        self.weight = weight

    def __reduce__(self) -> Any:
        return no_object, (), b"w" * self.weight


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


@target
def send_each(end: Any, *objects: Any) -> None:
    """Send the objects one by one."""
    for one in objects:
        end.send(one)


@target
def post_received(end: Any, box: Mailbox, count: int) -> None:
    """Post what is received."""
    for _ in range(count):
        box.post(end.recv())


@target
def hold(end: Any, box: Mailbox, gate: Gate) -> None:
    """Have an end open until the gate opens."""
    box.post("held")
    gate.wait()


@target
def send_then_hold(end: Any, box: Mailbox) -> None:
    """Send one message, then sleep until killed."""
    end.send("before")
    box.post("sent")
    signal.pause()


@target
def send_huge(end: Any) -> None:
    """Send a message that nobody takes."""
    end.send_bytes(bytes(1 << 26))


@target
def exchange(end: Any, count: int, box: Mailbox) -> None:
    """Send the numbers, having received as many by the end; post what came."""
    for number in range(count):
        end.send(number)
    box.post([end.recv() for _ in range(count)])


@target
def hand_over_an_end(mp: Any, carrier: Any) -> None:
    """Make a pipe, send one end of it, close it here and answer on the other what comes there."""
    mine, yours = mp.Pipe()
    carrier.send(yours)
    request = mine.recv()
    yours.close()
    mine.send(("answer", request))
    mine.recv()


@target
def hand_over_one_way(mp: Any, carrier: Any, which: int) -> None:
    """Make a one-way pipe, send the end of this number, and use the other when told by the carrier."""
    ends = mp.Pipe(duplex=False)
    carrier.send(ends[which])
    carrier.recv()
    if which == 0:
        ends[1].send("to the receiver")
    else:
        carrier.send(ends[0].recv())
    carrier.recv()


@target
def close_when_told(end: Any, gate: Gate, after: Gate) -> None:
    """Close the end when the gate opens; live on until the other one does."""
    gate.wait()
    end.close()
    after.wait()


@target
def wait_for(gate: Gate) -> None:
    """End when the gate opens."""
    gate.wait()


# Pipe


@chapter.clause("connection.pipe.pair", source=PIPE, methods=NO_METHOD)
def a_pipe_has_two_ends(mp: Any, see: See) -> None:
    """Pipe() returns a tuple of two different Connection objects."""
    ends = mp.Pipe()
    with ends[0], ends[1]:
        see.true(type(ends) is tuple and len(ends) == 2, "a tuple of two", ends)
        see.true(ends[0] is not ends[1], "two ends")
        for end in ends:
            see.true(isinstance(end, mp.connection.Connection), "a Connection", type(end))


@chapter.clause("connection.pipe.signature", source=PIPE, methods=NO_METHOD)
def a_pipe_takes_duplex(mp: Any, see: See) -> None:
    """Pipe takes one argument, duplex, which is True by default."""
    see.signature(mp.Pipe, "(duplex=True)")


@chapter.clause(
    "connection.pipe.duplex",
    source=PIPE,
    methods=NO_METHOD,
    cases={"default": {}, "keyword": {"duplex": True}},
)
def a_pipe_is_bidirectional(mp: Any, see: See, arguments: Any) -> None:
    """A pipe made with duplex true, the default, carries messages from each end to the other."""
    first, second = mp.Pipe(**arguments)
    with first, second:
        first.send("there")
        second.send("and back")
        see.equal(arrived(see, second), "there", "what the second end receives")
        see.equal(arrived(see, first), "and back", "what the first end receives")


@chapter.clause("connection.pipe.one-way", source=PIPE, methods=NO_METHOD)
def a_one_way_pipe_leads_from_the_second_to_the_first(mp: Any, see: See) -> None:
    """With duplex false the first end receives what the second end sends."""
    with pipe(mp, duplex=False) as (receiver, sender):
        sender.send("message")
        see.equal(arrived(see, receiver), "message", "what arrives")


@chapter.clause(
    "connection.pipe.receiver-only",
    source=PIPE,
    methods=NO_METHOD,
    cases={"send": lambda end: end.send("x"), "send_bytes": lambda end: end.send_bytes(b"x")},
)
def the_first_end_of_a_one_way_pipe_cannot_send(mp: Any, see: See, use: Callable[[Any], Any]) -> None:
    """The first end of a one-way pipe refuses to send, with OSError."""
    with pipe(mp, duplex=False) as (receiver, _), see.raises(OSError):
        use(receiver)


@chapter.clause(
    "connection.pipe.sender-only",
    source=PIPE,
    methods=NO_METHOD,
    cases={
        "recv": lambda end: end.recv(),
        "recv_bytes": lambda end: end.recv_bytes(),
        "recv_bytes_into": lambda end: end.recv_bytes_into(bytearray(8)),
        "poll": lambda end: end.poll(),
    },
)
def the_second_end_of_a_one_way_pipe_cannot_receive(mp: Any, see: See, use: Callable[[Any], Any]) -> None:
    """The second end of a one-way pipe refuses to receive, with OSError."""
    with pipe(mp, duplex=False) as (_, sender), see.raises(OSError):
        use(sender)


@chapter.clause("connection.pipe.context", source=PIPE, methods=NO_METHOD)
def a_context_makes_pipes(mp: Any, see: See) -> None:
    """The Pipe of a context object makes pipes like the one of the module."""
    with pipe(mp.get_context("spawn")) as (first, second):
        first.send("message")
        see.true(isinstance(second, mp.connection.Connection), "a Connection", type(second))
        see.equal(arrived(see, second), "message", "what arrives")


@chapter.clause("connection.pipe.from-child", source=PIPE)
def a_child_sends_to_its_parent(mp: Any, see: See) -> None:
    """An end that is an argument of a process sends from there to this process."""
    with pipe(mp) as (here, there):
        child = mp.Process(target=send_each, args=(there, 1, "two", [3.0]))
        child.start()
        see.equal([arrived(see, here) for _ in range(3)], [1, "two", [3.0]], "what arrives, in order")
        see.exits(child, 0)


@chapter.clause("connection.pipe.to-child", source=PIPE)
def a_child_receives_from_its_parent(mp: Any, see: See) -> None:
    """An end that is an argument of a process receives there what this process sends."""
    box = see.mailbox()
    with pipe(mp, duplex=False) as (there, here):
        child = mp.Process(target=post_received, args=(there, box, 2))
        child.start()
        here.send({"key": "value"})
        here.send(2)
        see.equal(box.take_all(2), [{"key": "value"}, 2], "what the child receives")
        see.exits(child, 0)


@chapter.clause("connection.pipe.both-at-once", source=PIPE, methods=ANY_METHOD)
def two_processes_use_the_two_ends_at_once(mp: Any, see: See) -> None:
    """Two processes that use different ends of a pipe at the same time do not disturb each other."""
    box = see.mailbox()
    with pipe(mp) as (here, there):
        child = mp.Process(target=exchange, args=(there, 100, box))
        child.start()
        for number in range(100):
            here.send(number)
        see.equal([arrived(see, here) for _ in range(100)], list(range(100)), "what arrives here")
        see.equal(box.take(), list(range(100)), "what arrives there")
        see.exits(child, 0)


@chapter.clause("connection.pipe.order", source=PIPE, methods=NO_METHOD)
def messages_keep_their_order(mp: Any, see: See) -> None:
    """Messages arrive in the order in which they were sent, objects and bytes alike."""
    with pipe(mp) as (near, far):
        for number in range(20):
            near.send(number)
            near.send_bytes(b"%d" % number)
        for number in range(20):
            see.equal(arrived(see, far), number, "the next object")
            see.equal(arrived_bytes(see, far), b"%d" % number, "the next bytes")


# send and recv


@chapter.clause("connection.send.returns-none", source=CONNECTION + ".send", methods=NO_METHOD)
def send_returns_nothing(mp: Any, see: See) -> None:
    """send(obj) returns None."""
    with pipe(mp) as (near, _):
        see.returns(None, near.send, "message")


@chapter.clause(
    "connection.send.any-object",
    source=CONNECTION + ".send",
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
    source=CONNECTION + ".send",
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


@chapter.clause("connection.recv.re-created", source=PIPE, methods=NO_METHOD)
def the_object_is_re_created(mp: Any, see: See) -> None:
    """recv() returns an object of its own: it shares nothing that can be changed with the one that was sent."""
    sent = [[1], Point(1, 2)]
    with pipe(mp) as (near, far):
        near.send(sent)
        seen = arrived(see, far)
        see.equal(seen, [[1], Point(1, 2)], "what arrives")
        see.true(seen is not sent and seen[0] is not sent[0] and seen[1] is not sent[1], "new objects")


@chapter.clause("connection.send.as-it-is-now", source=CONNECTION + ".send", methods=NO_METHOD)
def what_is_sent_is_the_state_at_the_call(mp: Any, see: See) -> None:
    """What arrives is the object as it was when send() was called, whatever becomes of it afterwards."""
    changing = ["then"]
    with pipe(mp) as (near, far):
        near.send(changing)
        changing.append("later")
        see.equal(arrived(see, far), ["then"], "what arrives")


@chapter.clause(
    "connection.send.unpicklable",
    source=CONNECTION + ".send",
    methods=NO_METHOD,
    cases={"generator": iter(lambda: 0, 1), "lambda": lambda: None, "inside": [1, lambda: None]},
)
def an_object_that_cannot_be_pickled_is_refused(mp: Any, see: See, thing: Any) -> None:
    """send() of an object that cannot be pickled raises what pickling it raises."""
    with pipe(mp) as (near, _), see.raises(TypeError, AttributeError, pickle.PicklingError):
        near.send(thing)


@chapter.clause("connection.send.unpicklable-sends-nothing", source=CONNECTION + ".send", methods=NO_METHOD)
def nothing_of_a_refused_object_is_sent(mp: Any, see: See) -> None:
    """After a send() that could not pickle its object, the next message arrives whole and as the first."""
    with pipe(mp) as (near, far):
        with contextlib.suppress(Exception):
            near.send(["x" * 100_000, lambda: None])
        see.true(not far.poll(), "nothing is there to be received")
        near.send("next")
        see.equal(arrived(see, far), "next", "what arrives")


@chapter.clause("connection.send.very-large", source=CONNECTION + ".send", level=MAY, methods=NO_METHOD)
def a_very_large_object_arrives_or_is_refused(mp: Any, see: See) -> None:
    """An object whose pickle is beyond 32 MiB arrives whole, or send() raises ValueError."""
    thing = bytes(range(256)) * (40 << 12)
    with pipe(mp) as (near, far):
        sending = see.blocks(near.send, thing)
        same = far.recv() == thing
        see.true(same, "an equal object arrives")
        sending.ends()
        see.records(arrives=same)


@chapter.clause(
    "connection.recv.blocks",
    source=CONNECTION + ".recv",
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
    "connection.recv.eof",
    source=CONNECTION + ".recv",
    methods=NO_METHOD,
    hanging=True,
    cases={
        f"{name}-{kind}": (duplex, receive)
        for kind, duplex in (("duplex", True), ("one-way", False))
        for name, receive in (
            ("recv", lambda end: end.recv()),
            ("recv_bytes", lambda end: end.recv_bytes()),
            ("recv_bytes_into", lambda end: end.recv_bytes_into(bytearray(9))),
        )
    },
)
def receiving_from_a_closed_end_raises_eof_error(mp: Any, see: See, case: Any) -> None:
    """Receiving raises EOFError once nothing is left to receive and the other end is closed."""
    duplex, receive = case
    with pipe(mp, duplex) as (far, near):
        near.close()
        with see.raises(EOFError):
            receive(far)


@chapter.clause("connection.recv.drains-before-eof", source=CONNECTION + ".recv", methods=NO_METHOD)
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


@chapter.clause("connection.recv.eof-wakes", source=CONNECTION + ".recv", methods=NO_METHOD, hanging=True)
def closing_wakes_a_receiver(mp: Any, see: See) -> None:
    """A recv() that blocks raises EOFError when the other end is closed."""
    with pipe(mp) as (near, far):
        receiving = see.blocks(far.recv)
        near.close()
        with see.raises(EOFError):
            receiving.ends()


@chapter.clause("connection.recv.eof-killed", source=CONNECTION + ".recv", hanging=True)
def the_death_of_the_last_owner_is_the_end(mp: Any, see: See) -> None:
    """When the only process that has the other end open is killed, recv() gives what it sent, then EOFError."""
    box = see.mailbox()
    with pipe(mp, duplex=False) as (here, there):
        child = mp.Process(target=send_then_hold, args=(there, box))
        child.start()
        there.close()
        box.take()
        child.kill()
        see.exits(child, -signal.SIGKILL)
        see.equal(arrived(see, here), "before", "what arrives")
        with see.raises(EOFError):
            here.recv()


@chapter.clause("connection.recv.open-elsewhere", source=CONNECTION + ".recv")
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


@chapter.clause("connection.recv.unpickling-fails", source=CONNECTION + ".recv", level=SHOULD, methods=NO_METHOD)
def an_error_while_unpickling_comes_out_of_recv(mp: Any, see: See) -> None:
    """An exception raised while an object is re-created is raised by recv()."""
    with pipe(mp) as (near, far):
        near.send(Unloadable(0))
        with see.raises(LookupError, match="cannot be re-created"):
            far.recv()


@chapter.clause(
    "connection.recv.after-unpickling-failed",
    source=CONNECTION + ".recv",
    level=SHOULD,
    methods=NO_METHOD,
    cases={"small": 1, "medium": 60_000, "large": 3_000_000},
)
def the_message_after_one_that_cannot_be_re_created_is_whole(mp: Any, see: See, weight: int) -> None:
    """After a recv() whose object could not be re-created, the next message is received whole."""
    with pipe(mp) as (near, far):
        sending = see.blocks(near.send, Unloadable(weight)) if weight > 1_000_000 else near.send(Unloadable(weight))
        with contextlib.suppress(LookupError):
            far.recv()
        if sending:
            sending.ends()
        near.send("next")
        see.equal(arrived(see, far), "next", "the next message")


@chapter.clause(
    "connection.recv.killed-in-a-message", source=CONNECTION, level=MAY, methods=ANY_METHOD, hanging=True, patience=2
)
def half_a_message_is_not_a_message(mp: Any, see: See) -> None:
    """When the sender is killed in the middle of a message, receiving may fail, and no shorter message is received."""
    with pipe(mp, duplex=False) as (here, there):
        child = mp.Process(target=send_huge, args=(there,))
        child.start()
        there.close()
        see.sleeps(child.pid)
        see.true(here.poll(), "the message has begun to arrive")
        child.kill()
        child.join()
        with see.raises(EOFError, OSError) as caught:
            here.recv_bytes()
        see.records(error=type(caught.error).__name__)


# send_bytes and recv_bytes


@chapter.clause("connection.send_bytes.whole", source=CONNECTION + ".send_bytes", methods=NO_METHOD)
def a_message_of_bytes_arrives_whole(mp: Any, see: See) -> None:
    """Each send_bytes() makes one message, and each recv_bytes() returns one whole message, as bytes."""
    with pipe(mp) as (near, far):
        for message in (b"first", b"", b"third"):
            near.send_bytes(message)
        seen = [arrived_bytes(see, far) for _ in range(3)]
        see.equal(seen, [b"first", b"", b"third"], "what arrives")
        see.equal([type(one) for one in seen], [bytes] * 3, "the types")


def _mapped() -> mmap.mmap:
    memory = mmap.mmap(-1, 6)
    memory[:] = b"abcdef"
    return memory


@chapter.clause(
    "connection.send_bytes.buffers",
    source=CONNECTION + ".send_bytes",
    methods=NO_METHOD,
    cases={
        "bytes": lambda: b"abcdef",
        "bytearray": lambda: bytearray(b"abcdef"),
        "memoryview": lambda: memoryview(b"--abcdef")[2:],
        "writable-view": lambda: memoryview(bytearray(b"abcdef")),
        "array": lambda: array.array("h", b"abcdef"),
        "table": lambda: memoryview(b"abcdef").cast("B", (2, 3)),
        "ctypes": lambda: (ctypes.c_ubyte * 6)(*b"abcdef"),
        "mmap": _mapped,
    },
)
def any_bytes_like_object_is_sent(mp: Any, see: See, buffer: Callable[[], Any]) -> None:
    """send_bytes() sends the bytes of any bytes-like object."""
    with pipe(mp) as (near, far):
        near.send_bytes(buffer())
        see.equal(arrived_bytes(see, far), b"abcdef", "what arrives")


@chapter.clause("connection.send_bytes.not-text", source=CONNECTION + ".send_bytes", methods=NO_METHOD)
def text_is_not_bytes(mp: Any, see: See) -> None:
    """send_bytes() of an object that is not bytes-like raises TypeError and sends nothing."""
    with pipe(mp) as (near, far):
        for thing in ("text", 7, None):
            with see.raises(TypeError):
                near.send_bytes(thing)
        see.true(not far.poll(), "nothing is sent")


@chapter.clause(
    "connection.send_bytes.offset",
    source=CONNECTION + ".send_bytes",
    methods=NO_METHOD,
    cases={"start": (0, b"abcdef"), "inside": (2, b"cdef"), "last": (5, b"f"), "end": (6, b"")},
)
def an_offset_skips_bytes(mp: Any, see: See, case: Any) -> None:
    """With an offset, send_bytes() sends the bytes from that position to the end of the buffer."""
    offset, promised = case
    with pipe(mp) as (near, far):
        near.send_bytes(b"abcdef", offset)
        see.equal(arrived_bytes(see, far), promised, "what arrives")


@chapter.clause(
    "connection.send_bytes.size",
    source=CONNECTION + ".send_bytes",
    methods=NO_METHOD,
    cases={
        "some": (1, 3, b"bcd"),
        "none": (1, 0, b""),
        "rest": (4, 2, b"ef"),
        "all": (0, 6, b"abcdef"),
        "at-end": (6, 0, b""),
    },
)
def a_size_limits_the_bytes(mp: Any, see: See, case: Any) -> None:
    """With a size, send_bytes() sends so many bytes from the offset on."""
    offset, size, promised = case
    with pipe(mp) as (near, far):
        near.send_bytes(b"abcdef", offset, size)
        see.equal(arrived_bytes(see, far), promised, "what arrives")


@chapter.clause("connection.send_bytes.keywords", source=CONNECTION + ".send_bytes", methods=NO_METHOD)
def offset_and_size_have_names(mp: Any, see: See) -> None:
    """send_bytes() takes offset and size by name, each without the other."""
    with pipe(mp) as (near, far):
        near.send_bytes(b"abcdef", offset=4)
        near.send_bytes(b"abcdef", size=2)
        see.equal(arrived_bytes(see, far), b"ef", "the message with an offset")
        see.equal(arrived_bytes(see, far), b"ab", "the message with a size")


@chapter.clause("connection.send_bytes.buffer-name", source=CONNECTION + ".send_bytes", methods=NO_METHOD)
def the_buffer_to_send_has_a_name(mp: Any, see: See) -> None:
    """send_bytes() takes its buffer by the name buffer."""
    with pipe(mp) as (near, far):
        near.send_bytes(buffer=b"message")
        see.equal(arrived_bytes(see, far), b"message", "what arrives")


@chapter.clause("connection.send_bytes.counts-bytes", source=CONNECTION + ".send_bytes", methods=NO_METHOD)
def positions_in_a_sent_buffer_count_bytes(mp: Any, see: See) -> None:
    """The offset and size of send_bytes() count bytes, whatever the items of the buffer are."""
    numbers = array.array("i", [1, 2, 3])
    with pipe(mp) as (near, far):
        near.send_bytes(numbers, numbers.itemsize - 1, 2)
        wanted = numbers.tobytes()[numbers.itemsize - 1 : numbers.itemsize + 1]
        see.equal(arrived_bytes(see, far), wanted, "what arrives")


@chapter.clause(
    "connection.send_bytes.out-of-range",
    source=CONNECTION + ".send_bytes",
    level=SHOULD,
    methods=NO_METHOD,
    cases={
        "negative-offset": (-1, 1),
        "offset-beyond": (4, 0),
        "negative-size": (0, -1),
        "size-beyond": (0, 4),
        "sum-beyond": (2, 2),
    },
)
def positions_outside_the_buffer_are_refused(mp: Any, see: See, case: Any) -> None:
    """send_bytes() with an offset or size that reaches outside its buffer raises ValueError and sends nothing."""
    with pipe(mp) as (near, far):
        with see.raises(ValueError):
            near.send_bytes(b"abc", *case)
        see.true(not far.poll(), "nothing is sent")


SIZES = (1, 4095, 4096, 16_383, 16_384, 16_385, 65_535, 65_536, 65_537, 262_143, 262_145, 1 << 20, (8 << 20) + 1)


@chapter.clause(
    "connection.message.sizes",
    source=CONNECTION + ".send_bytes",
    methods=NO_METHOD,
    cases={
        f"{size}-{kind}": (size, duplex) for size in SIZES for kind, duplex in (("duplex", True), ("one-way", False))
    },
)
def a_message_of_any_size_arrives(mp: Any, see: See, case: Any) -> None:
    """Bytes and objects of any size up to 32 MiB arrive unchanged."""
    size, duplex = case
    content = (bytes(range(251)) * (size // 251 + 1))[:size]
    with pipe(mp, duplex) as (far, near):
        sending = see.in_thread(lambda: (near.send_bytes(content), near.send(content), near.send("last")))
        see.true(far.recv_bytes() == content, f"the {size} bytes that were sent")
        see.true(far.recv() == content, f"the object of {size} bytes that was sent")
        see.equal(arrived(see, far), "last", "what follows")
        sending.ends()


@chapter.clause(
    "connection.message.beyond-2-gib",
    source=CONNECTION + ".send_bytes",
    level=MAY,
    methods=NO_METHOD,
    fresh=True,
    patience=10,
)
def a_message_beyond_two_gigabytes_arrives_or_is_refused(mp: Any, see: See) -> None:
    """A message of more than 2 GiB arrives whole where memory allows, or send_bytes() raises ValueError."""
    if os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") < 9 << 30:
        see.records(skipped="not enough free memory")
        return
    size = (2 << 30) + 5
    with mmap.mmap(-1, size) as memory, pipe(mp) as (near, far):
        memory[:3], memory[-3:] = b"abc", b"xyz"
        sending = see.blocks(near.send_bytes, memory)
        message = far.recv_bytes()
        sending.ends()
        see.equal((len(message), message[:4], message[-4:]), (size, b"abc\0", b"\0xyz"), "length, begin and end")
        see.records(arrives=True)


@chapter.clause(
    "connection.recv_bytes.maxlength",
    source=CONNECTION + ".recv_bytes",
    methods=NO_METHOD,
    cases={
        "exact": (b"abc", 3),
        "more": (b"abc", 4),
        "none": (b"abc", None),
        "empty": (b"", 0),
        "huge": (b"abc", 1 << 40),
    },
)
def a_message_within_maxlength_is_returned(mp: Any, see: See, case: Any) -> None:
    """recv_bytes(maxlength) returns a message that is not longer than maxlength."""
    message, limit = case
    with pipe(mp) as (near, far):
        near.send_bytes(message)
        see.returns(message, far.recv_bytes, limit)


@chapter.clause("connection.recv_bytes.maxlength-name", source=CONNECTION + ".recv_bytes", methods=NO_METHOD)
def maxlength_has_a_name(mp: Any, see: See) -> None:
    """recv_bytes() takes maxlength by name, and without it there is no limit."""
    with pipe(mp) as (near, far):
        near.send_bytes(b"x" * 5000)
        near.send_bytes(b"abc")
        see.equal(len(far.recv_bytes()), 5000, "the length without a limit")
        see.returns(b"abc", far.recv_bytes, maxlength=3)


@chapter.clause(
    "connection.recv_bytes.longer",
    source=CONNECTION + ".recv_bytes",
    methods=NO_METHOD,
    cases={"by-one": (4, 3), "zero": (1, 0), "large": (50_000, 1000)},
)
def a_message_beyond_maxlength_is_an_error(mp: Any, see: See, case: Any) -> None:
    """recv_bytes(maxlength) raises OSError for a longer message."""
    length, limit = case
    with pipe(mp) as (near, far):
        near.send_bytes(b"x" * length)
        with see.raises(OSError):
            far.recv_bytes(limit)


@chapter.clause(
    "connection.recv_bytes.longer-ends-reading",
    source=CONNECTION + ".recv_bytes",
    methods=NO_METHOD,
    hanging=True,
    cases={
        f"{name}-{kind}": (duplex, receive)
        for kind, duplex in (("duplex", True), ("one-way", False))
        for name, receive in (
            ("recv", lambda end: end.recv()),
            ("recv_bytes", lambda end: end.recv_bytes()),
            ("recv_bytes_into", lambda end: end.recv_bytes_into(bytearray(9))),
            ("poll", lambda end: end.poll()),
        )
    },
)
def nothing_can_be_read_after_a_message_beyond_maxlength(mp: Any, see: See, case: Any) -> None:
    """After a message beyond maxlength nothing can be read from the connection any more: OSError."""
    duplex, receive = case
    with pipe(mp, duplex) as (far, near):
        near.send_bytes(b"too long")
        near.send("next")
        with contextlib.suppress(OSError):
            far.recv_bytes(3)
        with see.raises(OSError):
            receive(far)


@chapter.clause(
    "connection.recv_bytes.longer-and-sending", source=CONNECTION + ".recv_bytes", level=UNSPECIFIED, methods=NO_METHOD
)
def sending_after_a_message_beyond_maxlength(mp: Any, see: See) -> None:
    """Whether a duplex connection still sends after it met a message beyond maxlength is left open."""
    with pipe(mp) as (near, far):
        near.send_bytes(b"too long")
        with contextlib.suppress(OSError):
            far.recv_bytes(3)
        try:
            far.send("still here")
        except OSError as error:
            see.records(sends=False, error=error)
        else:
            see.records(sends=near.poll(LONG))


@chapter.clause("connection.recv_bytes.negative", source=CONNECTION + ".recv_bytes", level=SHOULD, methods=NO_METHOD)
def a_negative_maxlength_is_refused(mp: Any, see: See) -> None:
    """recv_bytes() with a negative maxlength raises ValueError and takes no message."""
    with pipe(mp) as (near, far):
        near.send_bytes(b"message")
        with see.raises(ValueError):
            far.recv_bytes(-1)
        see.equal(arrived_bytes(see, far), b"message", "what is received afterwards")


# recv_bytes_into


INTO = CONNECTION + ".recv_bytes_into"


@chapter.clause(
    "connection.recv_bytes_into.count", source=INTO, methods=NO_METHOD, cases={"0": 0, "1": 1, "5": 5, "8": 8}
)
def receiving_into_a_buffer_returns_the_length(mp: Any, see: See, length: int) -> None:
    """recv_bytes_into() returns the number of bytes in the message."""
    with pipe(mp) as (near, far):
        near.send_bytes(b"x" * length)
        see.returns(length, far.recv_bytes_into, bytearray(8))


@chapter.clause("connection.recv_bytes_into.rest", source=INTO, methods=NO_METHOD)
def the_rest_of_the_buffer_stays(mp: Any, see: See) -> None:
    """recv_bytes_into() writes the message at the buffer's start and leaves the rest as it was."""
    buffer = bytearray(b"--------")
    with pipe(mp) as (near, far):
        near.send_bytes(b"abc")
        far.recv_bytes_into(buffer)
        see.equal(bytes(buffer), b"abc-----", "the buffer")


@chapter.clause("connection.recv_bytes_into.large", source=INTO, methods=NO_METHOD)
def a_large_message_is_received_into_a_buffer(mp: Any, see: See) -> None:
    """recv_bytes_into() fills a buffer with a message that does not fit into the kernel's pipe."""
    content = bytes(range(251)) * 8000
    buffer = bytearray(len(content) + 2)
    with pipe(mp) as (near, far):
        sending = see.blocks(near.send_bytes, content)
        see.returns(len(content), far.recv_bytes_into, buffer, 1)
        sending.ends()
        see.true(bytes(buffer) == b"\0" + content + b"\0", "the message between the untouched bytes")


@chapter.clause(
    "connection.recv_bytes_into.offset",
    source=INTO,
    methods=NO_METHOD,
    cases={"0": (0, b"abc-----"), "2": (2, b"--abc---"), "5": (5, b"-----abc")},
)
def an_offset_into_the_buffer(mp: Any, see: See, case: Any) -> None:
    """With an offset, recv_bytes_into() writes the message from that position of the buffer on."""
    offset, promised = case
    buffer = bytearray(b"--------")
    with pipe(mp) as (near, far):
        near.send_bytes(b"abc")
        see.returns(3, far.recv_bytes_into, buffer, offset)
        see.equal(bytes(buffer), promised, "the buffer")


@chapter.clause("connection.recv_bytes_into.offset-name", source=INTO, methods=NO_METHOD)
def the_offset_into_a_buffer_has_a_name(mp: Any, see: See) -> None:
    """recv_bytes_into() takes offset by name."""
    buffer = bytearray(4)
    with pipe(mp) as (near, far):
        near.send_bytes(b"abc")
        far.recv_bytes_into(buffer, offset=1)
        see.equal(bytes(buffer), b"\0abc", "the buffer")


@chapter.clause("connection.recv_bytes_into.buffer-name", source=INTO, methods=NO_METHOD)
def the_buffer_to_receive_into_has_a_name(mp: Any, see: See) -> None:
    """recv_bytes_into() takes its buffer by the name buffer."""
    with pipe(mp) as (near, far):
        near.send_bytes(b"abc")
        see.returns(3, far.recv_bytes_into, buffer=bytearray(3))


@chapter.clause("connection.recv_bytes_into.counts-bytes", source=INTO, methods=NO_METHOD)
def positions_in_a_received_buffer_count_bytes(mp: Any, see: See) -> None:
    """The offset and the result of recv_bytes_into() count bytes, whatever the items of the buffer are."""
    numbers = array.array("i", [7, 7, 7, 7])
    sent = array.array("i", [1, 2])
    with pipe(mp) as (near, far):
        near.send_bytes(sent)
        see.returns(2 * sent.itemsize, far.recv_bytes_into, numbers, sent.itemsize)
        see.equal(list(numbers), [7, 1, 2, 7], "the buffer")


@chapter.clause(
    "connection.recv_bytes_into.buffers",
    source=INTO,
    methods=NO_METHOD,
    cases={
        "bytearray": lambda: bytearray(6),
        "memoryview": lambda: memoryview(bytearray(8))[1:7],
        "array": lambda: array.array("h", [0, 0, 0]),
        "ctypes": lambda: (ctypes.c_char * 6)(),
        "mmap": _mapped,
    },
)
def any_writable_bytes_like_object_is_filled(mp: Any, see: See, buffer: Callable[[], Any]) -> None:
    """recv_bytes_into() writes into any writable bytes-like object."""
    filled = buffer()
    with pipe(mp) as (near, far):
        near.send_bytes(b"fedcba")
        see.returns(6, far.recv_bytes_into, filled)
        see.equal(bytes(memoryview(filled).cast("B")), b"fedcba", "the buffer")


@chapter.clause(
    "connection.recv_bytes_into.read-only", source=INTO, methods=NO_METHOD, cases={"bytes": b"x" * 9, "text": "x" * 9}
)
def a_buffer_that_cannot_be_written_is_refused(mp: Any, see: See, buffer: Any) -> None:
    """recv_bytes_into() of an object that is not a writable bytes-like object raises TypeError."""
    with pipe(mp) as (near, far):
        near.send_bytes(b"message")
        with see.raises(TypeError):
            far.recv_bytes_into(buffer)


@chapter.clause(
    "connection.recv_bytes_into.too-short",
    source=INTO,
    methods=NO_METHOD,
    cases={"buffer": (3, 0), "none": (0, 0), "offset": (6, 3)},
)
def a_message_that_does_not_fit_raises_buffer_too_short(mp: Any, see: See, case: Any) -> None:
    """recv_bytes_into() raises BufferTooShort where the buffer from the offset on is shorter than the message."""
    length, offset = case
    with pipe(mp) as (near, far):
        near.send_bytes(b"abcdef")
        with see.raises(mp.BufferTooShort):
            far.recv_bytes_into(bytearray(length), offset)


@chapter.clause(
    "connection.recv_bytes_into.too-short-message",
    source=INTO,
    methods=NO_METHOD,
    cases={"6": 6, "50000": 50_000, "3000000": 3_000_000},
)
def buffer_too_short_carries_the_message(mp: Any, see: See, length: int) -> None:
    """The whole message is the first argument of the BufferTooShort exception, as bytes."""
    content = (b"abcdef" * length)[:length]
    with pipe(mp) as (near, far):
        sending = see.in_thread(near.send_bytes, content)
        with see.raises(mp.BufferTooShort) as caught:
            far.recv_bytes_into(bytearray(5))
        sending.ends()
        see.true(type(caught.error.args[0]) is bytes, "bytes", type(caught.error.args[0]))
        see.true(caught.error.args[0] == content, "the whole message", caught.error.args[0][:20])


@chapter.clause("connection.recv_bytes_into.after-too-short", source=INTO, methods=NO_METHOD)
def the_message_after_one_that_did_not_fit_is_whole(mp: Any, see: See) -> None:
    """After BufferTooShort the next message is received whole."""
    with pipe(mp) as (near, far):
        near.send_bytes(b"abcdef")
        near.send("next")
        with contextlib.suppress(mp.BufferTooShort):
            far.recv_bytes_into(bytearray(3))
        see.equal(arrived(see, far), "next", "the next message")


@chapter.clause("connection.recv_bytes_into.too-short-buffer", source=INTO, level=UNSPECIFIED, methods=NO_METHOD)
def the_buffer_that_was_too_short(mp: Any, see: See) -> None:
    """What stands in the buffer after BufferTooShort is left open."""
    buffer = bytearray(3)
    with pipe(mp) as (near, far):
        near.send_bytes(b"abcdef")
        with contextlib.suppress(mp.BufferTooShort):
            far.recv_bytes_into(buffer)
        see.records(buffer=bytes(buffer))


@chapter.clause(
    "connection.recv_bytes_into.out-of-range",
    source=INTO,
    level=SHOULD,
    methods=NO_METHOD,
    cases={"negative": -1, "beyond": 9, "far": 1 << 40},
)
def an_offset_outside_the_buffer_is_refused(mp: Any, see: See, offset: int) -> None:
    """recv_bytes_into() with an offset outside the buffer raises ValueError and takes no message."""
    with pipe(mp) as (near, far):
        near.send_bytes(b"message")
        with see.raises(ValueError):
            far.recv_bytes_into(bytearray(8), offset)
        see.equal(arrived_bytes(see, far), b"message", "what is received afterwards")


# fileno and close


@chapter.clause(
    "connection.fileno.descriptor",
    source=CONNECTION + ".fileno",
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


@chapter.clause("connection.fileno.own", source=CONNECTION + ".fileno", methods=NO_METHOD)
def each_end_has_its_descriptor(mp: Any, see: See) -> None:
    """The two ends have different descriptors, and an end keeps its descriptor."""
    with pipe(mp) as (first, second):
        see.true(first.fileno() != second.fileno(), "two descriptors", first.fileno())
        see.equal(first.fileno(), first.fileno(), "the descriptor")


@chapter.clause("connection.close.releases", source=CONNECTION + ".close", methods=NO_METHOD)
def close_releases_the_descriptor(mp: Any, see: See) -> None:
    """close() returns None and closes the descriptor."""
    with pipe(mp) as (first, _):
        number = first.fileno()
        see.returns(None, first.close)
        see.true(not open_descriptor(number), "the descriptor is closed", "it is open")


@chapter.clause("connection.close.own-end", source=CONNECTION + ".close", methods=NO_METHOD)
def close_leaves_the_other_end(mp: Any, see: See) -> None:
    """close() of one end leaves the other end open."""
    with pipe(mp) as (first, second):
        number = second.fileno()
        first.close()
        see.true(open_descriptor(number), "the other descriptor is open")
        see.equal(second.fileno(), number, "the other end's descriptor")


@chapter.clause("connection.close.twice", source=CONNECTION + ".close", level=SHOULD, methods=NO_METHOD)
def close_can_be_repeated(mp: Any, see: See) -> None:
    """close() of a closed connection does nothing."""
    first, second = mp.Pipe()
    first.close()
    taken = os.open(os.devnull, os.O_RDONLY)
    see.returns(None, first.close)
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


@chapter.clause("connection.close.unusable", source=CONNECTION + ".close", level=SHOULD, methods=NO_METHOD, cases=USES)
def a_closed_connection_cannot_be_used(mp: Any, see: See, use: Callable[[Any], Any]) -> None:
    """Every use of a closed connection raises OSError."""
    with pipe(mp) as (first, second):
        second.send("message")
        first.close()
        with see.raises(OSError):
            use(first)


@chapter.clause(
    "connection.close.sender-learns",
    source=CONNECTION + ".close",
    level=SHOULD,
    methods=NO_METHOD,
    cases={"duplex": True, "one-way": False},
)
def sending_to_a_closed_end_fails(mp: Any, see: See, duplex: bool) -> None:
    """send() raises OSError once the other end is closed everywhere."""
    with pipe(mp, duplex) as (far, near):
        far.close()
        with see.raises(OSError):
            near.send("message")


@chapter.clause("connection.close.collected", source=CONNECTION + ".close", methods=NO_METHOD)
def a_collected_connection_is_closed(mp: Any, see: See) -> None:
    """A connection that is garbage collected closes its descriptor, and the other end sees the end of file."""
    first, second = mp.Pipe()
    number = first.fileno()
    del first
    see.eventually(lambda: collected() and not open_descriptor(number), "the descriptor is closed")
    with second, see.raises(EOFError):
        second.recv()


@chapter.clause("connection.with.enter", source=CONNECTION, methods=NO_METHOD)
def entering_gives_the_connection(mp: Any, see: See) -> None:
    """A connection is a context manager; entering it returns the connection itself."""
    with pipe(mp) as (first, _), first as entered:
        see.true(entered is first, "the connection itself", entered)


@chapter.clause("connection.with.exit", source=CONNECTION, methods=NO_METHOD, cases={"plain": False, "raising": True})
def leaving_closes_the_connection(mp: Any, see: See, raising: bool) -> None:
    """Leaving the with statement closes the connection, and an exception passes through."""
    with pipe(mp) as (first, _):
        number = first.fileno()
        with see.raises(LookupError) if raising else contextlib.nullcontext(), first:
            if raising:
                raise LookupError
        see.true(not open_descriptor(number), "the descriptor is closed", "it is open")


# poll


POLL = CONNECTION + ".poll"


@chapter.clause("connection.poll.nothing", source=POLL, methods=NO_METHOD, hanging=True)
def poll_without_data_is_false_at_once(mp: Any, see: See) -> None:
    """poll() returns False at once where nothing is there to be read."""
    with pipe(mp) as (first, _):
        polling = see.in_thread(first.poll)
        see.true(polling.ends() is False, "False")


@chapter.clause("connection.poll.data", source=POLL, methods=NO_METHOD, cases={"bytes": b"x", "empty": b""})
def poll_with_data_is_true(mp: Any, see: See, message: bytes) -> None:
    """poll() returns True where a message is there to be read, and the message stays there."""
    with pipe(mp) as (near, far):
        near.send_bytes(message)
        for _ in range(3):
            see.true(far.poll(LONG) is True, "True")
        see.equal(far.recv_bytes(), message, "what is received afterwards")
        see.true(far.poll() is False, "False after the message was received")


@chapter.clause("connection.poll.every-message", source=POLL, methods=NO_METHOD)
def poll_tells_of_each_message(mp: Any, see: See) -> None:
    """poll() returns True as long as any of several messages is left to be received."""
    with pipe(mp) as (near, far):
        for number in range(3):
            near.send(number)
        for number in range(3):
            see.true(far.poll(), f"True before message {number} is received")
            far.recv()
        see.true(not far.poll(), "False after the last one")


@chapter.clause("connection.poll.own-direction", source=POLL, methods=NO_METHOD)
def poll_knows_what_comes_in(mp: Any, see: See) -> None:
    """poll() of an end tells of what the other end has sent, not of what it has sent itself."""
    with pipe(mp) as (near, far):
        near.send("message")
        see.true(far.poll(LONG), "True at the receiving end")
        see.true(near.poll() is False, "False at the sending end")


@chapter.clause("connection.poll.timeout", source=POLL, methods=NO_METHOD, cases={"number": SMALL, "integer": 1})
def poll_blocks_for_its_timeout(mp: Any, see: See, timeout: float) -> None:
    """poll(timeout) without data blocks for timeout seconds, then returns False."""
    with pipe(mp) as (first, _), see.takes(at_least=timeout):
        see.true(first.poll(timeout) is False, "False")


@chapter.clause("connection.poll.timeout-name", source=POLL, methods=NO_METHOD)
def the_timeout_of_poll_has_a_name(mp: Any, see: See) -> None:
    """poll() takes timeout by name."""
    with pipe(mp) as (first, _), see.takes(at_least=SMALL):
        see.returns(False, first.poll, timeout=SMALL)


@chapter.clause(
    "connection.poll.wakes", source=POLL, methods=NO_METHOD, hanging=True, cases={"number": 600.0, "none": None}
)
def data_wakes_poll(mp: Any, see: See, timeout: Any) -> None:
    """poll(timeout) that blocks returns True as soon as a message is there; None blocks without an end."""
    with pipe(mp) as (near, far):
        polling = see.blocks(far.poll, timeout)
        near.send("message")
        see.true(polling.ends() is True, "True")


@chapter.clause(
    "connection.poll.zero", source=POLL, methods=NO_METHOD, hanging=True, cases={"integer": 0, "float": 0.0}
)
def poll_of_zero_does_not_block(mp: Any, see: See, timeout: float) -> None:
    """poll(0) returns at once."""
    with pipe(mp) as (first, _):
        see.true(see.in_thread(first.poll, timeout).ends() is False, "False")


@chapter.clause("connection.poll.negative", source=POLL, level=UNSPECIFIED, methods=NO_METHOD)
def poll_of_a_negative_timeout(mp: Any, see: See) -> None:
    """What poll() does with a negative timeout is left open."""
    with pipe(mp) as (first, second):
        polling = see.in_thread(first.poll, -1)
        polling.thread.join(SMALL)
        see.records(blocks=polling.thread.is_alive())
        second.send("message")
        polling.ends()


@chapter.clause("connection.poll.eof", source=POLL, level=UNSPECIFIED, methods=NO_METHOD)
def poll_at_the_end_of_file(mp: Any, see: See) -> None:
    """What poll() returns where nothing is left and the other end is closed is left open."""
    with pipe(mp) as (near, far):
        near.close()
        see.records(poll=far.poll(SMALL))


# Connections that are sent over connections


@chapter.clause("connection.transfer.usable", source=CONNECTION, patience=2)
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
    "connection.transfer.direction",
    source=CONNECTION,
    methods=ANY_METHOD,
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
            with see.raises(OSError):
                received.send("x") if which == 0 else received.poll()
            if which == 0:
                see.equal(arrived(see, received), "to the receiver", "what arrives")
            else:
                received.send("from the sender")
                see.equal(arrived(see, here), "from the sender", "what the child receives")
        here.send("end")
        see.exits(child, 0)


# wait


class Watched:
    """One thing to wait for. thing: what wait() is given; make_ready: gives it data; ends: what close() closes."""

    def __init__(self, thing: Any, make_ready: Callable[[], Any], *ends: Any) -> None:
        self.thing = thing
        self.make_ready = make_ready
        self._ends = ends

    def close(self) -> None:
        """Close all of it."""
        for end in self._ends:
            end.close()


def a_connection(mp: Any) -> Watched:
    """One end of a duplex pipe."""
    near, far = mp.Pipe()
    return Watched(far, lambda: near.send("x"), near, far)


def a_receiver(mp: Any) -> Watched:
    """The receiving end of a one-way pipe."""
    far, near = mp.Pipe(duplex=False)
    return Watched(far, lambda: near.send("x"), near, far)


def a_socket(mp: Any) -> Watched:
    """A connected socket."""
    near, far = socket.socketpair()
    return Watched(far, lambda: near.send(b"x"), near, far)


def a_descriptor(mp: Any) -> Watched:
    """The number of a descriptor."""
    reading, writing = os.pipe()
    far, near = os.fdopen(reading, "rb", 0), os.fdopen(writing, "wb", 0)
    return Watched(reading, lambda: near.write(b"x"), near, far)


OBJECTS = {"connection": a_connection, "one-way": a_receiver, "socket": a_socket}


@chapter.clause("connection.wait.signature", source=WAIT, methods=NO_METHOD)
def wait_takes_objects_and_a_timeout(mp: Any, see: See) -> None:
    """wait takes object_list and timeout, which is None by default."""
    see.signature(mp.connection.wait, "(object_list, timeout=None)")


@chapter.clause("connection.wait.ready", source=WAIT, methods=NO_METHOD, cases=OBJECTS)
def wait_returns_what_is_ready(mp: Any, see: See, make: Any) -> None:
    """wait() returns a list of the very objects that have data to be read."""
    ready, idle = make(mp), make(mp)
    ready.make_ready()
    seen = mp.connection.wait([idle.thing, ready.thing], LONG)
    see.true(type(seen) is list, "a list", type(seen))
    see.true(len(seen) == 1 and seen[0] is ready.thing, "the ready object itself", seen)
    ready.close()
    idle.close()


@chapter.clause("connection.wait.blocks", source=WAIT, methods=NO_METHOD, hanging=True, cases=OBJECTS)
def wait_blocks_until_one_is_ready(mp: Any, see: See, make: Any) -> None:
    """wait() without a timeout blocks until an object is ready."""
    ready, idle = make(mp), make(mp)
    waiting = see.blocks(mp.connection.wait, [ready.thing, idle.thing])
    ready.make_ready()
    see.equal(waiting.ends(), [ready.thing], "what is ready")
    ready.close()
    idle.close()


@chapter.clause("connection.wait.descriptor", source=WAIT, methods=NO_METHOD)
def wait_takes_what_select_takes(mp: Any, see: See) -> None:
    """On POSIX wait() takes what select() takes as well: the number of a descriptor."""
    watched = a_descriptor(mp)
    waiting = see.blocks(mp.connection.wait, [watched.thing])
    watched.make_ready()
    see.equal(waiting.ends(), [watched.thing], "what is ready")
    watched.close()


@chapter.clause("connection.wait.object", source=WAIT, level=SHOULD, methods=NO_METHOD)
def wait_takes_an_object_with_fileno(mp: Any, see: See) -> None:
    """On POSIX wait() takes any object whose fileno() is a descriptor, and returns the object."""
    reading, writing = os.pipe()
    with open(reading, "rb") as file:
        os.close(writing)
        see.true(mp.connection.wait([file], LONG)[0] is file, "the file is ready")


@chapter.clause("connection.wait.several", source=WAIT, methods=NO_METHOD)
def wait_returns_every_object_that_is_ready(mp: Any, see: See) -> None:
    """wait() returns all the objects that are ready, of different kinds, and no others."""
    made = [make(mp) for make in (a_connection, a_socket, a_receiver, a_connection, a_socket, a_descriptor)]
    for watched in made[:3]:
        watched.make_ready()
    seen = mp.connection.wait([watched.thing for watched in made], LONG)
    see.equal({id(thing) for thing in seen}, {id(watched.thing) for watched in made[:3]}, "what is ready")
    for watched in made:
        watched.close()


@chapter.clause("connection.wait.leaves-data", source=WAIT, methods=NO_METHOD)
def wait_leaves_the_data_there(mp: Any, see: See) -> None:
    """wait() reads nothing: an object stays ready until its data has been received."""
    with pipe(mp) as (near, far):
        near.send("message")
        for _ in range(2):
            see.equal(mp.connection.wait([far], LONG), [far], "what is ready")
        see.equal(arrived(see, far), "message", "what is received")
        see.equal(mp.connection.wait([far], 0), [], "what is ready afterwards")


@chapter.clause(
    "connection.wait.end-of-file",
    source=WAIT,
    methods=NO_METHOD,
    hanging=True,
    cases={"connection": False, "socket": True},
)
def wait_tells_of_a_closed_end(mp: Any, see: See, sockets: bool) -> None:
    """A connection or socket whose other end is closed is ready."""
    near, far = socket.socketpair() if sockets else mp.Pipe()
    with far:
        waiting = see.blocks(mp.connection.wait, [far])
        near.close()
        see.equal(waiting.ends(), [far], "what is ready")


@chapter.clause("connection.wait.closed-in-child", source=WAIT)
def wait_tells_of_an_end_closed_in_a_child(mp: Any, see: See) -> None:
    """When the only process that has the other end open closes it, wait() reports this end, and recv() EOFError."""
    gate, after = see.gate(), see.gate()
    with pipe(mp, duplex=False) as (here, there):
        child = mp.Process(target=close_when_told, args=(there, gate, after))
        child.start()
        there.close()
        waiting = see.blocks(mp.connection.wait, [here])
        gate.open()
        see.equal(waiting.ends(), [here], "what is ready")
        with see.raises(EOFError):
            here.recv()
        after.open()
        see.exits(child, 0)


@chapter.clause("connection.wait.sentinel", source=WAIT, hanging=True)
def wait_tells_of_the_end_of_a_process(mp: Any, see: See) -> None:
    """The sentinel of a process is ready once the process has ended, and not before."""
    gate = see.gate()
    child = mp.Process(target=wait_for, args=(gate,))
    child.start()
    with pipe(mp) as (_, far):
        waiting = see.blocks(mp.connection.wait, [far, child.sentinel])
        gate.open()
        see.equal(waiting.ends(), [child.sentinel], "what is ready")
    see.exits(child, 0)
    see.equal(mp.connection.wait([child.sentinel], LONG), [child.sentinel], "what is ready after join()")
    child.close()


@chapter.clause("connection.wait.timeout", source=WAIT, methods=NO_METHOD, cases={"float": SMALL, "integer": 1})
def wait_gives_up_after_its_timeout(mp: Any, see: See, timeout: float) -> None:
    """wait(objects, timeout) blocks for timeout seconds where nothing gets ready, then returns an empty list."""
    with pipe(mp) as (first, _), see.takes(at_least=timeout):
        see.equal(mp.connection.wait([first], timeout), [], "what is ready")


@chapter.clause("connection.wait.timeout-name", source=WAIT, methods=NO_METHOD)
def the_arguments_of_wait_have_names(mp: Any, see: See) -> None:
    """wait() takes object_list and timeout by name."""
    with pipe(mp) as (first, _), see.takes(at_least=SMALL):
        see.equal(mp.connection.wait(object_list=[first], timeout=SMALL), [], "what is ready")


@chapter.clause("connection.wait.wakes", source=WAIT, methods=NO_METHOD, hanging=True)
def wait_does_not_use_up_its_timeout(mp: Any, see: See) -> None:
    """wait() with a timeout returns as soon as an object is ready."""
    with pipe(mp) as (near, far):
        waiting = see.blocks(mp.connection.wait, [far], 600)
        near.send("message")
        see.equal(waiting.ends(), [far], "what is ready")


@chapter.clause(
    "connection.wait.not-positive",
    source=WAIT,
    methods=NO_METHOD,
    hanging=True,
    cases={"zero": 0, "negative": -1, "small": -0.5, "large": -1e6},
)
def a_negative_timeout_is_zero(mp: Any, see: See, timeout: float) -> None:
    """wait() with a timeout of zero or less returns at once."""
    with pipe(mp) as (near, far):
        see.equal(see.in_thread(mp.connection.wait, [far], timeout).ends(), [], "what is ready before")
        near.send("message")
        see.equal(see.in_thread(mp.connection.wait, [far], timeout).ends(), [far], "what is ready afterwards")


@chapter.clause("connection.wait.nothing", source=WAIT, methods=NO_METHOD)
def wait_for_nothing_is_a_pause(mp: Any, see: See) -> None:
    """wait() for no objects returns an empty list once its timeout is over."""
    with see.takes(at_least=4 * SMALL):
        see.equal(mp.connection.wait([], 4 * SMALL), [], "what is ready")


@chapter.clause("connection.wait.signal", source=WAIT, methods=NO_METHOD)
def a_signal_does_not_end_wait(mp: Any, see: See) -> None:
    """A signal whose handler returns does not end wait(): it goes on until its timeout, without an exception."""
    arrivals = []
    before = signal.signal(signal.SIGALRM, lambda *_: arrivals.append("signal"))
    with pipe(mp) as (first, _), see.takes(at_least=SMALL * 2):
        signal.setitimer(signal.ITIMER_REAL, SMALL / 4, SMALL / 2)
        seen = mp.connection.wait([first], SMALL * 2)
        signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)
    see.equal(seen, [], "what is ready")
    see.true(arrivals, "the handler has run during wait()")


@chapter.clause("connection.wait.signal-then-ready", source=WAIT, methods=NO_METHOD, hanging=True)
def wait_goes_on_after_a_signal(mp: Any, see: See) -> None:
    """After a signal, wait() returns the object that gets ready later."""
    with pipe(mp) as (near, far):
        rounds = iter((lambda: None, lambda: near.send("message")))
        before = signal.signal(signal.SIGALRM, lambda *_: next(rounds, lambda: None)())
        signal.setitimer(signal.ITIMER_REAL, SMALL / 4, SMALL / 2)
        seen = mp.connection.wait([far], LONG)
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        see.equal(seen, [far], "what is ready")


@chapter.clause("connection.wait.windows-handle", source=WAIT, methods=NO_METHOD, platforms=("win32",))
def wait_takes_a_waitable_handle(mp: Any, see: See) -> None:
    """On Windows wait() takes an integer handle that can be waited for."""
    child = mp.Process(target=wait_for, args=(see.gate(),))
    child.start()
    see.equal(mp.connection.wait([int(child.sentinel)], 0), [], "what is ready before the end")
    child.kill()
    see.equal(mp.connection.wait([int(child.sentinel)], LONG), [child.sentinel], "what is ready after the end")
    child.join()


@chapter.clause("connection.wait.windows-object", source=WAIT, methods=NO_METHOD, platforms=("win32",))
def wait_takes_an_object_with_a_handle(mp: Any, see: See) -> None:
    """On Windows wait() takes an object whose fileno() is a socket's or a pipe's handle, and returns the object."""
    with pipe(mp) as (near, far):
        near.send("message")
        see.true(mp.connection.wait([far], LONG)[0] is far, "the connection is ready")
