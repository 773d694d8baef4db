"""Connections in messages: only processes of the program that know its key give descriptors, and are given any."""

from __future__ import annotations

import contextlib
import hmac
import os
import pickle
import pickletools
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import mpref
import pytest
from mpref.connection import authentication, descriptor_server, handshakes
from mpref.transfer.framing import length_of

from . import memory, others

LONG = 30.0
SOON = 8.0
"""Seconds in which a descriptor is fetched, on a machine that does a lot else."""
GROWTH = 8 << 20
"""Bytes: more than an allocator keeps by the way."""


def until(holds: Callable[[], object], what: str) -> None:
    """Wait for a state that no event tells."""
    end = time.monotonic() + LONG
    while not holds():
        assert time.monotonic() < end, what
        time.sleep(0.002)


class Trap:
    """Unpickled, it leaves a file."""

    def __init__(self, file: str) -> None:
        self.file = file

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return os.open, (self.file, os.O_CREAT | os.O_WRONLY)


def framed(body: bytes) -> bytes:
    """A message as it is on the wire."""
    return length_of(len(body)) + body


def sent_by_a_process_that_was_killed() -> bytes:
    """The pickle of a connection, whose sender does not live any more."""
    near, far = mpref.Pipe()
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.write(writing, pickle.dumps(far))
            signal.pause()
        finally:
            os._exit(1)
    text = os.read(reading, 65536)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    for one in (reading, writing):
        os.close(one)
    near.close()
    far.close()
    return text


def address_in(text: bytes) -> str:
    """The address at which the descriptor of a pickled connection is to be had."""
    return next(
        str(argument)
        for code, argument, _ in pickletools.genops(text)
        if "UNICODE" in code.name and str(argument).startswith("\0")
    )


def take_over(address: str, file: str, ready: Callable[[], None]) -> None:
    """Listen at the address, say what a server may say, and hand over a socket with a trap in it."""
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(address)
    listening.listen()
    ready()
    while True:
        channel, _ = listening.accept()
        ours, theirs = socket.socketpair()
        body = pickle.dumps(Trap(file))
        ours.sendall(framed(body))
        with contextlib.suppress(OSError):
            channel.settimeout(0.3)
            channel.sendall(framed(authentication.CHALLENGE + b"{sha256}" + b"c" * 40))
            channel.recv(4096)
            channel.sendall(framed(authentication.WELCOME))
            channel.recv(4096)
            channel.sendall(framed(b"{sha256}" + b"d" * 32))
            channel.recv(4096)
        with contextlib.suppress(OSError):
            socket.send_fds(channel, [b"1"], [theirs.fileno()])


@others.needs_others
def test_another_user_who_takes_over_the_address_of_a_killed_sender_hands_over_nothing(tmp_path: Path) -> None:
    file = tmp_path / "trapped"
    text = sent_by_a_process_that_was_killed()
    address = address_in(text)
    refused = pytest.raises(mpref.AuthenticationError, match="belongs to user")
    with others.another_user(lambda ready: take_over(address, str(file), ready)), refused:
        pickle.loads(text).recv()
    assert not file.exists(), "what another user has pickled was unpickled here"


class Offer:
    """The end of a pipe that waits to be fetched."""

    def __init__(self) -> None:
        self.near, far = mpref.Pipe()
        with far:
            self.text = pickle.dumps(far)
        self.address = address_in(self.text)

    def is_fetched(self) -> None:
        """It is, soon, and it is the right one."""
        began = time.monotonic()
        with self.near, pickle.loads(self.text) as fetched:
            self.near.send("is it the right one?")
            assert fetched.recv() == "is it the right one?"
        assert time.monotonic() - began < SOON


@pytest.fixture
def offer() -> Iterator[Offer]:
    """One that keeps the server going for the whole of a test."""
    one = Offer()
    yield one
    one.is_fetched()


def call(address: str) -> socket.socket:
    """A connection to the server."""
    one = socket.socket(socket.AF_UNIX)
    one.settimeout(LONG)
    one.connect(address)
    return one


