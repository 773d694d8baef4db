"""What a client has to do with a server: its connections, one for each thread, and the referents that it refers to.

A server of this package knows a client process by its ident, and a thread by its connection, over which everything
goes: calls, the making of referents, and what the process does not refer to any more. Of the standard library's
servers each of these takes a connection of its own, but for calls. Section "Managers".
"""

from __future__ import annotations

import errno
import os
from _thread import RLock, _local
from _weakref import ref
from collections import deque
from contextlib import suppress

from .. import log
from ..errors import AuthenticationError
from ..finalize import AFTER_CHILDREN, Finalizer
from . import program_end
from .answers import RemoteError, ServerGone, result
from .greeting import connected, greet
from .line import Unreadable, Unwritable, is_broken
from .token import Token

_LACKING = (errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS)
"""This process lacks what a connection takes: that says nothing about the server."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from ..state import AuthenticationString
    from .channel import Channel
    from .proxies import BaseProxy

serving = _local()
"""In a thread that serves a client: `session`, that of the server with itself."""


class Session:
    """What this process has to do with one server.

    address: where it is reached. key, serializer: of its manager. server: its ident, None: one of the standard library.
    """

    def __init__(self, address: Any, key: AuthenticationString, serializer: str, server: str | None) -> None:
        self.address = address
        self.key = key
        self.serializer = serializer
        self.server = server
        self._held: dict[str, int] = {}
        self._leave: Finalizer | None = None
        self._begin()

    def _begin(self) -> None:
        self._process = os.getpid()
        self._lock = RLock()
        self._dropped: deque[str] = deque()
        self._untold: deque[str] = deque()
        self._threads = _local()
        self._channels: list[Channel] = []
        self._parked: list[Channel] = []
        self._inherited = bool(self._held)

    here = False
    """Whether the referents are in this process, see LocalSession."""

    def token(self, typeid: str, ident: str) -> Token:
        """Return the token of a referent."""
        return Token(typeid, self.address, ident, self.server)

    # Calls

    def ask(self, ident: str | None, name: str, args: Any, kwds: Any) -> Any:
        """Have a method of a referent called, and return the answer: what became of it, and what that is.

        ServerGone: there is no server. RemoteError: the answer cannot be read here.
        """
        if self._process != os.getpid():
            self.leave_to_parent()
        try:
            channel: Channel = self._threads.channel
        except AttributeError:
            channel = self._open()
        if channel.busy:
            return self._ask_aside((ident, name, args, kwds))
        answer = self._asked(channel, (ident, name, args, kwds))
        if self._untold:
            self._tell()
        return answer

    def function(self, name: str, /, *args: Any, **kwds: Any) -> Any:
        """Have a function of the server called, and return its result. It raises what ask() and the function raise."""
        if self.server is not None:
            return result(self.ask(None, name, args, kwds))
        channel = self._connect()
        try:
            return result(self._asked(channel, (None, name, args, kwds)))
        finally:
            channel.close()

    def _ask_aside(self, request: Any) -> Any:
        """Ask in the middle of another call of this thread, as a signal handler or finalizer may."""
        before, channel = self._threads.channel, self._greeted()
        self._threads.channel = channel
        try:
            return self._asked(channel, request)
        finally:
            self._threads.channel = before
            channel.close()

    def _asked(self, channel: Channel, request: Any) -> Any:
        try:
            answer = channel.ask(request)
        except Unwritable as error:
            raise (error.__cause__ or error) from None
        except Unreadable as error:
            self._count_arrived(channel)
            why = error.__cause__
            raise RemoteError(f"what the server answers cannot be read here: {type(why).__name__}: {why}") from why
        except BaseException as error:
            self._give_up(channel)
            if is_broken(error):
                raise self._gone(error) from error
            raise
        if channel.arrived:
            self._count_arrived(channel)
        return answer

    def _gone(self, error: BaseException) -> ServerGone:
        """Return what is raised where the server has ended."""
        program_end.stay_if_daemon()
        why = str(error) or "end of file"
        return ServerGone(f"the server of the manager at {self.address!r} has ended, or cannot be reached: {why}")

    # Connections

    def meet(self, channel: Channel) -> None:
        """Use a connection to the server that has been made."""
        if getattr(self._threads, "channel", None) is None:
            self._take(channel)
        else:
            channel.close()

    def _open(self) -> Channel:
        """Make the connection of this thread."""
        channel = self._greeted()
        self._take(channel)
        return channel

    def _greeted(self) -> Channel:
        """Return another connection, over which this server serves requests."""
        channel = self._connect()
        try:
            server = greet(channel)
        except BaseException as error:
            channel.close()
            if is_broken(error):
                raise self._gone(error) from error
            raise
        if server != self.server:
            channel.close()
            raise ServerGone(f"the server of the manager has ended; at {self.address!r} there is another one now")
        return channel

    def _connect(self) -> Channel:
        """Return another connection, over which nothing has been said yet."""
        try:
            return connected(self.address, self.key, self.serializer)
        except AuthenticationError as error:
            if not isinstance(error.__cause__, (OSError, EOFError)):
                raise
            raise self._gone(error.__cause__) from error  # it has ended in the middle of the handshake
        except OSError as error:
            if error.errno in _LACKING or not is_broken(error):
                raise
            raise self._gone(error) from error

    def _take(self, channel: Channel) -> None:
        self._threads.channel = channel
        self._threads.thread = _Thread(self, channel)
        with self._lock:
            self._channels.append(channel)
            parked, self._parked = self._parked, []
        for one in parked:
            one.close()
        if self.server is None and (self._leave is None or not self._leave.alive):
            self._leave = Finalizer(_take_leave, ref(self), owner=self, priority=AFTER_CHILDREN)
        if self._inherited:
            self._inherited = False
            self._refer(tuple(self._held))

    def _give_up(self, channel: Channel) -> None:
        """Use a connection no more, in the middle of a request."""
        thread: _Thread | None = getattr(self._threads, "thread", None)
        if thread is not None and thread.channel is channel:  # it is not one that was made for a call aside
            del self._threads.channel, self._threads.thread, thread

    def thread_over(self, channel: Channel) -> None:
        """Close the connection of a thread, but for the last: the server takes that for the end of this process."""
        with self._lock:
            if channel in self._channels:
                self._channels.remove(channel)
                if not self._channels and self._held:
                    self._parked.append(channel)
                    return
        channel.close()

    # References

    def adopt(self, ident: str) -> None:
        """Have a new proxy refer to a referent; the server has counted that already."""
        with self._lock:
            self._held[ident] = self._held.get(ident, 0) + 1
        if self._dropped:
            self._settle()

    def hold(self, ident: str) -> None:
        """Have a new proxy refer to a referent. RemoteError: it is gone. ServerGone: the server is."""
        with self._lock:
            count = self._held.get(ident, 0)
            self._held[ident] = count + 1
        if not count:
            channel = getattr(self._threads, "channel", None)
            if channel is not None and channel.busy:  # the proxy is in an answer that is not read to its end yet
                channel.arrived.append(ident)
            else:
                try:
                    if self._refer((ident,)):
                        raise RemoteError(f"the referent {ident!r} is gone: nobody has referred to it meanwhile")
                except BaseException:
                    self._forget(ident)
                    raise
        if self._dropped:
            self._settle()

    def drop(self, ident: str) -> None:
        """Have one proxy less refer to a referent. It never waits for another thread, and raises nothing."""
        if program_end is not None and program_end.silent is False:  # else modules are torn down already
            if self._process != os.getpid():
                self.leave_to_parent()
            self._dropped.append(ident)
            self._settle()

    def lend(self, proxy: BaseProxy) -> str | None:
        """Have the server keep a referent while a proxy of it is on its way as a pickle; return the ticket for that.

        None: the server need not, for it is the receiver and this process keeps the proxy meanwhile; or it cannot.
        """
        channel = getattr(self._threads, "channel", None)
        if self.server is None or (channel is not None and channel.busy):
            return None
        try:
            return str(self.function("lend", proxy._token.id))
        except (ServerGone, RemoteError):
            return None
        except OSError as error:
            if error.errno not in _LACKING:
                raise
            return None

    def redeem(self, ticket: str) -> None:
        """Let the server know that a proxy has arrived."""
        with suppress(ServerGone, RemoteError):
            self.function("redeem", ticket)

    def drop_all(self) -> None:
        """Refer to nothing any more."""
        for ident, count in tuple(self._held.items()):
            self._dropped.extend([ident] * count)
        self._settle()

    def _refer(self, idents: Iterable[str]) -> list[str]:
        """Let the server know that this process refers to referents; return the idents of those that are gone."""
        if self.server is not None:
            return list(self.function("incref", *idents))
        gone = []
        for ident in idents:
            try:
                self.function("incref", ident)
            except RemoteError:
                gone.append(ident)
        return gone

    def _count_arrived(self, channel: Channel) -> None:
        """Refer to what an answer has brought. What is gone meanwhile says so when it is used."""
        idents, channel.arrived = channel.arrived, []
        self._refer(idents)

    def _forget(self, ident: str) -> bool:
        """Count one proxy less. The lock is not held; returns whether it was the last."""
        with self._lock:
            count = self._held.get(ident, 0) - 1
            if count > 0:
                self._held[ident] = count
            else:
                self._held.pop(ident, None)
        return count == 0

    def _settle(self) -> None:
        """Count what was dropped. Who holds the lock meanwhile, this thread perhaps, does it afterwards."""
        while self._dropped and not self._lock._is_owned() and self._lock.acquire(False):  # type: ignore[attr-defined]
            try:
                while self._dropped:
                    ident = self._dropped.popleft()
                    if self._forget(ident):
                        self._untold.append(ident)
            finally:
                self._lock.release()
            if self._untold:
                self._tell()

    def _tell(self) -> None:
        """Tell the server what nothing here refers to any more. Whoever is writing meanwhile does it afterwards."""
        idents: list[str] = []
        with suppress(IndexError):
            while True:
                idents.append(self._untold.popleft())
        if not idents or self._inherited:
            return
        try:
            if self.server is None:
                while idents:
                    self.function("decref", idents.pop())
            elif not self._tell_somehow(idents):
                self._untold.extend(idents)
        except Exception as error:  # the server is gone, and with it what was referred to
            log.debug("a server of a manager is not told of proxies that are gone: %s", error)

    def _tell_somehow(self, idents: Iterable[str]) -> bool:
        own = getattr(self._threads, "channel", None)
        others = [one for one in tuple(self._channels) if not one.busy and one is not own]
        for channel in others if own is None else [own, *others]:
            if channel.tell(idents):
                return True
        return own is None and self._open().tell(idents)  # all others wait for answers, who knows how long

    def hold_inherited(self) -> None:
        """Refer anew to what the parent of this process, from which it was forked, has referred to."""
        if self._inherited:
            self._open()

    def leave_to_parent(self) -> None:
        """Close what a fork has copied, once: something may be used, or dropped, before the turn of this comes."""
        if self._process == os.getpid():
            return
        channels, dropped = self._channels + self._parked, tuple(self._dropped)
        self._begin()
        for ident in dropped:
            self._forget(ident)
        for channel in channels:
            channel.close()


class _Thread:
    """Lets a session know that a thread is over."""

    __slots__ = ("_session", "channel")

    def __init__(self, session: Session, channel: Channel) -> None:
        self._session = ref(session)
        self.channel = channel

    def __del__(self) -> None:
        session = self._session()
        if session is None:
            self.channel.close()
        else:
            session.thread_over(self.channel)


def _take_leave(reference: ref[Session]) -> None:
    """Let a server of the standard library know what this process will not refer to any more."""
    session = reference()
    if session is not None:
        session.drop_all()
