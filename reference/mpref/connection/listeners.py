"""Listener and Client: connections between processes that find each other by an address, and may share a key.

Section "Listeners and Clients".
"""

from __future__ import annotations

import _socket
import os
from _operator import index
from contextlib import suppress
from time import monotonic

from .. import finalize
from ..descriptors import patient
from ..errors import AuthenticationError
from ..polling import wait_readable
from ..transfer.framing import length_of
from . import authentication
from .ends import Connection
from .handshakes import Handshakes, Peer
from .listening import ListeningSocket
from .private_folder import private_folder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Self

    from .authentication import Handshake

FAMILIES = {"AF_INET": _socket.AF_INET, "AF_UNIX": _socket.AF_UNIX}
"""The families of this platform, by name."""

FIRST_MESSAGE = 60.0
"""Seconds that a client waits for the listener's first message: the listener may have to accept others before."""


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
        required = None if authkey is None else authentication.checked(authkey)
        family = _family(address, family, "AF_UNIX")
        self._last_accepted: Any = None
        bound, self._address, name = _bound(family, address)
        try:
            self._socket = ListeningSocket(bound, backlog)
            self._handshakes = (
                None if required is None else Handshakes(self._socket, lambda: authentication.of_listener(required))
            )
        except BaseException:
            bound.close()
            name.remove()
            raise
        self._close = finalize.Finalizer(
            _close,
            self._socket,
            self._handshakes,
            name,
            owner=self,
            priority=finalize.BEFORE_CHILDREN,
        )

    def accept(self) -> Connection:
        """Return the connection of the next client; wait for it.

        AuthenticationError: a client has failed to prove that it knows the key, or took too long.
        OSError: the listener is closed.
        """
        if self._handshakes is None:
            accepted, address = self._socket.accept()
        else:
            peer = self._handshakes.accept()
            accepted, address = peer.channel, peer.address
        self._last_accepted = address or None
        return Connection(accepted.detach())

    def close(self) -> None:
        """Accept nobody any more; the file of a Unix socket is removed. Who waits in accept() gets an OSError."""
        if self._close.alive:
            self._close()
        else:
            self._socket.close()
            if self._handshakes is not None:
                self._handshakes.close()

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


def Client(address: Any, family: str | None = None, authkey: bytes | None = None) -> Connection:
    """Return a connection to the listener at an address. Section "Listeners and Clients".

    family: 'AF_INET' or 'AF_UNIX'; None: that of the address. authkey: the key of the listener, None: it has none.
    AuthenticationError: one of the two has not proved to know the key of the other. OSError: nobody listens there.
    """
    return Connection(connected(address, family, authkey, FIRST_MESSAGE).detach())


def connected(address: Any, family: str | None, authkey: bytes | None, first_message: float) -> _socket.socket:
    """Return a socket that is connected to a listener, see Client.

    first_message: seconds in which a listener with a key has to begin.
    """
    key = None if authkey is None else authentication.checked(authkey)
    channel = patient(_socket.socket(FAMILIES[_family(address, family, None)]))
    try:
        channel.connect(address)
        if key is not None:
            _authenticate(channel, key, first_message)
        return channel
    except BaseException:
        channel.close()
        raise


def deliver_challenge(connection: Connection, authkey: bytes) -> None:
    """Have the other end prove that it knows the key, by answer_challenge().

    AuthenticationError: it does not. Section "Listeners and Clients".
    """
    _perform(connection, authentication.demand(authentication.checked(authkey)))


def answer_challenge(connection: Connection, authkey: bytes) -> None:
    """Prove to the other end, which uses deliver_challenge(), that this one knows the key.

    AuthenticationError: the proof is refused. Section "Listeners and Clients".
    """
    _perform(connection, authentication.prove(authentication.checked(authkey)))


def _perform(connection: Connection, handshake: Handshake) -> None:
    """Perform a handshake over a connection."""
    try:
        message = next(handshake)
        while True:
            if message is None:
                message = handshake.send(connection.recv_bytes(authentication.LONGEST))
            else:
                connection.send_bytes(message)
                message = next(handshake)
    except StopIteration:
        pass
    except (EOFError, OSError) as error:
        raise AuthenticationError(f"the other end has broken off: {error}") from error


