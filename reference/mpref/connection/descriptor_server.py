"""Giving a descriptor to any process that gets a message of this one: by connection, queue or other pickle.

The pickle is a ticket: an address and a secret. Whatever process of the program shows the secret at the address is
given the descriptor, once. A thread serves there as long as something is to be fetched, and lingers for a moment: who
sends one connection often sends another, and to begin anew costs more than all the rest.

On Linux the address is a name in the kernel, of which nothing is left when this process is killed; but everybody can
read it and connect, and bind it once this process has gone. So neither side believes the other before

- the kernel has said that it is of the same user, or root's: others are turned away before a word is read;
- it has proved to know the authentication key of the program: the taker by a digest of the secret, which counts once,
  the giver by one of what the taker has demanded. Those of one role, or of another address, prove nothing, so that
  nobody can have somebody else prove it.

Elsewhere the address is a file in a folder that no other user may enter.
"""

from __future__ import annotations

import _socket
import os
import sys
from _operator import _compare_digest as compare_digest
from _thread import RLock, get_ident, start_new_thread
from contextlib import suppress
from errno import EMFILE, ENFILE, ETIMEDOUT
from hmac import digest
from math import inf
from time import monotonic, sleep

from .. import descriptors, log
from .. import process as processes
from ..errors import AuthenticationError
from ..finalize import AFTER_CHILDREN, Finalizer
from ..polling import wait_readable
from ..transfer import handover
from ..transfer.framing import HEAD, length_of
from .handshakes import PATIENCE, Handshakes
from .listening import ListeningSocket
from .peer_user import is_one_of_us, user_of
from .worker import GRACE, Worker

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .authentication import Handshake

SECRET = 32
"""Bytes of a secret, which stand for themselves: nobody guesses them."""

DEMAND = 32
"""Bytes of what a giver has to prove the key by."""

PROOF = 32
"""Bytes of a proof."""

GIVEN, GONE, REFUSED = b"+", b"-", b"!"
"""What a reply begins with. Then comes the giver's proof, where there is one, and with it the descriptor."""

PAUSE = 0.05
"""Seconds after which a server that had no room for a caller looks again: nobody tells of a descriptor that is free."""

LINGER = 0.01
"""Seconds for which a server that has nothing left to give waits for another ticket, before it ends."""

_not_fetched: list[tuple[str, bytes]] = []
"""Addresses and secrets of what this process has had no room for."""

_lock = RLock()
_server: DescriptorServer | None = None
_leaving: Worker | None = None
"""The thread of the server that has ended last; it may be on its way out."""


class Ticket:
    """Stands for a descriptor in a pickle; unpickled, it is the descriptor that was fetched."""

    def __init__(self, address: str, secret: bytes) -> None:
        self._address = address
        self._secret = secret

    def __reduce__(self) -> tuple[Callable[[str, bytes], int], tuple[str, bytes]]:
        return fetch, (self._address, self._secret)


