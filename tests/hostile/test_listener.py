"""A hostile peer neither stops a server, nor makes it grow, nor keeps honest clients waiting."""

from __future__ import annotations

import contextlib
import os
import random
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from mpref.connection import Client, authentication
from mpref.transfer.framing import length_of

from . import memory, server

PROGRAM = str(Path(server.__file__))
PATIENCE = 1.5
GROWTH = 8 << 20
"""Bytes: more than an allocator keeps by the way; what an attack sends whole is twice as much."""
HONEST = 8.0
"""Seconds in which an honest client has been served, on a machine that does a lot else."""


class Server:
    """The server, in a process of its own."""

    def __init__(self) -> None:
        command = [sys.executable, PROGRAM, str(PATIENCE)]
        reference = os.environ.get("PYTHONPATH", "")
        self.process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": reference, "MALLOC_ARENA_MAX": "1"},
        )
        assert self.process.stdout is not None
        self.address = ("127.0.0.1", int(self.process.stdout.readline()))

    def descriptors(self) -> int:
        """How many it has open."""
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def call(self) -> socket.socket:
        """A connection to it, whose challenge has not been answered."""
        return socket.create_connection(self.address, timeout=10)

    def serves(self) -> None:
        """An honest client is served, soon."""
        began = time.monotonic()
        with Client(self.address, authkey=server.KEY) as honest:
            honest.send(["honest", 1])
            assert honest.poll(HONEST)
            assert honest.recv() == ["honest", 1]
        assert time.monotonic() - began < HONEST


@pytest.fixture(scope="module")
def served() -> Iterator[Server]:
    """A server that has been used, so that its memory has its usual size."""
    one = Server()
    for _ in range(30):
        one.serves()
    yield one
    assert one.process.poll() is None, "the server has gone on through everything"
    one.process.kill()
    one.process.communicate()


def framed(body: bytes) -> bytes:
    """A message as it is on the wire."""
    return length_of(len(body)) + body


def challenge_of(line: socket.socket) -> bytes:
    """What the server asks."""
    size = int.from_bytes(exactly(line, 4), "big")
    return exactly(line, size).removeprefix(authentication.CHALLENGE)


def exactly(line: socket.socket, size: int) -> bytes:
    """So many bytes."""
    data = b""
    while len(data) < size:
        some = line.recv(size - len(data))
        assert some, "the server has said what is expected"
        data += some
    return data


def random_bytes(served: Server) -> None:
    """Noise of every length, with a fixed seed."""
    noise = random.Random(7)
    for _ in range(60):
        with served.call() as line:
            line.sendall(noise.randbytes(noise.choice((1, 3, 4, 5, 20, 300, 70_000))))


def truncated_frames(served: Server) -> None:
    """A message that ends too early, at each of its bytes."""
    whole = framed(b"x" * 40)
    for size in range(len(whole)):
        with served.call() as line:
            line.sendall(whole[:size])


def over_long_frames(served: Server) -> None:
    """More than a handshake takes, announced and sent."""
    for size in (257, 5000, GROWTH * 2):
        with served.call() as line, contextlib.suppress(OSError):
            line.sendall(framed(b"x" * size))


def impossible_lengths(served: Server) -> None:
    """Negative lengths, huge ones, and the long form of them; nothing follows."""
    heads = [
        (-2).to_bytes(4, "big", signed=True),
        b"\x80\0\0\0",
        b"\x7f\xff\xff\xff",
        b"\xff\xff\xff\xff" + b"\xff" * 8,
    ]
    heads += [b"\xff\xff\xff\xff" + (1 << bits).to_bytes(8, "big") for bits in (31, 40, 62)]
    for head in heads * 5:
        with served.call() as line:
            line.sendall(head)


def endless_challenges(served: Server) -> None:
    """A client that answers, but goes on to challenge with what is not a proof."""
    for _ in range(10):
        with served.call() as line, contextlib.suppress(OSError):
            for _ in range(200):
                line.sendall(framed(authentication.CHALLENGE + b"{sha256}" + b"c" * 40))


def silence(served: Server) -> None:
    """Callers that say nothing, kept open meanwhile."""
    lines = [served.call() for _ in range(40)]
    served.serves()
    for line in lines:
        line.close()


def one_byte_at_a_time(served: Server) -> None:
    """A message that comes in single bytes, slower than the server is patient."""
    lines = [served.call() for _ in range(20)]
    end = time.monotonic() + PATIENCE + 1
    with contextlib.suppress(OSError):
        for byte in framed(b"s" * 40):
            for line in lines:
                line.sendall(bytes([byte]))
            if time.monotonic() > end:
                break
            served.serves()
    for line in lines:
        line.close()


def replayed_digest(served: Server) -> None:
    """An answer that was right once."""
    with served.call() as line:
        answer = b"{sha256}" + authentication._digest(server.KEY, challenge_of(line), "sha256")
        line.sendall(framed(answer))
        assert exactly(line, 4 + len(authentication.WELCOME)).endswith(authentication.WELCOME)
    for _ in range(20):
        with served.call() as line:
            challenge_of(line)
            line.sendall(framed(answer))
            assert exactly(line, 4 + len(authentication.FAILURE)).endswith(authentication.FAILURE)


def pickles(served: Server) -> None:
    """Objects in the place of an answer: one that would end the server if it were unpickled."""
    for _ in range(20):
        with served.call() as line:
            line.sendall(framed(b"cos\n_exit\n(I7\ntR."))


ATTACKS = (
    random_bytes, truncated_frames, over_long_frames, impossible_lengths, endless_challenges, silence,
    one_byte_at_a_time, replayed_digest, pickles,
)  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__.replace("_", "-"))
def test_the_server_goes_on_and_does_not_grow(served: Server, attack: Callable[[Server], None]) -> None:
    before, open_before = memory.begin(served.process.pid), served.descriptors()
    attacking = threading.Thread(target=attack, args=(served,))
    attacking.start()
    while attacking.is_alive():
        served.serves()
    attacking.join()
    served.serves()
    assert memory.peak(served.process.pid) - before < GROWTH
    end = time.monotonic() + PATIENCE + 10
    while served.descriptors() > open_before and time.monotonic() < end:
        served.serves()  # a server that accepts loses its patience with those that are silent
    assert served.descriptors() <= open_before


def test_five_hundred_connections_at_once(served: Server) -> None:
    before = memory.begin(served.process.pid)
    lines: list[socket.socket] = []
    for number in range(500):
        lines.append(served.call())
        if number % 100 == 99:
            served.serves()
    for number, line in enumerate(lines):
        with contextlib.suppress(OSError):
            line.sendall(framed(b"not a digest"[: number % 12]))
    served.serves()
    for line in lines:
        line.close()
    served.serves()
    assert memory.peak(served.process.pid) - before < GROWTH


@pytest.mark.parametrize("size", [(1 << 31) - 1, 1 << 33])
def test_a_length_that_is_announced_and_not_sent_allocates_nothing(size: int) -> None:
    from mpref import Pipe

    near, far = Pipe()
    with near, far, socket.socket(fileno=os.dup(near.fileno())) as raw:
        before = memory.begin("self")
        receiving = threading.Thread(target=_fails_in_the_end, args=(far,))
        receiving.start()
        raw.sendall(length_of(size) + b"begin")
        while far.poll():  # the beginning is not read yet
            time.sleep(0.001)
        assert memory.peak("self") - before < GROWTH
        raw.shutdown(socket.SHUT_RDWR)
        receiving.join()


def _fails_in_the_end(one: Any) -> None:
    with pytest.raises(OSError, match="in the middle"):
        one.recv_bytes()
