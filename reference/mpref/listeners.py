"""Listener and Client: connections between processes that find each other by an address, and may share a key.

Section "Listeners and Clients".
"""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from time import monotonic

from . import authentication, finalize
from .connection import Connection
from .errors import AuthenticationError
from .reception import Caller, Reception
from .sentinel import wait_readable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Self

    from .authentication import Conversation

#: The families of this platform, by name.
FAMILIES = {"AF_INET": socket.AF_INET, "AF_UNIX": socket.AF_UNIX}

#: Seconds that a client waits for the listener's first word: it may have to accept others before.
FIRST_WORD = 60.0


class Listener:
    """A socket that waits for clients. Section "Listeners and Clients".

    address: (host, port), or the name of a file that is made; None: one is chosen, in a private folder or with a
        free port. family: 'AF_INET' or 'AF_UNIX'; None: that of the address, or the fastest one.
    backlog: how many clients may wait to be accepted. authkey: a byte string that clients have to know; None: none.

    A listener is a context manager that closes it.
    """

    def __init__(
        self, address: Any = None, family: str | None = None, backlog: int = 1, authkey: bytes | None = None
    ) -> None:
        self._key = None if authkey is None else authentication.checked(authkey)
        family = _family(address, family, "AF_UNIX")
        self._last_accepted: Any = None
        self._socket = socket.socket(FAMILIES[family])
        try:
            folder = self._bind(family, address)
            self._socket.listen(backlog)
        except BaseException:
            self._socket.close()
            raise
        self._address = self._socket.getsockname()
        self._reception = None if self._key is None else Reception(self._socket, self._key)
        self._close = finalize.Finalizer(
            _close, self._socket, self._reception, _file_of(self._address), folder, owner=self, priority=10
        )

    def accept(self) -> Connection:
        """Return the connection of the next client; wait for it.

        AuthenticationError: a client has failed to prove that it knows the key, or took too long.
        OSError: the listener is closed.
        """
        if not self._close.alive and self._socket.fileno() < 0:
            raise OSError("this listener is closed and accepts nobody")
        admitted, address = self._socket.accept() if self._reception is None else self._reception.admit()
        self._last_accepted = address or None
        return Connection(admitted.detach())

    def close(self) -> None:
        """Accept nobody any more; the file of a Unix socket is removed."""
        if self._close.alive:
            self._close()
        else:
            self._socket.close()

    @property
    def address(self) -> Any:
        """The address in use."""
        return self._address

    @property
    def last_accepted(self) -> Any:
        """The address that the last accepted connection came from; None where there is none."""
        return self._last_accepted

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} at {self._address!r}>"

    def _bind(self, family: str, address: Any) -> str | None:
        """Bind the socket; return the folder that was made for it, if one was."""
        folder = None
        if family == "AF_INET":
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            address = address or ("localhost", 0)
        elif not address:
            from tempfile import mkdtemp

            folder = mkdtemp(prefix="mpref-")
            address = os.path.join(folder, "listener")
        try:
            self._socket.bind(address)
        except BaseException:
            if folder is not None:
                os.rmdir(folder)
            raise
        return folder


def Client(address: Any, family: str | None = None, authkey: bytes | None = None) -> Connection:
    """Return a connection to the listener at an address. Section "Listeners and Clients".

    family: 'AF_INET' or 'AF_UNIX'; None: that of the address. authkey: the key of the listener, None: it has none.
    AuthenticationError: one of the two has not proved to know the key of the other. OSError: nobody listens there.
    """
    key = None if authkey is None else authentication.checked(authkey)
    calling = socket.socket(FAMILIES[_family(address, family, None)])
    try:
        calling.connect(address)
        if key is not None:
            _introduce(calling, key)
        return Connection(calling.detach())
    except BaseException:
        calling.close()
        raise


def deliver_challenge(connection: Connection, authkey: bytes) -> None:
    """Have the other end prove that it knows the key, by answer_challenge().

    AuthenticationError: it does not. Section "Listeners and Clients".
    """
    _converse(connection, authentication.demand(authentication.checked(authkey)))


def answer_challenge(connection: Connection, authkey: bytes) -> None:
    """Prove to the other end, which uses deliver_challenge(), that this one knows the key.

    AuthenticationError: the proof is refused. Section "Listeners and Clients".
    """
    _converse(connection, authentication.prove(authentication.checked(authkey)))


def _converse(connection: Connection, conversation: Conversation) -> None:
    """Have a conversation over a connection."""
    try:
        word = next(conversation)
        while True:
            if word is None:
                word = conversation.send(connection.recv_bytes(authentication.LONGEST))
            else:
                connection.send_bytes(word)
                word = next(conversation)
    except StopIteration:
        pass
    except (EOFError, OSError) as error:
        raise AuthenticationError(f"the other end has broken off: {error}") from error


def _introduce(calling: socket.socket, key: bytes) -> None:
    """Prove to a listener that this client knows the key, and have the listener prove it."""
    if not wait_readable(calling.fileno(), FIRST_WORD):
        _tell_failure(calling)
        raise AuthenticationError(f"the listener has said nothing for {FIRST_WORD:g} s: has it been given a key?")
    caller = Caller(calling, authentication.of_client(key))
    try:
        while not caller.proceed():
            if not wait_readable(calling.fileno(), caller.deadline - monotonic()):
                raise caller.too_slow()
    except AuthenticationError:
        _tell_failure(calling)
        raise
    calling.setblocking(True)


def _tell_failure(calling: socket.socket) -> None:
    """Let a listener without a key know what has become of this end: it may be waiting for a message."""
    from .message import length_of

    with suppress(OSError):
        calling.setblocking(False)
        calling.send(length_of(len(authentication.FAILURE)) + authentication.FAILURE)


def _family(address: Any, family: str | None, default: str | None) -> str:
    """Return the name of the family to use.

    ValueError: this platform has no such family. TypeError: no family has such addresses.
    """
    if family is None:
        if isinstance(address, tuple):
            return "AF_INET"
        if isinstance(address, str) and address:
            family = "AF_PIPE" if address.startswith("\\\\") else "AF_UNIX"
        elif address is None and default is not None:
            family = default
        else:
            raise TypeError(f"an address is a tuple (host, port) or the name of a file, not {address!r}")
    if family not in FAMILIES:
        raise ValueError(f"the family must be one of {', '.join(map(repr, FAMILIES))} on this platform, not {family!r}")
    return family


def _file_of(address: Any) -> str | None:
    """Return the file of a Unix socket; those in the abstract namespace of Linux have none."""
    return address if isinstance(address, str) and address and not address.startswith("\0") else None


def _close(door: socket.socket, reception: Reception | None, file: str | None, folder: str | None) -> None:
    door.close()
    if reception is not None:
        reception.close()
    if file is not None:
        with suppress(FileNotFoundError):
            os.unlink(file)
    if folder is not None:
        os.rmdir(folder)
