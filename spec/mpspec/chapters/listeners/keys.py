"""Keys: who is admitted, who is refused, and what either learns."""

from __future__ import annotations

import contextlib
import gc
import os
import pickle
import socket
from typing import Any

from mpspec.chapters.listeners.chapter import (
    ACCEPT,
    CLIENT,
    FAMILIES,
    KEYS,
    LISTENER,
    WRONG,
    address_of,
    chapter,
    connect,
    connected,
    given_up,
    insists,
    refused,
    talks,
)
from mpspec.chapters.listeners.targets import KEY, call_in_vain, call_with_own_key
from mpspec.clause import ANY_METHOD, NO_METHOD, SHOULD, UNSPECIFIED
from mpspec.observation.see import NotKept, See
from mpspec.observation.waits import LONG, SMALL


class Mark:
    """Makes a folder when it is unpickled."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return os.mkdir, (self.path,)


@chapter.clause("listeners.key.same", passage=f"{KEYS}/4,3", methods=NO_METHOD, cases=FAMILIES)
def the_same_key_opens_the_door(mp: Any, see: See, family: str) -> None:
    """A client and a listener with equal keys are connected, and their first message is the first that arrives."""
    with connected(mp, see, address_of(family, see), family, key=KEY) as (served, client):
        talks(see, served, client)


@chapter.clause(
    "listeners.key.any-bytes",
    passage=f"{KEYS}/4,9",
    methods=NO_METHOD,
    cases={"one": b"k", "binary": bytes(range(256)), "block": b"b" * 64, "long": b"l" * 5000, "random": os.urandom(32)},
)
def any_bytes_are_a_key(mp: Any, see: See, key: bytes) -> None:
    """Any byte string serves as a key, of any length."""
    with connected(mp, see, key=key) as (served, client):
        talks(see, served, client)


@chapter.clause(
    "listeners.key.none-listener", passage=f"{LISTENER}/16", methods=NO_METHOD, hanging=True, cases=FAMILIES
)
def a_listener_without_a_key_asks_for_nothing(mp: Any, see: See, family: str) -> None:
    """A listener whose authkey is None accepts a caller that says nothing, and sends it nothing."""
    listener = mp.connection.Listener(address_of(family, see), family)
    with listener, socket.socket(getattr(socket, family)) as caller:
        caller.connect(listener.address)
        see.in_thread(listener.accept).ends().close()
        caller.settimeout(LONG)
        see.equal(caller.recv(99), b"", "what the caller gets")


@chapter.clause("listeners.key.none-client", passage=f"{CLIENT}/6", methods=NO_METHOD, hanging=True)
def a_client_without_a_key_waits_for_nothing(mp: Any, see: See) -> None:
    """Client() whose authkey is None returns though the listener says nothing, and sends nothing."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        see.in_thread(mp.connection.Client, door.getsockname()).ends().close()
        caller, _ = door.accept()
        with caller:
            caller.settimeout(LONG)
            see.equal(caller.recv(99), b"", "what the listener gets")


@chapter.clause("listeners.key.process-key-unasked", passage=(f"{LISTENER}/16", f"{CLIENT}/6"), methods=NO_METHOD)
def the_key_of_the_process_is_not_taken_unasked(mp: Any, see: See) -> None:
    """Listener and Client without authkey, or with None, do without authentication, though the process has a key."""
    mp.current_process().authkey = KEY
    for none in ({}, {"authkey": None}):
        listener = mp.connection.Listener(("localhost", 0), **none)
        with listener, socket.create_connection(listener.address, LONG) as caller:
            see.in_thread(listener.accept).ends().close()
            see.equal(caller.recv(99), b"", "what a caller gets of the listener")
        with socket.create_server(("127.0.0.1", 0)) as door:
            see.in_thread(mp.connection.Client, door.getsockname(), **none).ends().close()
            caller, _ = door.accept()
            with caller:
                caller.settimeout(LONG)
                see.equal(caller.recv(99), b"", "what a listener gets of the client")


@chapter.clause("listeners.key.silent-listener", source=CLIENT, level=UNSPECIFIED, methods=NO_METHOD)
def a_client_with_a_key_at_a_silent_listener(mp: Any, see: See) -> None:
    """How long Client() with a key waits for a listener that says nothing is left open."""
    with mp.connection.Listener() as listener:
        calling = see.in_thread(mp.connection.Client, listener.address, authkey=KEY)
        with listener.accept():
            calling.thread.join(SMALL)
            see.records(waits=calling.thread.is_alive())
        given_up(calling)


