"""Addresses, families, last_accepted and backlog: where a listener is found, and by whom."""

from __future__ import annotations

import contextlib
import os
import socket
import stat
import tempfile
from typing import Any

from mpspec.chapters.listeners.chapter import (
    ADDRESSES,
    CLIENT,
    FAMILIES,
    LISTENER,
    address_of,
    chapter,
    connect,
    connected,
    socket_family,
    talks,
)
from mpspec.chapters.listeners.targets import KEY
from mpspec.clause import MAY, NO_METHOD, SHOULD, UNSPECIFIED, cases
from mpspec.observation.see import See
from mpspec.observation.waits import LONG, SETTLE

LAST_ACCEPTED = "multiprocessing.connection.Listener.last_accepted"

BACKSLASHES = r"\\name"
"""What would be the name of a pipe if no family were given."""


def admitted(family: str, address: Any, most: int) -> int:
    """How many sockets the listener's queue takes before anybody accepts them, at most so many."""
    callers = []
    for _ in range(most):
        caller = socket.socket(getattr(socket, family))
        caller.settimeout(SETTLE)
        callers.append(caller)
        try:
            caller.connect(address)
        except OSError:
            break
    for caller in callers:
        caller.close()
    return len(callers) - 1


@chapter.clause(
    "listeners.family.inferred",
    passage=(f"{LISTENER}/9", f"{ADDRESSES}/1"),
    methods=NO_METHOD,
    cases={"inet": "AF_INET", "unix": "AF_UNIX"},
)
def the_family_follows_from_the_address(mp: Any, see: See, family: str) -> None:
    """Without a family, a tuple of host and port makes an AF_INET listener, a file name an AF_UNIX one."""
    number = getattr(socket, family)
    with mp.connection.Listener(address_of(family, see)) as listener, socket.socket(number) as caller:
        caller.settimeout(LONG)
        caller.connect(listener.address)
        with listener.accept() as served:
            see.equal(socket_family(served), int(number), "the family of the socket")


@chapter.clause(
    "listeners.family.inferred-by-client",
    passage=f"{CLIENT}/3",
    methods=NO_METHOD,
    cases={"inet": ("AF_INET", ("127.0.0.1", 0)), "unix": ("AF_UNIX", "called")},
)
def the_family_of_a_client_follows_from_the_address(mp: Any, see: See, case: Any) -> None:
    """Without a family, Client() takes a tuple for AF_INET and a file name for AF_UNIX."""
    family, address = case
    number = getattr(socket, family)
    with socket.socket(number) as door:
        door.bind(address)
        door.listen()
        with mp.connection.Client(door.getsockname()) as client:
            see.equal(socket_family(client), int(number), "the family of the socket")
    if family == "AF_UNIX":
        os.unlink(address)


@chapter.clause("listeners.family.given-to-client", passage=f"{CLIENT}/3", methods=NO_METHOD, cases=FAMILIES)
def a_client_takes_a_family(mp: Any, see: See, family: str) -> None:
    """Client() takes the name of the family, AF_INET or AF_UNIX, that its address is of."""
    with mp.connection.Listener(address_of(family, see), family) as listener:
        served, client = connect(mp, see, listener, family=family)
        with served, client:
            talks(see, served, client)


@chapter.clause("listeners.family.backslashes", passage=f"{ADDRESSES}/5", methods=NO_METHOD)
def two_backslashes_mean_a_named_pipe(mp: Any, see: See) -> None:
    """An address that begins with two backslashes is one of AF_PIPE, which POSIX lacks: no file is made."""
    before = os.listdir(".")
    for use in (mp.connection.Listener, mp.connection.Client):
        with see.raises(Exception):
            use(r"\\.\pipe\name")
    see.equal(os.listdir("."), before, "the files of the folder")


