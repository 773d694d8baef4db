"""Listeners and clients: what Listener, Client, addresses, keys and the two challenge functions promise."""

from __future__ import annotations

import contextlib
import gc
import os
import pickle
import socket
import stat
import tempfile
import threading
from collections.abc import Iterator
from typing import Any

from mpspec.clause import ANY_METHOD, MAY, NO_METHOD, SHOULD, UNSPECIFIED, Chapter
from mpspec.letters import Mailbox
from mpspec.see import Blocked, See
from mpspec.waits import LONG, SMALL
from mpspec.witness import target

MODULE = "module-multiprocessing.connection"
LISTENER = "multiprocessing.connection.Listener"
ACCEPT = LISTENER + ".accept"
CLIENT = "multiprocessing.connection.Client"
DELIVER = "multiprocessing.connection.deliver_challenge"
ANSWER = "multiprocessing.connection.answer_challenge"
ADDRESSES = "multiprocessing-address-formats"
KEYS = "multiprocessing-auth-keys"

KEY = b"secret password"

chapter = Chapter("listeners", section="Listeners and Clients", source="listeners-and-clients")

FAMILIES = {"inet": "AF_INET", "unix": "AF_UNIX"}
"""The families of POSIX, by the label of a case."""


def address_of(family: str, see: See) -> Any:
    """An address of the family that is free."""
    return ("localhost", 0) if family == "AF_INET" else os.path.join(see.folder, "listener")


def meet(mp: Any, see: See, listener: Any, **arguments: Any) -> tuple[Any, Any]:
    """A client and a listener brought together: the connection that accept() returns, and that of the client."""
    accepting = see.in_thread(listener.accept)
    calling = see.in_thread(mp.connection.Client, listener.address, **arguments)
    client = calling.ends()
    return accepting.ends(), client


@contextlib.contextmanager
def met(mp: Any, see: See, address: Any = None, family: Any = None, key: Any = None) -> Iterator[tuple[Any, Any]]:
    """Both ends of a connection between a listener and a client, closed in the end."""
    with mp.connection.Listener(address, family, authkey=key) as listener:
        served, client = meet(mp, see, listener, authkey=key)
        with served, client:
            yield served, client


def refused(mp: Any, see: See, call: Blocked) -> None:
    """The call ends with AuthenticationError."""
    with see.raises(mp.AuthenticationError):
        call.ends()


def given_up(call: Blocked) -> None:
    """The call ends in whatever way: what it is about is observed elsewhere."""
    with contextlib.suppress(Exception):
        call.ends().close()


def talks(see: See, one: Any, other: Any) -> None:
    """Messages pass in both directions."""
    one.send("there")
    other.send("and back")
    for end, message in ((other, "there"), (one, "and back")):
        see.true(end.poll(LONG), "a message arrives", "poll() tells of none")
        see.equal(end.recv(), message, "what arrives")


def socket_family(connection: Any) -> int:
    """The family of the socket that the connection uses."""
    with socket.socket(fileno=os.dup(connection.fileno())) as copy:
        return int(copy.family)


def admitted(address: str, most: int) -> int:
    """How many sockets the listener's queue takes before anybody accepts them, at most so many."""
    callers = []
    for _ in range(most):
        caller = socket.socket(socket.AF_UNIX)
        caller.setblocking(False)
        callers.append(caller)
        try:
            caller.connect(address)
        except BlockingIOError:
            break
    for caller in callers:
        caller.close()
    return len(callers) - 1


def answer_to(mp: Any, see: See, challenge: bytes, key: bytes) -> bytes:
    """What answer_challenge() answers to this challenge."""
    near, far = mp.Pipe()
    with near, far:
        answering = see.in_thread(mp.connection.answer_challenge, far, key)
        near.send_bytes(challenge)
        see.true(near.poll(LONG), "an answer arrives")
        answer: bytes = near.recv_bytes()
        near.close()
        with contextlib.suppress(Exception):
            answering.ends()
    return answer


class Relay:
    """Stands between a client and a listener, and records what passes. address: where the client finds it."""

    def __init__(self, to: Any) -> None:
        self._to = to
        self._door = socket.create_server(("127.0.0.1", 0))
        self.address = self._door.getsockname()
        self.passed = bytearray()
        self._threads = [threading.Thread(target=self._run)]
        self._threads[0].start()

    def _run(self) -> None:
        caller, _ = self._door.accept()
        called = socket.create_connection(self._to)
        back = threading.Thread(target=self._pass_on, args=(called, caller))
        back.start()
        self._pass_on(caller, called)
        back.join()
        caller.close()
        called.close()

    def _pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            for some in iter(lambda: source.recv(4096), b""):
                self.passed += some
                sink.sendall(some)
            sink.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Wait for the end of both directions."""
        self._threads[0].join(LONG)
        self._door.close()


class Mark:
    """Makes a folder when it is unpickled."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return os.mkdir, (self.path,)


@target
def call_and_talk(mp: Any, address: Any, key: Any) -> None:
    """Be a client: send a message, wait for the answer."""
    with mp.connection.Client(address, authkey=key) as connection:
        connection.send("from the client")
        connection.recv()


@target
def call_with_own_key(mp: Any, address: Any) -> None:
    """Be a client whose key is this process's."""
    with mp.connection.Client(address, authkey=mp.current_process().authkey) as connection:
        connection.send("from the client")
        connection.recv()


@target
def listen_and_talk(mp: Any, family: str, box: Mailbox) -> None:
    """Be a listener: post the address, answer one message."""
    with mp.connection.Listener(family=family, authkey=KEY) as listener:
        box.post(listener.address)
        with listener.accept() as connection:
            connection.send(("answer", connection.recv()))
            connection.recv()


@target
def call_in_vain(mp: Any, address: Any, box: Mailbox) -> None:
    """Be a client with a wrong key: post the name of the error."""
    try:
        mp.connection.Client(address, authkey=b"wrong").close()
    except mp.AuthenticationError:
        box.post("AuthenticationError")


# What there is


@chapter.clause(
    "listeners.names",
    source=MODULE,
    methods=NO_METHOD,
    cases={n: n for n in ("Listener", "Client", "Connection", "wait", "deliver_challenge", "answer_challenge")},
)
def the_module_has_its_names(mp: Any, see: See, name: str) -> None:
    """The module connection has Listener, Client, Connection, wait, deliver_challenge and answer_challenge."""
    see.true(callable(getattr(mp.connection, name)), f"{name} can be called")


@chapter.clause("listeners.listener.signature", source=LISTENER, methods=NO_METHOD)
def a_listener_takes_four_arguments(mp: Any, see: See) -> None:
    """Listener takes address, family, backlog and authkey, in this order, all of them optional; backlog is 1."""
    see.signature(mp.connection.Listener, "(address=None, family=None, backlog=1, authkey=None)")


