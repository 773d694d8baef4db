"""The handshakes of whatever listens: with the peers that have connected and not yet proved that they know its key.

All go on at once: a peer that is slow or silent holds up no other. None can send more than a short message at a
time, and each has one deadline for the whole of its handshake.
"""

from __future__ import annotations

import os
from _thread import RLock
from contextlib import nullcontext
from errno import ETIMEDOUT
from math import inf
from select import POLLIN, poll
from time import monotonic

from .. import log
from ..errors import AuthenticationError
from ..transfer.framing import HEAD, length_of, unpacked
from . import authentication

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _socket import socket
    from collections.abc import Callable
    from typing import Any

    from .listening import ListeningSocket

PATIENCE = 20.0
"""Seconds in which a handshake has to be over."""

MOST = 256
"""How many peers may be in one; another turns away that which has been longest."""


class Peer:
    """The other end of a socket, and how far the handshake with it has come.

    deadline: when it has to be over, by the clock monotonic(). result: what it has returned once it is over.
    """

    def __init__(self, channel: socket, handshake: authentication.Handshake, address: Any = None) -> None:
        channel.setblocking(False)
        self.channel = channel
        self.address = address
        self.deadline = monotonic() + PATIENCE
        self.result: Any = None
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
        except StopIteration as end:
            self.result = end.value
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
        """Send this message, and what the handshake says behind it, at once."""
        data = b""
        try:
            while message is not None:
                data += length_of(len(message)) + message
                message = next(self._handshake)
        finally:
            if data and self.channel.send(data) != len(data):
                raise OSError("it does not read what it is sent")


class Handshakes:
    """Those with the peers of one listening socket.

    begin: makes the handshake for a peer. admits: tells of a peer that has connected whether there is to be one; the
    others are turned away at once.
    """

    def __init__(
        self,
        listening: ListeningSocket,
        begin: Callable[[], authentication.Handshake],
        admits: Callable[[socket], bool] | None = None,
    ) -> None:
        self._listening = listening
        self._handshake = begin
        self._admits = admits
        self._begin()

    def _begin(self) -> None:
        self._process = os.getpid()
        self._turn = RLock()
        self._peers: dict[int, Peer] = {}
        self._watched = poll()
        self._closing = self._listening.watched_by(self._watched)

    def accept(self, until: float = inf) -> Peer:
        """Return the next peer that proves to know the key; wait for it.

        until: how long, by the clock monotonic(). TimeoutError: it is over. AuthenticationError: a peer does not prove
        it. OSError: there is no room for one that has connected, or the socket is closed. The others stay, and the next
        call goes on with them.
        """
        if self._process != os.getpid():  # a fork: these peers are the parent's
            self._turn_all_away()
            self._begin()
        with self._turn:
            while True:
                ready = [descriptor for descriptor, _ in self._watched.poll(self._time_left(until))]
                for descriptor in ready:
                    peer = self._peers.get(descriptor)
                    if peer is not None and self._proceed(peer):
                        return peer
                if self._closing.said or self._listening.fileno() in ready:  # last: it may fail
                    peer = self._connect()
                    if peer is not None and self._proceed(peer):
                        return peer
                self._end_the_slowest()
                if until <= monotonic():
                    raise TimeoutError(ETIMEDOUT, "nobody has come")

    def close(self) -> None:
        """Turn all of them away; the socket is closed before. A forked child closes its copies."""
        with self._turn if self._process == os.getpid() else nullcontext():
            self._turn_all_away()

    def _turn_all_away(self) -> None:
        for peer in tuple(self._peers.values()):
            self._let_go(peer).close()

    def _connect(self) -> Peer | None:
        caller = self._listening.attempt(self._closing)
        if caller is None:
            return None
        channel, address = caller
        if self._admits is not None and not self._admits(channel):
            channel.close()
            return None
        if len(self._peers) >= MOST:
            oldest = next(iter(self._peers.values()))
            log.info("turning away %s: %s others wait to be authenticated", oldest.address, MOST)
            self._let_go(oldest).close()
        peer = Peer(channel, self._handshake(), address)
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

    def _time_left(self, until: float) -> float | None:
        """Return the milliseconds until the next deadline, `until` or that of a peer; None where there is none."""
        if self._peers:
            first = next(iter(self._peers.values()))  # they stand in the order in which they came
            until = min(until, first.deadline)
        return None if until == inf else max(0.0, until - monotonic()) * 1000

    def _end_the_slowest(self) -> None:
        """Turn away the peer whose deadline is over, if there is one, by an AuthenticationError."""
        for peer in self._peers.values():
            if peer.deadline > monotonic():
                return
            self._let_go(peer).close()
            raise peer.too_slow()
