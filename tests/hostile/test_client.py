"""A listener that is hostile neither keeps a client with a key waiting for ever, nor makes it grow, nor fools it."""

from __future__ import annotations

import contextlib
import random
import socket
import threading
from collections.abc import Callable, Iterator

import mpref
import pytest
from mpref.connection import Client, authentication, handshakes, listeners
from mpref.transfer.framing import length_of

from . import memory

PATIENCE = 1.0
GROWTH = 8 << 20
"""Bytes: more than an allocator keeps by the way; what an attack sends whole is twice as much."""
END = 30.0
"""Seconds in which a client that is held up for PATIENCE has come back, on a machine that does a lot else."""

Say = Callable[[bytes], None]


def framed(body: bytes) -> bytes:
    """A message as it is on the wire."""
    return length_of(len(body)) + body


# Made once: the attacker is in this process too, and its memory is not the matter.
OVER_LONG = framed(bytes(GROWTH * 2))


def silence(say: Say) -> None:
    """Not a word."""
    threading.Event().wait(PATIENCE * 2)


def leaving(say: Say) -> None:
    """The line is closed at once."""


def random_bytes(say: Say) -> None:
    """Noise."""
    say(random.Random(5).randbytes(70_000))


def a_truncated_frame(say: Say) -> None:
    """A challenge that ends too early."""
    say(framed(authentication.CHALLENGE + b"{sha256}" + b"c" * 40)[:-7])


def an_over_long_frame(say: Say) -> None:
    """More than a handshake takes, announced and sent."""
    say(OVER_LONG)


def a_negative_length(say: Say) -> None:
    """A length that none can have, and no message."""
    say((-2).to_bytes(4, "big", signed=True))
    threading.Event().wait(PATIENCE * 2)


def a_huge_length(say: Say) -> None:
    """The long form of a length, and no message."""
    say(b"\xff\xff\xff\xff" + (1 << 40).to_bytes(8, "big"))
    threading.Event().wait(PATIENCE * 2)


def endless_challenges(say: Say) -> None:
    """One challenge after the other, whatever is answered."""
    while True:
        say(framed(authentication.CHALLENGE + b"{sha256}" + b"c" * 40))


def one_byte_at_a_time(say: Say) -> None:
    """A challenge so slow that it never ends."""
    for byte in framed(authentication.CHALLENGE + b"{sha256}" + b"c" * 40):
        say(bytes([byte]))
        threading.Event().wait(PATIENCE / 4)


def a_pickle(say: Say) -> None:
    """An object that would end the client if it were unpickled."""
    say(framed(b"cos\n_exit\n(I7\ntR."))
    say(framed(b"cos\n_exit\n(I7\ntR."))


def an_empty_welcome(say: Say) -> None:
    """The welcome without a challenge."""
    say(framed(authentication.WELCOME) * 3)


ATTACKS = (
    silence, leaving, random_bytes, a_truncated_frame, an_over_long_frame, a_negative_length, a_huge_length,
    endless_challenges, one_byte_at_a_time, a_pickle, an_empty_welcome,
)  # fmt: skip


@pytest.fixture
def door(monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """A socket that listens, for clients of little patience."""
    monkeypatch.setattr(listeners, "FIRST_MESSAGE", PATIENCE)
    monkeypatch.setattr(handshakes, "PATIENCE", PATIENCE)
    with socket.create_server(("127.0.0.1", 0)) as one:
        yield one


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__.replace("_", "-"))
def test_a_client_gets_an_authentication_error_and_does_not_grow(
    door: socket.socket, attack: Callable[[Say], None]
) -> None:
    def listen() -> None:
        line, _ = door.accept()
        with line, contextlib.suppress(OSError):
            attack(line.sendall)

    before = memory.begin("self")
    listening = threading.Thread(target=listen)
    listening.start()
    calling = threading.Thread(target=call, args=(door.getsockname(), outcomes := []))
    calling.start()
    calling.join(END)
    assert outcomes == ["AuthenticationError"]
    listening.join(END)
    assert not listening.is_alive()
    assert memory.peak("self") - before < GROWTH


def call(address: tuple[str, int], outcomes: list[str]) -> None:
    """Call, and note the name of the exception."""
    try:
        Client(address, authkey=b"a key").close()
        outcomes.append("admitted")
    except mpref.AuthenticationError as error:
        outcomes.append(type(error).__name__)
