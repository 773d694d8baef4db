"""Stands between a client and a server, so that a test knows how far a message has come when it ends one of them."""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
from typing import Any


class Relay:
    """Passes on what comes, to so many bytes in one direction, and no further.

    There is one client, with any number of connections. After hold() the next bytes in that direction count.
    """

    def __init__(self, server: Any) -> None:
        self._server = server
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address = self._listening.getsockname()
        self._lock = threading.Lock()
        self._left: dict[str, int | None] = {"request": None, "reply": None}
        self.held = threading.Event()
        """So many bytes have been passed on, and there are more."""
        self.over = threading.Event()
        """The server is gone; what it has still written stays on the way."""
        self._lines: list[tuple[socket.socket, socket.socket]] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def hold(self, direction: str, after: int) -> None:
        """Pass on so many bytes in one direction from now on: "request" or "reply"."""
        with self._lock:
            self._left[direction] = after

    def close(self) -> None:
        """Close everything."""
        self._listening.close()
        for pair in self._lines:
            for one in pair:
                with contextlib.suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
                one.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                far = socket.socket(socket.AF_INET if isinstance(self._server, tuple) else socket.AF_UNIX)
                try:
                    far.connect(self._server)
                except OSError:
                    near.close()
                    far.close()
                    continue
                self._lines.append((near, far))
                ended: list[str] = []
                for pair in ((near, far, "request", ended), (far, near, "reply", ended)):
                    threading.Thread(target=self._pass_on, args=pair, daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket, direction: str, ended: list[str]) -> None:
        with contextlib.suppress(OSError), selectors.DefaultSelector() as selector:
            selector.register(source, selectors.EVENT_READ)
            while True:
                selector.select()
                with self._lock:
                    left = self._left[direction]
                if left == 0:
                    self.held.set()
                    self.over.wait()
                    break
                data = source.recv(1 << 16 if left is None else min(left, 1 << 16))
                if not data:
                    break
                target.sendall(data)
                with self._lock:
                    if left is not None:
                        self._left[direction] = left - len(data)
        for one in (source, target):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        with self._lock:
            ended.append(direction)
            if len(ended) == 2:  # not before: the other thread would wait at a number that is somebody else's by then
                source.close()
                target.close()
