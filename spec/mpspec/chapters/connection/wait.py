"""wait(): which of several connections, sockets and sentinels are ready."""

from __future__ import annotations

import os
import signal
import socket
import threading
from typing import Any, Callable

from mpspec.chapters.connection.chapter import WAIT, arrived, chapter, pipe
from mpspec.chapters.connection.targets import close_when_told, wait_for
from mpspec.clause import NO_METHOD, SHOULD
from mpspec.observation.see import See
from mpspec.observation.waits import LONG, SMALL


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


@chapter.clause("connection.wait.signature", passage=f"{WAIT}/1", methods=NO_METHOD)
def wait_takes_objects_and_a_timeout(mp: Any, see: See) -> None:
    """wait takes object_list and timeout, which is None by default."""
    see.signature(mp.connection.wait, "(object_list, timeout=None)")


@chapter.clause("connection.wait.ready", passage=f"{WAIT}/3,2,8,9,11", methods=NO_METHOD, cases=OBJECTS)
def wait_returns_what_is_ready(mp: Any, see: See, make: Any) -> None:
    """wait() returns a list of the very objects that have data to be read."""
    ready, idle = make(mp), make(mp)
    ready.make_ready()
    seen = mp.connection.wait([idle.thing, ready.thing], LONG)
    see.true(type(seen) is list, "a list", type(seen))
    see.true(len(seen) == 1 and seen[0] is ready.thing, "the ready object itself", seen)
    ready.close()
    idle.close()


@chapter.clause("connection.wait.blocks", passage=f"{WAIT}/5,2,8,9", methods=NO_METHOD, hanging=True, cases=OBJECTS)
def wait_blocks_until_one_is_ready(mp: Any, see: See, make: Any) -> None:
    """wait() without a timeout blocks until an object is ready."""
    ready, idle = make(mp), make(mp)
    waiting = see.blocks(mp.connection.wait, [ready.thing, idle.thing])
    ready.make_ready()
    see.equal(waiting.ends(), [ready.thing], "what is ready")
    ready.close()
    idle.close()


@chapter.clause("connection.wait.descriptor", passage=f"{WAIT}/12", methods=NO_METHOD)
def wait_takes_what_select_takes(mp: Any, see: See) -> None:
    """On POSIX wait() takes what select() takes as well: the number of a descriptor."""
    watched = a_descriptor(mp)
    waiting = see.blocks(mp.connection.wait, [watched.thing])
    watched.make_ready()
    see.equal(waiting.ends(), [watched.thing], "what is ready")
    watched.close()


@chapter.clause("connection.wait.object", passage=f"{WAIT}/12", level=SHOULD, methods=NO_METHOD)
def wait_takes_an_object_with_fileno(mp: Any, see: See) -> None:
    """On POSIX wait() takes any object whose fileno() is a descriptor, and returns the object."""
    reading, writing = os.pipe()
    with open(reading, "rb") as file:
        os.close(writing)
        see.true(mp.connection.wait([file], LONG)[0] is file, "the file is ready")


@chapter.clause("connection.wait.several", passage=f"{WAIT}/3,8,9,12", methods=NO_METHOD)
def wait_returns_every_object_that_is_ready(mp: Any, see: See) -> None:
    """wait() returns all the objects that are ready, of different kinds, and no others."""
    made = [make(mp) for make in (a_connection, a_socket, a_receiver, a_connection, a_socket, a_descriptor)]
    for watched in made[:3]:
        watched.make_ready()
    seen = mp.connection.wait([watched.thing for watched in made], LONG)
    see.equal({id(thing) for thing in seen}, {id(watched.thing) for watched in made[:3]}, "what is ready")
    for watched in made:
        watched.close()


@chapter.clause("connection.wait.leaves-data", passage=f"{WAIT}/11,3,12", methods=NO_METHOD)
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
    passage=f"{WAIT}/11",
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


@chapter.clause("connection.wait.closed-in-child", passage=f"{WAIT}/11")
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


@chapter.clause("connection.wait.sentinel", passage=(f"{WAIT}/10", "multiprocessing.Process.sentinel/3"), hanging=True)
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


@chapter.clause(
    "connection.wait.timeout", passage=f"{WAIT}/4,2", methods=NO_METHOD, cases={"float": SMALL, "integer": 1}
)
def wait_gives_up_after_its_timeout(mp: Any, see: See, timeout: float) -> None:
    """wait(objects, timeout) returns an empty list where nothing gets ready, after timeout seconds at most."""
    with pipe(mp) as (first, _):
        see.equal(see.is_over(timeout, mp.connection.wait, [first], timeout), [], "what is ready")


@chapter.clause("connection.wait.timeout-used", passage=f"{WAIT}/4,2", level=SHOULD, methods=NO_METHOD)
def wait_blocks_for_its_timeout(mp: Any, see: See) -> None:
    """wait(objects, timeout) blocks for timeout seconds where nothing gets ready, not for less."""
    with pipe(mp) as (first, _):
        see.equal(see.expires(SMALL, mp.connection.wait, [first], SMALL), [], "what is ready")