class DescriptorServer:
    """Gives out the descriptors of this process that there are tickets for, until nothing is left for a while.

    OSError: there is no descriptor left for it. RuntimeError: no thread can be started.
    """

    def __init__(self) -> None:
        self.offered: dict[bytes, int] = {}
        self._until = inf
        self._over = False
        self._worker = Worker()
        self._spare = -1
        bound, address = _bound()
        self.address = address
        self._leave = None if address.startswith("\0") else Finalizer(_remove, address, priority=AFTER_CHILDREN)
        try:
            self._listening = ListeningSocket(bound, 128)
            self._handshakes = Handshakes(self._listening, lambda: asked(address), is_one_of_us)
            self._spare = os.open(os.devnull, os.O_RDONLY)
            start_new_thread(self._worker.run, (self._serve,))
        except BaseException:
            if self._worker.take_back():
                self._close_spare()
                bound.close()
                if self._leave is not None:
                    self._leave()
            else:
                self.end()
            raise

    def offer(self, descriptor: int) -> bytes:
        """Keep a descriptor until it is fetched, and return the secret that it takes. The lock is held."""
        secret = os.urandom(SECRET)
        self.offered[secret] = descriptor
        self._until = inf
        handover.issued[secret] = get_ident()
        return secret

    def withdraw(self, secret: bytes) -> None:
        """Offer the descriptor with this secret no more. The lock is held."""
        self._drop(secret)
        if not (self.offered or self._over):
            self.end()  # not later: the thread waits for somebody who will not come

    def _drop(self, secret: bytes) -> None:
        descriptor = self.offered.pop(secret, None)
        handover.issued.pop(secret, None)
        if descriptor is not None:
            os.close(descriptor)

    def abandon(self) -> None:
        """Close the copies that a forked child has of everything here."""
        self._close_spare()
        self._listening.close()
        self._handshakes.close()
        for descriptor in self.offered.values():
            os.close(descriptor)

    def lingers(self) -> bool:
        """Tell whether nothing is left that anybody could fetch."""
        return self._until < inf

    def end(self) -> None:
        """Be the server no more. The thread learns of it. The lock is held."""
        global _server, _leaving
        self._over = True
        _server, _leaving = None, self._worker
        self._listening.close()
        if self._leave is not None:
            self._leave()

    def _serve(self) -> None:
        while self._is_wanted():
            try:
                peer = self._handshakes.accept(self._until)
            except TimeoutError:
                pass  # nobody has come while it lingered
            except AuthenticationError as error:
                log.info("a process that wanted a descriptor gets none: %s", error)
                self._keep_spare()
            except OSError as error:
                if not (self._close_spare() or self._over):
                    log.info("no process can fetch a descriptor at the moment: %s", error)
                    sleep(PAUSE)
            else:
                try:
                    self._give(peer.channel, *peer.result)
                finally:
                    peer.channel.close()
                self._keep_spare()
        self._close_spare()
        self._handshakes.close()

    def _is_wanted(self) -> bool:
        with _lock:
            if self._until <= monotonic() and not self._over:
                self.end()
            return not self._over

    def _keep_spare(self) -> None:
        """Keep a descriptor for one caller at least, however few are left: each that is served makes room."""
        if self._spare < 0:
            with suppress(OSError):
                self._spare = os.open(os.devnull, os.O_RDONLY)

    def _close_spare(self) -> bool:
        spare, self._spare = self._spare, -1
        if spare >= 0:
            os.close(spare)
        return spare >= 0

    def _give(self, channel: _socket.socket, secret: bytes, proof: bytes) -> None:
        failure = None
        with _lock:
            descriptor = self.offered.get(secret)
            reply = _reply(GONE) if descriptor is None else _reply(GIVEN, proof)
            try:
                descriptors.send(channel, length_of(len(reply)) + reply, [] if descriptor is None else [descriptor])
            except OSError as error:  # the process has gone; the descriptor has as well, as if that had taken it along
                failure = error
            if descriptor is not None:
                self._drop(secret)
                if not self.offered:
                    self._until = monotonic() + LINGER
        if failure is not None:  # said without the lock, for which a fork waits that may have locked the log
            log.info("a descriptor that was fetched could not be given: %s", failure)


def ticket(descriptor: int) -> Ticket:
    """Return a ticket with which one process, that which unpickles it first, gets a copy of a descriptor.

    OSError: there is no descriptor left for that. RuntimeError: no thread can be started.
    """
    global _server
    copy = descriptors.duplicate(descriptor)
    try:
        with _lock:
            if _server is None:
                _server = DescriptorServer()
            return Ticket(_server.address, _server.offer(copy))
    except BaseException:
        os.close(copy)
        raise


def withdraw_issued() -> None:
    """Withdraw the tickets of a message that this thread has begun, and that is not sent."""
    thread = get_ident()
    for secret, issuer in tuple(handover.issued.items()):
        if issuer == thread:
            with _lock:
                if _server is not None:
                    _server.withdraw(secret)
            handover.issued.pop(secret, None)


def fetch(address: str, secret: bytes) -> int:
    """Fetch a descriptor that another process has offered.

    OSError: it is not to be had any more, or not in time, or there is no descriptor left for it. AuthenticationError:
    who listens there is no process of this program.
    """
    deadline = monotonic() + PATIENCE
    while True:
        try:
            descriptor = _ask(address, secret, deadline)
        except OSError as error:
            if error.errno in (EMFILE, ENFILE):
                _not_fetched.append((address, secret))
            raise
        if descriptor is not None:
            _let_be_closed()
            return descriptor
        if monotonic() > deadline:
            raise _gone()
        sleep(PAUSE)


