"""The server of a manager. Section "Managers", get_server.

A thread accepts clients, and each connection has a thread, which is the owner of the locks that its client acquires.
Nothing is unpickled before the handshake, and a client that is slow, dies or sends nonsense concerns no other.
"""

from __future__ import annotations

import os
from _pickle import dumps, loads
from _thread import RLock, start_new_thread
from contextlib import suppress
from errno import EAGAIN
from time import sleep
from weakref import WeakSet

from .. import log
from ..connection import Connection, Listener
from ..errors import AuthenticationError, retold
from ..state import AuthenticationString
from ..transfer.framing import PROTOCOL
from . import directory, sessions
from .answers import Refusal, RemoteError
from .referents import Holder, Referent, Referents
from .registration import public_methods
from .service import Service
from .token import Token

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from .proxies import BaseProxy
    from .registration import Registration

BACKLOG = 256
"""Clients that may wait to be accepted."""

PAUSE = 0.05
"""Seconds after which a server that had no room for a client looks again: nobody tells of a descriptor that is free."""

_nothing: dict[str, str] = {}
_LISTS = type(_nothing.keys()), type(_nothing.values()), type(_nothing.items())
"""What travels as a list: a view of a dict cannot be pickled."""

_servers: WeakSet[Server] = WeakSet()


class Server:
    """Serves the referents of a manager at an address.

    registered: what can be made, by type identifier. address: where to listen, None: one is chosen. authkey: a byte
    string. serializer: 'pickle' or 'xmlrpclib'. OSError: the address cannot be used.
    """

    def __init__(self, registered: Mapping[str, Registration], address: Any, authkey: bytes, serializer: str) -> None:
        self.registered = registered
        self.authkey = AuthenticationString(authkey)
        self.serializer = serializer
        self.ident = os.urandom(16).hex()
        self.referents = Referents()
        self.addresses: set[Any] = set()
        """Where clients of the standard library find this server."""
        self.services: set[Service] = set()
        self.session = LocalSession(self)
        self._holders: dict[str, Holder] = {"": Holder()}
        self._lock = RLock()
        self._stopped = False
        try:
            self._listener = Listener(address, None, BACKLOG, authkey)
        except OSError as error:
            raise retold(error, f"a manager cannot listen at {address!r}") from error
        self.address = self._listener.address
        """Where the server listens."""
        self.addresses.add(self.address)
        _servers.add(self)

    def serve_forever(self) -> None:
        """Serve clients until stop() is called."""
        log.info("the server of a manager listens at %r", self.address)
        try:
            while not self._stopped:
                try:
                    self._begin(self._listener.accept())
                except AuthenticationError as error:
                    log.info("a client of the manager is turned away: %s", error)
                except OSError as error:
                    if error.errno is None:
                        raise  # a signal handler's
                    if not self._stopped:
                        log.info("the manager can serve nobody else at the moment: %s", error)
                        sleep(PAUSE)
        finally:
            self.stop()

    def stop(self) -> None:
        """Accept nobody any more, and let serve_forever() return."""
        self._stopped = True
        with self._lock:  # whoever ends the process then waits until all is closed
            self._listener.close()

    def call(self, ident: str, name: str, args: Any, kwds: Any) -> tuple[Any, str | None]:
        """Call an exposed method of a referent; return its result, and the type identifier if that is a referent.

        It raises what the method raises. Refusal: it is not exposed, or the referent is gone.
        """
        referent = self.referents.referent(ident)
        if name in referent.exposed:
            result = getattr(referent.object, name)(*args, **kwds)
            if name in referent.results:
                return result, referent.results[name]
            return (list(result) if type(result) in _LISTS else result), None
        if name == "#GETVALUE":
            return referent.object, None
        if name in ("__repr__", "__str__"):
            return repr(referent.object), None
        raise Refusal(
            f"AttributeError: the method {name!r} of a {type(referent.object).__name__} is not exposed to proxies; "
            f"exposed are {', '.join(map(str, referent.names)) or 'none'}"
        )

    def create(self, holder: Holder, typeid: str, args: Any, kwds: Any) -> tuple[str, tuple[str, ...]]:
        """Make a referent, to which `holder` refers; return its ident and what of it can be called.

        It raises what its making raises. Refusal: the type identifier is not registered.
        """
        registered = self.registered.get(typeid)
        if registered is None:
            raise Refusal(
                f"the type identifier {typeid!r} is not registered with this server, which knows "
                f"{', '.join(map(repr, self.registered)) or 'none'}: register it before the server is started"
            )
        if registered.callable is not None:
            thing = registered.callable(*args, **kwds)
        elif len(args) == 1 and not kwds:
            thing = args[0]
        else:
            raise Refusal(
                f"the type identifier {typeid!r} is registered without a callable in this server, "
                "where objects of it can be results of methods, and are not made"
            )
        exposed = registered.exposed
        referent = Referent(thing, public_methods(thing) if exposed is None else exposed, registered.results)
        return self.referents.add(referent, holder), referent.names

    def enter(self, client: str) -> Holder:
        """Return the holder of a client process, which has one connection more; the empty one stands for the others."""
        with self._lock:
            holder = self._holders.setdefault(client, Holder())
            holder.connections += 1
            return holder

    def leave(self, client: str) -> None:
        """Let a client process have one connection less; if that was its last, it refers to nothing any more."""
        with self._lock:
            holder = self._holders[client]
            holder.connections -= 1
            if holder.connections or not client:
                return
            del self._holders[client]
        self.referents.leave(holder)

    def leave_to_parent(self) -> None:
        """Close what a fork has copied."""
        self._stopped = True
        with suppress(OSError):
            self._listener.close()
        for service in tuple(self.services):
            with suppress(OSError):
                service.close()
        self.services.clear()

    def _begin(self, connection: Connection) -> None:
        try:
            start_new_thread(Service(self, connection).run, ())
        except RuntimeError as error:
            connection.close()
            raise OSError(EAGAIN, f"no thread can be started for a client: {error}") from error


