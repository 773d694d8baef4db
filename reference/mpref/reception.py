"""Those who have called a listener and not yet proved that they know its key.

They are all attended to at once: one that is slow or silent holds up nobody else. None is let to send more than a
short message at a time, and each has its own deadline.
"""

from __future__ import annotations

import os
from _thread import RLock
from select import POLLIN, poll
from time import monotonic

from . import authentication, log, message
from .errors import AuthenticationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from socket import socket
    from typing import Any

#: Seconds in which a handshake has to be over.
PATIENCE = 20.0

#: How many callers may be in it; one more turns away the one who has been longest.
ROOM = 128


class Caller:
    """The other end of a socket, and how far the conversation with it has come.

    deadline: when it has to be over, by the clock monotonic().
    """

    def __init__(self, line: socket, conversation: authentication.Conversation, address: Any = None) -> None:
        line.setblocking(False)
        self.line = line
        self.address = address
        self.deadline = monotonic() + PATIENCE
        self._conversation = conversation
        self._begun = False
        self._heard = bytearray()

    def proceed(self) -> bool:
        """Go on as far as it goes without waiting; tell whether the caller is admitted.

        AuthenticationError: it is not.
        """
        try:
            if not self._begun:
                self._begun = True
                self._say(next(self._conversation))
            while (word := self._word()) is not None:
                self._say(self._conversation.send(word))
        except StopIteration:
            return True
        except (EOFError, OSError) as error:
            raise AuthenticationError(f"the other end has not proved to know the key: {error}") from error
        return False

    def too_slow(self) -> AuthenticationError:
        """Return the exception for a caller whose deadline is over."""
        return AuthenticationError(f"the other end has not proved to know the key within {PATIENCE:g} s")

    def _word(self) -> bytes | None:
        """Return the next message, None where it is not all there. Nothing behind it is read."""
        heard = self._heard
        while True:
            wanted = 4 - len(heard)
            if wanted <= 0:
                size = int.from_bytes(heard[:4], "big", signed=True)
                if not 0 <= size <= authentication.LONGEST:
                    raise OSError(f"it sends a message of {size} bytes before it is authenticated")
                wanted += size
                if not wanted:
                    self._heard = bytearray()
                    return bytes(heard[4:])
            try:
                some = self.line.recv(wanted)
            except BlockingIOError:
                return None
            if not some:
                raise EOFError("it has left")
            heard += some

    def _say(self, word: bytes | None) -> None:
        """Send this message, and what the conversation says behind it."""
        while word is not None:
            frame = message.length_of(len(word)) + word
            if self.line.send(frame) != len(frame):
                raise OSError("it does not read what it is sent")
            word = next(self._conversation)


class Reception:
    """The callers of one listening socket. door: the socket; key: what they have to know."""

    def __init__(self, door: socket, key: bytes) -> None:
        door.setblocking(False)
        self._door = door
        self._key = key
        self._begin()

    def _begin(self) -> None:
        self._process = os.getpid()
        self._turn = RLock()
        self._callers: dict[int, Caller] = {}
        self._watched = poll()
        self._watched.register(self._door.fileno(), POLLIN)

    def admit(self) -> tuple[socket, Any]:
        """Return the socket and the address of the next caller that proves to know the key; wait for it.

        AuthenticationError: one does not. The others stay, and are attended to by the next call.
        """
        if self._process != os.getpid():  # a fork: these callers are the parent's
            self.close()
            self._begin()
        with self._turn:
            while True:
                for descriptor, _ in self._watched.poll(self._time_left()):
                    at_door = descriptor == self._door.fileno()
                    caller = self._let_in() if at_door else self._callers.get(descriptor)
                    if caller is not None and self._attend(caller):
                        return caller.line, caller.address
                self._lose_patience()

    def close(self) -> None:
        """Turn everybody away."""
        for caller in tuple(self._callers.values()):
            self._let_go(caller).close()

    def _let_in(self) -> Caller | None:
        try:
            line, address = self._door.accept()
        except (BlockingIOError, ConnectionAbortedError):  # another process has got it, or it has left
            return None
        if len(self._callers) >= ROOM:
            oldest = next(iter(self._callers.values()))
            log.info("turning away %s: %s others wait to be authenticated", oldest.address, ROOM)
            self._let_go(oldest).close()
        caller = Caller(line, authentication.of_listener(self._key), address)
        self._callers[line.fileno()] = caller
        self._watched.register(line.fileno(), POLLIN)
        return caller

    def _attend(self, caller: Caller) -> bool:
        """Go on with a caller; tell whether it is admitted, and so is a caller no more."""
        try:
            admitted = caller.proceed()
        except BaseException:
            self._let_go(caller).close()
            raise
        if admitted:
            self._let_go(caller).setblocking(True)
        return admitted

    def _let_go(self, caller: Caller) -> socket:
        self._watched.unregister(caller.line.fileno())
        del self._callers[caller.line.fileno()]
        return caller.line

    def _time_left(self) -> float | None:
        """Return the milliseconds until the next deadline; None where there is none."""
        if not self._callers:
            return None
        first = next(iter(self._callers.values()))  # they stand in the order in which they came
        return max(0.0, first.deadline - monotonic()) * 1000

    def _lose_patience(self) -> None:
        for caller in self._callers.values():
            if caller.deadline > monotonic():
                return
            self._let_go(caller).close()
            raise caller.too_slow()
