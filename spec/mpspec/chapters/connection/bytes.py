"""send_bytes() and recv_bytes(): messages that consist of bytes, of which size and how much of them."""

from __future__ import annotations

import array
import contextlib
import ctypes
import mmap
import os
from typing import Any, Callable

from mpspec.chapters.connection.chapter import (
    RECEIVING,
    arrived,
    arrived_bytes,
    begins_to_arrive,
    chapter,
    mapped,
    pipe,
)
from mpspec.clause import MAY, NO_METHOD, SHOULD, UNSPECIFIED
from mpspec.observation.see import See
from mpspec.observation.waits import LONG

SEND_BYTES = "multiprocessing.connection.Connection.send_bytes"
RECV_BYTES = "multiprocessing.connection.Connection.recv_bytes"


@chapter.clause("connection.send_bytes.whole", passage=f"{SEND_BYTES}/2", methods=NO_METHOD)
def a_message_of_bytes_arrives_whole(mp: Any, see: See) -> None:
    """Each send_bytes() makes one message, and each recv_bytes() returns one whole message."""
    with pipe(mp) as (near, far):
        for message in (b"first", b"", b"third"):
            near.send_bytes(message)
        seen = [arrived_bytes(see, far) for _ in range(3)]
        see.equal(seen, [b"first", b"", b"third"], "what arrives")


@chapter.clause(
    "connection.recv_bytes.type", passage=(f"{RECV_BYTES}/2", "connection-objects/5"), level=SHOULD, methods=NO_METHOD
)
def a_message_is_received_as_bytes(mp: Any, see: See) -> None:
    """What recv_bytes() returns is of the type bytes."""
    with pipe(mp) as (near, far):
        near.send_bytes(bytearray(b"message"))
        see.true(type(arrived_bytes(see, far)) is bytes, "bytes")


@chapter.clause(
    "connection.send_bytes.buffers",
    passage=f"{SEND_BYTES}/2",
    methods=NO_METHOD,
    cases={
        "bytes": lambda: b"abcdef",
        "bytearray": lambda: bytearray(b"abcdef"),
        "memoryview": lambda: memoryview(b"--abcdef")[2:],
        "writable-view": lambda: memoryview(bytearray(b"abcdef")),
        "array": lambda: array.array("h", b"abcdef"),
        "table": lambda: memoryview(b"abcdef").cast("B", (2, 3)),
        "ctypes": lambda: (ctypes.c_ubyte * 6)(*b"abcdef"),
        "mmap": mapped,
    },
)
def any_bytes_like_object_is_sent(mp: Any, see: See, buffer: Callable[[], Any]) -> None:
    """send_bytes() sends the bytes of any bytes-like object."""
    with pipe(mp) as (near, far):
        near.send_bytes(buffer())
        see.equal(arrived_bytes(see, far), b"abcdef", "what arrives")


@chapter.clause("connection.send_bytes.not-text", passage=f"{SEND_BYTES}/2", level=SHOULD, methods=NO_METHOD)
def text_is_not_bytes(mp: Any, see: See) -> None:
    """send_bytes() of an object that is not bytes-like raises and sends nothing."""
    with pipe(mp) as (near, far):
        for thing in ("text", 7, None):
            with see.raises(Exception):
                near.send_bytes(thing)
        see.true(not far.poll(), "nothing is sent")


@chapter.clause(
    "connection.send_bytes.offset",
    passage=f"{SEND_BYTES}/3",
    methods=NO_METHOD,
    cases={"start": (0, b"abcdef"), "inside": (2, b"cdef"), "last": (5, b"f")},
)
def an_offset_skips_bytes(mp: Any, see: See, case: Any) -> None:
    """With an offset, send_bytes() sends the bytes from that position to the end of the buffer."""
    offset, promised = case
    with pipe(mp) as (near, far):
        near.send_bytes(b"abcdef", offset)
        see.equal(arrived_bytes(see, far), promised, "what arrives")


@chapter.clause(
    "connection.send_bytes.size",
    passage=f"{SEND_BYTES}/4,3",
    methods=NO_METHOD,
    cases={
        "some": (1, 3, b"bcd"),
        "none": (1, 0, b""),
        "rest": (4, 2, b"ef"),
        "all": (0, 6, b"abcdef"),
    },
)
def a_size_limits_the_bytes(mp: Any, see: See, case: Any) -> None:
    """With a size, send_bytes() sends so many bytes from the offset on."""
    offset, size, promised = case
    with pipe(mp) as (near, far):
        near.send_bytes(b"abcdef", offset, size)
        see.equal(arrived_bytes(see, far), promised, "what arrives")