class LocalSession:
    """What a server has to do with itself: with the proxies of its own referents that it has been sent.

    See sessions.Session. Of calls, too, copies are made.
    """

    here = True

    def __init__(self, server: Server) -> None:
        self._server = server
        self._holder = Holder()
        self._process = os.getpid()

    @property
    def address(self) -> Any:
        """Where the server listens."""
        return self._server.address

    @property
    def key(self) -> AuthenticationString:
        """The key of the manager."""
        return self._server.authkey

    def is_of(self, token: Token) -> bool:
        """Tell whether a token is one of this server."""
        if token.server is not None:
            return token.server == self._server.ident
        return token.address in self._server.addresses

    def token(self, typeid: str, ident: str) -> Token:
        """Return the token of a referent."""
        return Token(typeid, self._server.address, ident, self._server.ident)

    def ask(self, ident: str, name: str, args: Any, kwds: Any) -> Any:
        """Call a method of a referent, and return the answer."""
        if self._process != os.getpid():
            return self._from_child().ask(ident, name, args, kwds)
        args, kwds = loads(dumps((args, kwds), PROTOCOL))
        try:
            result, typeid = self._server.call(ident, name, args, kwds)
            if typeid is not None:
                ident, exposed = self._server.create(self._holder, typeid, (result,), {})
                return "#PROXY", (exposed, self.token(typeid, ident))
        except Refusal as error:
            raise RemoteError(error.args[0]) from None
        return "#RETURN", loads(dumps(result, PROTOCOL))

    def function(self, name: str, /, *args: Any) -> Any:
        """Return what of a referent can be called: that is all that proxies ask a server for."""
        if self._process != os.getpid():
            return self._from_child().function(name, *args)
        return self._server.referents.referent(args[0]).names

    def hold(self, ident: str) -> None:
        """Have a new proxy refer to a referent. RemoteError: it is gone."""
        if self._server.referents.hold((ident,), self._holder):
            raise RemoteError(f"the referent {ident!r} is gone: nobody refers to it any more")

    def adopt(self, ident: str) -> None:
        """Have a new proxy refer to a referent that create() has counted already."""

    def drop(self, ident: str) -> None:
        """Have one proxy less refer to a referent."""
        if self._process == os.getpid():
            self._server.referents.drop((ident,), self._holder)

    def lend(self, proxy: BaseProxy) -> None:
        """Keep a proxy that is pickled for a client until that has had the time to refer to its referent."""
        sent = getattr(sessions.serving, "sent", None)
        if sent is not None:
            sent.append(proxy)

    def redeem(self, ticket: str) -> None:
        """Take note that a proxy has arrived."""
        self._server.referents.redeem(ticket)

    def referent(self, proxy: BaseProxy) -> Any:
        """Return what a proxy refers to."""
        return self._server.referents.referent(proxy._token.id).object

    def _from_child(self) -> sessions.Session:
        """Return the session of a process that was forked from the server."""
        return directory.session_of(self.address, self._server.ident, self._server.serializer, self.key)


def _after_fork() -> None:
    for name in ("session", "sent"):
        if hasattr(sessions.serving, name):
            delattr(sessions.serving, name)
    for server in tuple(_servers):
        server.leave_to_parent()


os.register_at_fork(after_in_child=_after_fork)
