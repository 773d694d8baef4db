"""Giving a descriptor to any process that gets a message of this one: by connection, queue or other pickle.

The pickle is a ticket: an address and a secret. Whatever process shows the secret at the address is given the
descriptor, once. A thread serves there as long as something is to be fetched.
"""

from __future__ import annotations

import os
from _thread import RLock, start_new_thread

from .. import descriptors

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from socket import socket

SECRET = 32
"""Bytes of a secret, which stand for themselves: nobody guesses them."""

PATIENCE = 10.0
"""Seconds that a client has to show its secret, and a server to answer."""

_lock = RLock()
_server: DescriptorServer | None = None


class Ticket:
    """Stands for a descriptor in a pickle; unpickled, it is the descriptor that was fetched."""

    def __init__(self, address: str, secret: bytes) -> None:
        self._address = address
        self._secret = secret

    def __reduce__(self) -> tuple[Callable[[str, bytes], int], tuple[str, bytes]]:
        return fetch, (self._address, self._secret)


class DescriptorServer:
    """Gives out the descriptors of this process that there are tickets for, until nothing is left."""

    def __init__(self) -> None:
        self.offered: dict[bytes, int] = {}
        self._listening, self.address = _listen()
        self._folder = None if self.address.startswith("\0") else os.path.dirname(self.address)
        start_new_thread(self._serve, ())

    def abandon(self) -> None:
        """Close the copies that a forked child has of everything here."""
        self._listening.close()
        for descriptor in self.offered.values():
            os.close(descriptor)

    def _serve(self) -> None:
        while self._wanted():
            client, _ = self._listening.accept()
            with client:
                try:
                    client.settimeout(PATIENCE)
                    self._give(client)
                except OSError:
                    pass

    def _wanted(self) -> bool:
        """Tell whether something is still to be fetched; close where it is not."""
        global _server
        with _lock:
            if self.offered:
                return True
            _server = None
            self._listening.close()
            if self._folder is not None:
                os.unlink(self.address)
                os.rmdir(self._folder)
            return False

    def _give(self, client: socket) -> None:
        secret = b""
        while len(secret) < SECRET:
            some = client.recv(SECRET - len(secret))
            if not some:
                return
            secret += some
        with _lock:
            descriptor = self.offered.pop(secret, None)
        if descriptor is not None:
            try:
                descriptors.send(client, b"1", [descriptor])
            finally:
                os.close(descriptor)


def ticket(descriptor: int) -> Ticket:
    """Return a ticket with which one process, that which unpickles it first, gets a copy of a descriptor."""
    global _server
    secret = os.urandom(SECRET)
    copy = descriptors.duplicate(descriptor)
    with _lock:
        if _server is None:
            _server = DescriptorServer()
        _server.offered[secret] = copy
        return Ticket(_server.address, secret)


def fetch(address: str, secret: bytes) -> int:
    """Fetch a descriptor that another process has offered. OSError: it is not to be had any more."""
    import socket

    with socket.socket(socket.AF_UNIX) as channel:
        channel.settimeout(PATIENCE)
        try:
            channel.connect(address)
            channel.sendall(secret)
            _, (descriptor,) = descriptors.receive(channel, 1, lambda _: 1)
        except (OSError, EOFError) as error:
            raise OSError(
                "a connection in a message cannot be received: the process that sent it has ended, or it was "
                "received before"
            ) from error
    return descriptor


def _forget() -> None:
    """Give up what a fork has copied: what is offered is the parent's, and so is the thread."""
    global _server, _lock
    _lock = RLock()
    if _server is not None:
        _server.abandon()
        _server = None


def _listen() -> tuple[socket, str]:
    import socket
    import sys

    listening = socket.socket(socket.AF_UNIX)
    if sys.platform == "linux":
        address = f"\0mpref-{os.urandom(16).hex()}"
    else:
        from tempfile import mkdtemp

        address = os.path.join(mkdtemp(prefix="mpref-"), "descriptors")
    listening.bind(address)
    listening.listen(128)
    return listening, address


os.register_at_fork(after_in_child=_forget)