@chapter.clause("listeners.family.backslashes-given", passage=(f"{ADDRESSES}/5", f"{LISTENER}/6"), methods=NO_METHOD)
def a_family_that_is_given_is_not_inferred(mp: Any, see: See) -> None:
    """With the family AF_UNIX a listener makes a file also of a name that begins with two backslashes."""
    with mp.connection.Listener(BACKSLASHES, "AF_UNIX") as listener, socket.socket(socket.AF_UNIX) as caller:
        caller.settimeout(LONG)
        caller.connect(BACKSLASHES)
        with listener.accept():
            see.equal(listener.address, BACKSLASHES, "the address")


@chapter.clause(
    "listeners.family.backslashes-given-to-client", passage=(f"{ADDRESSES}/5", f"{CLIENT}/3"), methods=NO_METHOD
)
def a_family_that_is_given_to_a_client_is_not_inferred(mp: Any, see: See) -> None:
    """With the family AF_UNIX Client() calls at a file also whose name begins with two backslashes."""
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(BACKSLASHES)
        door.listen()
        with mp.connection.Client(BACKSLASHES, "AF_UNIX") as client:
            see.equal(socket_family(client), int(socket.AF_UNIX), "the family of the socket")
    os.unlink(BACKSLASHES)


@chapter.clause("listeners.family.pipe-on-posix", passage=f"{LISTENER}/8,7", level=SHOULD, methods=NO_METHOD)
def posix_has_no_named_pipes(mp: Any, see: See) -> None:
    """Listener and Client refuse the family AF_PIPE on POSIX."""
    for use in (mp.connection.Listener, mp.connection.Client):
        with see.raises(Exception):
            use("name", "AF_PIPE")


@chapter.clause(
    "listeners.family.unknown",
    passage=f"{LISTENER}/7",
    level=SHOULD,
    methods=NO_METHOD,
    cases={"name": "AF_NOWHERE", "number": 2},
)
def an_unknown_family_is_refused(mp: Any, see: See, family: Any) -> None:
    """A family that is not one of the three names is refused with an exception, by the listener and by the client."""
    with mp.connection.Listener(("localhost", 0)) as listener:
        for use in (mp.connection.Listener, mp.connection.Client):
            with see.raises(Exception):
                use(listener.address, family)


@chapter.clause(
    "listeners.family.no-address",
    passage=f"{LISTENER}/9",
    level=SHOULD,
    methods=NO_METHOD,
    cases={"number": 5, "list": ["localhost", 1]},
)
def what_is_no_address_is_refused(mp: Any, see: See, address: Any) -> None:
    """An address of which no family can be inferred raises, at the listener and at the client."""
    for use in (mp.connection.Listener, mp.connection.Client):
        with see.raises(Exception):
            use(address)


@chapter.clause("listeners.address.default", passage=f"{LISTENER}/10", methods=NO_METHOD)
def a_listener_without_an_address_has_one(mp: Any, see: See) -> None:
    """Listener() chooses family and address itself, and a client reaches it by its address attribute."""
    with connected(mp, see) as (served, client):
        talks(see, served, client)


@chapter.clause("listeners.address.default-family", passage=f"{LISTENER}/13,6", methods=NO_METHOD)
def the_family_of_unix_sockets_is_enough(mp: Any, see: See) -> None:
    """Listener(family='AF_UNIX') chooses an address of that family, and another one for each listener."""
    with mp.connection.Listener(family="AF_UNIX") as listener, mp.connection.Listener(family="AF_UNIX") as other:
        see.true(listener.address != other.address, "two addresses", other.address)
        served, client = connect(mp, see, listener)
        with served, client:
            see.equal(socket_family(served), int(socket.AF_UNIX), "the family of the socket")
            talks(see, served, client)


@chapter.clause("listeners.address.default-inet", passage=f"{LISTENER}/10,6", level=SHOULD, methods=NO_METHOD)
def the_family_of_the_internet_is_enough(mp: Any, see: See) -> None:
    """Listener(family='AF_INET') chooses an address of that family, and another one for each listener."""
    with mp.connection.Listener(family="AF_INET") as listener, mp.connection.Listener(family="AF_INET") as other:
        see.true(listener.address != other.address, "two addresses", other.address)
        served, client = connect(mp, see, listener)
        with served, client:
            see.equal(socket_family(served), int(socket.AF_INET), "the family of the socket")
            talks(see, served, client)


