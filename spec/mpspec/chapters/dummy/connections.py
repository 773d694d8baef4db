"""dummy.Pipe and dummy.connection: connections between threads."""

from __future__ import annotations

import threading
from typing import Any

from mpspec.chapters.dummy.chapter import API, chapter, started
from mpspec.clause import NO_METHOD, SHOULD, UNSPECIFIED, cases
from mpspec.observation.see import See
from mpspec.observation.waits import LONG, SMALL


@chapter.clause("dummy.pipe.duplex", passage=API, methods=NO_METHOD, cases={"default": (), "true": (True,)})
def both_ends_send_and_receive(mp: Any, see: See, case: Any) -> None:
    """Pipe() returns a pair of connections; what one of them sends, the other one receives, either way and in order."""
    one, other = mp.dummy.Pipe(*case)
    for here, there in ((one, other), (other, one)):
        here.send("first")
        here.send({"second": 2})
        received = [see.comes_back(there.recv) for _ in range(2)]
        see.equal(received, ["first", {"second": 2}], "what recv() returns")


@chapter.clause("dummy.pipe.simplex", passage=API, methods=NO_METHOD)
def one_way_only(mp: Any, see: See) -> None:
    """Of Pipe(False) the first connection receives what the second one sends."""
    receiver, sender = mp.dummy.Pipe(duplex=False)
    sender.send("message")
    see.equal(see.comes_back(receiver.recv), "message", "what recv() returns")


@chapter.clause("dummy.pipe.recv", passage=API, methods=NO_METHOD, hanging=True)
def recv_waits_for_a_message(mp: Any, see: See) -> None:
    """recv() blocks until another thread has sent something."""
    one, other = mp.dummy.Pipe()
    receiving = see.blocks(one.recv)
    other.send("message")
    see.equal(receiving.ends(), "message", "what recv() returns")


@chapter.clause("dummy.pipe.to-a-process", passage=API, methods=NO_METHOD)
def a_dummy_process_has_an_end(mp: Any, see: See) -> None:
    """A dummy process that is given one end of a pipe answers by it what it is sent."""
    here, there = mp.dummy.Pipe()
    with started(mp, lambda end: end.send(end.recv() * 2), there):
        here.send(21)
        see.equal(see.comes_back(here.recv), 42, "the answer")


@chapter.clause("dummy.pipe.poll", passage=API, methods=NO_METHOD)
def poll_tells_whether_something_is_there(mp: Any, see: See) -> None:
    """poll() tells at once whether something can be received, poll(timeout) waits so many seconds for it."""
    one, other = mp.dummy.Pipe()
    see.equal(bool(see.comes_back(one.poll)), False, "poll() of an empty pipe")
    see.equal(bool(see.expires(SMALL, one.poll, SMALL)), False, "poll(timeout) of an empty pipe")
    other.send("message")
    see.equal(bool(see.comes_back(one.poll)), True, "poll() when something was sent")
    see.equal(bool(see.comes_back(one.poll, LONG * 100)), True, "poll(timeout) when something was sent")
    see.equal(see.comes_back(one.recv), "message", "what recv() returns")


@chapter.clause("dummy.pipe.poll-waits", passage=API, methods=NO_METHOD, hanging=True)
def poll_ends_with_a_message(mp: Any, see: See) -> None:
    """poll(timeout) of an empty pipe is over as soon as something is sent."""
    one, other = mp.dummy.Pipe()
    polling = see.blocks(one.poll, LONG * 100)
    other.send("message")
    see.equal(bool(polling.ends()), True, "what poll() returns")


@chapter.clause("dummy.pipe.poll-none", passage=API, level=SHOULD, methods=NO_METHOD, hanging=True)
def poll_without_a_limit(mp: Any, see: See) -> None:
    """poll(None) of an empty pipe blocks until something is sent."""
    one, other = mp.dummy.Pipe()
    polling = see.blocks(one.poll, None)
    polling.goes_on()
    other.send("message")
    see.equal(bool(polling.ends()), True, "what poll() returns")


@chapter.clause("dummy.pipe.bytes", passage=API, methods=NO_METHOD)
def bytes_are_sent(mp: Any, see: See) -> None:
    """recv_bytes() returns what the other end sends by send_bytes()."""
    one, other = mp.dummy.Pipe()
    one.send_bytes(b"some bytes")
    see.equal(bytes(see.comes_back(other.recv_bytes)), b"some bytes", "what recv_bytes() returns")


