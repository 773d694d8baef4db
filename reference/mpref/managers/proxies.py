"""Proxies: what refers to an object in a server, and calls its methods there. Section "Proxy Objects"."""

from __future__ import annotations

import sys
from _weakref import ref

from ..transfer import handover
from . import directory, sessions
from .answers import RemoteError, result
from .standard_pickles import StandardName
from .token import Token

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any

    from .manager import BaseManager
    from .server import LocalSession
    from .sessions import Session

    Maker = Callable[..., "BaseProxy"]


class BaseProxy:
    """Refers to a referent. Proxies are instances of subclasses, which have its methods. Section "Proxy Objects".

    token: names the referent. serializer: that of its manager. manager: it, where it is in this process. authkey: its
    key, None: the one that this process knows. exposed: the methods that can be called. incref: False where the server
    has counted this proxy already.

    `_exposed_` and `_method_to_typeid_` of a subclass are what register() takes where its arguments say nothing.
    """

    _mpref_session: Session | LocalSession
    _token: Token
    _serializer: str
    _manager: BaseManager | None

    def __init__(
        self,
        token: Token,
        serializer: str,
        manager: BaseManager | None = None,
        authkey: bytes | None = None,
        exposed: Iterable[str] | None = None,
        incref: bool = True,
    ) -> None:
        session = _session(token, serializer, authkey) if manager is None else manager._mpref_connected()
        self.__dict__.update(
            _token=token, _serializer=serializer, _manager=manager, _exposed=exposed, _mpref_session=session
        )
        if incref:
            session.hold(token.id)
        else:
            session.adopt(token.id)
        reference = _Reference(self, _dropped)
        reference.session, reference.ident = session, token.id
        _references[id(reference)] = reference

    def _callmethod(self, methodname: str, args: Iterable[Any] = (), kwds: Mapping[str, Any] = {}) -> Any:
        """Call a method of the referent, in the process of its manager, and return a copy of its result, or a proxy.

        It raises what the method raises. RemoteError: the method is not exposed, or something else has failed there.
        ConnectionError, which is an EOFError too: the server has ended.
        """
        answer = self._mpref_session.ask(self._token.id, methodname, args, kwds)
        if answer[0] == "#RETURN":
            return answer[1]
        if answer[0] == "#PROXY":
            return self._mpref_proxy_for(*answer[1])
        return result(answer)

    def _getvalue(self) -> Any:
        """Return a copy of the referent. RemoteError: it cannot be pickled."""
        return self._callmethod("#GETVALUE")

    def __repr__(self) -> str:
        return f"<{type(self).__name__} object, typeid {self._token.typeid!r} at {id(self):#x}>"

    def __str__(self) -> str:
        """Return the representation of the referent; that of the proxy where there is none."""
        try:
            return str(self._callmethod("__repr__"))
        except Exception:
            return f"{repr(self)[:-1]}, whose referent cannot be represented>"

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        """Pickle what names the referent; the key goes to a child that is being started, and to nobody else."""
        session, token = self._mpref_session, self._token
        being_started = handover.being_started() is not None
        ticket = None if being_started else session.lend(self)  # the arguments of a child are kept anyway
        key = session.key if being_started else None
        return rebuild, (self._mpref_maker(), token, self._serializer, self._mpref_kwds(), token.server, key, ticket)

    def _mpref_for_the_standard_library(self, address: Any) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        """Pickle a proxy of the standard library. address: where that finds this server, if the referent is of it."""
        session, token = self._mpref_session, self._token
        if session.here:
            session.lend(self)
            token = Token(token.typeid, address or token.address, token.id)
        return StandardName("RebuildProxy"), (self._mpref_maker(), token, self._serializer, self._mpref_kwds())

    def _mpref_maker(self) -> Maker:
        """Return what makes another proxy of the same referent."""
        return type(self)

    def _mpref_kwds(self) -> dict[str, Any]:
        """Return what that has to be told, besides what every proxy is told."""
        return {}

    def _mpref_proxy_for(self, exposed: Iterable[str], token: Any) -> BaseProxy:
        """Return a proxy for the result of a method."""
        if not isinstance(token, Token):  # XML has none
            token = Token(*token)
        token = self._mpref_session.token(token.typeid, token.id)
        make = None if self._manager is None else self._manager._mpref_proxytype(token.typeid)
        return (make or proxytypes.get(token.typeid, AutoProxy))(
            token,
            self._serializer,
            manager=self._manager,
            authkey=self._mpref_session.key,
            exposed=tuple(exposed),
            incref=False,
        )


