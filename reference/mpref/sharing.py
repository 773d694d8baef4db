"""Giving a descriptor to any process that gets a message of this one: by connection, queue or other pickle.

The pickle holds an address and a secret. Whoever shows the secret at the address is given the descriptor, once. A
thread waits there as long as something is to be fetched.
"""

from __future__ import annotations

import os
from _thread import RLock, start_new_thread

from . import handover
from .launch import duplicate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from socket import socket

#: Bytes of a secret, which stand for themselves: nobody guesses them.
SECRET = 32

#: Seconds that a caller has to show its secret, and a server to answer.
PATIENCE = 10.0

_lock = RLock()
_counter: Counter | None = None


class Offer:
    """Stands for a descriptor in a pickle; unpickled, it is the descriptor that was fetched."""

    def __init__(self, address: str, secret: bytes) -> None:
        self._address = address
        self._secret = secret

    def __reduce__(self) -> tuple[Callable[[str, bytes], int], tuple[str, bytes]]:
        return fetch, (self._address, self._secret)


class Counter:
    """Where this process gives out what it has offered, until nothing is left."""

    def __init__(self) -> None:
        self.offered: dict[bytes, int] = {}
        self._door, self.address = _open_door()
        self._folder = None if self.address.startswith("\0") else os.path.dirname(self.address)
        start_new_thread(self._serve, ())

    def abandon(self) -> None:
        """Close the copies that a forked child has of everything here."""
        self._door.close()
        for descriptor in self.offered.values():
            os.close(descriptor)

    def _serve(self) -> None:
        while self._wanted():
            caller, _ = self._door.accept()
            with caller:
                try:
                    caller.settimeout(PATIENCE)
                    self._give(caller)
                except OSError:
                    pass

    def _wanted(self) -> bool:
        """Tell whether something is still to be fetched; close where it is not."""
        global _counter
        with _lock:
            if self.offered:
                return True
            _counter = None
            self._door.close()
            if self._folder is not None:
                os.unlink(self.address)
                os.rmdir(self._folder)
            return False

    def _give(self, caller: socket) -> None:
        secret = b""
        while len(secret) < SECRET:
            some = caller.recv(SECRET - len(secret))
            if not some:
                return
            secret += some
        with _lock:
            descriptor = self.offered.pop(secret, None)
        if descriptor is not None:
            try:
                handover.send_descriptors(caller, b"1", [descriptor])
            finally:
                os.close(descriptor)


def offer(descriptor: int) -> Offer:
    """Offer a copy of a descriptor to whoever unpickles what this returns, once."""
    global _counter
    secret = os.urandom(SECRET)
    copy = duplicate(descriptor)
    with _lock:
        if _counter is None:
            _counter = Counter()
        _counter.offered[secret] = copy
        return Offer(_counter.address, secret)


def fetch(address: str, secret: bytes) -> int:
    """Fetch a descriptor that another process has offered. OSError: it is not to be had any more."""
    import socket

    with socket.socket(socket.AF_UNIX) as counter:
        counter.settimeout(PATIENCE)
        try:
            counter.connect(address)
            counter.sendall(secret)
            _, (descriptor,) = handover.receive_descriptors(counter, 1, lambda _: 1)
        except (OSError, EOFError) as error:
            raise OSError(
                "a connection in a message cannot be received: the process that sent it has ended, or it was "
                "received before"
            ) from error
    return descriptor


def _forget() -> None:
    """Give up what a fork has copied: the offers are the parent's, and so is the thread."""
    global _counter, _lock
    _lock = RLock()
    if _counter is not None:
        _counter.abandon()
        _counter = None


def _open_door() -> tuple[socket, str]:
    import socket
    import sys

    door = socket.socket(socket.AF_UNIX)
    if sys.platform == "linux":
        address = f"\0mpref-{os.urandom(16).hex()}"
    else:
        from tempfile import mkdtemp

        address = os.path.join(mkdtemp(prefix="mpref-"), "counter")
    door.bind(address)
    door.listen(128)
    return door, address


os.register_at_fork(after_in_child=_forget)
