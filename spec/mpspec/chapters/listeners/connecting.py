"""Listener and Client: what they are made from, and how the two connect and talk."""

from __future__ import annotations

import socket
from typing import Any

from mpspec.chapters.listeners.chapter import (
    ACCEPT,
    CLIENT,
    FAMILIES,
    LISTENER,
    MODULE,
    address_of,
    chapter,
    connect,
    connected,
    talks,
)
from mpspec.chapters.listeners.targets import KEY, call_and_talk, listen_and_talk
from mpspec.clause import ANY_METHOD, NO_METHOD, SHOULD, cases
from mpspec.observation.see import See
from mpspec.observation.waits import LONG


@chapter.clause(
    "listeners.names",
    passage=f"{LISTENER}/1",
    methods=NO_METHOD,
    cases=cases("Listener", "Client", "Connection", "wait", "deliver_challenge", "answer_challenge"),
)
def the_module_has_its_names(mp: Any, see: See, name: str) -> None:
    """The module connection has Listener, Client, Connection, wait, deliver_challenge and answer_challenge."""
    see.true(callable(getattr(mp.connection, name)), f"{name} can be called")


@chapter.clause("listeners.listener.signature", passage=f"{LISTENER}/1,14,9,10,16", level=SHOULD, methods=NO_METHOD)
def a_listener_takes_four_arguments(mp: Any, see: See) -> None:
    """Listener takes address, family, backlog and authkey, in this order, all of them optional; backlog is 1."""
    see.signature(mp.connection.Listener, "(address=None, family=None, backlog=1, authkey=None)")


@chapter.clause("listeners.client.signature", passage=f"{CLIENT}/1,3,6", level=SHOULD, methods=NO_METHOD)
def a_client_takes_three_arguments(mp: Any, see: See) -> None:
    """Client takes address, family and authkey, in this order; the latter two are None by default."""
    see.signature(mp.connection.Client, "(address, family=None, authkey=None)")


@chapter.clause(
    "listeners.listener.positional",
    passage=f"{LISTENER}/1",
    methods=NO_METHOD,
    cases={"positions": False, "names": True},
)
def a_listener_is_made_from_all_arguments(mp: Any, see: See, by_name: bool) -> None:
    """A listener is made from address, family, backlog and authkey, given by position or by name."""
    given: dict[str, Any] = {"address": ("localhost", 0), "family": "AF_INET", "backlog": 2, "authkey": KEY}
    make = mp.connection.Listener
    with make(**given) if by_name else make(*given.values()) as listener:
        served, client = connect(mp, see, listener, authkey=KEY)
        with served, client:
            talks(see, served, client)


@chapter.clause(
    "listeners.client.positional", passage=f"{CLIENT}/1", methods=NO_METHOD, cases={"positions": False, "names": True}
)
def a_client_is_made_from_all_arguments(mp: Any, see: See, by_name: bool) -> None:
    """Client() takes address, family and authkey by position or by name."""
    with mp.connection.Listener(("localhost", 0), authkey=KEY) as listener:
        given: dict[str, Any] = {"address": listener.address, "family": "AF_INET", "authkey": KEY}
        accepting = see.in_thread(listener.accept)
        call = mp.connection.Client
        calling = see.in_thread(call, **given) if by_name else see.in_thread(call, *given.values())
        with calling.ends() as client, accepting.ends() as served:
            talks(see, served, client)


# Connecting


@chapter.clause("listeners.meet.talk", passage=f"{CLIENT}/2", methods=NO_METHOD, cases=FAMILIES)
def a_client_and_a_listener_talk(mp: Any, see: See, family: str) -> None:
    """What Client() and accept() return talk to each other in both directions."""
    with connected(mp, see, address_of(family, see), family) as (served, client):
        talks(see, served, client)