class _Reference(ref[BaseProxy]):
    """Tells when a proxy is gone. Section "Cleanup"."""

    __slots__ = ("ident", "session")
    session: Session | LocalSession
    ident: str


_references: dict[int, _Reference] = {}
"""Those of all proxies of this process, which nothing else refers to."""

proxytypes: dict[str, Maker] = {}
"""How proxies are made for the type identifiers of SyncManager, where no manager says so."""


def _dropped(reference: _Reference, references: dict[int, _Reference] = _references) -> None:
    # A parameter: at the exit of the interpreter this module may be torn down already.
    references.pop(id(reference), None)
    reference.session.drop(reference.ident)


def rebuild(
    make: Maker,
    token: Token,
    serializer: str,
    kwds: Mapping[str, Any],
    server: str | None = None,
    key: bytes | None = None,
    ticket: str | None = None,
) -> BaseProxy:
    """Unpickle a proxy.

    server: the ident of its server. key: that of its manager, for a child that is being started. ticket: for what has
    kept the referent on the way.

    ConnectionError: the server has ended. RemoteError: the referent is gone. AuthenticationError: this process does not
    know the key.
    """
    token.server = server
    proxy = make(token, serializer, authkey=key, **{name: kwds[name] for name in kwds if name == "exposed"})
    if ticket is not None:
        proxy._mpref_session.redeem(ticket)
    return proxy


def MakeProxyType(name: str, exposed: Iterable[str]) -> type[BaseProxy]:
    """Return a new class of proxies with this name, which have the exposed methods."""
    exposed = tuple(exposed)
    methods: dict[str, Any] = {method: _method(method) for method in exposed}
    module = sys._getframe(1).f_globals.get("__name__")  # where it is to be found by its name when it is unpickled
    return type(name, (BaseProxy,), {**methods, "_exposed_": exposed, "__module__": module})


def AutoProxy(
    token: Token,
    serializer: str,
    manager: BaseManager | None = None,
    authkey: bytes | None = None,
    exposed: Iterable[str] | None = None,
    incref: bool = True,
) -> BaseProxy:
    """Return a proxy whose class is made for what is exposed of its referent; see BaseProxy.

    exposed: None: the server is asked.
    """
    if exposed is None:
        session = _session(token, serializer, authkey) if manager is None else manager._mpref_connected()
        exposed = session.function("get_methods", token.id)
    kind = _automatic_type(token.typeid, tuple(exposed))
    return kind(token, serializer, manager=manager, authkey=authkey, exposed=exposed, incref=incref)


_automatic_types: dict[tuple[str, tuple[str, ...]], type[BaseProxy]] = {}


def _automatic_type(typeid: str, exposed: tuple[str, ...]) -> type[BaseProxy]:
    kind = _automatic_types.get((typeid, exposed))
    if kind is None:
        kind = MakeProxyType(f"AutoProxy[{typeid}]", exposed)
        kind._mpref_maker = lambda self: AutoProxy  # type: ignore[method-assign]
        kind._mpref_kwds = lambda self: {"exposed": exposed}  # type: ignore[method-assign]
        _automatic_types[typeid, exposed] = kind
    return kind


def _method(name: str) -> Callable[..., Any]:
    def method(self: BaseProxy, /, *args: Any, **kwds: Any) -> Any:
        if name == "__exit__":
            args = (*args[:2], *(None for _ in args[2:]))  # a traceback stays in its process
        return self._callmethod(name, args, kwds)

    method.__name__ = name
    method.__doc__ = f"Call {name}() of the referent."
    return method


def _session(token: Token, serializer: str, key: bytes | None) -> Session | LocalSession:
    """Return what this thread has to do with the server of a token."""
    here: LocalSession | None = getattr(sessions.serving, "session", None)
    if here is not None and here.is_of(token):
        own = here.token(token.typeid, token.id)  # clients find the server elsewhere than the one that has sent it
        token.address, token.server = own.address, own.server
        return here
    session = directory.session_of(token.address, token.server, serializer, key)
    token.address, token.server = session.address, session.server
    return session


__all__ = ["AutoProxy", "BaseProxy", "MakeProxyType", "RemoteError", "proxytypes", "rebuild"]