def _let_be_closed() -> None:
    """Have those descriptors closed for which there was no room here: whoever offers one keeps it until it is taken."""
    while _not_fetched:
        with suppress(OSError, AuthenticationError):
            descriptor = _ask(*_not_fetched.pop(), monotonic())
            if descriptor is not None:
                os.close(descriptor)


def _ask(address: str, secret: bytes, deadline: float) -> int | None:
    """Ask for a descriptor; None: the server has not heard it, for others were before it."""
    channel = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    try:
        channel.setblocking(False)
        demand = os.urandom(DEMAND)
        question = secret + demand + _proof("take", address, secret + demand)
        try:
            channel.connect(address)
            if not is_one_of_us(channel):
                raise _not_of_this_program(f"it belongs to user {user_of(channel)}")
            channel.sendall(length_of(len(question)) + question)
        except BlockingIOError:
            return None
        except OSError as error:
            raise _gone() from error
        if not wait_readable(channel.fileno(), max(0.0, deadline - monotonic())):
            raise TimeoutError(
                ETIMEDOUT,
                f"a connection in a message cannot be received: nobody has given it within {PATIENCE:g} s; the process "
                "that sent it is stopped, or has no descriptor left",
            )
        try:
            reply, given = descriptors.receive_some(channel, HEAD + len(_reply(GONE)))
        except (EOFError, ConnectionError):
            if user_of(channel) == os.geteuid():
                return None
            raise _not_of_this_program("it has turned this one away") from None
    finally:
        channel.close()
    kind, proof = reply[HEAD : HEAD + 1], reply[HEAD + 1 :]
    if kind == GIVEN and given and compare_digest(proof, _proof("give", address, demand)):
        return given[0]
    for descriptor in given:
        os.close(descriptor)
    if kind == GONE:
        raise _gone()
    raise _not_of_this_program("one of the two does not know the authkey of the other")


def _gone() -> OSError:
    return OSError(
        "a connection in a message cannot be received: the process that sent it has ended, or it was received before"
    )


def _not_of_this_program(why: str) -> AuthenticationError:
    return AuthenticationError(
        "a connection in a message is not received: the process that is to give it has not proved to be of the "
        f"program of this one, which is of user {os.geteuid()}: {why}"
    )


def asked(address: str) -> Handshake:
    """Have the other end prove that it knows the key; return the secret that it shows, and what proves it to that."""
    question = yield None
    secret, demand, proof = question[:SECRET], question[SECRET:-PROOF], question[-PROOF:]
    if not compare_digest(proof, _proof("take", address, secret + demand)):
        yield _reply(REFUSED)
        raise AuthenticationError("it does not know the key")
    return secret, _proof("give", address, demand)


def _reply(kind: bytes, proof: bytes = bytes(PROOF)) -> bytes:
    return kind + proof


def _proof(role: str, address: str, shown: bytes) -> bytes:
    """Return how one role, at one address, proves to know the authkey of the current process."""
    return digest(processes.current_process().authkey, f"{role} {address} ".encode() + shown, "sha256")


def _bound() -> tuple[_socket.socket, str]:
    one = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    try:
        if sys.platform == "linux":
            address = f"\0mpref-{os.urandom(16).hex()}"
        else:
            from .private_folder import private_folder

            address = os.path.join(private_folder("descriptors"), "descriptors")
        one.bind(address)
        return one, address
    except BaseException:
        one.close()
        raise


def _remove(address: str) -> None:
    """Remove the file of a socket and its folder, where nobody has cleaned up there."""
    with suppress(OSError):
        os.unlink(address)
    with suppress(OSError):
        os.rmdir(os.path.dirname(address))


def _end_idle() -> None:
    """End a server that only lingers: a fork is a risk beside its thread, and is warned of from Python 3.12 on."""
    global _leaving
    if _server is not None and _lock.acquire(timeout=GRACE):
        try:
            if _server is not None and _server.lingers():
                _server.end()
        finally:
            _lock.release()
    worker, _leaving = _leaving, None
    if worker is not None:
        worker.await_end()


def _forget() -> None:
    """Give up what a fork has copied: what is offered is the parent's, and so is the thread."""
    global _server, _leaving, _lock
    _lock = RLock()
    _leaving = None
    handover.issued.clear()
    _not_fetched.clear()
    if _server is not None:
        _server.abandon()
        _server = None


os.register_at_fork(before=_end_idle, after_in_child=_forget)