@chapter.clause(
    "connection.wait.long-timeout",
    passage=f"{WAIT}/4,2",
    methods=NO_METHOD,
    cases={"days": 1e6, "TIMEOUT_MAX": threading.TIMEOUT_MAX},
)
def a_timeout_may_be_very_long(mp: Any, see: See, timeout: float) -> None:
    """wait() takes a timeout of days, and of threading.TIMEOUT_MAX: it waits for the object and returns it."""
    with pipe(mp) as (near, far):
        waiting = see.blocks(mp.connection.wait, [far], timeout)
        near.send("message")
        see.equal(waiting.ends(), [far], "what is ready")


@chapter.clause("connection.wait.endless", passage=f"{WAIT}/5", methods=NO_METHOD)
def wait_without_a_timeout_does_not_give_up(mp: Any, see: See) -> None:
    """wait() without a timeout goes on waiting for an object that takes seconds to get ready."""
    with pipe(mp) as (near, far):
        waiting = see.blocks(mp.connection.wait, [far])
        waiting.goes_on()
        near.send("message")
        see.equal(waiting.ends(), [far], "what is ready")


@chapter.clause("connection.wait.timeout-name", passage=f"{WAIT}/1,4", methods=NO_METHOD)
def the_arguments_of_wait_have_names(mp: Any, see: See) -> None:
    """wait() takes object_list and timeout by name."""
    with pipe(mp) as (first, _):
        see.equal(mp.connection.wait(object_list=[first], timeout=SMALL), [], "what is ready")


@chapter.clause("connection.wait.wakes", passage=f"{WAIT}/2,4", methods=NO_METHOD, hanging=True)
def wait_does_not_use_up_its_timeout(mp: Any, see: See) -> None:
    """wait() with a timeout returns as soon as an object is ready."""
    with pipe(mp) as (near, far):
        waiting = see.blocks(mp.connection.wait, [far], 600)
        near.send("message")
        see.equal(waiting.ends(), [far], "what is ready")


@chapter.clause(
    "connection.wait.not-positive",
    passage=f"{WAIT}/6,4",
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


@chapter.clause("connection.wait.nothing", passage=f"{WAIT}/12,4", level=SHOULD, methods=NO_METHOD)
def wait_for_nothing_is_a_pause(mp: Any, see: See) -> None:
    """wait() for no objects returns an empty list once its timeout is over."""
    with see.takes(at_least=4 * SMALL):
        see.equal(mp.connection.wait([], 4 * SMALL), [], "what is ready")


@chapter.clause("connection.wait.signal", passage=f"{WAIT}/13", methods=NO_METHOD)
def a_signal_does_not_make_wait_raise(mp: Any, see: See) -> None:
    """A signal whose handler returns makes wait() raise nothing."""
    arrivals = []
    before = signal.signal(signal.SIGALRM, lambda *_: arrivals.append("signal"))
    with pipe(mp) as (first, _):
        signal.setitimer(signal.ITIMER_REAL, SMALL / 4, SMALL / 2)
        see.returns([], mp.connection.wait, [first], SMALL * 2)
        signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)
    see.true(arrivals, "the handler has run during wait()")


@chapter.clause("connection.wait.signal-timeout", passage=f"{WAIT}/13,4", level=SHOULD, methods=NO_METHOD)
def a_signal_does_not_end_wait(mp: Any, see: See) -> None:
    """A signal whose handler returns does not end wait(): it goes on until its timeout."""
    before = signal.signal(signal.SIGALRM, lambda *_: None)
    with pipe(mp) as (first, _), see.takes(at_least=SMALL * 2):
        signal.setitimer(signal.ITIMER_REAL, SMALL / 4, SMALL / 2)
        seen = mp.connection.wait([first], SMALL * 2)
        signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)
    see.equal(seen, [], "what is ready")


@chapter.clause("connection.wait.signal-then-ready", passage=f"{WAIT}/13,2", methods=NO_METHOD, hanging=True)
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


@chapter.clause("connection.wait.windows-handle", passage=f"{WAIT}/14,10", methods=NO_METHOD, platforms=("win32",))
def wait_takes_a_waitable_handle(mp: Any, see: See) -> None:
    """On Windows wait() takes an integer handle that can be waited for."""
    child = mp.Process(target=wait_for, args=(see.gate(),))
    child.start()
    see.equal(mp.connection.wait([int(child.sentinel)], 0), [], "what is ready before the end")
    child.terminate()
    see.equal(mp.connection.wait([int(child.sentinel)], LONG), [child.sentinel], "what is ready after the end")
    child.join()


@chapter.clause("connection.wait.windows-object", passage=f"{WAIT}/14", methods=NO_METHOD, platforms=("win32",))
def wait_takes_an_object_with_a_handle(mp: Any, see: See) -> None:
    """On Windows wait() takes an object whose fileno() is a socket's or a pipe's handle, and returns the object."""
    with pipe(mp) as (near, far):
        near.send("message")
        see.true(mp.connection.wait([far], LONG)[0] is far, "the connection is ready")