@chapter.clause("listeners.address.fastest", passage=f"{LISTENER}/11", level=UNSPECIFIED, methods=NO_METHOD)
def which_family_is_the_default(mp: Any, see: See) -> None:
    """The family chosen without family and address is the one assumed to be fastest; which one is left open."""
    with mp.connection.Listener() as listener:
        see.records(address=type(listener.address).__name__)


@chapter.clause("listeners.address.distinct", passage=f"{LISTENER}/10,2", methods=NO_METHOD)
def default_addresses_differ(mp: Any, see: See) -> None:
    """Listeners that choose their address choose different ones."""
    with mp.connection.Listener() as one, mp.connection.Listener() as other:
        see.true(one.address != other.address, "two addresses", one.address)


@chapter.clause("listeners.address.private-folder", passage=f"{LISTENER}/13", methods=NO_METHOD)
def the_default_socket_is_in_a_private_folder(mp: Any, see: See) -> None:
    """With family AF_UNIX and no address, the socket is made in a private folder below the temporary folder."""
    with mp.connection.Listener(family="AF_UNIX") as listener:
        folder = os.path.dirname(listener.address)
        see.true(os.path.realpath(folder) != os.path.realpath(tempfile.gettempdir()), "a folder of its own", folder)
        see.true(listener.address.startswith(tempfile.gettempdir()), "below the temporary folder", folder)
        see.equal(stat.S_IMODE(os.stat(folder).st_mode) & 0o077, 0, "what group and others may do with the folder")


@chapter.clause("listeners.address.file", passage=f"{ADDRESSES}/2", methods=NO_METHOD)
def a_unix_address_is_a_file(mp: Any, see: See) -> None:
    """An AF_UNIX address is the name of a file, a socket that the listener makes there."""
    address = address_of("AF_UNIX", see)
    with mp.connection.Listener(address) as listener:
        see.equal(listener.address, address, "the address")
        see.true(stat.S_ISSOCK(os.stat(address).st_mode), "a socket in the file system")


@chapter.clause(
    "listeners.address.bound-port", passage="multiprocessing.connection.Listener.address/2", methods=NO_METHOD
)
def address_tells_the_port_in_use(mp: Any, see: See) -> None:
    """address is the address in use: with port 0, host and the port that the system has chosen."""
    with mp.connection.Listener(("127.0.0.1", 0)) as listener:
        host, port = listener.address
        see.true(host == "127.0.0.1" and type(port) is int and port > 0, "host and port", listener.address)