@chapter.clause("listeners.meet.connections", passage=f"{CLIENT}/2", methods=NO_METHOD, cases=FAMILIES)
def both_get_a_connection(mp: Any, see: See, family: str) -> None:
    """Client() and accept() both return a Connection."""
    with connected(mp, see, address_of(family, see), family) as ends:
        for end in ends:
            see.true(isinstance(end, mp.connection.Connection), "a Connection", type(end))


@chapter.clause(
    "listeners.meet.bytes",
    passage=("multiprocessing.connection.Connection.recv_bytes/2", f"{MODULE}/3"),
    methods=NO_METHOD,
    cases=FAMILIES,
)
def messages_of_bytes_keep_their_bounds(mp: Any, see: See, family: str) -> None:
    """A connection between client and listener carries whole messages of bytes, whatever their sizes."""
    sizes = (0, 1, 70_000, 0, 2_000_000, 3)
    with connected(mp, see, address_of(family, see), family) as (served, client):
        sending = see.in_thread(lambda: [client.send_bytes(b"x" * size) for size in sizes])
        see.equal([len(served.recv_bytes()) for _ in sizes], list(sizes), "the sizes that arrive")
        sending.ends()


@chapter.clause(
    "listeners.meet.eof",
    passage="multiprocessing.connection.Connection.recv/4",
    methods=NO_METHOD,
    cases=FAMILIES,
    hanging=True,
)
def the_end_of_a_client_is_the_end_of_file(mp: Any, see: See, family: str) -> None:
    """When the client has closed its connection, the listener's side receives what was sent, then EOFError."""
    with connected(mp, see, address_of(family, see), family) as (served, client):
        client.send("last")
        client.close()
        see.equal(served.recv(), "last", "what arrives")
        with see.raises(EOFError):
            served.recv()


@chapter.clause(
    "listeners.meet.wait",
    passage=("multiprocessing.connection.wait/3,8,11", f"{MODULE}/4"),
    methods=NO_METHOD,
    cases=FAMILIES,
)
def wait_works_on_them(mp: Any, see: See, family: str) -> None:
    """wait() tells which of the connections between clients and listeners have data."""
    with connected(mp, see, address_of(family, see), family) as (served, client):
        client.send("message")
        see.equal(mp.connection.wait([client, served], LONG), [served], "what is ready")


@chapter.clause("listeners.meet.child-calls", passage=f"{CLIENT}/2")
def a_child_calls_its_parent(mp: Any, see: See) -> None:
    """A client in a child process reaches a listener in its parent by address and key."""
    with mp.connection.Listener(authkey=KEY) as listener:
        child = mp.Process(target=call_and_talk, args=(mp, listener.address, KEY))
        child.start()
        with see.in_thread(listener.accept).ends() as served:
            see.equal(served.recv(), "from the client", "what arrives")
            served.send("end")
        see.exits(child, 0)


@chapter.clause("listeners.meet.parent-calls", passage=f"{CLIENT}/2", methods=ANY_METHOD, cases=FAMILIES)
def a_parent_calls_its_child(mp: Any, see: See, family: str) -> None:
    """A client reaches a listener in a child process by address and key."""
    box = see.mailbox()
    child = mp.Process(target=listen_and_talk, args=(mp, family, box))
    child.start()
    with mp.connection.Client(box.take(), authkey=KEY) as client:
        client.send("question")
        see.equal(client.recv(), ("answer", "question"), "what arrives")
        client.send("end")
        see.exits(child, 0)


@chapter.clause("listeners.accept.blocks", passage=f"{ACCEPT}/2,1", methods=NO_METHOD, cases=FAMILIES)
def accept_blocks_until_somebody_calls(mp: Any, see: See, family: str) -> None:
    """accept() blocks until a client calls."""
    with mp.connection.Listener(address_of(family, see), family) as listener:
        accepting = see.blocks(listener.accept)
        with mp.connection.Client(listener.address), accepting.ends():
            pass