@chapter.clause(
    "listeners.key.wrong-listener", passage=(f"{ACCEPT}/3", f"{LISTENER}/17"), methods=NO_METHOD, cases=WRONG
)
def accept_refuses_a_wrong_key(mp: Any, see: See, keys: Any) -> None:
    """accept() raises AuthenticationError where the client's key is not the listener's."""
    with mp.connection.Listener(authkey=keys[0]) as listener:
        accepting = see.in_thread(listener.accept)
        calling = see.in_thread(mp.connection.Client, listener.address, authkey=keys[1])
        refused(mp, see, accepting)
        given_up(calling)


@chapter.clause(
    "listeners.key.wrong-client",
    passage=(f"{CLIENT}/7,5", f"{KEYS}/10", "multiprocessing.AuthenticationError/2"),
    methods=NO_METHOD,
    cases=WRONG,
)
def a_client_with_a_wrong_key_is_told(mp: Any, see: See, keys: Any) -> None:
    """Client() raises AuthenticationError where its key is not the listener's."""
    with mp.connection.Listener(authkey=keys[0]) as listener:
        accepting = see.in_thread(listener.accept)
        calling = see.in_thread(mp.connection.Client, listener.address, authkey=keys[1])
        refused(mp, see, calling)
        given_up(accepting)


@chapter.clause("listeners.key.wrong-in-child", passage=f"{CLIENT}/7", methods=ANY_METHOD)
def a_child_with_a_wrong_key_is_refused(mp: Any, see: See) -> None:
    """AuthenticationError is raised on both sides when a client in another process has a wrong key."""
    box = see.mailbox()
    with mp.connection.Listener(authkey=KEY) as listener:
        child = mp.Process(target=call_in_vain, args=(mp, listener.address, box))
        child.start()
        refused(mp, see, see.in_thread(listener.accept))
        see.equal(box.take(), "AuthenticationError", "what the client gets")
        see.exits(child, 0)


@chapter.clause("listeners.key.after-refusal", passage=f"{ACCEPT}/2,3", level=SHOULD, methods=NO_METHOD, cases=FAMILIES)
def a_listener_goes_on_after_a_refusal(mp: Any, see: See, family: str) -> None:
    """After a client was refused, the listener accepts the next one with the right key."""
    with mp.connection.Listener(address_of(family, see), family, authkey=KEY) as listener:
        accepting = see.in_thread(listener.accept)
        given_up(see.in_thread(mp.connection.Client, listener.address, authkey=b"wrong"))
        given_up(accepting)
        served, client = connect(mp, see, listener, authkey=KEY)
        with served, client:
            talks(see, served, client)


@chapter.clause("listeners.key.refused-is-closed", source=ACCEPT, level=UNSPECIFIED, methods=NO_METHOD)
def what_becomes_of_a_refused_connection(mp: Any, see: See) -> None:
    """Whether the connection of a client that was refused is closed by the listener is left open."""
    with mp.connection.Listener(("localhost", 0), authkey=KEY) as listener:
        accepting = see.in_thread(listener.accept)
        with mp.connection.Client(listener.address) as client:
            insists(client, b"not an answer")
            given_up(accepting)
            del accepting
            gc.collect()
            try:
                for _ in range(5):
                    see.true(client.poll(SMALL), "the end of file arrives")
                    client.recv_bytes()
            except (EOFError, OSError):
                see.records(closed=True)
            except NotKept:
                see.records(closed=False)


@chapter.clause(
    "listeners.key.not-bytes",
    passage=(f"{LISTENER}/15", f"{CLIENT}/5"),
    level=SHOULD,
    methods=NO_METHOD,
    cases={"text": "secret", "number": 7},
)
def a_key_that_is_not_bytes_is_refused(mp: Any, see: See, key: Any) -> None:
    """Listener and Client refuse a key that is not a byte string."""
    with see.raises(Exception):
        mp.connection.Listener(authkey=key)
    with mp.connection.Listener() as listener, see.raises(Exception):
        mp.connection.Client(listener.address, authkey=key)


