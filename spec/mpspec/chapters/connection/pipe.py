"""Pipe: what its two ends are, which way they lead, and who may use them."""

from __future__ import annotations

from typing import Any, Callable

from mpspec.chapters.connection.chapter import PIPE, arrived, arrived_bytes, chapter, pipe
from mpspec.chapters.connection.targets import exchange, post_received, send_each
from mpspec.clause import ANY_METHOD, NO_METHOD, SHOULD, UNSPECIFIED
from mpspec.observation.see import See


@chapter.clause(
    "connection.pipe.pair",
    passage=(f"{PIPE}/2", "exchanging-objects-between-processes/9,12", "multiprocessing.connection.Connection/1"),
    methods=NO_METHOD,
)
def a_pipe_has_two_ends(mp: Any, see: See) -> None:
    """Pipe() returns a pair of two different Connection objects."""
    ends = first, second = mp.Pipe()
    with first, second:
        see.true(first is not second, "two ends")
        for end in ends:
            see.true(isinstance(end, mp.connection.Connection), "a Connection", type(end))


@chapter.clause("connection.pipe.signature", passage=f"{PIPE}/1,6,3", level=SHOULD, methods=NO_METHOD)
def a_pipe_takes_duplex(mp: Any, see: See) -> None:
    """Pipe takes one argument, duplex, which is True by default."""
    see.signature(mp.Pipe, "(duplex=True)")


@chapter.clause(
    "connection.pipe.duplex",
    passage=f"{PIPE}/3",
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


@chapter.clause("connection.pipe.one-way", passage=f"{PIPE}/4", methods=NO_METHOD)
def a_one_way_pipe_leads_from_the_second_to_the_first(mp: Any, see: See) -> None:
    """With duplex false the first end receives what the second end sends."""
    with pipe(mp, duplex=False) as (receiver, sender):
        sender.send("message")
        see.equal(arrived(see, receiver), "message", "what arrives")


@chapter.clause(
    "connection.pipe.receiver-only",
    passage=f"{PIPE}/4",
    methods=NO_METHOD,
    cases={"send": lambda end: end.send("x"), "send_bytes": lambda end: end.send_bytes(b"x")},
)
def the_first_end_of_a_one_way_pipe_cannot_send(mp: Any, see: See, use: Callable[[Any], Any]) -> None:
    """The first end of a one-way pipe cannot be used for sending: the attempt raises."""
    with pipe(mp, duplex=False) as (receiver, _), see.raises(Exception):
        use(receiver)


@chapter.clause(
    "connection.pipe.sender-only",
    passage=f"{PIPE}/4",
    methods=NO_METHOD,
    hanging=True,
    cases={
        "recv": lambda end: end.recv(),
        "recv_bytes": lambda end: end.recv_bytes(),
        "recv_bytes_into": lambda end: end.recv_bytes_into(bytearray(8)),
    },
)
def the_second_end_of_a_one_way_pipe_cannot_receive(mp: Any, see: See, use: Callable[[Any], Any]) -> None:
    """The second end of a one-way pipe cannot be used for receiving: the attempt raises."""
    with pipe(mp, duplex=False) as (_, sender), see.raises(Exception):
        use(sender)


@chapter.clause(
    "connection.pipe.wrong-way",
    source=PIPE,
    level=UNSPECIFIED,
    methods=NO_METHOD,
    cases={
        "send": (0, lambda end: end.send("x")),
        "recv": (1, lambda end: end.recv()),
        "poll": (1, lambda end: end.poll()),
    },
)
def what_comes_of_the_wrong_end(mp: Any, see: See, case: Any) -> None:
    """By which exception an end of a one-way pipe refuses the other direction, and what poll() does, is left open."""
    which, use = case
    with pipe(mp, duplex=False) as ends:
        try:
            see.records(returns=use(ends[which]))
        except Exception as error:
            see.records(error=type(error).__name__)


@chapter.clause("connection.pipe.context", passage="multiprocessing.get_context/2", methods=NO_METHOD)
def a_context_makes_pipes(mp: Any, see: See) -> None:
    """The Pipe of a context object makes pipes like the one of the module."""
    with pipe(mp.get_context(mp.get_all_start_methods()[-1])) as (first, second):
        first.send("message")
        see.true(isinstance(second, mp.connection.Connection), "a Connection", type(second))
        see.equal(arrived(see, second), "message", "what arrives")


@chapter.clause("connection.pipe.from-child", passage="multiprocessing.connection.Connection.send/2")
def a_child_sends_to_its_parent(mp: Any, see: See) -> None:
    """An end that is an argument of a process sends from there to this process."""
    with pipe(mp) as (here, there):
        child = mp.Process(target=send_each, args=(there, 1, "two", [3.0]))
        child.start()
        see.equal([arrived(see, here) for _ in range(3)], [1, "two", [3.0]], "what arrives, in order")
        see.exits(child, 0)


@chapter.clause("connection.pipe.to-child", passage="multiprocessing.connection.Connection.recv/2")
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


@chapter.clause("connection.pipe.both-at-once", passage="exchanging-objects-between-processes/15", methods=ANY_METHOD)
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


@chapter.clause("connection.pipe.order", passage="connection-objects/2", level=SHOULD, methods=NO_METHOD)
def messages_keep_their_order(mp: Any, see: See) -> None:
    """Messages arrive in the order in which they were sent, objects and bytes alike."""
    with pipe(mp) as (near, far):
        for number in range(20):
            near.send(number)
            near.send_bytes(b"%d" % number)
        for number in range(20):
            see.equal(arrived(see, far), number, "the next object")
            see.equal(arrived_bytes(see, far), b"%d" % number, "the next bytes")
