"""Proof: what passes between a client and a listener with keys, and what changes it."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Iterator
from typing import Any

from mpspec.chapters.listeners.chapter import DELIVER, KEYS, chapter, given_up, refused
from mpspec.chapters.listeners.targets import KEY
from mpspec.clause import NO_METHOD
from mpspec.observation.see import Blocked, See
from mpspec.observation.waits import LONG

TO_CLIENT, TO_LISTENER = "to the client", "to the listener"


class Relay:
    """Stands between one client and a listener and hands on their messages, whichever way they are written.

    changed: the direction and the number of a message whose last byte is changed on the way.
    address: where the client finds it. passed: what has passed, direction -> messages.
    """

    def __init__(self, mp: Any, listener: Any, changed: tuple[str, int] | None = None) -> None:
        self._mp = mp
        self._listener = listener
        self._changed = changed
        self._door = mp.connection.Listener(("localhost", 0))
        self.address = self._door.address
        self.passed: dict[str, list[bytes]] = {TO_CLIENT: [], TO_LISTENER: []}
        self._ends: tuple[Any, ...] = ()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        with self._door.accept() as client, self._mp.connection.Client(self._listener) as server:
            self._ends = client, server
            back = threading.Thread(target=self._hand_on, args=(server, client, TO_CLIENT), daemon=True)
            back.start()
            self._hand_on(client, server, TO_LISTENER)
            back.join()

    def _hand_on(self, source: Any, sink: Any, direction: str) -> None:
        with contextlib.suppress(EOFError, OSError):
            while True:
                message = source.recv_bytes()
                if (direction, len(self.passed[direction])) == self._changed and message:
                    message = message[:-1] + bytes([message[-1] ^ 1])
                self.passed[direction].append(message)
                sink.send_bytes(message)
        with contextlib.suppress(OSError):
            sink.send_bytes(b"")  # whoever still waits for a message gets one that is none

    def close(self) -> None:
        """Have both directions end: who has refused the other may keep its end open until that is collected."""
        for end in self._ends:
            with contextlib.suppress(OSError), socket.socket(fileno=os.dup(end.fileno())) as same:
                same.shutdown(socket.SHUT_RDWR)
        self._thread.join(LONG)
        self._door.close()


@contextlib.contextmanager
def relayed(mp: Any, see: See, changed: tuple[str, int] | None = None) -> Iterator[tuple[Relay, Blocked, Blocked]]:
    """A relay between a client and a listener with the same key, and the calls of accept() and Client()."""
    with mp.connection.Listener(("localhost", 0), authkey=KEY) as listener:
        relay = Relay(mp, listener.address, changed)
        accepting = see.in_thread(listener.accept)
        calling = see.in_thread(mp.connection.Client, relay.address, authkey=KEY)
        yield relay, accepting, calling
        given_up(calling)
        given_up(accepting)
        relay.close()


def messages(mp: Any, see: See) -> dict[str, list[bytes]]:
    """What passes where nothing is changed: direction -> messages."""
    with relayed(mp, see) as (relay, accepting, calling):
        client, served = calling.ends(), accepting.ends()
        passed = {direction: list(sent) for direction, sent in relay.passed.items()}
        client.close()
        served.close()
    return passed


@chapter.clause("listeners.key.proof-of-listener", passage=f"{KEYS}/4", methods=NO_METHOD)
def a_listener_has_to_prove_itself(mp: Any, see: See) -> None:
    """Client() raises AuthenticationError where any message by which the listener authenticates is another one."""
    for number in range(len(messages(mp, see)[TO_CLIENT])):
        with relayed(mp, see, (TO_CLIENT, number)) as (_, _, calling):
            refused(mp, see, calling)


@chapter.clause("listeners.key.refused-by-client", passage=f"{KEYS}/4", methods=NO_METHOD)
def a_client_has_to_prove_itself(mp: Any, see: See) -> None:
    """accept() raises AuthenticationError where any message by which the client authenticates is another one."""
    for number in range(len(messages(mp, see)[TO_LISTENER])):
        with relayed(mp, see, (TO_LISTENER, number)) as (_, accepting, _):
            refused(mp, see, accepting)


@chapter.clause("listeners.key.never-sent", passage=f"{KEYS}/5", methods=NO_METHOD)
def the_key_itself_is_not_sent(mp: Any, see: See) -> None:
    """What passes between client and listener during authentication does not contain the key."""
    passed = b"".join(message for sent in messages(mp, see).values() for message in sent)
    see.true(len(passed) > 32, "challenges and answers have passed", len(passed))
    see.true(KEY not in passed and KEY.hex().encode() not in passed, "the key does not occur")


@chapter.clause("listeners.key.replayed", passage=f"{DELIVER}/2,4", methods=NO_METHOD)
def what_was_overheard_does_not_open_the_door(mp: Any, see: See) -> None:
    """What a client has sent to authenticate itself is refused when somebody else sends it again."""
    overheard = messages(mp, see)[TO_LISTENER]
    with mp.connection.Listener(("localhost", 0), authkey=KEY) as listener:
        accepting = see.in_thread(listener.accept)
        with mp.connection.Client(listener.address) as intruder:
            with contextlib.suppress(OSError):  # it may have been refused already
                for message in overheard:
                    intruder.send_bytes(message)
            refused(mp, see, accepting)
