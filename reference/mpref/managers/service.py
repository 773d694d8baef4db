"""What a client of a manager's server is served with, over one connection and by one thread."""

from __future__ import annotations

from contextlib import suppress

from .. import log
from ..polling import is_hung_up
from ..tracebacks import text_of
from . import greeting, sessions
from .answers import Refusal, survives
from .line import Line, Unreadable, Unwritable
from .standard_pickles import StandardPickles
from .token import Token
from .unclaimed import TAKING, give_back
from .xml_notation import Xml

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ..connection import Connection
    from .proxies import BaseProxy
    from .server import Server

_EVERY_HOST = ("0.0.0.0", "")


class Service:
    """Reads the requests of a client, and answers them.

    Each is a tuple: the ident of a referent, the name of a method, its arguments; or None and the name of a function.
    """

    def __init__(self, server: Server, connection: Connection) -> None:
        self._server = server
        self._client = ""
        self._holder = server.enter("")
        self._sent: list[BaseProxy] = []
        """The proxies in the last answer; whoever gets it has to refer to their referents first."""
        self._address = server.address
        if isinstance(server.address, tuple):
            self._address = _tune(connection, server.address)
            server.addresses.add(self._address)
        xml = server.serializer == "xmlrpclib"
        self._line = Line(connection, Xml() if xml else StandardPickles(self._address))

    def run(self) -> None:
        """Serve the client until it leaves, or has had the one function called that it has come for."""
        server = self._server
        server.services.add(self)
        sessions.serving.session = server.session
        sessions.serving.sent = self._sent
        try:
            request = self._next()
            if request is not None and self._answer(self._perform(*request)) and request[1] == "accept_connection":
                del request
                self._serve()
        except Exception as error:
            log.info("a client of the manager is served no more:\n%s", text_of(error))
        finally:
            server.services.discard(self)
            self.close()
            self._sent.clear()
            server.leave(self._client)

    def close(self) -> None:
        """Close the connection."""
        self._line.close()

    def _serve(self) -> None:
        before: list[BaseProxy] = []
        while (request := self._next()) is not None:
            if self._sent:
                before, self._sent[:] = self._sent[:], ()
            ident, name, args, kwds = request
            answer = self._perform(*request) if ident is None else self._call(ident, name, args, kwds)
            if answer is not None and not self._answer(answer):
                return
            before.clear()
            del request, args, kwds, answer  # referents may be among them

    def _next(self) -> Any:
        """Return the next request; None: there is none."""
        while True:
            try:
                request = self._line.receive()
                _, _, _, _ = request
                return request
            except Unreadable as error:
                why = error.__cause__
                text = f"the request cannot be read in the server: {type(why).__name__}: {why}"
            except (EOFError, OSError):
                return None
            except (TypeError, ValueError):
                text = "this is no request for the server of a manager"
            if not self._answer(("#TRACEBACK", text)):
                return None

    def _answer(self, answer: Any) -> bool:
        """Send an answer; tell whether there is still somebody to get it."""
        try:
            try:
                self._line.send(answer)
            except Unwritable as error:
                self._line.send(("#UNSERIALIZABLE", text_of(error.__cause__)))
        except OSError:
            return False
        return True

    # Methods of referents

    def _call(self, ident: str, name: str, args: Any, kwds: Any) -> Any:
        server = self._server
        try:
            result, typeid = server.call(ident, name, args, kwds)
        except Refusal as error:
            return "#TRACEBACK", error.args[0]
        except BaseException as error:
            return self._failure(error)
        if typeid is not None:
            return self._proxied(typeid, result)
        if name in TAKING and self._is_alone():
            with suppress(Exception):
                give_back(server, ident, name, result)
            return None
        return "#RETURN", result

    def _proxied(self, typeid: str, result: Any) -> Any:
        try:
            ident, exposed = self._server.create(self._holder, typeid, (result,), {})
        except Refusal as error:
            return "#TRACEBACK", error.args[0]
        except BaseException as error:
            return "#TRACEBACK", text_of(error)
        return "#PROXY", (exposed, Token(typeid, self._address, ident))

    def _failure(self, error: BaseException) -> Any:
        """Return the answer to a call that has raised. An exception that does not survive the journey is told of."""
        trace = text_of(error)
        notation = self._line.notation
        if isinstance(notation, Xml):
            return "#TRACEBACK", trace
        if not survives(error):
            return "#UNSERIALIZABLE", trace
        return ("#ERROR", error, trace) if self._client else ("#ERROR", error)

    def _is_alone(self) -> bool:
        """Tell whether the client has gone: nobody would ever release what was acquired for it."""
        return is_hung_up(self._line.descriptor)

    # Functions of the server

    def _perform(self, ident: None, name: str, args: Any, kwds: Any) -> Any:
        """Call a function of the server; return the answer, None where none is expected."""
        try:
            if ident is not None or name not in _FUNCTIONS:
                raise Refusal(f"the server of a manager has no function {name!r} for its clients")
            result = _FUNCTIONS[name](self, *args, **kwds)
        except Refusal as error:
            return "#TRACEBACK", error.args[0]
        except BaseException as error:
            return "#TRACEBACK", text_of(error)
        return None if name == "drop" else ("#RETURN", result)

    def _accept_connection(self, name: str) -> str | None:
        """Serve requests from now on. A client of this package says so, and which process it is."""
        package, _, rest = name.partition(" ")
        client, _, _ = rest.partition(" ")
        if package != greeting.NAME or not client or self._client:
            return None
        self._server.leave(self._client)
        self._client = client
        self._holder = self._server.enter(client)
        if isinstance(self._line.notation, StandardPickles):
            self._line.notation = None
        return f"{greeting.NAME} {self._server.ident}"

    def _dummy(self) -> None:
        """Do nothing: somebody wants to know whether there is a server."""

    def _create(self, typeid: str, /, *args: Any, **kwds: Any) -> tuple[str, tuple[str, ...]]:
        return self._server.create(self._holder, typeid, args, kwds)

    def _incref(self, *idents: str) -> list[str] | None:
        gone = self._server.referents.hold(idents, self._holder)
        if self._client:
            return gone
        for ident in gone:
            self._server.referents.referent(ident)  # raises
        return None

    def _decref(self, *idents: str) -> None:
        for ident in idents:
            if not isinstance(ident, str):  # it would fail when it is counted, perhaps in the thread of another client
                raise Refusal(f"{ident!r} is no ident of a referent")
        self._server.referents.drop(idents, self._holder)

    def _lend(self, ident: str) -> str:
        return self._server.referents.lend(ident, self._holder)

    def _redeem(self, ticket: str) -> None:
        self._server.referents.redeem(ticket)

    def _get_methods(self, ident: str) -> tuple[str, ...]:
        return self._server.referents.referent(ident).names

    def _number_of_objects(self) -> int:
        return len(self._server.referents)

    def _debug_info(self) -> str:
        return self._server.referents.described()


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "accept_connection": Service._accept_connection,
    "create": Service._create,
    "debug_info": Service._debug_info,
    "decref": Service._decref,
    "drop": Service._decref,
    "dummy": Service._dummy,
    "get_methods": Service._get_methods,
    "incref": Service._incref,
    "lend": Service._lend,
    "number_of_objects": Service._number_of_objects,
    "redeem": Service._redeem,
}


def _tune(connection: Connection, address: Any) -> Any:
    """Have a connection over TCP wait for nothing; return the address that its client has found the server at."""
    import _socket

    one = _socket.socket(fileno=connection.fileno())
    try:
        one.setblocking(True)  # a new socket object has made of it what socket.setdefaulttimeout() says
        one.setsockopt(_socket.IPPROTO_TCP, _socket.TCP_NODELAY, 1)
        if hasattr(_socket, "TCP_QUICKACK"):  # a client that lets small messages wait for it is answered 40 ms sooner
            one.setsockopt(_socket.IPPROTO_TCP, _socket.TCP_QUICKACK, 1)
        return one.getsockname() if address[0] in _EVERY_HOST else address
    finally:
        one.detach()
