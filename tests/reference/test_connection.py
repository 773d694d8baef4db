"""Connections beyond what the page promises: where the reference is stricter, or goes on where others stop."""

from __future__ import annotations

import contextlib
import os
import pickle
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import mpref
import pytest
from mpref.connection import Client, Connection, Listener, authentication, descriptor_server, handshakes
from mpref.transfer import framing

if TYPE_CHECKING:
    from conftest import OpenFiles

KEY = b"an open secret"

Run = Callable[..., subprocess.CompletedProcess[str]]


class Refusing:
    """Cannot be unpickled; much of its pickle stands behind what fails."""

    def __reduce__(self) -> Any:
        return int, ("no number",), b"w" * 3_000_000


def in_thread(function: Callable[..., Any], *args: Any) -> threading.Thread:
    """Call it in a thread, which does not tell what came of it."""

    def quietly() -> None:
        with contextlib.suppress(mpref.AuthenticationError, EOFError, OSError):
            function(*args)

    thread = threading.Thread(target=quietly)
    thread.start()
    return thread


def test_the_rest_of_a_message_that_cannot_be_unpickled_is_read() -> None:
    near, far = mpref.Pipe()
    with near, far:
        sending = in_thread(near.send, Refusing())
        with pytest.raises(ValueError, match="no number"):
            far.recv()
        sending.join()
        near.send("next")
        assert far.recv() == "next"


def test_large_pickles_of_every_protocol_are_read_from_the_descriptor() -> None:
    thing = {"lines": [f"line {n}" for n in range(60_000)], "bytes": b"b" * 400_000, "text": "\u00e9" * 400_000}
    near, far = mpref.Pipe()
    with near, far:
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            sending = in_thread(near.send_bytes, pickle.dumps(thing, protocol))
            assert far.recv() == thing
            sending.join()


def test_more_pieces_than_the_kernel_takes_at_once_are_sent() -> None:
    thing = [bytes([n % 256]) * 70_000 + str(n).encode() for n in range(1100)]
    near, far = mpref.Pipe()
    with near, far:
        for _ in range(2):
            sending = in_thread(near.send, thing)
            assert far.recv() == thing
            sending.join()


@pytest.mark.parametrize("head", [b"\xff\xff\xff\xfe", b"\x80\0\0\0"])
def test_a_negative_length_is_an_error(head: bytes) -> None:
    near, far = socket.socketpair()
    with near, Connection(far.detach()) as receiver:
        near.sendall(head)
        with pytest.raises(OSError, match="not a message"):
            receiver.recv_bytes()


def test_a_length_of_which_there_is_no_memory_is_an_error() -> None:
    near, far = socket.socketpair()
    with near, Connection(far.detach()) as receiver:
        near.sendall(b"\xff\xff\xff\xff" + (1 << 62).to_bytes(8, "big"))
        with pytest.raises(OSError, match="no memory"):
            receiver.recv_bytes()


def test_the_long_form_of_a_length_is_read_for_short_messages_too() -> None:
    near, far = socket.socketpair()
    with near, Connection(far.detach()) as receiver:
        near.sendall(b"\xff\xff\xff\xff" + (5).to_bytes(8, "big") + b"short")
        assert receiver.recv_bytes() == b"short"


def test_a_silent_caller_does_not_hold_up_the_next_one() -> None:
    with Listener(("127.0.0.1", 0), backlog=10, authkey=KEY) as listener:
        silent = [socket.create_connection(listener.address) for _ in range(5)]
        calling = in_thread(lambda: Client(listener.address, authkey=KEY).close())
        listener.accept().close()
        calling.join()
        for one in silent:
            one.close()


def test_a_caller_that_is_silent_is_refused_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handshakes, "PATIENCE", 0.2)
    with Listener(("127.0.0.1", 0), authkey=KEY) as listener, socket.create_connection(listener.address):
        began = time.monotonic()
        with pytest.raises(mpref.AuthenticationError, match="within"):
            listener.accept()
        assert time.monotonic() - began >= 0.2