def _authenticate(channel: _socket.socket, key: bytes, first_message: float) -> None:
    """Prove to a listener that this client knows the key, and have the listener prove it."""
    if not wait_readable(channel.fileno(), first_message):
        _tell_failure(channel)
        raise AuthenticationError(f"the listener has said nothing for {first_message:g} s: has it been given a key?")
    peer = Peer(channel, authentication.of_client(key))
    try:
        while not peer.proceed():
            if not wait_readable(channel.fileno(), peer.deadline - monotonic()):
                raise peer.too_slow()
    except AuthenticationError:
        _tell_failure(channel)
        raise
    channel.setblocking(True)


def _tell_failure(channel: _socket.socket) -> None:
    """Let a listener without a key know what has become of this end: it may be waiting for a message."""
    with suppress(OSError):
        channel.setblocking(False)
        channel.send(length_of(len(authentication.FAILURE)) + authentication.FAILURE)


def _family(address: Any, family: str | None, default: str | None) -> str:
    """Return the name of the family to use.

    ValueError: this platform has no such family. TypeError: no family has such addresses.
    """
    if family is None:
        if isinstance(address, tuple):
            family = "AF_INET"
        elif isinstance(address, str) and address:
            family = "AF_PIPE" if address.startswith("\\\\") else "AF_UNIX"
        elif address is None and default is not None:
            family = default
        else:
            raise TypeError(f"an address is a tuple (host, port) or the name of a file, not {address!r}")
    if family not in FAMILIES:
        raise ValueError(f"the family must be one of {', '.join(map(repr, FAMILIES))} on this platform, not {family!r}")
    if family == "AF_INET" and isinstance(address, tuple):
        _check_pair(address)
    return family


def _check_pair(address: tuple[Any, ...]) -> None:
    if len(address) != 2 or not isinstance(address[0], (str, bytes)) or not hasattr(address[1], "__index__"):
        raise TypeError(f"an address is a tuple (host, port), of a str and an int, not {address!r}")
    if not 0 <= index(address[1]) <= 65535:
        raise OverflowError(f"the port of an address must be 0-65535, as that of {address!r} is not")


class Name:
    """What a Unix socket leaves in the file system: its file, and the folder that was made for it, if one was."""

    def __init__(self, folder: str | None = None) -> None:
        self._folder = folder
        self._file: str | None = None
        self._which: tuple[int, int, int] | None = None

    def is_file(self, address: Any) -> None:
        """Remember the file at the address of a socket, if there is one: none is in Linux's abstract namespace."""
        if isinstance(address, str) and address and not address.startswith("\0"):
            with suppress(OSError):
                self._file = os.path.abspath(address)  # the program may go to another folder
                self._which = _identity(self._file)

    def remove(self) -> None:
        """Remove both; what somebody else has put there in the meantime stays."""
        with suppress(OSError):
            if self._file is not None and _identity(self._file) == self._which:
                os.unlink(self._file)
        if self._folder is not None:
            with suppress(OSError):
                os.rmdir(self._folder)


def _bound(family: str, address: Any) -> tuple[_socket.socket, Any, Name]:
    """Return a socket that is bound to an address, None for one of its own choice; that address, and its name."""
    name = Name()
    one = _socket.socket(FAMILIES[family])
    try:
        if family == "AF_INET":
            one.setsockopt(_socket.SOL_SOCKET, _socket.SO_REUSEADDR, 1)
            address = address or ("localhost", 0)
        elif not address:
            folder = private_folder("listener")
            name = Name(folder)
            address = os.path.join(folder, "listener")
        one.bind(address)
        address = one.getsockname()
        if isinstance(address, bytes):  # a name in Linux's abstract namespace
            address = os.fsdecode(address)
        if family == "AF_UNIX":
            name.is_file(address)
        return one, address, name
    except BaseException:
        one.close()
        name.remove()
        raise


def _identity(file: str) -> tuple[int, int, int]:
    """Return what tells a file from every other: two at the same path, one after the other, are two.

    The number of one whose process was killed is soon that of another; the time of its making is not.
    """
    status = os.lstat(file)
    return status.st_dev, status.st_ino, status.st_mtime_ns


def _close(listening: ListeningSocket, handshakes: Handshakes | None, name: Name) -> None:
    listening.close()
    if handshakes is not None:
        handshakes.close()
    name.remove()