def ends(one: socket.socket) -> bool:
    """Whether the server ends this connection without a descriptor."""
    with one, contextlib.suppress(ConnectionError):
        while True:
            data, given, _, _ = socket.recv_fds(one, 4096, 10)
            if given:
                return False
            if not data:
                break
    return True


def question(address: str, secret: bytes, key: bytes, role: str = "take") -> bytes:
    """What a process asks that knows this key."""
    shown = secret + bytes(descriptor_server.DEMAND)
    return framed(shown + hmac.digest(key, f"{role} {address} ".encode() + shown, "sha256"))


def secret_in(text: bytes) -> bytes:
    """The secret of a pickled connection."""
    return next(
        bytes(argument)
        for _, argument, _ in pickletools.genops(text)
        if isinstance(argument, bytes) and len(argument) == descriptor_server.SECRET
    )


def test_a_process_that_knows_the_key_and_the_secret_is_given_the_descriptor() -> None:
    one = Offer()
    with one.near, call(one.address) as line:
        line.sendall(question(one.address, secret_in(one.text), mpref.current_process().authkey))
        _, given, _, _ = socket.recv_fds(line, 4096, 10)
        assert len(given) == 1
        os.close(given[0])


@pytest.mark.parametrize(
    ("key", "role", "at"),
    [(b"another", "take", ""), (None, "give", ""), (None, "take", "elsewhere"), (b"", "take", "")],
    ids=["another-key", "the-proof-of-a-giver", "the-proof-for-another-address", "an-empty-key"],
)
def test_a_wrong_proof_gets_nothing_though_the_secret_is_right(offer: Offer, key: Any, role: str, at: str) -> None:
    line = call(offer.address)
    known = mpref.current_process().authkey if key is None else key
    line.sendall(question(at or offer.address, secret_in(offer.text), known, role))
    assert ends(line)


def garbage(line: socket.socket) -> None:
    """What is no question."""
    line.sendall(os.urandom(200))


def nothing_at_all(line: socket.socket) -> None:
    """The line is closed at once."""


def a_huge_length(line: socket.socket) -> None:
    """A length, and no message."""
    line.sendall(b"\xff\xff\xff\xff" + (1 << 40).to_bytes(8, "big"))


def a_pickle(line: socket.socket) -> None:
    """An object that would end the server if it were unpickled."""
    line.sendall(framed(b"cos\n_exit\n(I7\ntR."))


def an_empty_question(line: socket.socket) -> None:
    """A message without a byte."""
    line.sendall(framed(b""))


def a_descriptor(line: socket.socket) -> None:
    """A descriptor that nobody wants, with half a question."""
    socket.send_fds(line, [framed(b"x" * 96)[:40]], [0] * 200)


STRANGE = (garbage, nothing_at_all, a_huge_length, a_pickle, an_empty_question, a_descriptor)


@pytest.mark.parametrize("say", STRANGE, ids=lambda say: say.__name__.replace("_", "-"))
def test_the_server_goes_on_whatever_it_is_told_and_keeps_nothing(
    offer: Offer, say: Callable[[socket.socket], None]
) -> None:
    before, began = len(os.listdir("/proc/self/fd")), memory.begin("self")
    for _ in range(30):
        with call(offer.address) as line, contextlib.suppress(OSError):
            say(line)
        Offer().is_fetched()
    until(lambda: len(os.listdir("/proc/self/fd")) <= before, "the server keeps descriptors")
    assert memory.peak("self") - began < GROWTH


def test_silent_callers_and_those_that_drip_hold_up_nobody_and_are_turned_away(
    offer: Offer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handshakes, "PATIENCE", 1.0)
    silent = [call(offer.address) for _ in range(20)]
    dripping = [call(offer.address) for _ in range(20)]
    asked = question(offer.address, secret_in(offer.text), b"another")
    end = time.monotonic() + 2.0
    for byte in asked:
        if time.monotonic() > end:
            break
        for line in dripping:
            with contextlib.suppress(ConnectionError):
                line.sendall(bytes([byte]))
        Offer().is_fetched()
        time.sleep(0.1)  # it is the pace that is tried: each byte comes within the patience, all of them do not
    for line in (*silent, *dripping):
        assert ends(line)


