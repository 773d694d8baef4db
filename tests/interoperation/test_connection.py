"""The reference talks to the standard library of every interpreter on this machine, and is refused as it refuses."""

from __future__ import annotations

import ast
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mpref
import pytest
from mpconform.adapters.interpreters import interpreter
from mpconform.errors import Unusable
from mpref.connection import listeners

from . import peer

PROGRAM = str(Path(peer.__file__))
KEY = b"an open secret"
FAMILIES = ("AF_INET", "AF_UNIX")
BEFORE_EMPTY_KEYS = ("3.9", "3.10", "3.11", "3.12", "pypy3.9")
"""Whose standard library takes an empty key for none."""


def _here(version: str) -> bool:
    try:
        interpreter(version)
    except Unusable:
        return False
    return True


VERSIONS = [version for version in ("3.9", "3.10", "3.11", "3.12", "3.13", "3.14", "pypy3.9") if _here(version)]


@pytest.fixture(params=VERSIONS)
def version(request: pytest.FixtureRequest) -> str:
    """Each interpreter whose standard library is talked to."""
    return str(request.param)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """For listeners that never say a word."""
    monkeypatch.setattr(listeners, "FIRST_MESSAGE", 2.0)


class Peer:
    """The standard library's end, in a process of its own."""

    def __init__(self, version: str, role: str, family: str, address: Any, key: bytes | None) -> None:
        command = [interpreter(version).path, PROGRAM, "multiprocessing", role, family, repr(address), repr(key)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        self.address = ast.literal_eval(self._process.stdout.readline()) if role == "listener" else None

    def outcome(self) -> str:
        """What has come of it."""
        self._process.wait(60)  # before its input is closed, which ends it as well
        out, err = self._process.communicate()
        assert out, err
        return out.splitlines()[-1]

    def close(self) -> None:
        """End it where it has not ended."""
        self._process.kill()
        self._process.communicate()


@pytest.fixture
def peers() -> Iterator[list[Peer]]:
    """The processes of a test, ended with it."""
    started: list[Peer] = []
    yield started
    for one in started:
        one.close()


def as_client(
    peers: list[Peer], version: str, family: str, theirs: bytes | None, ours: bytes | None
) -> tuple[str, str]:
    """Call a listener of the standard library: our outcome and theirs."""
    them = Peer(version, "listener", family, ("127.0.0.1", 0) if family == "AF_INET" else None, theirs)
    peers.append(them)
    try:
        with mpref.connection.Client(them.address, family, authkey=ours) as one:
            peer.ask(one)
        ours_is = "talked"
    except (mpref.AuthenticationError, EOFError, OSError) as error:
        ours_is = type(error).__name__
    return ours_is, them.outcome()


def as_listener(
    peers: list[Peer], version: str, family: str, theirs: bytes | None, ours: bytes | None
) -> tuple[str, str]:
    """Accept a client of the standard library: our outcome and theirs."""
    with mpref.connection.Listener(("127.0.0.1", 0) if family == "AF_INET" else None, family, authkey=ours) as listener:
        them = Peer(version, "client", family, listener.address, theirs)
        peers.append(them)
        try:
            with listener.accept() as one:
                peer.repeat(one)
            ours_is = "talked"
        except (mpref.AuthenticationError, EOFError, OSError) as error:
            ours_is = type(error).__name__
        return ours_is, them.outcome()


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("key", [None, KEY, b"long" * 100], ids=["none", "key", "long"])
def test_a_client_of_the_reference_talks_to_a_listener(
    peers: list[Peer], version: str, family: str, key: bytes | None
) -> None:
    assert as_client(peers, version, family, key, key) == ("talked", "talked")


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("key", [None, KEY, b"long" * 100], ids=["none", "key", "long"])
def test_a_listener_of_the_reference_talks_to_a_client(
    peers: list[Peer], version: str, family: str, key: bytes | None
) -> None:
    assert as_listener(peers, version, family, key, key) == ("talked", "talked")


def test_a_wrong_key_is_refused_on_both_sides(peers: list[Peer], version: str) -> None:
    both = ("AuthenticationError", "AuthenticationError")
    assert as_client(peers, version, "AF_INET", KEY, b"wrong") == both
    assert as_listener(peers, version, "AF_INET", KEY, b"wrong") == both


def test_an_empty_key_is_a_key(peers: list[Peer], version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if version in BEFORE_EMPTY_KEYS:  # their listener asks for nothing, and so proves nothing
        monkeypatch.setattr(listeners, "FIRST_MESSAGE", 2.0)
        assert as_client(peers, version, "AF_INET", b"", b"")[0] == "AuthenticationError"
    else:
        assert as_client(peers, version, "AF_INET", b"", b"") == ("talked", "talked")
    assert as_listener(peers, version, "AF_INET", b"", b"") == ("talked", "talked")  # their client does prove it
    ours, _ = as_listener(peers, version, "AF_INET", KEY, b"")
    assert ours == "AuthenticationError"


def test_a_key_of_the_listener_alone_refuses_the_client(peers: list[Peer], version: str) -> None:
    ours, theirs = as_client(peers, version, "AF_INET", KEY, None)
    assert (ours, theirs) == ("AuthenticationError", "AuthenticationError")
    ours, theirs = as_listener(peers, version, "AF_INET", None, KEY)
    assert ours == "AuthenticationError"
    assert theirs != "talked"


@pytest.mark.usefixtures("impatient")
def test_a_key_of_the_client_alone_ends_with_an_error(peers: list[Peer], version: str) -> None:
    ours, theirs = as_client(peers, version, "AF_INET", None, KEY)
    assert ours == "AuthenticationError"
    assert theirs != "talked"


@pytest.mark.usefixtures("impatient")
def test_a_listener_without_a_key_learns_that_its_client_has_one(peers: list[Peer]) -> None:
    with mpref.connection.Listener(("127.0.0.1", 0)) as listener:
        outcomes: list[str] = []

        def call() -> None:
            try:
                mpref.connection.Client(listener.address, authkey=KEY)
            except mpref.AuthenticationError:
                outcomes.append("refused")

        calling = threading.Thread(target=call)
        calling.start()
        with listener.accept() as served, pytest.raises(mpref.AuthenticationError):
            served.recv()
        calling.join()
        assert outcomes == ["refused"]


LONG_HEADER = """
import mmap, os, sys
from multiprocessing.connection import Connection
try:
    Connection(int(sys.argv[1]), readable=False).send_bytes(mmap.mmap(-1, (1 << 31) + 5))
except BrokenPipeError:
    pass
"""


@pytest.mark.skipif(sys.maxsize < 1 << 32, reason="a message of 2 GiB needs 64 bits")
@pytest.mark.parametrize("version", [one for one in VERSIONS if "pypy" not in one])  # which makes copies of 2 GiB
def test_the_long_header_is_theirs(version: str) -> None:
    from mpref.transfer import framing

    reading, writing = mpref.Pipe(duplex=False)
    command = [interpreter(version).path, "-c", LONG_HEADER, str(writing.fileno())]
    process = subprocess.Popen(command, pass_fds=[writing.fileno()])
    writing.close()
    with reading:
        assert framing.read_size(reading.fileno()) == (1 << 31) + 5
    assert process.wait(60) == 0
    assert framing.length_of((1 << 31) + 5) == b"\xff\xff\xff\xff" + ((1 << 31) + 5).to_bytes(8, "big")
    assert framing.length_of((1 << 31) - 1) == b"\x7f\xff\xff\xff"