@chapter.clause("connection.send_bytes.keywords", passage=f"{SEND_BYTES}/1,3,4", methods=NO_METHOD)
def offset_and_size_have_names(mp: Any, see: See) -> None:
    """send_bytes() takes offset and size by name."""
    with pipe(mp) as (near, far):
        near.send_bytes(b"abcdef", offset=4)
        near.send_bytes(b"abcdef", offset=1, size=2)
        see.equal(arrived_bytes(see, far), b"ef", "the message with an offset")
        see.equal(arrived_bytes(see, far), b"bc", "the message with an offset and a size")


@chapter.clause(
    "connection.send_bytes.beside-the-signature",
    source=SEND_BYTES,
    level=UNSPECIFIED,
    methods=NO_METHOD,
    cases={
        "a size without an offset": {"size": 2},
        "a size that is None": {"offset": 1, "size": None},
        "an offset at the end": {"offset": 6},
        "nothing from the end": {"offset": 6, "size": 0},
    },
)
def what_is_sent_beside_the_signature(mp: Any, see: See, arguments: Any) -> None:
    """Whether send_bytes() takes a size without an offset, None, or an offset that is the buffer's end is left open."""
    with pipe(mp) as (near, far):
        try:
            near.send_bytes(b"abcdef", **arguments)
        except Exception as error:
            see.records(error=type(error).__name__)
        else:
            see.records(arrives=arrived_bytes(see, far))


@chapter.clause("connection.send_bytes.buf-name", passage=f"{SEND_BYTES}/1,3,4", methods=NO_METHOD, since="3.13")
def the_buffer_to_send_has_a_name(mp: Any, see: See) -> None:
    """send_bytes() takes its buffer by the name buf."""
    with pipe(mp) as (near, far):
        near.send_bytes(buf=b"message")
        see.equal(arrived_bytes(see, far), b"message", "what arrives")


@chapter.clause(
    "connection.send_bytes.buffer-name", passage=f"{SEND_BYTES}/1", level=MAY, methods=NO_METHOD, until="3.13"
)
def the_buffer_to_send_had_another_name(mp: Any, see: See) -> None:
    """send_bytes() takes its buffer by the name buffer, or by buf, to which later editions have corrected it."""
    with pipe(mp) as (near, far):
        try:
            near.send_bytes(buffer=b"message")
        except TypeError:
            near.send_bytes(buf=b"message")
            see.records(name="buf")
        else:
            see.records(name="buffer")
        see.equal(arrived_bytes(see, far), b"message", "what arrives")


@chapter.clause("connection.send_bytes.counts-bytes", passage=f"{SEND_BYTES}/4,2", methods=NO_METHOD)
def the_size_of_a_sent_buffer_counts_bytes(mp: Any, see: See) -> None:
    """The size of send_bytes() counts bytes, whatever the items of the buffer are."""
    numbers = array.array("i", [1, 2, 3])
    with pipe(mp) as (near, far):
        near.send_bytes(numbers, 0, numbers.itemsize + 1)
        see.equal(arrived_bytes(see, far), numbers.tobytes()[: numbers.itemsize + 1], "what arrives")


@chapter.clause(
    "connection.send_bytes.offset-counts-bytes", passage=f"{SEND_BYTES}/3,2", level=SHOULD, methods=NO_METHOD
)
def the_offset_into_a_sent_buffer_counts_bytes(mp: Any, see: See) -> None:
    """The offset of send_bytes() counts bytes, whatever the items of the buffer are."""
    numbers = array.array("i", [1, 2, 3])
    with pipe(mp) as (near, far):
        near.send_bytes(numbers, numbers.itemsize - 1)
        see.equal(arrived_bytes(see, far), numbers.tobytes()[numbers.itemsize - 1 :], "what arrives")


