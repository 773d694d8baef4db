"""poll(): whether there is something to be received, at once or after a while."""

from __future__ import annotations

import threading
from typing import Any

from mpspec.chapters.connection.chapter import CONNECTION, chapter, pipe
from mpspec.clause import NO_METHOD, SHOULD, UNSPECIFIED
from mpspec.observation.see import See
from mpspec.observation.waits import LONG, SMALL

POLL = CONNECTION + ".poll"


@chapter.clause("connection.poll.nothing", passage=f"{POLL}/2,3", methods=NO_METHOD, hanging=True)
def poll_without_data_is_false_at_once(mp: Any, see: See) -> None:
    """poll() returns False at once where nothing is there to be read."""
    with pipe(mp) as (first, _):
        polling = see.in_thread(first.poll)
        see.true(polling.ends() is False, "False")


@chapter.clause("connection.poll.data", passage=f"{POLL}/2", methods=NO_METHOD, cases={"bytes": b"x", "empty": b""})
def poll_with_data_is_true(mp: Any, see: See, message: bytes) -> None:
    """poll() returns True where a message is there to be read, and the message stays there."""
    with pipe(mp) as (near, far):
        near.send_bytes(message)
        for _ in range(3):
            see.true(far.poll(LONG) is True, "True")
        see.equal(far.recv_bytes(), message, "what is received afterwards")
        see.true(far.poll() is False, "False after the message was received")


@chapter.clause("connection.poll.every-message", passage=f"{POLL}/2", methods=NO_METHOD)
def poll_tells_of_each_message(mp: Any, see: See) -> None:
    """poll() returns True as long as any of several messages is left to be received."""
    with pipe(mp) as (near, far):
        for number in range(3):
            near.send(number)
        for number in range(3):
            see.true(far.poll(LONG), f"True before message {number} is received")
            far.recv()
        see.true(not far.poll(), "False after the last one")


@chapter.clause("connection.poll.own-direction", passage=f"{POLL}/2", methods=NO_METHOD)
def poll_knows_what_comes_in(mp: Any, see: See) -> None:
    """poll() of an end tells of what the other end has sent, not of what it has sent itself."""
    with pipe(mp) as (near, far):
        near.send("message")
        see.true(far.poll(LONG), "True at the receiving end")
        see.true(near.poll() is False, "False at the sending end")


@chapter.clause(
    "connection.poll.timeout", passage=f"{POLL}/4,2", methods=NO_METHOD, cases={"number": SMALL, "integer": 1}
)
def poll_blocks_for_its_timeout_at_most(mp: Any, see: See, timeout: float) -> None:
    """poll(timeout) without data returns False, and blocks for timeout seconds at most."""
    with pipe(mp) as (first, _):
        see.true(see.is_over(timeout, first.poll, timeout) is False, "False")


@chapter.clause("connection.poll.timeout-used", passage=f"{POLL}/4,3", level=SHOULD, methods=NO_METHOD)
def poll_blocks_for_its_timeout(mp: Any, see: See) -> None:
    """poll(timeout) without data blocks for timeout seconds, not for less."""
    with pipe(mp) as (first, _):
        see.true(see.expires(SMALL, first.poll, SMALL) is False, "False")


@chapter.clause(
    "connection.poll.long-timeout",
    passage=f"{POLL}/4,2",
    methods=NO_METHOD,
    cases={"days": 1e6, "TIMEOUT_MAX": threading.TIMEOUT_MAX},
)
def a_timeout_may_be_very_long(mp: Any, see: See, timeout: float) -> None:
    """poll() takes a timeout of days, and of threading.TIMEOUT_MAX: it waits for the message and returns True."""
    with pipe(mp) as (near, far):
        polling = see.blocks(far.poll, timeout)
        near.send("message")
        see.true(polling.ends() is True, "True")


@chapter.clause("connection.poll.endless", passage=f"{POLL}/5", methods=NO_METHOD)
def poll_of_none_does_not_give_up(mp: Any, see: See) -> None:
    """poll(None) goes on waiting for a message that takes seconds to come."""
    with pipe(mp) as (near, far):
        polling = see.blocks(far.poll, None)
        polling.goes_on()
        near.send("message")
        see.true(polling.ends() is True, "True")


@chapter.clause("connection.poll.timeout-name", passage=f"{POLL}/1,4", methods=NO_METHOD)
def the_timeout_of_poll_has_a_name(mp: Any, see: See) -> None:
    """poll() takes timeout by name."""
    with pipe(mp) as (first, _):
        see.returns(False, first.poll, timeout=SMALL)


@chapter.clause(
    "connection.poll.wakes",
    passage=f"{POLL}/5,4,2",
    methods=NO_METHOD,
    hanging=True,
    cases={"number": 600.0, "none": None},
)
def data_wakes_poll(mp: Any, see: See, timeout: Any) -> None:
    """poll(timeout) that blocks returns True as soon as a message is there; None blocks without an end."""
    with pipe(mp) as (near, far):
        polling = see.blocks(far.poll, timeout)
        near.send("message")
        see.true(polling.ends() is True, "True")


@chapter.clause(
    "connection.poll.zero", passage=f"{POLL}/4,2", methods=NO_METHOD, hanging=True, cases={"integer": 0, "float": 0.0}
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
