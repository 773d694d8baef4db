"""Connections in messages: only processes of the program that know its key give descriptors, and are given any."""

from __future__ import annotations

import contextlib
import os
import pickle
import pickletools
import signal
import socket
from collections.abc import Callable
from pathlib import Path

import mpref
import pytest
from mpref.connection import authentication
from mpref.transfer.framing import length_of

from . import others


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