@chapter.clause(
    "connection.send_bytes.out-of-range",
    passage=f"{SEND_BYTES}/3,4",
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
    """send_bytes() with an offset or size that reaches outside its buffer raises and sends nothing."""
    with pipe(mp) as (near, far):
        with see.raises(Exception):
            near.send_bytes(b"abc", *case)
        see.true(not far.poll(), "nothing is sent")


SIZES = (1, 4095, 4096, 16_383, 16_384, 16_385, 65_535, 65_536, 65_537, 262_143, 262_145, 1 << 20, (8 << 20) + 1)


@chapter.clause(
    "connection.message.sizes",
    passage=(
        f"{SEND_BYTES}/2,5",
        f"{RECV_BYTES}/2",
        "multiprocessing.connection.Connection.send/4",
        "multiprocessing.connection.Connection.recv/2",
    ),
    methods=NO_METHOD,
    cases={
        f"{size}-{kind}": (size, duplex) for size in SIZES for kind, duplex in (("duplex", True), ("one-way", False))
    },
)
def a_message_of_any_size_arrives(mp: Any, see: See, case: Any) -> None:
    """Bytes and objects of any size up to 8 MiB arrive unchanged."""
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
    passage=f"{SEND_BYTES}/5",
    level=MAY,
    methods=NO_METHOD,
    fresh=True,
    patience=10,
)
def a_message_beyond_two_gigabytes_arrives_or_is_refused(mp: Any, see: See) -> None:
    """A message of more than 2 GiB arrives whole where memory allows, or send_bytes() raises ValueError."""
    known = "SC_AVPHYS_PAGES" in os.sysconf_names
    if not known or os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") < 9 << 30:
        see.records(skipped="not enough free memory")
        return
    size = (2 << 30) + 5
    # Private memory that nobody has written to is the same page of zeros over and over.
    memory = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)  # unmapped once nothing refers to it
    with pipe(mp) as (near, far):
        if hasattr(mmap, "MADV_HUGEPAGE"):
            memory.madvise(mmap.MADV_HUGEPAGE)
        memory[:3], memory[-3:] = b"abc", b"xyz"
        sending = see.in_thread(near.send_bytes, memory)
        arrives = begins_to_arrive(see, far, sending)
        if arrives:
            message = far.recv_bytes()
            sending.ends()
            see.equal((len(message), message[:4], message[-4:]), (size, b"abc\0", b"\0xyz"), "length, begin and end")
        see.records(arrives=arrives)


@chapter.clause(
    "connection.recv_bytes.maxlength",
    passage=f"{RECV_BYTES}/5,2",
    methods=NO_METHOD,
    cases={
        "exact": (b"abc", 3),
        "more": (b"abc", 4),
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


@chapter.clause("connection.recv_bytes.maxlength-name", passage=f"{RECV_BYTES}/1,2,5", methods=NO_METHOD)
def maxlength_has_a_name(mp: Any, see: See) -> None:
    """recv_bytes() takes maxlength by name, and without it there is no limit."""
    with pipe(mp) as (near, far):
        near.send_bytes(b"x" * 5000)
        near.send_bytes(b"abc")
        see.equal(len(far.recv_bytes()), 5000, "the length without a limit")
        see.returns(b"abc", far.recv_bytes, maxlength=3)


@chapter.clause(
    "connection.recv_bytes.longer",
    passage=f"{RECV_BYTES}/5",
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
    passage=f"{RECV_BYTES}/5",
    methods=NO_METHOD,
    hanging=True,
    cases=RECEIVING,
)
def nothing_can_be_read_after_a_message_beyond_maxlength(mp: Any, see: See, case: Any) -> None:
    """After a message beyond maxlength nothing can be read from the connection any more: receiving raises."""
    duplex, receive = case
    with pipe(mp, duplex) as (far, near):
        near.send_bytes(b"too long")
        near.send("next")
        with contextlib.suppress(OSError):
            far.recv_bytes(3)
        with see.raises(Exception):
            receive(far)


@chapter.clause("connection.recv_bytes.longer-and-sending", source=RECV_BYTES, level=UNSPECIFIED, methods=NO_METHOD)
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


@chapter.clause("connection.recv_bytes.longer-and-polling", source=RECV_BYTES, level=UNSPECIFIED, methods=NO_METHOD)
def polling_after_a_message_beyond_maxlength(mp: Any, see: See) -> None:
    """What poll() does at a connection that has met a message beyond maxlength is left open."""
    with pipe(mp) as (near, far):
        near.send_bytes(b"too long")
        with contextlib.suppress(OSError):
            far.recv_bytes(3)
        try:
            see.records(poll=far.poll())
        except Exception as error:
            see.records(error=type(error).__name__)


@chapter.clause(
    "connection.recv_bytes.negative",
    source=RECV_BYTES,
    level=UNSPECIFIED,
    methods=NO_METHOD,
    cases={"negative": -1, "none": None},
)
def a_maxlength_that_is_no_length(mp: Any, see: See, maxlength: Any) -> None:
    """What recv_bytes() does with a maxlength that is negative or None is left open."""
    with pipe(mp) as (near, far):
        near.send_bytes(b"message")
        try:
            see.records(received=far.recv_bytes(maxlength))
        except Exception as error:
            see.records(error=type(error).__name__)