@chapter.clause("listeners.client.signature", source=CLIENT, methods=NO_METHOD)
def a_client_takes_three_arguments(mp: Any, see: See) -> None:
    """Client takes address, family and authkey, in this order; the latter two are None by default."""
    see.signature(mp.connection.Client, "(address, family=None, authkey=None)")


@chapter.clause(
    "listeners.listener.positional", source=LISTENER, methods=NO_METHOD, cases={"positions": False, "names": True}
)
def a_listener_is_made_from_all_arguments(mp: Any, see: See, by_name: bool) -> None:
    """A listener is made from address, family, backlog and authkey, given by position or by name."""
    given: dict[str, Any] = {"address": ("localhost", 0), "family": "AF_INET", "backlog": 2, "authkey": KEY}
    make = mp.connection.Listener
    with make(**given) if by_name else make(*given.values()) as listener:
        served, client = meet(mp, see, listener, authkey=KEY)
        with served, client:
            talks(see, served, client)


@chapter.clause(
    "listeners.client.positional", source=CLIENT, methods=NO_METHOD, cases={"positions": False, "names": True}
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


# Meeting


@chapter.clause("listeners.meet.talk", source=MODULE, methods=NO_METHOD, cases=FAMILIES)
def a_client_and_a_listener_talk(mp: Any, see: See, family: str) -> None:
    """What Client() and accept() return talk to each other in both directions."""
    with met(mp, see, address_of(family, see), family) as (served, client):
        talks(see, served, client)


@chapter.clause("listeners.meet.connections", source=CLIENT, methods=NO_METHOD, cases=FAMILIES)
def both_get_a_connection(mp: Any, see: See, family: str) -> None:
    """Client() and accept() both return a Connection."""
    with met(mp, see, address_of(family, see), family) as ends:
        for end in ends:
            see.true(isinstance(end, mp.connection.Connection), "a Connection", type(end))


@chapter.clause("listeners.meet.bytes", source=MODULE, methods=NO_METHOD, cases=FAMILIES)
def messages_of_bytes_keep_their_bounds(mp: Any, see: See, family: str) -> None:
    """A connection between client and listener carries whole messages of bytes, whatever their sizes."""
    sizes = (0, 1, 70_000, 0, 2_000_000, 3)
    with met(mp, see, address_of(family, see), family) as (served, client):
        sending = see.in_thread(lambda: [client.send_bytes(b"x" * size) for size in sizes])
        see.equal([len(served.recv_bytes()) for _ in sizes], list(sizes), "the sizes that arrive")
        sending.ends()


@chapter.clause("listeners.meet.eof", source=MODULE, methods=NO_METHOD, cases=FAMILIES, hanging=True)
def the_end_of_a_client_is_the_end_of_file(mp: Any, see: See, family: str) -> None:
    """When the client has closed its connection, the listener's side receives what was sent, then EOFError."""
    with met(mp, see, address_of(family, see), family) as (served, client):
        client.send("last")
        client.close()
        see.equal(served.recv(), "last", "what arrives")
        with see.raises(EOFError):
            served.recv()


@chapter.clause("listeners.meet.wait", source="multiprocessing.connection.wait", methods=NO_METHOD, cases=FAMILIES)
def wait_works_on_them(mp: Any, see: See, family: str) -> None:
    """wait() tells which of the connections between clients and listeners have data."""
    with met(mp, see, address_of(family, see), family) as (served, client):
        client.send("message")
        see.equal(mp.connection.wait([client, served], LONG), [served], "what is ready")


@chapter.clause("listeners.meet.child-calls", source=CLIENT)
def a_child_calls_its_parent(mp: Any, see: See) -> None:
    """A client in a child process reaches a listener in its parent by address and key."""
    with mp.connection.Listener(authkey=KEY) as listener:
        child = mp.Process(target=call_and_talk, args=(mp, listener.address, KEY))
        child.start()
        with see.in_thread(listener.accept).ends() as served:
            see.equal(served.recv(), "from the client", "what arrives")
            served.send("end")
        see.exits(child, 0)


@chapter.clause("listeners.meet.parent-calls", source=CLIENT, methods=ANY_METHOD, cases=FAMILIES)
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


@chapter.clause("listeners.accept.blocks", source=ACCEPT, methods=NO_METHOD, cases=FAMILIES)
def accept_blocks_until_somebody_calls(mp: Any, see: See, family: str) -> None:
    """accept() blocks until a client calls."""
    with mp.connection.Listener(address_of(family, see), family) as listener:
        accepting = see.blocks(listener.accept)
        with mp.connection.Client(listener.address), accepting.ends():
            pass


@chapter.clause("listeners.accept.one-each", source=ACCEPT, methods=NO_METHOD, cases=FAMILIES)
def each_client_has_its_own_connection(mp: Any, see: See, family: str) -> None:
    """Each accept() returns the connection of one client, apart from the others, in the order of their calls."""
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


@chapter.clause("listeners.accept.sent-before", source=ACCEPT, methods=NO_METHOD)
def what_a_client_sends_early_is_kept(mp: Any, see: See) -> None:
    """What a client without a key sends before it is accepted is received once it is."""
    with mp.connection.Listener(("localhost", 0)) as listener, mp.connection.Client(listener.address) as client:
        client.send("early")
        with listener.accept() as served:
            see.true(served.poll(LONG), "a message arrives")
            see.equal(served.recv(), "early", "what arrives")


@chapter.clause(
    "listeners.client.nobody",
    source=CLIENT,
    level=SHOULD,
    methods=NO_METHOD,
    cases={"inet": ("localhost", 1), "unix": "nobody"},
)
def calling_where_nobody_listens_fails(mp: Any, see: See, address: Any) -> None:
    """Client() raises OSError where no listener uses the address."""
    with see.raises(OSError):
        mp.connection.Client(address)


# Addresses and families


@chapter.clause(
    "listeners.family.inferred",
    source=ADDRESSES,
    methods=NO_METHOD,
    cases={"inet": ("AF_INET", socket.AF_INET), "unix": ("AF_UNIX", socket.AF_UNIX)},
)
def the_family_follows_from_the_address(mp: Any, see: See, case: Any) -> None:
    """Without a family, a tuple of host and port makes an AF_INET listener, a file name an AF_UNIX one."""
    family, number = case
    with mp.connection.Listener(address_of(family, see)) as listener, socket.socket(number) as caller:
        caller.settimeout(LONG)
        caller.connect(listener.address)
        with listener.accept() as served:
            see.equal(socket_family(served), int(number), "the family of the socket")


@chapter.clause(
    "listeners.family.inferred-by-client",
    source=ADDRESSES,
    methods=NO_METHOD,
    cases={"inet": (socket.AF_INET, ("127.0.0.1", 0)), "unix": (socket.AF_UNIX, "called")},
)
def the_family_of_a_client_follows_from_the_address(mp: Any, see: See, case: Any) -> None:
    """Without a family, Client() takes a tuple for AF_INET and a file name for AF_UNIX."""
    number, address = case
    with socket.socket(number) as door:
        door.bind(address)
        door.listen()
        with mp.connection.Client(door.getsockname()) as client:
            see.equal(socket_family(client), int(number), "the family of the socket")
    if number == socket.AF_UNIX:
        os.unlink(address)


@chapter.clause("listeners.family.given-to-client", source=CLIENT, methods=NO_METHOD, cases=FAMILIES)
def a_client_takes_a_family(mp: Any, see: See, family: str) -> None:
    """Client() takes the name of the family, AF_INET or AF_UNIX, that its address is of."""
    with mp.connection.Listener(address_of(family, see), family) as listener:
        served, client = meet(mp, see, listener, family=family)
        with served, client:
            talks(see, served, client)


@chapter.clause("listeners.family.backslashes", source=ADDRESSES, methods=NO_METHOD)
def two_backslashes_mean_a_named_pipe(mp: Any, see: See) -> None:
    """An address that begins with two backslashes is one of AF_PIPE, which POSIX lacks: no file is made."""
    before = os.listdir(".")
    for use in (mp.connection.Listener, mp.connection.Client):
        with see.raises(ValueError):
            use(r"\\.\pipe\name")
    see.equal(os.listdir("."), before, "the files of the folder")


@chapter.clause("listeners.family.pipe-on-posix", source=LISTENER, level=SHOULD, methods=NO_METHOD)
def posix_has_no_named_pipes(mp: Any, see: See) -> None:
    """Listener and Client refuse the family AF_PIPE on POSIX, with ValueError."""
    for use in (mp.connection.Listener, mp.connection.Client):
        with see.raises(ValueError):
            use("name", "AF_PIPE")


@chapter.clause(
    "listeners.family.unknown",
    source=LISTENER,
    level=SHOULD,
    methods=NO_METHOD,
    cases={"name": "AF_NOWHERE", "number": 2},
)
def an_unknown_family_is_refused(mp: Any, see: See, family: Any) -> None:
    """A family that is not one of the three names is refused with an exception, by the listener and by the client."""
    with mp.connection.Listener(("localhost", 0)) as listener:
        for use in (mp.connection.Listener, mp.connection.Client):
            with see.raises(ValueError, TypeError, AttributeError):
                use(listener.address, family)


@chapter.clause(
    "listeners.family.no-address",
    source=ADDRESSES,
    level=SHOULD,
    methods=NO_METHOD,
    cases={"number": 5, "list": ["localhost", 1]},
)
def what_is_no_address_is_refused(mp: Any, see: See, address: Any) -> None:
    """An address of which no family can be inferred raises TypeError, at the listener and at the client."""
    for use in (mp.connection.Listener, mp.connection.Client):
        with see.raises(TypeError):
            use(address)


@chapter.clause("listeners.address.default", source=LISTENER, methods=NO_METHOD)
def a_listener_without_an_address_has_one(mp: Any, see: See) -> None:
    """Listener() chooses family and address itself, and a client reaches it by its address attribute."""
    with met(mp, see) as (served, client):
        talks(see, served, client)


@chapter.clause("listeners.address.default-family", source=LISTENER, methods=NO_METHOD, cases=FAMILIES)
def a_family_without_an_address_is_enough(mp: Any, see: See, family: str) -> None:
    """Listener(family=...) chooses an address of that family."""
    with mp.connection.Listener(family=family) as listener:
        served, client = meet(mp, see, listener)
        with served, client:
            see.equal(socket_family(served), int(getattr(socket, family)), "the family of the socket")
            talks(see, served, client)


@chapter.clause("listeners.address.fastest", source=LISTENER, level=UNSPECIFIED, methods=NO_METHOD)
def which_family_is_the_default(mp: Any, see: See) -> None:
    """The family chosen without family and address is the one assumed to be fastest; which one is left open."""
    with mp.connection.Listener() as listener:
        see.records(address=type(listener.address).__name__)


@chapter.clause("listeners.address.distinct", source=LISTENER, methods=NO_METHOD, cases=FAMILIES)
def default_addresses_differ(mp: Any, see: See, family: str) -> None:
    """Listeners that choose their address choose different ones."""
    with mp.connection.Listener(family=family) as one, mp.connection.Listener(family=family) as other:
        see.true(one.address != other.address, "two addresses", one.address)


@chapter.clause("listeners.address.private-folder", source=LISTENER, methods=NO_METHOD)
def the_default_socket_is_in_a_private_folder(mp: Any, see: See) -> None:
    """With family AF_UNIX and no address, the socket is made in a private folder below the temporary folder."""
    with mp.connection.Listener(family="AF_UNIX") as listener:
        folder = os.path.dirname(listener.address)
        see.true(os.path.realpath(folder) != os.path.realpath(tempfile.gettempdir()), "a folder of its own", folder)
        see.true(listener.address.startswith(tempfile.gettempdir()), "below the temporary folder", folder)
        see.equal(stat.S_IMODE(os.stat(folder).st_mode) & 0o077, 0, "what group and others may do with the folder")


@chapter.clause("listeners.address.file", source=ADDRESSES, methods=NO_METHOD)
def a_unix_address_is_a_file(mp: Any, see: See) -> None:
    """An AF_UNIX address is the name of a file, a socket that the listener makes there."""
    address = address_of("AF_UNIX", see)
    with mp.connection.Listener(address) as listener:
        see.equal(listener.address, address, "the address")
        see.true(stat.S_ISSOCK(os.stat(address).st_mode), "a socket in the file system")


@chapter.clause("listeners.address.bound-port", source=LISTENER + ".address", methods=NO_METHOD)
def address_tells_the_port_in_use(mp: Any, see: See) -> None:
    """address is the address in use: with port 0, host and the port that the system has chosen."""
    with mp.connection.Listener(("127.0.0.1", 0)) as listener:
        host, port = listener.address
        see.true(host == "127.0.0.1" and type(port) is int and port > 0, "host and port", listener.address)


@chapter.clause("listeners.address.given-port", source=LISTENER + ".address", methods=NO_METHOD)
def a_listener_uses_the_port_it_was_given(mp: Any, see: See) -> None:
    """A listener with a port uses that port."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        free = probe.getsockname()
    with mp.connection.Listener(free) as listener:
        see.equal(listener.address, free, "the address")
        with socket.create_connection(free, LONG), listener.accept():
            pass


@chapter.clause("listeners.address.every-interface", source=LISTENER, methods=NO_METHOD)
def a_listener_on_every_interface(mp: Any, see: See) -> None:
    """A listener at 0.0.0.0 is reached at 127.0.0.1."""
    with mp.connection.Listener(("0.0.0.0", 0)) as listener:
        accepting = see.in_thread(listener.accept)
        with mp.connection.Client(("127.0.0.1", listener.address[1])) as client, accepting.ends() as served:
            talks(see, served, client)


@chapter.clause(
    "listeners.address.read-only",
    source=LISTENER + ".address",
    methods=NO_METHOD,
    cases={n: n for n in ("address", "last_accepted")},
)
def the_attributes_cannot_be_set(mp: Any, see: See, name: str) -> None:
    """address and last_accepted are read-only."""
    with mp.connection.Listener() as listener:
        before = getattr(listener, name)
        with see.raises(AttributeError):
            setattr(listener, name, "another")
        see.equal(getattr(listener, name), before, name)


@chapter.clause("listeners.address.in-use", source=LISTENER, level=SHOULD, methods=NO_METHOD, cases=FAMILIES)
def an_address_in_use_is_refused(mp: Any, see: See, family: str) -> None:
    """A second listener at an address in use raises OSError, and the first one goes on."""
    with mp.connection.Listener(address_of(family, see), family) as listener:
        with see.raises(OSError):
            mp.connection.Listener(listener.address, family)
        served, client = meet(mp, see, listener)
        with served, client:
            talks(see, served, client)


@chapter.clause("listeners.address.used-again", source=LISTENER, level=SHOULD, methods=NO_METHOD, cases=FAMILIES)
def an_address_can_be_used_again(mp: Any, see: See, family: str) -> None:
    """The address of a closed listener can be used by the next one at once, whatever connections there were."""
    with mp.connection.Listener(address_of(family, see), family) as listener:
        served, client = meet(mp, see, listener)
        served.close()
        address = listener.address
    with client, mp.connection.Listener(address, family) as second:
        see.equal(second.address, address, "the address")


# last_accepted


@chapter.clause("listeners.last_accepted.before", source=LISTENER + ".last_accepted", methods=NO_METHOD, cases=FAMILIES)
def nobody_was_accepted_yet(mp: Any, see: See, family: str) -> None:
    """last_accepted is None before a connection was accepted."""
    with mp.connection.Listener(address_of(family, see), family) as listener:
        see.equal(listener.last_accepted, None, "last_accepted")


@chapter.clause(
    "listeners.last_accepted.caller",
    source=LISTENER + ".last_accepted",
    methods=NO_METHOD,
    cases={"inet": 0, "unix": 1},
)
def last_accepted_is_the_address_of_the_caller(mp: Any, see: See, unix: int) -> None:
    """last_accepted is the address that the last accepted connection came from, and changes with each of them."""
    family = ("AF_INET", "AF_UNIX")[unix]
    with mp.connection.Listener(address_of(family, see), family) as listener:
        for number in range(2):
            with socket.socket(getattr(socket, family)) as caller:
                caller.bind(f"caller-{number}" if unix else ("127.0.0.1", 0))
                caller.connect(listener.address)
                with listener.accept():
                    see.equal(listener.last_accepted, caller.getsockname(), "last_accepted")
                if unix:
                    os.unlink(f"caller-{number}")


@chapter.clause("listeners.last_accepted.after-key", source=LISTENER + ".last_accepted", methods=NO_METHOD)
def last_accepted_tells_of_a_caller_with_a_key(mp: Any, see: See) -> None:
    """last_accepted is the address of a client that has proved to know the key, too."""
    with mp.connection.Listener(("localhost", 0), authkey=KEY) as listener:
        served, client = meet(mp, see, listener, authkey=KEY)
        with served, client, socket.socket(fileno=os.dup(client.fileno())) as copy:
            see.equal(listener.last_accepted, copy.getsockname(), "last_accepted")


@chapter.clause("listeners.last_accepted.unnamed", source=LISTENER + ".last_accepted", level=MAY, methods=NO_METHOD)
def a_caller_without_an_address(mp: Any, see: See) -> None:
    """last_accepted of a caller whose Unix socket has no address is None or empty."""
    with mp.connection.Listener(family="AF_UNIX") as listener:
        served, client = meet(mp, see, listener)
        with served, client:
            see.true(not listener.last_accepted, "None or empty", listener.last_accepted)
            see.records(last_accepted=listener.last_accepted)


# backlog


@chapter.clause("listeners.backlog.waiting", source=LISTENER, methods=NO_METHOD, platforms=("linux",))
def backlog_is_how_many_may_wait(mp: Any, see: See) -> None:
    """backlog says how many callers may wait to be accepted: with 6 it is five more than with 1, the default."""
    counts = []
    for backlog in ({}, {"backlog": 1}, {"backlog": 6}):
        with mp.connection.Listener(family="AF_UNIX", **backlog) as listener:
            counts.append(admitted(listener.address, 12))
    see.equal(counts[0], counts[1], "how many wait by default")
    see.equal(counts[2] - counts[1], 5, "how many more wait")


# The end of a listener


@chapter.clause("listeners.close.returns-none", source=LISTENER + ".close", methods=NO_METHOD, cases=FAMILIES)
def close_ends_listening(mp: Any, see: See, family: str) -> None:
    """close() returns None, and nobody can call the listener any more."""
    listener = mp.connection.Listener(address_of(family, see), family)
    address = listener.address
    see.returns(None, listener.close)
    with see.raises(OSError):
        mp.connection.Client(address)


@chapter.clause("listeners.close.twice", source=LISTENER + ".close", level=SHOULD, methods=NO_METHOD, cases=FAMILIES)
def close_can_be_repeated(mp: Any, see: See, family: str) -> None:
    """close() of a closed listener does nothing."""
    listener = mp.connection.Listener(address_of(family, see), family)
    listener.close()
    see.returns(None, listener.close)


@chapter.clause("listeners.close.accept", source=LISTENER + ".close", level=SHOULD, methods=NO_METHOD)
def a_closed_listener_does_not_accept(mp: Any, see: See) -> None:
    """accept() of a closed listener raises OSError."""
    listener = mp.connection.Listener()
    listener.close()
    with see.raises(OSError):
        listener.accept()


@chapter.clause(
    "listeners.close.file",
    source=LISTENER + ".close",
    level=SHOULD,
    methods=NO_METHOD,
    cases={"given": True, "default": False},
)
def close_takes_the_file_away(mp: Any, see: See, given: bool) -> None:
    """close() takes away the file of an AF_UNIX listener."""
    listener = mp.connection.Listener(address_of("AF_UNIX", see) if given else None, "AF_UNIX")
    address = listener.address
    listener.close()
    see.true(not os.path.exists(address), "the file is gone", "it is there")


@chapter.clause("listeners.close.connections-stay", source=LISTENER + ".close", methods=NO_METHOD, cases=FAMILIES)
def closing_the_listener_leaves_its_connections(mp: Any, see: See, family: str) -> None:
    """A connection that was accepted works on after its listener was closed."""
    with mp.connection.Listener(address_of(family, see), family) as listener:
        served, client = meet(mp, see, listener)
    with served, client:
        talks(see, served, client)


@chapter.clause("listeners.close.collected", source=LISTENER + ".close", methods=NO_METHOD, cases=FAMILIES)
def a_collected_listener_is_closed(mp: Any, see: See, family: str) -> None:
    """A listener that is garbage collected stops listening."""
    listener = mp.connection.Listener(address_of(family, see), family)
    address = listener.address
    del listener

    def unreachable() -> bool:
        gc.collect()
        with socket.socket(getattr(socket, family)) as caller:
            caller.settimeout(SMALL)
            try:
                caller.connect(address)
            except (ConnectionRefusedError, FileNotFoundError):
                return True
            except OSError:  # nobody accepts, and the queue of those who wait is full
                pass
        return False

    see.eventually(unreachable, "nobody can call the listener")


@chapter.clause("listeners.with.enter", source=LISTENER, methods=NO_METHOD)
def entering_gives_the_listener(mp: Any, see: See) -> None:
    """A listener is a context manager; entering it returns the listener itself."""
    listener = mp.connection.Listener()
    with listener as entered:
        see.true(entered is listener, "the listener itself", entered)


@chapter.clause("listeners.with.exit", source=LISTENER, methods=NO_METHOD, cases={"plain": False, "raising": True})
def leaving_closes_the_listener(mp: Any, see: See, raising: bool) -> None:
    """Leaving the with statement closes the listener, and an exception passes through."""
    with see.raises(LookupError) if raising else contextlib.nullcontext(), mp.connection.Listener() as listener:
        address = listener.address
        if raising:
            raise LookupError
    with see.raises(OSError):
        mp.connection.Client(address)


# Keys


@chapter.clause("listeners.key.same", source=KEYS, methods=NO_METHOD, cases=FAMILIES)
def the_same_key_opens_the_door(mp: Any, see: See, family: str) -> None:
    """A client and a listener with equal keys are connected, and their first message is the first that arrives."""
    with met(mp, see, address_of(family, see), family, key=KEY) as (served, client):
        talks(see, served, client)


@chapter.clause(
    "listeners.key.any-bytes",
    source=KEYS,
    methods=NO_METHOD,
    cases={"one": b"k", "binary": bytes(range(256)), "block": b"b" * 64, "long": b"l" * 5000, "random": os.urandom(32)},
)
def any_bytes_are_a_key(mp: Any, see: See, key: bytes) -> None:
    """Any byte string serves as a key, of any length."""
    with met(mp, see, key=key) as (served, client):
        talks(see, served, client)


@chapter.clause("listeners.key.none-listener", source=LISTENER, methods=NO_METHOD, hanging=True, cases=FAMILIES)
def a_listener_without_a_key_asks_for_nothing(mp: Any, see: See, family: str) -> None:
    """A listener whose authkey is None accepts a caller that says nothing, and sends it nothing."""
    listener = mp.connection.Listener(address_of(family, see), family)
    with listener, socket.socket(getattr(socket, family)) as caller:
        caller.connect(listener.address)
        see.in_thread(listener.accept).ends().close()
        caller.settimeout(LONG)
        see.equal(caller.recv(99), b"", "what the caller gets")


@chapter.clause("listeners.key.none-client", source=CLIENT, methods=NO_METHOD, hanging=True)
def a_client_without_a_key_waits_for_nothing(mp: Any, see: See) -> None:
    """Client() whose authkey is None returns though the listener says nothing, and sends nothing."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        see.in_thread(mp.connection.Client, door.getsockname()).ends().close()
        caller, _ = door.accept()
        with caller:
            caller.settimeout(LONG)
            see.equal(caller.recv(99), b"", "what the listener gets")


WRONG = {
    "other": (KEY, b"another password"),
    "prefix": (KEY, KEY[:-1]),
    "suffix": (KEY[:-1], KEY),
    "case": (KEY, KEY.title()),
    "long": (b"x" * 5000, b"x" * 4999 + b"y"),
    "binary": (b"\0\1", b"\0\2"),
}


@chapter.clause("listeners.key.wrong-listener", source=ACCEPT, methods=NO_METHOD, cases=WRONG)
def accept_refuses_a_wrong_key(mp: Any, see: See, keys: Any) -> None:
    """accept() raises AuthenticationError where the client's key is not the listener's."""
    with mp.connection.Listener(authkey=keys[0]) as listener:
        accepting = see.in_thread(listener.accept)
        calling = see.in_thread(mp.connection.Client, listener.address, authkey=keys[1])
        refused(mp, see, accepting)
        given_up(calling)


@chapter.clause("listeners.key.wrong-client", source=CLIENT, methods=NO_METHOD, cases=WRONG)
def a_client_with_a_wrong_key_is_told(mp: Any, see: See, keys: Any) -> None:
    """Client() raises AuthenticationError where its key is not the listener's."""
    with mp.connection.Listener(authkey=keys[0]) as listener:
        accepting = see.in_thread(listener.accept)
        calling = see.in_thread(mp.connection.Client, listener.address, authkey=keys[1])
        refused(mp, see, calling)
        given_up(accepting)


@chapter.clause("listeners.key.wrong-in-child", source=CLIENT, methods=ANY_METHOD)
def a_child_with_a_wrong_key_is_refused(mp: Any, see: See) -> None:
    """AuthenticationError is raised on both sides when a client in another process has a wrong key."""
    box = see.mailbox()
    with mp.connection.Listener(authkey=KEY) as listener:
        child = mp.Process(target=call_in_vain, args=(mp, listener.address, box))
        child.start()
        refused(mp, see, see.in_thread(listener.accept))
        see.equal(box.take(), "AuthenticationError", "what the client gets")
        see.exits(child, 0)


@chapter.clause("listeners.key.after-refusal", source=ACCEPT, methods=NO_METHOD, cases=FAMILIES)
def a_listener_goes_on_after_a_refusal(mp: Any, see: See, family: str) -> None:
    """After a client was refused, the listener accepts the next one with the right key."""
    with mp.connection.Listener(address_of(family, see), family, authkey=KEY) as listener:
        accepting = see.in_thread(listener.accept)
        given_up(see.in_thread(mp.connection.Client, listener.address, authkey=b"wrong"))
        given_up(accepting)
        served, client = meet(mp, see, listener, authkey=KEY)
        with served, client:
            talks(see, served, client)


@chapter.clause("listeners.key.refused-is-closed", source=ACCEPT, level=SHOULD, methods=NO_METHOD)
def a_refused_connection_is_closed(mp: Any, see: See) -> None:
    """The connection of a client that was refused is closed by the listener."""
    with mp.connection.Listener(("localhost", 0), authkey=KEY) as listener:
        accepting = see.in_thread(listener.accept)
        with mp.connection.Client(listener.address) as client:
            client.send_bytes(b"not an answer")
            given_up(accepting)
            del accepting
            gc.collect()
            with see.raises(EOFError, OSError):
                for _ in range(5):
                    see.true(client.poll(LONG), "the end of file arrives")
                    client.recv_bytes()


@chapter.clause(
    "listeners.key.not-bytes", source=LISTENER, level=SHOULD, methods=NO_METHOD, cases={"text": "secret", "number": 7}
)
def a_key_that_is_not_bytes_is_refused(mp: Any, see: See, key: Any) -> None:
    """Listener and Client refuse a key that is not a byte string, with TypeError."""
    with see.raises(TypeError):
        mp.connection.Listener(authkey=key)
    with mp.connection.Listener() as listener, see.raises(TypeError):
        mp.connection.Client(listener.address, authkey=key)


@chapter.clause("listeners.key.empty-listener", source=LISTENER, methods=NO_METHOD, hanging=True)
def an_empty_key_of_a_listener_is_a_key(mp: Any, see: See) -> None:
    """A listener with the empty byte string as its key demands proof: a client with another key is refused."""
    with mp.connection.Listener(authkey=b"") as listener:
        accepting = see.in_thread(listener.accept)
        with mp.connection.Client(listener.address) as client:
            client.send_bytes(b"not an answer")
            refused(mp, see, accepting)


@chapter.clause("listeners.key.empty-client", source=CLIENT, methods=NO_METHOD)
def an_empty_key_of_a_client_is_a_key(mp: Any, see: See) -> None:
    """Client() with the empty byte string as its key demands proof: it does not return before the listener gave it."""
    with mp.connection.Listener(("localhost", 0)) as listener:
        calling = see.blocks(mp.connection.Client, listener.address, authkey=b"")
        with listener.accept() as served:
            served.send_bytes(b"not a challenge")
            with contextlib.suppress(Exception):
                calling.ends()


@chapter.clause("listeners.key.empty-same", source=KEYS, methods=NO_METHOD, hanging=True)
def equal_empty_keys_open_the_door(mp: Any, see: See) -> None:
    """A client and a listener that both have the empty byte string as their key are connected."""
    with met(mp, see, key=b"") as (served, client):
        talks(see, served, client)


@chapter.clause("listeners.key.listener-only", source=ACCEPT, methods=NO_METHOD)
def a_client_without_the_key_is_refused(mp: Any, see: See) -> None:
    """accept() of a listener with a key raises AuthenticationError for a client that answers without one."""
    with mp.connection.Listener(authkey=KEY) as listener:
        accepting = see.in_thread(listener.accept)
        with mp.connection.Client(listener.address) as client:
            client.send("let me in")
            refused(mp, see, accepting)


@chapter.clause("listeners.key.caller-leaves", source=ACCEPT, methods=NO_METHOD)
def a_caller_that_leaves_has_failed(mp: Any, see: See) -> None:
    """accept() of a listener with a key raises AuthenticationError where the caller leaves without an answer."""
    with mp.connection.Listener(("localhost", 0), authkey=KEY) as listener:
        accepting = see.in_thread(listener.accept)
        socket.create_connection(listener.address).close()
        refused(mp, see, accepting)


@chapter.clause("listeners.key.client-only", source=CLIENT, methods=NO_METHOD)
def a_listener_that_does_not_ask_is_refused(mp: Any, see: See) -> None:
    """Client() with a key raises AuthenticationError where the listener's first message is not a challenge."""
    with mp.connection.Listener() as listener:
        calling = see.in_thread(mp.connection.Client, listener.address, authkey=KEY)
        with listener.accept() as served:
            served.send("welcome")
            refused(mp, see, calling)


@chapter.clause("listeners.key.listener-leaves", source=CLIENT, methods=NO_METHOD)
def a_listener_that_leaves_has_failed(mp: Any, see: See) -> None:
    """Client() with a key raises AuthenticationError where the listener closes the connection without a challenge."""
    with mp.connection.Listener() as listener:
        calling = see.in_thread(mp.connection.Client, listener.address, authkey=KEY)
        listener.accept().close()
        refused(mp, see, calling)


@chapter.clause("listeners.key.one-sided-receiver", source=KEYS, level=UNSPECIFIED, methods=NO_METHOD)
def what_a_client_without_a_key_receives(mp: Any, see: See) -> None:
    """What recv() does at a client without a key that has called a listener with one is left open."""
    with mp.connection.Listener(authkey=KEY) as listener:
        accepting = see.in_thread(listener.accept)
        with mp.connection.Client(listener.address) as client:
            with see.raises(Exception) as caught:
                client.recv()
            see.records(error=type(caught.error).__name__)
        given_up(accepting)


@chapter.clause("listeners.key.trailing-zero", source=KEYS, level=UNSPECIFIED, methods=NO_METHOD)
def keys_that_differ_by_zero_bytes(mp: Any, see: See) -> None:
    """Whether short keys that differ in trailing zero bytes are told apart is left open: HMAC pads keys with zeros."""
    with mp.connection.Listener(authkey=KEY) as listener:
        accepting = see.in_thread(listener.accept)
        calling = see.in_thread(mp.connection.Client, listener.address, authkey=KEY + b"\0")
        try:
            calling.ends().close()
            see.records(told_apart=False)
        except mp.AuthenticationError:
            see.records(told_apart=True)
        given_up(accepting)


@chapter.clause("listeners.key.proof-of-listener", source=KEYS, methods=NO_METHOD)
def a_listener_has_to_prove_itself(mp: Any, see: See) -> None:
    """Client() raises AuthenticationError where the listener accepts its answer but cannot answer itself."""
    with mp.connection.Listener() as listener:
        calling = see.in_thread(mp.connection.Client, listener.address, authkey=KEY)
        with listener.accept() as served:
            mp.connection.deliver_challenge(served, KEY)
            see.true(served.poll(LONG), "the client demands proof")
            served.recv_bytes()
            served.send_bytes(b"?" * 32)
            refused(mp, see, calling)


@chapter.clause("listeners.key.refused-by-client", source=KEYS, methods=NO_METHOD)
def a_listener_refused_by_its_client_is_told(mp: Any, see: See) -> None:
    """accept() raises AuthenticationError where the client proves to know the key but refuses the listener's proof."""
    with mp.connection.Listener(authkey=KEY) as listener:
        accepting = see.in_thread(listener.accept)
        with mp.connection.Client(listener.address) as client:
            mp.connection.answer_challenge(client, KEY)
            with contextlib.suppress(mp.AuthenticationError):
                mp.connection.deliver_challenge(client, b"another")
            refused(mp, see, accepting)


@chapter.clause("listeners.key.never-sent", source=KEYS, methods=NO_METHOD)
def the_key_itself_is_not_sent(mp: Any, see: See) -> None:
    """What passes between client and listener during authentication does not contain the key."""
    with mp.connection.Listener(("127.0.0.1", 0), authkey=KEY) as listener:
        relay = Relay(listener.address)
        accepting = see.in_thread(listener.accept)
        client = see.in_thread(mp.connection.Client, relay.address, authkey=KEY).ends()
        accepting.ends().close()
        client.close()
        relay.close()
        see.true(len(relay.passed) > 32, "challenges and answers have passed", len(relay.passed))
        see.true(KEY not in relay.passed and KEY.hex().encode() not in relay.passed, "the key does not occur")


@chapter.clause("listeners.key.replayed", source=DELIVER, methods=NO_METHOD)
def an_old_answer_does_not_open_the_door(mp: Any, see: See) -> None:
    """An answer that was right for an earlier challenge is refused for the next one."""
    with mp.connection.Listener(authkey=KEY) as listener:
        accepting = see.in_thread(listener.accept)
        with mp.connection.Client(listener.address) as eavesdropped:
            answer = answer_to(mp, see, eavesdropped.recv_bytes(), KEY)
            eavesdropped.send_bytes(answer)
            eavesdropped.recv_bytes()
        given_up(accepting)
        accepting = see.in_thread(listener.accept)
        with mp.connection.Client(listener.address) as intruder:
            intruder.recv_bytes()
            intruder.send_bytes(answer)
            refused(mp, see, accepting)


@chapter.clause("listeners.key.nothing-unpickled", source=KEYS, methods=NO_METHOD)
def nothing_is_unpickled_before_the_proof(mp: Any, see: See) -> None:
    """Nothing that a caller sends is unpickled before it has proved to know the key."""
    mark = os.path.join(see.folder, "mark")
    with mp.connection.Listener(authkey=KEY) as listener:
        accepting = see.in_thread(listener.accept)
        with mp.connection.Client(listener.address) as client:
            client.send_bytes(pickle.dumps(Mark(mark)))
            with contextlib.suppress(OSError):  # it may have been refused already
                client.send(Mark(mark))
            given_up(accepting)
    see.true(not os.path.exists(mark), "the object was not re-created")


@chapter.clause("listeners.key.inherited", source=KEYS)
def a_child_shares_the_key_of_its_parent(mp: Any, see: See) -> None:
    """The authkey of current_process() is one key for a process and its children."""
    with mp.connection.Listener(authkey=mp.current_process().authkey) as listener:
        child = mp.Process(target=call_with_own_key, args=(mp, listener.address))
        child.start()
        with see.in_thread(listener.accept).ends() as served:
            see.equal(served.recv(), "from the client", "what arrives")
            served.send("end")
        see.exits(child, 0)


@chapter.clause("listeners.key.set-for-process", source=KEYS, methods=ANY_METHOD)
def a_key_set_for_the_process_is_inherited(mp: Any, see: See) -> None:
    """A key given to current_process().authkey is the key of children that are made afterwards."""
    mp.current_process().authkey = KEY
    with mp.connection.Listener(authkey=KEY) as listener:
        child = mp.Process(target=call_with_own_key, args=(mp, listener.address))
        child.start()
        with see.in_thread(listener.accept).ends() as served:
            see.equal(served.recv(), "from the client", "what arrives")
            served.send("end")
        see.exits(child, 0)


# deliver_challenge and answer_challenge


@contextlib.contextmanager
def pipe(mp: Any) -> Iterator[tuple[Any, Any]]:
    """Both ends of a new pipe, closed in the end."""
    near, far = mp.Pipe()
    with near, far:
        yield near, far


@chapter.clause("listeners.challenge.accepted", source=DELIVER, methods=NO_METHOD)
def a_right_answer_is_welcome(mp: Any, see: See) -> None:
    """deliver_challenge() and answer_challenge() with equal keys at the two ends of a connection both return None."""
    with pipe(mp) as (near, far):
        delivering = see.in_thread(mp.connection.deliver_challenge, near, KEY)
        see.returns(None, mp.connection.answer_challenge, far, KEY)
        see.equal(delivering.ends(), None, "what deliver_challenge() returns")


@chapter.clause("listeners.challenge.names", source=DELIVER, methods=NO_METHOD)
def the_arguments_of_the_challenges_have_names(mp: Any, see: See) -> None:
    """Both challenge functions take connection and authkey by name."""
    with pipe(mp) as (near, far):
        delivering = see.in_thread(mp.connection.deliver_challenge, connection=near, authkey=KEY)
        answering = see.in_thread(mp.connection.answer_challenge, connection=far, authkey=KEY)
        delivering.ends()
        answering.ends()


@chapter.clause("listeners.challenge.nothing-left", source=DELIVER, methods=NO_METHOD)
def nothing_is_left_of_a_challenge(mp: Any, see: See) -> None:
    """After a challenge was answered, nothing of it is left on the connection, in either direction."""
    with pipe(mp) as (near, far):
        delivering = see.in_thread(mp.connection.deliver_challenge, near, KEY)
        mp.connection.answer_challenge(far, KEY)
        delivering.ends()
        see.true(not near.poll() and not far.poll(), "nothing is there to be received")
        talks(see, near, far)


@chapter.clause("listeners.challenge.wrong-answer", source=DELIVER, methods=NO_METHOD, cases=WRONG)
def a_wrong_answer_is_an_error(mp: Any, see: See, keys: Any) -> None:
    """deliver_challenge() raises AuthenticationError where the answer was made with another key."""
    with pipe(mp) as (near, far):
        delivering = see.in_thread(mp.connection.deliver_challenge, near, keys[0])
        with contextlib.suppress(mp.AuthenticationError):
            mp.connection.answer_challenge(far, keys[1])
        refused(mp, see, delivering)


@chapter.clause("listeners.challenge.not-welcome", source=ANSWER, methods=NO_METHOD, cases=WRONG)
def an_answer_that_is_not_welcome_is_an_error(mp: Any, see: See, keys: Any) -> None:
    """answer_challenge() raises AuthenticationError where its answer was made with another key."""
    with pipe(mp) as (near, far):
        delivering = see.in_thread(mp.connection.deliver_challenge, near, keys[0])
        with see.raises(mp.AuthenticationError):
            mp.connection.answer_challenge(far, keys[1])
        with contextlib.suppress(mp.AuthenticationError):
            delivering.ends()


@chapter.clause(
    "listeners.challenge.garbage",
    source=DELIVER,
    methods=NO_METHOD,
    cases={"empty": b"", "short": b"no", "digest": b"x" * 16, "long": b"y" * 200, "prefixed": b"{sha256}" + b"z" * 32},
)
def an_answer_that_is_none_is_an_error(mp: Any, see: See, answer: bytes) -> None:
    """deliver_challenge() raises AuthenticationError for an answer that is not the digest."""
    with pipe(mp) as (near, far):
        delivering = see.blocks(mp.connection.deliver_challenge, near, KEY)
        far.send_bytes(answer)
        refused(mp, see, delivering)


@chapter.clause("listeners.challenge.echoed", source=DELIVER, methods=NO_METHOD)
def a_challenge_is_not_its_answer(mp: Any, see: See) -> None:
    """deliver_challenge() raises AuthenticationError where it gets its own message back."""
    with pipe(mp) as (near, far):
        delivering = see.in_thread(mp.connection.deliver_challenge, near, KEY)
        see.true(far.poll(LONG), "a challenge arrives")
        far.send_bytes(far.recv_bytes())
        refused(mp, see, delivering)


@chapter.clause("listeners.challenge.waits", source=DELIVER, methods=NO_METHOD)
def a_challenge_waits_for_its_answer(mp: Any, see: See) -> None:
    """deliver_challenge() sends one message, then blocks until the answer arrives."""
    with pipe(mp) as (near, far):
        delivering = see.blocks(mp.connection.deliver_challenge, near, KEY)
        see.true(far.poll(LONG), "a challenge arrives")
        challenge = far.recv_bytes()
        see.true(not far.poll(), "nothing else arrives")
        far.send_bytes(answer_to(mp, see, challenge, KEY))
        delivering.ends()


@chapter.clause("listeners.challenge.random", source=DELIVER, methods=NO_METHOD)
def each_challenge_is_another(mp: Any, see: See) -> None:
    """The message of deliver_challenge() is random: no two are alike."""
    seen = set()
    for _ in range(16):
        with pipe(mp) as (near, far):
            delivering = see.in_thread(mp.connection.deliver_challenge, near, KEY)
            see.true(far.poll(LONG), "a challenge arrives")
            seen.add(far.recv_bytes())
            far.send_bytes(b"no")
            given_up(delivering)
    see.equal(len(seen), 16, "how many of 16 challenges differ")


@chapter.clause("listeners.challenge.answer-depends", source=ANSWER, methods=NO_METHOD)
def an_answer_depends_on_message_and_key(mp: Any, see: See) -> None:
    """The answer is determined by the message and the key, and changes with each of them."""
    messages = []
    for _ in range(2):
        with pipe(mp) as (near, far):
            delivering = see.in_thread(mp.connection.deliver_challenge, near, KEY)
            see.true(far.poll(LONG), "a challenge arrives")
            messages.append(far.recv_bytes())
            far.send_bytes(b"no")
            given_up(delivering)
    answers = [answer_to(mp, see, m, k) for m in (messages[0], *messages) for k in (KEY, b"another")]
    see.equal(answers[0:2], answers[2:4], "the answers to the same message")
    see.equal(len(set(answers)), 4, "how many answers differ")


@chapter.clause(
    "listeners.challenge.no-welcome",
    source=ANSWER,
    methods=NO_METHOD,
    cases={
        "nothing": b"",
        "other": b"come in",
        "failure": b"#FAILURE#",
        "longer": b"#WELCOME#!",
        "lower": b"#welcome#",
    },
)
def anything_but_the_welcome_is_an_error(mp: Any, see: See, reply: bytes) -> None:
    """answer_challenge() raises AuthenticationError where what follows its answer is not the welcome."""
    with pipe(mp) as (near, far), pipe(mp) as (here, there):
        delivering = see.in_thread(mp.connection.deliver_challenge, here, KEY)
        see.true(there.poll(LONG), "a challenge arrives")
        answering = see.in_thread(mp.connection.answer_challenge, far, KEY)
        near.send_bytes(there.recv_bytes())
        see.true(near.poll(LONG), "an answer arrives")
        there.send_bytes(near.recv_bytes())
        delivering.ends()
        near.send_bytes(reply)
        refused(mp, see, answering)


@chapter.clause("listeners.challenge.both-ways", source=MODULE, methods=NO_METHOD)
def two_ends_challenge_each_other(mp: Any, see: See) -> None:
    """Each end can challenge the other in turn on one connection."""

    def first(end: Any) -> None:
        mp.connection.deliver_challenge(end, KEY)
        mp.connection.answer_challenge(end, b"another")

    with pipe(mp) as (near, far):
        other = see.in_thread(first, near)
        mp.connection.answer_challenge(far, KEY)
        mp.connection.deliver_challenge(far, b"another")
        other.ends()
        talks(see, near, far)


@chapter.clause(
    "listeners.challenge.not-bytes",
    source=DELIVER,
    level=SHOULD,
    methods=NO_METHOD,
    cases={"text": "secret", "none": None},
)
def a_challenge_with_a_key_that_is_not_bytes(mp: Any, see: See, key: Any) -> None:
    """Both challenge functions refuse a key that is not bytes, with TypeError or ValueError, and send nothing."""
    with pipe(mp) as (near, far):
        for use in (mp.connection.deliver_challenge, mp.connection.answer_challenge):
            with see.raises(TypeError, ValueError):
                use(near, key)
        see.true(not far.poll(), "nothing is sent")


@chapter.clause(
    "listeners.challenge.not-a-challenge",
    source=ANSWER,
    level=SHOULD,
    methods=NO_METHOD,
    cases={"empty": b"", "text": b"hello", "pickle": pickle.dumps(1)},
)
def a_message_that_is_no_challenge_is_not_answered(mp: Any, see: See, message: bytes) -> None:
    """answer_challenge() raises AuthenticationError for a message that is no challenge, and answers nothing."""
    with pipe(mp) as (near, far):
        near.send_bytes(message)
        answering = see.in_thread(mp.connection.answer_challenge, far, KEY)
        refused(mp, see, answering)
        see.true(not near.poll(), "nothing is answered")


# Windows


@chapter.clause("listeners.windows.default", source=ADDRESSES, methods=NO_METHOD, platforms=("win32",))
def the_default_on_windows_is_a_named_pipe(mp: Any, see: See) -> None:
    r"""On Windows an AF_PIPE listener without an address chooses one of the form \\.\pipe\name."""
    with mp.connection.Listener(family="AF_PIPE") as listener:
        see.true(listener.address.startswith("\\\\.\\pipe\\"), "a pipe's name", listener.address)


@chapter.clause("listeners.windows.pipe", source=ADDRESSES, methods=NO_METHOD, platforms=("win32",))
def a_named_pipe_connects(mp: Any, see: See) -> None:
    """On Windows a client and a listener talk over a named pipe, whose family is inferred from its address."""
    with met(mp, see, r"\\.\pipe\mpspec-" + os.urandom(8).hex()) as (served, client):
        talks(see, served, client)


@chapter.clause(
    "listeners.windows.no-unix", source=LISTENER, methods=NO_METHOD, platforms=("win32",), cases={"inet": "AF_INET"}
)
def internet_sockets_are_everywhere(mp: Any, see: See, family: str) -> None:
    """AF_INET is the family that every platform has."""
    with met(mp, see, ("127.0.0.1", 0), family) as (served, client):
        talks(see, served, client)