def test_the_caller_who_has_been_longest_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handshakes, "MOST", 3)
    with Listener(("127.0.0.1", 0), backlog=10, authkey=KEY) as listener:
        silent = [socket.create_connection(listener.address) for _ in range(4)]
        calling = in_thread(lambda: Client(listener.address, authkey=KEY).close())
        listener.accept().close()
        calling.join()
        silent[0].settimeout(10)
        while silent[0].recv(1000):  # the challenge, then the end
            pass
        for one in silent:
            one.close()


def test_a_client_without_the_key_learns_that_there_is_one() -> None:
    with Listener(("127.0.0.1", 0), authkey=KEY) as listener:
        accepting = in_thread(listener.accept)
        with Client(listener.address) as client, pytest.raises(mpref.AuthenticationError, match="authkey"):
            client.recv()
        accepting.join()


def test_the_older_form_of_the_challenge_is_answered_and_accepted() -> None:
    secret = b"r" * 20
    proving = authentication.prove(KEY)
    next(proving)
    answer = proving.send(authentication.CHALLENGE + secret)
    assert answer == authentication._digest(KEY, secret, "md5")
    assert authentication._proves(KEY, b"{sha256}" + secret, authentication._digest(KEY, b"{sha256}" + secret, "md5"))


@pytest.mark.parametrize("name", [b"{sha1}", b"{md4}", b"{}", b"{sha256"])
def test_an_unknown_digest_is_refused(name: bytes) -> None:
    proving = authentication.prove(KEY)
    next(proving)
    with pytest.raises(mpref.AuthenticationError):
        proving.send(authentication.CHALLENGE + name + b"r" * 40)


def test_a_ticket_is_taken_once_and_leaves_nothing(open_files: OpenFiles) -> None:
    before = open_files()
    near, far = mpref.Pipe()
    with near, far:
        text = pickle.dumps(far)
        with pickle.loads(text) as copy:
            near.send("through the copy")
            assert copy.recv() == "through the copy"
        with pytest.raises(OSError, match="received before"):
            pickle.loads(text)
    end = time.monotonic() + 60
    while not open_files() <= before:  # the server's thread has its own pace
        assert time.monotonic() < end
        time.sleep(0.005)
    assert descriptor_server._server is None


def test_a_wrong_secret_gets_nothing() -> None:
    near, far = mpref.Pipe()
    with near, far:
        text = pickle.dumps(far)
        server = descriptor_server._server
        assert server is not None
        with pytest.raises(OSError, match="received before"):
            descriptor_server.fetch(server.address, bytes(descriptor_server.SECRET))
        pickle.loads(text).close()


FORKED = """
    import os, mpref
    from mpref.connection import Client, Listener
    listener = Listener(authkey=b"key", backlog=5)
    pid = os.fork()
    if pid == 0:
        with listener.accept() as one:
            one.send(os.getpid())
        os._exit(0)
    with Client(listener.address, authkey=b"key") as client:
        assert client.recv() == pid
    os.waitpid(pid, 0)
    assert os.path.exists(listener.address), "the child has not taken it away"
    listener.close()
    assert not os.path.exists(os.path.dirname(listener.address))
    print("over")
"""


def test_a_forked_child_accepts_for_its_parent(run: Run) -> None:
    ended = run(FORKED)
    assert (ended.returncode, ended.stdout) == (0, "over\n"), ended.stderr


def test_a_listener_that_is_not_closed_leaves_no_file(run: Run, tmp_path: Path) -> None:
    program = "import mpref, mpref.connection\nlistener = mpref.connection.Listener()\nprint(listener.address)\n"
    ended = run(program, options=("-O",))
    assert ended.returncode == 0, ended.stderr
    assert not os.path.exists(os.path.dirname(ended.stdout.strip()))


def test_frames_are_what_they_are_on_the_wire() -> None:
    near, far = socket.socketpair()
    with Connection(near.detach()) as sender, far:
        sender.send_bytes(b"abc")
        assert far.recv(99) == b"\0\0\0\3abc"
        sender.send(None)
        assert far.recv(99) == framing.length_of(4) + b"\x80\x05N."
