"""recv_bytes_into(): a message received into a buffer, and BufferTooShort."""

from __future__ import annotations

import array
import contextlib
import ctypes
from typing import Any, Callable

from mpspec.chapters.connection.chapter import CONNECTION, arrived, chapter, mapped, pipe
from mpspec.clause import MAY, NO_METHOD, SHOULD, UNSPECIFIED
from mpspec.observation.see import See

INTO = CONNECTION + ".recv_bytes_into"


@chapter.clause(
    "connection.recv_bytes_into.count", passage=f"{INTO}/2", methods=NO_METHOD, cases={"0": 0, "1": 1, "5": 5, "8": 8}
)
def receiving_into_a_buffer_returns_the_length(mp: Any, see: See, length: int) -> None:
    """recv_bytes_into() returns the number of bytes in the message."""
    with pipe(mp) as (near, far):
        near.send_bytes(b"x" * length)
        see.returns(length, far.recv_bytes_into, bytearray(8))


@chapter.clause(
    "connection.recv_bytes_into.rest",
    passage=("connection-objects/5", f"{INTO}/2,6"),
    level=SHOULD,
    methods=NO_METHOD,
    cases={"start": ((), b"abc-----"), "offset": ((2,), b"--abc---")},
)
def the_rest_of_the_buffer_stays(mp: Any, see: See, case: Any) -> None:
    """recv_bytes_into() leaves the rest of the buffer as it was."""
    offset, promised = case
    buffer = bytearray(b"--------")
    with pipe(mp) as (near, far):
        near.send_bytes(b"abc")
        far.recv_bytes_into(buffer, *offset)
        see.equal(bytes(buffer), promised, "the buffer")


@chapter.clause("connection.recv_bytes_into.large", passage=f"{INTO}/2,6", methods=NO_METHOD)
def a_large_message_is_received_into_a_buffer(mp: Any, see: See) -> None:
    """recv_bytes_into() fills a buffer with a message that does not fit into the kernel's pipe."""
    content = bytes(range(251)) * 8000
    buffer = bytearray(len(content) + 2)
    with pipe(mp) as (near, far):
        sending = see.in_thread(near.send_bytes, content)
        see.returns(len(content), far.recv_bytes_into, buffer, 1)
        sending.ends()
        see.true(buffer[1:-1] == content, "the message from the offset on")


@chapter.clause(
    "connection.recv_bytes_into.offset",
    passage=f"{INTO}/6,2",
    methods=NO_METHOD,
    cases={"0": 0, "2": 2, "5": 5},
)
def an_offset_into_the_buffer(mp: Any, see: See, offset: int) -> None:
    """With an offset, recv_bytes_into() writes the message from that position of the buffer on."""
    buffer = bytearray(b"--------")
    with pipe(mp) as (near, far):
        near.send_bytes(b"abc")
        see.returns(3, far.recv_bytes_into, buffer, offset)
        see.equal(bytes(buffer[offset : offset + 3]), b"abc", "the buffer from the offset on")


@chapter.clause("connection.recv_bytes_into.offset-name", passage=f"{INTO}/1,6", methods=NO_METHOD)
def the_offset_into_a_buffer_has_a_name(mp: Any, see: See) -> None:
    """recv_bytes_into() takes offset by name."""
    buffer = bytearray(4)
    with pipe(mp) as (near, far):
        near.send_bytes(b"abc")
        far.recv_bytes_into(buffer, offset=1)
        see.equal(bytes(buffer[1:]), b"abc", "the buffer from the offset on")


@chapter.clause("connection.recv_bytes_into.buf-name", passage=f"{INTO}/1,2", methods=NO_METHOD, since="3.13")
def the_buffer_to_receive_into_has_a_name(mp: Any, see: See) -> None:
    """recv_bytes_into() takes its buffer by the name buf."""
    with pipe(mp) as (near, far):
        near.send_bytes(b"abc")
        see.returns(3, far.recv_bytes_into, buf=bytearray(3))