@chapter.clause("dummy.pipe.bytes-arguments", passage=API, level=SHOULD, methods=NO_METHOD)
def a_part_of_a_buffer(mp: Any, see: See) -> None:
    """send_bytes() takes an offset and a size, and sends what the buffer has at the moment of the call."""
    one, other = mp.dummy.Pipe()
    buffer = bytearray(b"0123456789")
    one.send_bytes(buffer, 2, 3)
    buffer[2:5] = b"---"
    see.equal(bytes(see.comes_back(other.recv_bytes)), b"234", "what recv_bytes() returns")


@chapter.clause("dummy.pipe.bytes-into", passage=API, level=SHOULD, methods=NO_METHOD)
def bytes_into_a_buffer(mp: Any, see: See) -> None:
    """recv_bytes_into() writes a message into a buffer, from an offset on, and returns its length."""
    one, other = mp.dummy.Pipe()
    one.send_bytes(b"some")
    buffer = bytearray(6)
    see.equal(see.comes_back(other.recv_bytes_into, buffer, 1), 4, "what recv_bytes_into() returns")
    see.equal(bytes(buffer), b"\0some\0", "the buffer")


@chapter.clause("dummy.pipe.same-object", passage=API, level=SHOULD, methods=NO_METHOD)
def a_message_is_not_copied(mp: Any, see: See) -> None:
    """What recv() returns is the very object that was sent, picklable or not."""
    one, other = mp.dummy.Pipe()
    lock = threading.Lock()
    one.send(lock)
    see.true(see.comes_back(other.recv) is lock, "the same object")


@chapter.clause("dummy.pipe.close", passage=API, methods=NO_METHOD)
def both_ends_can_be_closed(mp: Any, see: See) -> None:
    """Each end of a pipe has close(), and is a context manager."""
    one, other = mp.dummy.Pipe()
    with one as entered:
        see.true(entered is one, "the block is given the connection")
    other.close()


@chapter.clause("dummy.pipe.end-of-file", passage=API, level=SHOULD, methods=NO_METHOD)
def the_other_end_is_closed(mp: Any, see: See) -> None:
    """recv() returns what was sent before the other end was closed, and raises EOFError then."""
    one, other = mp.dummy.Pipe()
    other.send("last")
    other.close()
    see.equal(see.comes_back(one.recv), "last", "what was sent before")
    # Asked first, so that an implementation that knows no end does not leave a thread that waits for ever.
    see.true(see.comes_back(one.poll, SMALL), "poll() is true at the end")
    with see.raises(EOFError):
        see.comes_back(one.recv)


@chapter.clause(
    "dummy.pipe.attributes",
    passage=API,
    level=UNSPECIFIED,
    methods=NO_METHOD,
    cases=cases("closed", "fileno", "readable", "writable"),
)
def what_belongs_to_a_descriptor(mp: Any, see: See, case: str) -> None:
    """Whether a connection between threads tells of a descriptor, and of what can be done with it, is left open."""
    see.records(present=hasattr(mp.dummy.Pipe()[0], case))


@chapter.clause("dummy.connection.listener", passage=API, level=SHOULD, methods=NO_METHOD, hanging=True)
def a_listener_and_a_client(mp: Any, see: See) -> None:
    """accept() of a dummy.connection.Listener returns the connection to who calls Client() with its address."""
    with mp.dummy.connection.Listener() as listener:
        accepting = see.blocks(listener.accept)
        client = see.comes_back(mp.dummy.connection.Client, listener.address)
        accepted = accepting.ends()
        client.send("question")
        see.equal(see.comes_back(accepted.recv), "question", "what the listener's side receives")
        accepted.send("answer")
        see.equal(see.comes_back(client.recv), "answer", "what the client receives")
        for end in (client, accepted):
            end.close()


@chapter.clause("dummy.connection.authkey", passage=API, level=UNSPECIFIED, methods=NO_METHOD)
def a_key_between_threads(mp: Any, see: See) -> None:
    """Whether a dummy.connection.Listener takes a key is left open: threads of one process need none."""
    try:
        mp.dummy.connection.Listener(authkey=b"key").close()
    except TypeError:
        see.records(taken=False)
    else:
        see.records(taken=True)
