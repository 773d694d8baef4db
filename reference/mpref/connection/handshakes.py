"""The handshakes of a listener: with the peers that have connected and not yet proved that they know its key.

All go on at once: a peer that is slow or silent holds up no other. None can send more than a short message at a
time, and each has its own deadline.
"""

from __future__ import annotations

import os
from _thread import RLock
from select import POLLIN, poll
from time import monotonic

from .. import log
from ..errors import AuthenticationError
from ..transfer.framing import HEAD, length_of, unpacked
from . import authentication

TYPE_CHECKING = False
if TYPE_CHECKING:
    from socket import socket
    from typing import Any

PATIENCE = 20.0
"""Seconds in which a handshake has to be over."""

MOST = 128
"""How many peers may be in one; another turns away that which has been longest."""


class Peer:
    """The other end of a socket, and how far the handshake with it has come.

    deadline: when it has to be over, by the clock monotonic().
    """

    def __init__(self, channel: socket, handshake: authentication.Handshake, address: Any = None) -> None:
        channel.setblocking(False)
        self.channel = channel
        self.address = address
        self.deadline = monotonic() + PATIENCE
        self._handshake = handshake
        self._begun = False
        self._received = bytearray()

    def proceed(self) -> bool:
        """Go on as far as it goes without waiting; tell whether the handshake is over.

        AuthenticationError: the peer has not proved to know the key.
        """
        try:
            if not self._begun:
                self._begun = True
                self._send(next(self._handshake))
            while (message := self._receive()) is not None:
                self._send(self._handshake.send(message))
        except StopIteration:
            return True
        except (EOFError, OSError) as error:
            raise AuthenticationError(f"the other end has not proved to know the key: {error}") from error
        return False

    def too_slow(self) -> AuthenticationError:
        """Return the exception for a peer whose deadline is over."""
        return AuthenticationError(f"the other end has not proved to know the key within {PATIENCE:g} s")

    def _receive(self) -> bytes | None:
        """Return the next message, None where it is not all there. Nothing behind it is read."""
        received = self._received
        while True:
            wanted = HEAD - len(received)
            if wanted <= 0:
                size: int = unpacked(received[:HEAD])[0]
                if not 0 <= size <= authentication.LONGEST:
                    raise OSError(f"it sends a message of {size} bytes before it is authenticated")
                wanted += size
                if not wanted:
                    self._received = bytearray()
                    return bytes(received[HEAD:])
            try:
                some = self.channel.recv(wanted)
            except BlockingIOError:
                return None
            if not some:
                raise EOFError("it has left")
            received += some

    def _send(self, message: bytes | None) -> None:
        """Send this message, and what the handshake says behind it."""
        while message is not None:
            frame = length_of(len(message)) + message
            if self.channel.send(frame) != len(frame):
                raise OSError("it does not read what it is sent")
            message = next(self._handshake)


class Handshakes:
    """Those with the peers of one listening socket. key: what they have to know."""

    def __init__(self, listening: socket, key: bytes) -> None:
        listening.setblocking(False)
        self._listening = listening
        self._key = key
        self._begin()

    def _begin(self) -> None:
        self._process = os.getpid()
        self._turn = RLock()
        self._peers: dict[int, Peer] = {}
        self._watched = poll()
        self._watched.register(self._listening.fileno(), POLLIN)

    def accept(self) -> tuple[socket, Any]:
        """Return the socket and the address of the next peer that proves to know the key; wait for it.

        AuthenticationError: one does not. The others stay, and the next call goes on with them.
        """
        if self._process != os.getpid():  # a fork: these peers are the parent's
            self.close()
            self._begin()
        with self._turn:
            while True:
                for descriptor, _ in self._watched.poll(self._time_left()):
                    is_new = descriptor == self._listening.fileno()
                    peer = self._connect() if is_new else self._peers.get(descriptor)
                    if peer is not None and self._proceed(peer):
                        return peer.channel, peer.address
                self._end_the_slowest()

    def close(self) -> None:
        """Turn all of them away."""
        for peer in tuple(self._peers.values()):
            self._let_go(peer).close()

    def _connect(self) -> Peer | None:
        try:
            channel, address = self._listening.accept()
        except (BlockingIOError, ConnectionAbortedError):  # another process has got it, or it has left
            return None
        if len(self._peers) >= MOST:
            oldest = next(iter(self._peers.values()))
            log.info("turning away %s: %s others wait to be authenticated", oldest.address, MOST)
            self._let_go(oldest).close()
        peer = Peer(channel, authentication.of_listener(self._key), address)
        self._peers[channel.fileno()] = peer
        self._watched.register(channel.fileno(), POLLIN)
        return peer

    def _proceed(self, peer: Peer) -> bool:
        """Go on with a peer; tell whether its handshake is over: then it is forgotten here."""
        try:
            over = peer.proceed()
        except BaseException:
            self._let_go(peer).close()
            raise
        if over:
            self._let_go(peer).setblocking(True)
        return over

    def _let_go(self, peer: Peer) -> socket:
        self._watched.unregister(peer.channel.fileno())
        del self._peers[peer.channel.fileno()]
        return peer.channel

    def _time_left(self) -> float | None:
        """Return the milliseconds until the next deadline; None where there is none."""
        if not self._peers:
            return None
        first = next(iter(self._peers.values()))  # they stand in the order in which they came
        return max(0.0, first.deadline - monotonic()) * 1000

    def _end_the_slowest(self) -> None:
        """Turn away the peer whose deadline is over, if there is one, by an AuthenticationError."""
        for peer in self._peers.values():
            if peer.deadline > monotonic():
                return
            self._let_go(peer).close()
            raise peer.too_slow()