@chapter.clause(
    "listeners.accept.endless",
    passage=f"{ACCEPT}/2",
    methods=NO_METHOD,
    cases={"without a key": None, "with a key": KEY},
)
def accept_does_not_give_up(mp: Any, see: See, key: Any) -> None:
    """accept() goes on waiting for a client that takes seconds to call."""
    with mp.connection.Listener(authkey=key) as listener:
        accepting = see.blocks(listener.accept)
        accepting.goes_on()
        calling = see.in_thread(mp.connection.Client, listener.address, authkey=key)
        with accepting.ends(), calling.ends():
            pass


@chapter.clause("listeners.accept.one-each", passage=f"{ACCEPT}/2", methods=NO_METHOD, cases=FAMILIES)
def each_client_has_its_own_connection(mp: Any, see: See, family: str) -> None:
    """Each accept() returns the connection of one client, apart from the others."""
    with mp.connection.Listener(address_of(family, see), family, backlog=3) as listener:
        calling = [see.in_thread(mp.connection.Client, listener.address) for _ in range(3)]
        served = [see.comes_back(listener.accept) for _ in range(3)]
        clients = [call.ends() for call in calling]
        for number, client in enumerate(clients):
            client.send(number)
        for one in served:
            see.true(one.poll(LONG), "a message arrives on each")
            one.send(("answer", one.recv()))
        for number, client in enumerate(clients):
            see.equal(client.recv(), ("answer", number), "the answer to each client")
        for one in clients + served:
            one.close()


@chapter.clause(
    "listeners.accept.order", passage=(f"{ACCEPT}/2", f"{LISTENER}/14"), level=SHOULD, methods=NO_METHOD, cases=FAMILIES
)
def clients_are_accepted_in_the_order_of_their_calls(mp: Any, see: See, family: str) -> None:
    """Clients without a key wait behind each other, and are accepted in the order of their calls."""
    with mp.connection.Listener(address_of(family, see), family, backlog=3) as listener:
        clients = [mp.connection.Client(listener.address) for _ in range(3)]
        for number, client in enumerate(clients):
            client.send(number)
        served = [listener.accept() for _ in range(3)]
        for number, one in enumerate(served):
            see.true(one.poll(LONG), "a message arrives on each")
            see.equal(one.recv(), number, "what arrives")
        for one in clients + served:
            one.close()


@chapter.clause(
    "listeners.accept.sent-before", passage=(f"{CLIENT}/2", f"{LISTENER}/14"), level=SHOULD, methods=NO_METHOD
)
def what_a_client_sends_early_is_kept(mp: Any, see: See) -> None:
    """What a client without a key sends before it is accepted is received once it is."""
    with mp.connection.Listener(("localhost", 0)) as listener, mp.connection.Client(listener.address) as client:
        client.send("early")
        with listener.accept() as served:
            see.true(served.poll(LONG), "a message arrives")
            see.equal(served.recv(), "early", "what arrives")


@chapter.clause(
    "listeners.accept.default-timeout",
    passage="multiprocessing.connection.Connection.recv/3",
    methods=NO_METHOD,
    cases={"without a key": None, "with a key": KEY},
)
def a_default_timeout_of_sockets_is_nothing_to_a_connection(mp: Any, see: See, key: Any) -> None:
    """On both ends of a connection recv() blocks, whatever socket.setdefaulttimeout() was told before."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(LONG)
    try:
        with connected(mp, see, key=key) as (served, client):
            for here, there in ((served, client), (client, served)):
                receiving = see.blocks(here.recv)
                there.send("late")
                see.equal(receiving.ends(), "late", "what arrives")
    finally:
        socket.setdefaulttimeout(before)


@chapter.clause(
    "listeners.client.nobody",
    passage=f"{CLIENT}/2",
    level=SHOULD,
    methods=NO_METHOD,
    hanging=True,
    cases={"inet": ("localhost", 1), "unix": "nobody"},
)
def calling_where_nobody_listens_fails(mp: Any, see: See, address: Any) -> None:
    """Client() raises where no listener uses the address."""
    with see.raises(Exception):
        mp.connection.Client(address)
