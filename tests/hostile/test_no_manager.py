"""A manager that connects to what is no server, or one with another key, says so at once."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import mpref
import pytest
from mpref.connection import Listener
from mpref.managers import BaseManager, RemoteError

pytestmark = pytest.mark.timeout(60, method="signal")
KEY = b"a key that nobody guesses"
SOON = 8.0


class Page(BaseHTTPRequestHandler):
    """A page."""

    def do_GET(self) -> None:
        """Send it."""
        self.send_error(404)

    def log_message(self, *_: object) -> None:
        """Say nothing of it."""


@contextlib.contextmanager
def an_http_server() -> Iterator[Any]:
    """One that serves pages."""
    with HTTPServer(("127.0.0.1", 0), Page) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_address
        server.shutdown()
        thread.join()


@contextlib.contextmanager
def a_listener(key: bytes | None, answer: Any = None) -> Iterator[Any]:
    """One of connections, which accepts, and says one thing or nothing."""
    with Listener(("127.0.0.1", 0), authkey=key) as listener:
        held: list[Any] = []

        def accept() -> None:
            with contextlib.suppress(OSError, mpref.AuthenticationError, EOFError):
                while True:
                    try:
                        held.append(listener.accept())
                    except mpref.AuthenticationError:
                        continue
                    if answer is not None:
                        held[-1].recv()
                        held[-1].send(answer)

        threading.Thread(target=accept, daemon=True).start()
        yield listener.address
        for one in held:
            one.close()


@contextlib.contextmanager
def nobody() -> Iterator[Any]:
    """A port at which nobody listens: one that is bound."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()


@contextlib.contextmanager
def one_that_says(data: bytes, leaves: bool) -> Iterator[Any]:
    """A socket that says something to everybody who comes."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        held: list[Any] = []

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    line, _ = door.accept()
                    held.append(line)
                    with contextlib.suppress(OSError):
                        line.sendall(data)
                    if leaves:
                        line.close()

        threading.Thread(target=accept, daemon=True).start()
        yield door.getsockname()
        door.shutdown(socket.SHUT_RDWR)
        for line in held:
            line.close()


NO_SERVERS: dict[str, tuple[Callable[[], Any], Any]] = {
    "nobody": (nobody, OSError),
    "http": (an_http_server, (mpref.AuthenticationError, RemoteError)),
    "another key": (lambda: a_listener(b"another"), mpref.AuthenticationError),
    "no key": (lambda: a_listener(None), mpref.AuthenticationError),
    "silence": (lambda: one_that_says(b"", False), mpref.AuthenticationError),
    "an end": (lambda: one_that_says(b"", True), (mpref.AuthenticationError, RemoteError)),
    "noise": (lambda: one_that_says(b"\x00\x00\x00\x08" + b"x" * 100, False), mpref.AuthenticationError),
    "a listener that is silent": (lambda: a_listener(KEY), RemoteError),
    "a listener that says None": (lambda: a_listener(KEY, (None,)), RemoteError),
    "a listener that says text": (lambda: a_listener(KEY, "hello"), RemoteError),
    "a listener that refuses": (lambda: a_listener(KEY, ("#TRACEBACK", "no")), RemoteError),
    "a listener that is strange": (lambda: a_listener(KEY, ("#STRANGE", 5, 6)), RemoteError),
}


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """For what never says a word."""
    from mpref.connection import handshakes, listeners
    from mpref.managers import greeting

    monkeypatch.setattr(listeners, "FIRST_MESSAGE", 1.0)
    monkeypatch.setattr(handshakes, "PATIENCE", 1.0)
    monkeypatch.setattr(greeting, "FIRST_MESSAGE", 1.0)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("what", NO_SERVERS)
def test_connect_to_what_is_no_server_of_a_manager(what: str) -> None:
    make, error = NO_SERVERS[what]
    with make() as address:
        began = time.monotonic()
        for _ in range(2):
            with pytest.raises(error) as got:
                BaseManager(address, KEY).connect()
            assert len(str(got.value)) > 20, "it says what is wrong"
        assert time.monotonic() - began < SOON
