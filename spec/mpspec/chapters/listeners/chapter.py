"""Listeners and clients: what Listener, Client, addresses, keys and the two challenge functions promise."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Iterator
from typing import Any

from mpspec.chapters.listeners.targets import KEY
from mpspec.clause import Chapter
from mpspec.observation.see import Blocked, See
from mpspec.observation.waits import LONG

MODULE = "module-multiprocessing.connection"
LISTENER = "multiprocessing.connection.Listener"
ACCEPT = LISTENER + ".accept"
CLIENT = "multiprocessing.connection.Client"
DELIVER = "multiprocessing.connection.deliver_challenge"
ANSWER = "multiprocessing.connection.answer_challenge"
ADDRESSES = "address-formats"
KEYS = "authentication-keys"

chapter = Chapter(
    "listeners",
    section="Listeners and Clients",
    source="module-multiprocessing.connection",
    subjects=(
        "connecting",
        "address",
        "close",
        "keys",
        "proof",
        "challenge",
        "arguments",
        "windows",
    ),
)

FAMILIES = {"inet": "AF_INET", "unix": "AF_UNIX"}
"""The families of POSIX, by the label of a case."""

WRONG = {
    "other": (KEY, b"another password"),
    "prefix": (KEY, KEY[:-1]),
    "suffix": (KEY[:-1], KEY),
    "case": (KEY, KEY.title()),
    "long": (b"x" * 5000, b"x" * 4999 + b"y"),
    "binary": (b"\0\1", b"\0\2"),
}
"""Keys of a listener and a client that differ, by what differs."""


def address_of(family: str, see: See) -> Any:
    """An address of the family that is free."""
    return ("localhost", 0) if family == "AF_INET" else os.path.join(see.folder, "listener")


def connect(mp: Any, see: See, listener: Any, **arguments: Any) -> tuple[Any, Any]:
    """Connect a client to the listener: the connection that accept() returns, and that of the client."""
    accepting = see.in_thread(listener.accept)
    calling = see.in_thread(mp.connection.Client, listener.address, **arguments)
    client = calling.ends()
    return accepting.ends(), client


@contextlib.contextmanager
def connected(mp: Any, see: See, address: Any = None, family: Any = None, key: Any = None) -> Iterator[tuple[Any, Any]]:
    """Both ends of a connection between a listener and a client, closed in the end."""
    with mp.connection.Listener(address, family, authkey=key) as listener:
        served, client = connect(mp, see, listener, authkey=key)
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


def insists(end: Any, message: bytes) -> None:
    """Send the message some times, until the other end has had enough: one is an answer, whoever asks first."""
    with contextlib.suppress(OSError):
        for _ in range(3):
            end.send_bytes(message)


def socket_family(connection: Any) -> int:
    """The family of the socket that the connection uses."""
    with socket.socket(fileno=os.dup(connection.fileno())) as copy:
        return int(copy.family)


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