@chapter.clause("listeners.key.empty-listener", passage=f"{LISTENER}/15", methods=NO_METHOD, hanging=True)
def an_empty_key_of_a_listener_is_a_key(mp: Any, see: See) -> None:
    """A listener with the empty byte string as its key demands proof: a client that gives none is refused."""
    with mp.connection.Listener(authkey=b"") as listener:
        accepting = see.in_thread(listener.accept)
        with mp.connection.Client(listener.address) as client:
            insists(client, b"not an answer")
            refused(mp, see, accepting)


@chapter.clause("listeners.key.empty-client", passage=f"{CLIENT}/5,6", methods=NO_METHOD)
def an_empty_key_of_a_client_is_a_key(mp: Any, see: See) -> None:
    """Client() with the empty byte string as its key demands proof: it does not return before the listener gave it."""
    with mp.connection.Listener(("localhost", 0)) as listener:
        calling = see.blocks(mp.connection.Client, listener.address, authkey=b"")
        with listener.accept() as served:
            insists(served, b"not a challenge")
        given_up(calling)


@chapter.clause("listeners.key.empty-same", passage=f"{LISTENER}/15", methods=NO_METHOD, hanging=True)
def equal_empty_keys_open_the_door(mp: Any, see: See) -> None:
    """A client and a listener that both have the empty byte string as their key are connected."""
    with connected(mp, see, key=b"") as (served, client):
        talks(see, served, client)


@chapter.clause("listeners.key.listener-only", passage=f"{ACCEPT}/3", methods=NO_METHOD)
def a_client_without_the_key_is_refused(mp: Any, see: See) -> None:
    """accept() of a listener with a key raises AuthenticationError for a client that answers without one."""
    with mp.connection.Listener(authkey=KEY) as listener:
        accepting = see.in_thread(listener.accept)
        with mp.connection.Client(listener.address) as client:
            insists(client, b"let me in")
            refused(mp, see, accepting)


@chapter.clause("listeners.key.caller-leaves", passage=f"{ACCEPT}/3", methods=NO_METHOD)
def a_caller_that_leaves_has_failed(mp: Any, see: See) -> None:
    """accept() of a listener with a key raises AuthenticationError where the caller leaves without an answer."""
    with mp.connection.Listener(("localhost", 0), authkey=KEY) as listener:
        accepting = see.in_thread(listener.accept)
        socket.create_connection(listener.address).close()
        refused(mp, see, accepting)


@chapter.clause("listeners.key.client-only", passage=f"{CLIENT}/7", methods=NO_METHOD)
def a_listener_that_does_not_ask_is_refused(mp: Any, see: See) -> None:
    """Client() with a key raises AuthenticationError where the listener sends something else, and leaves."""
    with mp.connection.Listener() as listener:
        calling = see.in_thread(mp.connection.Client, listener.address, authkey=KEY)
        with listener.accept() as served:
            served.send("welcome")
        refused(mp, see, calling)


@chapter.clause("listeners.key.listener-leaves", passage=f"{CLIENT}/7", methods=NO_METHOD)
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


@chapter.clause("listeners.key.nothing-unpickled", passage=f"{KEYS}/3,4", methods=NO_METHOD)
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


@chapter.clause("listeners.key.recv-unpickles", passage=f"{KEYS}/1", methods=NO_METHOD)
def what_is_received_is_unpickled(mp: Any, see: See) -> None:
    """recv() unpickles what it receives: that is called by which the object says that it is made anew."""
    mark = os.path.join(see.folder, "mark")
    with connected(mp, see, key=KEY) as (served, client):
        client.send(Mark(mark))
        see.true(served.poll(LONG), "a message arrives")
        see.equal(served.recv(), None, "what the call gives, by which the object is made")
        see.true(os.path.isdir(mark), "the object was made anew")
    os.rmdir(mark)


@chapter.clause("listeners.key.inherited", passage=f"{KEYS}/7,8")
def a_child_shares_the_key_of_its_parent(mp: Any, see: See) -> None:
    """The authkey of current_process() is one key for a process and its children."""
    with mp.connection.Listener(authkey=mp.current_process().authkey) as listener:
        child = mp.Process(target=call_with_own_key, args=(mp, listener.address))
        child.start()
        with see.in_thread(listener.accept).ends() as served:
            see.equal(served.recv(), "from the client", "what arrives")
            served.send("end")
        see.exits(child, 0)


@chapter.clause("listeners.key.set-for-process", passage="multiprocessing.Process.authkey/4", methods=ANY_METHOD)
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