@chapter.clause("listeners.address.given-port", passage=f"{LISTENER}/3,5", methods=NO_METHOD)
def a_listener_uses_the_port_it_was_given(mp: Any, see: See) -> None:
    """A listener with a port uses that port."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        free = probe.getsockname()
    with mp.connection.Listener(free) as listener:
        see.equal(listener.address, free, "the address")
        with socket.create_connection(free, LONG), listener.accept():
            pass


@chapter.clause("listeners.address.every-interface", passage=f"{LISTENER}/3,2", level=SHOULD, methods=NO_METHOD)
def a_listener_on_every_interface(mp: Any, see: See) -> None:
    """A listener at 0.0.0.0 is reached at 127.0.0.1."""
    with mp.connection.Listener(("0.0.0.0", 0)) as listener:
        accepting = see.in_thread(listener.accept)
        with mp.connection.Client(("127.0.0.1", listener.address[1])) as client, accepting.ends() as served:
            talks(see, served, client)


@chapter.clause(
    "listeners.address.read-only",
    passage=(f"{LISTENER}/19", "multiprocessing.connection.Listener.address/1", f"{LAST_ACCEPTED}/1"),
    methods=NO_METHOD,
    cases=cases("address", "last_accepted"),
)
def the_attributes_cannot_be_set(mp: Any, see: See, name: str) -> None:
    """address and last_accepted are read-only."""
    with mp.connection.Listener() as listener:
        before = getattr(listener, name)
        with see.raises(AttributeError):
            setattr(listener, name, "another")
        see.equal(getattr(listener, name), before, name)


@chapter.clause("listeners.address.in-use", passage=f"{LISTENER}/2,3", level=SHOULD, methods=NO_METHOD, cases=FAMILIES)
def an_address_in_use_is_refused(mp: Any, see: See, family: str) -> None:
    """A second listener at an address in use raises, and the first one goes on."""
    with mp.connection.Listener(address_of(family, see), family) as listener:
        with see.raises(Exception):
            mp.connection.Listener(listener.address, family)
        served, client = connect(mp, see, listener)
        with served, client:
            talks(see, served, client)


@chapter.clause(
    "listeners.address.used-again",
    passage="multiprocessing.connection.Listener.close/2",
    level=SHOULD,
    methods=NO_METHOD,
    cases=FAMILIES,
)
def an_address_can_be_used_again(mp: Any, see: See, family: str) -> None:
    """The address of a closed listener can be used by the next one at once, whatever connections there were."""
    with mp.connection.Listener(address_of(family, see), family) as listener:
        served, client = connect(mp, see, listener)
        served.close()
        address = listener.address
    with client, mp.connection.Listener(address, family) as second:
        see.equal(second.address, address, "the address")


# last_accepted


@chapter.clause("listeners.last_accepted.before", passage=f"{LAST_ACCEPTED}/3", methods=NO_METHOD, cases=FAMILIES)
def nobody_was_accepted_yet(mp: Any, see: See, family: str) -> None:
    """last_accepted is None before a connection was accepted."""
    with mp.connection.Listener(address_of(family, see), family) as listener:
        see.equal(listener.last_accepted, None, "last_accepted")


@chapter.clause(
    "listeners.last_accepted.caller",
    passage=f"{LAST_ACCEPTED}/2",
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


@chapter.clause("listeners.last_accepted.after-key", passage=f"{LAST_ACCEPTED}/2", methods=NO_METHOD)
def last_accepted_tells_of_a_caller_with_a_key(mp: Any, see: See) -> None:
    """last_accepted is the address of a client that has proved to know the key, too."""
    with mp.connection.Listener(("localhost", 0), authkey=KEY) as listener:
        served, client = connect(mp, see, listener, authkey=KEY)
        with served, client, socket.socket(fileno=os.dup(client.fileno())) as copy:
            see.equal(listener.last_accepted, copy.getsockname(), "last_accepted")


@chapter.clause("listeners.last_accepted.unnamed", passage=f"{LAST_ACCEPTED}/3", level=MAY, methods=NO_METHOD)
def a_caller_without_an_address(mp: Any, see: See) -> None:
    """last_accepted of a caller whose Unix socket has no address is None or empty."""
    with mp.connection.Listener(family="AF_UNIX") as listener:
        served, client = connect(mp, see, listener)
        with served, client:
            see.true(not listener.last_accepted, "None or empty", listener.last_accepted)
            see.records(last_accepted=listener.last_accepted)


# backlog


@chapter.clause(
    "listeners.backlog.waiting", passage=f"{LISTENER}/14", methods=NO_METHOD, platforms=("linux",), cases=FAMILIES
)
def backlog_is_how_many_may_wait(mp: Any, see: See, family: str) -> None:
    """backlog says how many callers may wait to be accepted: with 6 it is five more than with 1, the default."""
    counts = []
    for backlog in ({}, {"backlog": 1}, {"backlog": 6}):
        with mp.connection.Listener(address_of(family, see), family, **backlog) as listener:
            address = listener.address
            counts.append(admitted(family, address, 12))
        with contextlib.suppress(OSError, TypeError):
            os.unlink(address)
    see.equal(counts[0], counts[1], "how many wait by default")
    see.equal(counts[2] - counts[1], 5, "how many more wait")
