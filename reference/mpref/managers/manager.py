"""BaseManager: starts a server or connects to one, and makes referents there. Section "Managers"."""

from __future__ import annotations

import builtins
import os
from contextlib import suppress

from .. import process as processes
from ..connection.authentication import checked
from ..connection.listeners import Name
from ..errors import AuthenticationError, ProcessError
from ..finalize import MANAGERS, Finalizer
from ..launch import lifeline
from ..launch.start import Process
from ..polling import is_hung_up
from ..quantities import seconds
from ..state import AuthenticationString
from ..tracebacks import RemoteTraceback
from ..transfer import framing
from . import directory
from .answers import RemoteError, ServerGone
from .proxies import AutoProxy
from .registration import Registration, checked_names, checked_results

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any, ClassVar, Self

    from ..process import BaseProcess
    from .server import Server
    from .sessions import Session


SERIALIZERS = ("pickle", "xmlrpclib")
"""How objects can be written down between a manager's server and its clients."""


class BaseManager:
    """Controls a server that manages shared objects, or is connected to one. Section "Managers".

    address: where the server listens, (host, port) or the name of a file; None: one is chosen. authkey: a byte string
    that clients have to know, None: that of this process. serializer: 'pickle' or 'xmlrpclib'. ctx: the context whose
    start method starts the server, None: that of the program. shutdown_timeout: seconds that shutdown() waits for the
    end of the server before it is terminated, and again before it is killed.

    A context manager that starts the server and shuts it down. Misuse raises AssertionError (also under -O).
    """

    _mpref_registered: ClassVar[dict[str, Registration]] = {}

    def __init__(
        self,
        address: Any = None,
        authkey: bytes | None = None,
        serializer: str = "pickle",
        ctx: Any = None,
        *,
        shutdown_timeout: float = 1.0,
    ) -> None:
        if serializer not in SERIALIZERS:
            raise ValueError(f"serializer must be one of {', '.join(map(repr, SERIALIZERS))}, not {serializer!r}")
        key = processes.current_process().authkey if authkey is None else checked(authkey)
        self._mpref_address = address
        self._mpref_key = AuthenticationString(key)
        self._mpref_serializer = serializer
        if ctx is not None and not hasattr(ctx, "Process"):
            raise TypeError(f"ctx must be a context or None, not {ctx!r}")
        self._mpref_process_type: type[BaseProcess] = Process if ctx is None else ctx.Process
        self._mpref_timeout = seconds(shutdown_timeout, "shutdown_timeout")
        self._mpref_session: Session | None = None
        self._mpref_end: Finalizer | None = None
        self._mpref_stage = "new"
        self._process: BaseProcess | None = None

    # The server

    def start(self, initializer: Callable[..., object] | None = None, initargs: Iterable[Any] = ()) -> None:
        """Start a process with the server.

        initializer: None, or what that process calls first, with the arguments `initargs`.
        It raises what the initializer raises, and OSError where the address cannot be used.
        """
        self._mpref_require("new", "start()")
        if initializer is not None and not callable(initializer):
            raise TypeError(f"initializer must be callable or None, not {initializer!r}")
        from .started import run

        try:
            given_to_it = tuple(initargs)
        except TypeError:
            raise TypeError(f"initargs must be a sequence of arguments for the initializer, not {initargs!r}") from None
        work = self._mpref_registered, *self._mpref_server_arguments(), initializer, given_to_it
        end, given = _control_line()
        process = self._mpref_process_type(target=run, args=(*work, given))
        number = ":".join(map(str, process._mpref_.identity or ()))
        process.name = f"{type(self).__name__}-{number}"
        process._mpref_.managed = True
        name = Name()
        try:
            try:
                process.start()
            finally:
                given.close()
            address = _told(end, process)
            if self._mpref_address is None and isinstance(address, str):
                name = Name(os.path.dirname(address))
            name.is_file(address)
        except BaseException:
            _end(process, end, self._mpref_timeout, name)
            raise
        self._mpref_address = address
        self._process = process
        self._mpref_stage = "started"
        self._mpref_end = Finalizer(_end, process, end, self._mpref_timeout, name, owner=self, priority=MANAGERS)
        directory.remember(self._mpref_address, self._mpref_key)

    def get_server(self) -> Server:
        """Return the server itself, for this process to call its serve_forever()."""
        self._mpref_require("new", "get_server()")
        from .server import Server

        server = Server(self._mpref_registered, *self._mpref_server_arguments())
        self._mpref_address = server.address
        return server

    def connect(self) -> None:
        """Connect this manager to a server that runs already.

        OSError: nobody listens at the address. AuthenticationError: one of the two does not know the other's key.
        RemoteError: what listens there is no server of a manager.
        """
        self._mpref_require("new", "connect()", "connected")
        if self._mpref_address is None:
            raise ValueError("connect() needs the address of the server: give it to the manager")
        self._mpref_session = directory.session_at(self._mpref_address, self._mpref_key, self._mpref_serializer)
        self._mpref_stage = "connected"

    def shutdown(self) -> None:
        """Stop the server that start() has started; again if need be, to no effect."""
        if self._mpref_end is None:
            self._mpref_require("started", "shutdown()", "shut down")
            return
        self._mpref_stage = "shut down"
        if self._process is not None and self._process._mpref_.creator != os.getpid():
            raise AssertionError("shutdown() is for the process that has started the server, and not for its children")
        self._mpref_session = None
        self._mpref_end()

    def join(self, timeout: float | None = None) -> None:
        """Wait for the end of the server's process, at most `timeout` seconds if that is not None."""
        if self._process is not None:
            self._process.join(timeout)

    @property
    def address(self) -> Any:
        """The address of the server; None: none is chosen yet."""
        return self._mpref_address

    def __enter__(self) -> Self:
        if self._mpref_stage == "new":
            self.start()
        elif self._mpref_stage == "shut down":
            self._mpref_require("started", "with")
        return self

    def __exit__(self, *_: object) -> None:
        if self._mpref_end is not None and self._mpref_end.alive:
            self.shutdown()

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        """Pickle a manager that is connected to the same server; its key goes to a child that is being started."""
        return _connected, (type(self), self._mpref_address, self._mpref_key, self._mpref_serializer)

    # Referents

    @classmethod
    def register(
        cls,
        typeid: str,
        callable: Callable[..., Any] | None = None,
        proxytype: Callable[..., Any] | None = None,
        exposed: Iterable[str] | None = None,
        method_to_typeid: Mapping[str, str] | None = None,
        create_method: bool = True,
    ) -> None:
        """Register a type of referents with this class of managers, and those derived from it later.

        typeid: its name. callable: makes referents, None: they are results of methods, or made by another server.
        proxytype: a subclass of BaseProxy, None: one is made. exposed: names of the methods that proxies can call,
        None: those in proxytype._exposed_, or else the public ones. method_to_typeid: maps names of methods, the
        results of which become referents, to the type identifiers of those; None: proxytype._method_to_typeid_.
        create_method: whether managers get a method of this name that makes a referent and returns a proxy.
        """
        if not isinstance(typeid, str):
            raise TypeError(f"typeid must be a str, not {typeid!r}")
        if not typeid:
            raise ValueError("typeid must be a name, and not an empty str")
        for name, given in (("callable", callable), ("proxytype", proxytype)):
            if given is not None and not builtins.callable(given):
                raise TypeError(f"{name} must be callable or None, not {given!r}")
        if exposed is None:
            exposed = getattr(proxytype, "_exposed_", None)
        if method_to_typeid is None:
            method_to_typeid = getattr(proxytype, "_method_to_typeid_", None)
        registration = Registration(callable, checked_names(exposed), checked_results(method_to_typeid), proxytype)
        cls._mpref_registered = {**cls._mpref_registered, typeid: registration}
        if create_method:

            def create(self: BaseManager, /, *args: Any, **kwds: Any) -> Any:
                return self._mpref_create(typeid, *args, **kwds)

            create.__name__ = typeid
            create.__qualname__ = f"{cls.__qualname__}.{typeid}"
            create.__doc__ = f"Make a referent of the type identifier {typeid!r}, and return a proxy."
            setattr(cls, typeid, create)

    def _mpref_create(self, typeid: str, /, *args: Any, **kwds: Any) -> Any:
        """Make a referent in the server, and return a proxy."""
        session = self._mpref_connected()
        while True:
            try:
                ident, exposed = session.function("create", typeid, *args, **kwds)
                break
            except ServerGone:
                successor = self._mpref_successor_of(session)
                if successor is None:
                    raise
                session = successor
        try:
            return (self._mpref_proxytype(typeid) or AutoProxy)(
                session.token(typeid, ident),
                self._mpref_serializer,
                manager=self,
                authkey=session.key,
                exposed=tuple(exposed),
                incref=False,
            )
        except BaseException:
            session.adopt(ident)
            session.drop(ident)
            raise

    def _mpref_proxytype(self, typeid: str) -> Callable[..., Any] | None:
        """Return what makes proxies for a type identifier; None: nothing that is known here."""
        registered = self._mpref_registered.get(typeid)
        return None if registered is None else registered.proxytype

    def _mpref_connected(self) -> Session:
        """Return what this process has to do with the server."""
        if self._mpref_session is None:
            self._mpref_require("started", "making referents")
            self._mpref_session = directory.session_at(self._mpref_address, self._mpref_key, self._mpref_serializer)
        return self._mpref_session

    def _mpref_successor_of(self, gone: Session) -> Session | None:
        """Return what this process has to do with the server that is at the address by now; None: there is none.

        Nobody succeeds a server that was started here.
        """
        if self._mpref_stage == "connected":
            with suppress(OSError, AuthenticationError, RemoteError):
                session = directory.session_at(self._mpref_address, self._mpref_key, self._mpref_serializer)
                if session is not gone:
                    self._mpref_session = session
                    return session
        return None

    def _mpref_require(self, stage: str, use: str, other: str = "") -> None:
        if self._mpref_stage not in (stage, other):
            rule = {
                "new": "is for a manager that is neither started nor connected",
                "started": "is for a manager that is started" + (" or connected" if use != "shutdown()" else ""),
            }[stage]
            now = {"new": "not started yet"}.get(self._mpref_stage, f"{self._mpref_stage} already")
            raise AssertionError(f"{use} {rule}, and this {type(self).__name__} is {now}")

    def _mpref_server_arguments(self) -> tuple[Any, AuthenticationString, str]:
        return self._mpref_address, self._mpref_key, self._mpref_serializer