def test_more_callers_than_there_is_room_for_lock_nobody_out(offer: Offer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handshakes, "MOST", 3)
    lines = []
    for _ in range(10):
        lines += [call(offer.address) for _ in range(5)]
        Offer().is_fetched()
    for line in lines:
        line.close()


def lie(listening: socket.socket, say: Callable[[socket.socket], None]) -> None:
    """Say something to each who comes, until the socket is shut down."""
    with listening, contextlib.suppress(OSError):
        while True:
            channel, _ = listening.accept()
            with channel, contextlib.suppress(OSError):
                say(channel)


def listening_at(address: str) -> socket.socket:
    """A socket that has taken this address over."""
    one = socket.socket(socket.AF_UNIX)
    one.bind(address)
    one.listen()
    return one


def a_descriptor_without_proof(line: socket.socket) -> None:
    """What is asked for, from one who does not know the key."""
    line.recv(4096)
    socket.send_fds(line, [framed(descriptor_server.GIVEN + bytes(descriptor_server.PROOF))], [0])


def the_proof_of_the_taker(line: socket.socket) -> None:
    """What was just heard, sent back."""
    heard = line.recv(4096)
    socket.send_fds(line, [framed(descriptor_server.GIVEN + heard[-descriptor_server.PROOF :])], [0])


def many_descriptors(line: socket.socket) -> None:
    """More than were asked for."""
    line.recv(4096)
    socket.send_fds(line, [framed(descriptor_server.GIVEN + bytes(descriptor_server.PROOF))], [0] * 200)


def half_a_reply(line: socket.socket) -> None:
    """A reply that ends too early."""
    line.recv(4096)
    socket.send_fds(line, [framed(descriptor_server.GIVEN + bytes(descriptor_server.PROOF))[:9]], [0])


def never_a_word(line: socket.socket) -> None:
    """Silence."""
    while line.recv(4096):
        pass


LIES = (a_descriptor_without_proof, the_proof_of_the_taker, many_descriptors, half_a_reply, never_a_word)


@pytest.mark.parametrize("say", LIES, ids=lambda say: say.__name__.replace("_", "-"))
def test_who_takes_over_an_address_without_the_key_hands_over_nothing(
    monkeypatch: pytest.MonkeyPatch, say: Callable[[socket.socket], None]
) -> None:
    monkeypatch.setattr(descriptor_server, "PATIENCE", 1.0)
    text = sent_by_a_process_that_was_killed()
    listening = listening_at(address_in(text))
    lying = threading.Thread(target=lie, args=(listening, say))
    lying.start()
    before = len(os.listdir("/proc/self/fd"))
    with pytest.raises((mpref.AuthenticationError, TimeoutError)):
        pickle.loads(text)
    until(lambda: len(os.listdir("/proc/self/fd")) <= before, "descriptors of somebody else were kept")
    listening.shutdown(socket.SHUT_RDWR)
    lying.join(LONG)


@others.needs_others
def test_another_user_is_turned_away_unheard_and_holds_up_nobody(offer: Offer) -> None:
    address, secret, key = offer.address, secret_in(offer.text), bytes(mpref.current_process().authkey)

    def flood(ready: Callable[[], None]) -> None:
        line = call(address)
        with contextlib.suppress(OSError):
            line.sendall(question(address, secret, key))  # even if it knew everything
        assert ends(line)
        ready()
        lines = []
        while True:
            lines = [*lines[-100:], call(address)]

    with others.another_user(flood):
        for _ in range(20):
            Offer().is_fetched()


@others.needs_others
def test_the_descriptors_of_another_user_are_refused() -> None:
    address = f"\0mpref-test-{os.urandom(8).hex()}"
    refused = pytest.raises(mpref.AuthenticationError, match="user")

    def act(ready: Callable[[], None]) -> None:
        listening = listening_at(address)
        ready()
        lie(listening, a_descriptor_without_proof)

    with others.another_user(act), refused:
        descriptor_server.fetch(address, bytes(descriptor_server.SECRET))