@chapter.clause(
    "connection.recv_bytes_into.buffer-name", passage=f"{INTO}/1", level=MAY, methods=NO_METHOD, until="3.13"
)
def the_buffer_to_receive_into_had_another_name(mp: Any, see: See) -> None:
    """recv_bytes_into() takes its buffer by the name buffer, or by buf, to which later editions have corrected it."""
    with pipe(mp) as (near, far):
        near.send_bytes(b"abc")
        try:
            received = far.recv_bytes_into(buffer=bytearray(3))
        except TypeError:
            received = far.recv_bytes_into(buf=bytearray(3))
            see.records(name="buf")
        else:
            see.records(name="buffer")
        see.equal(received, 3, "what is returned")


@chapter.clause("connection.recv_bytes_into.counts-bytes", passage=f"{INTO}/7,2", methods=NO_METHOD)
def positions_in_a_received_buffer_count_bytes(mp: Any, see: See) -> None:
    """The offset and the result of recv_bytes_into() count bytes, whatever the items of the buffer are."""
    numbers = array.array("i", [7, 7, 7, 7])
    sent = array.array("i", [1, 2])
    with pipe(mp) as (near, far):
        near.send_bytes(sent)
        see.returns(2 * sent.itemsize, far.recv_bytes_into, numbers, sent.itemsize)
        see.equal(list(numbers[1:3]), [1, 2], "the items from the offset on")


@chapter.clause(
    "connection.recv_bytes_into.buffers",
    passage=f"{INTO}/5,2",
    methods=NO_METHOD,
    cases={
        "bytearray": lambda: bytearray(6),
        "memoryview": lambda: memoryview(bytearray(8))[1:7],
        "array": lambda: array.array("h", [0, 0, 0]),
        "ctypes": lambda: (ctypes.c_char * 6)(),
        "mmap": mapped,
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
    "connection.recv_bytes_into.read-only",
    passage=f"{INTO}/5",
    level=SHOULD,
    methods=NO_METHOD,
    cases={"bytes": b"x" * 9, "text": "x" * 9},
)
def a_buffer_that_cannot_be_written_is_refused(mp: Any, see: See, buffer: Any) -> None:
    """recv_bytes_into() of an object that is not a writable bytes-like object raises."""
    with pipe(mp) as (near, far):
        near.send_bytes(b"message")
        with see.raises(Exception):
            far.recv_bytes_into(buffer)


@chapter.clause(
    "connection.recv_bytes_into.too-short",
    passage=(f"{INTO}/8", "multiprocessing.BufferTooShort/2"),
    methods=NO_METHOD,
    cases={"buffer": (3, ()), "none": (0, ()), "offset": (6, (3,))},
)
def a_message_that_does_not_fit_raises_buffer_too_short(mp: Any, see: See, case: Any) -> None:
    """recv_bytes_into() raises BufferTooShort where the buffer from the offset on is shorter than the message."""
    length, offset = case
    with pipe(mp) as (near, far):
        near.send_bytes(b"abcdef")
        with see.raises(mp.BufferTooShort):
            far.recv_bytes_into(bytearray(length), *offset)


@chapter.clause(
    "connection.recv_bytes_into.too-short-message",
    passage=(f"{INTO}/8", "multiprocessing.BufferTooShort/3"),
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


@chapter.clause("connection.recv_bytes_into.after-too-short", passage=f"{INTO}/8", level=SHOULD, methods=NO_METHOD)
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
    passage=f"{INTO}/7",
    level=SHOULD,
    methods=NO_METHOD,
    cases={"negative": -1, "beyond": 9, "far": 1 << 40},
)
def an_offset_outside_the_buffer_is_refused(mp: Any, see: See, offset: int) -> None:
    """recv_bytes_into() with an offset outside the buffer raises."""
    with pipe(mp) as (near, far):
        near.send_bytes(b"message")
        with see.raises(Exception):
            far.recv_bytes_into(bytearray(8), offset)


@chapter.clause("connection.recv_bytes_into.offset-at-end", passage=f"{INTO}/7", level=SHOULD, methods=NO_METHOD)
def an_offset_at_the_end_of_the_buffer_is_refused(mp: Any, see: See) -> None:
    """recv_bytes_into() with an offset that is the length of the buffer raises, even for an empty message."""
    with pipe(mp) as (near, far):
        near.send_bytes(b"")
        with see.raises(Exception):
            far.recv_bytes_into(bytearray(8), 8)