def _connected(kind: type[BaseManager], address: Any, key: AuthenticationString, serializer: str) -> BaseManager:
    manager = kind(address, key, serializer)
    manager.connect()
    return manager


def _control_line() -> tuple[int, Any]:
    """Return both ends of what starter and server tell each other by: the end of one is the end of the other."""
    import _socket

    from ..connection import Connection

    near, far = _socket.socketpair()
    near.setblocking(True)  # whatever socket.setdefaulttimeout() says
    far.setblocking(True)
    end = near.detach()
    lifeline.vital.add(end)
    return end, Connection(far.detach())


def _told(end: int, process: BaseProcess) -> Any:
    """Return the address that a new server tells, or raise what has kept it from listening."""
    try:
        address, error, trace = framing.read_object(end, framing.read_size(end))
    except (EOFError, OSError):
        if not is_hung_up(end):
            raise  # a signal handler's
        process.join()
        raise ProcessError(
            f"the process of the manager has ended with exit code {process.exitcode} before it could serve"
        ) from None
    if error is not None:
        error.__cause__ = RemoteTraceback(trace)
        raise error
    return address


def _close(descriptor: int) -> None:
    with suppress(OSError):  # a program that becomes a daemon has closed all that is open
        os.close(descriptor)


def _end(process: BaseProcess, end: int, timeout: float, name: Name) -> None:
    """End a server: ask it, then terminate it, then kill it. name: what its address is in the file system."""
    lifeline.vital.discard(end)
    _close(end)
    if process.pid is None:
        return
    process.join(timeout)
    if process.exitcode is None:
        process.terminate()
        process.join(timeout)
    if process.exitcode is None:
        process.kill()
        process.join()
    name.remove()  # mostly the server has done so
