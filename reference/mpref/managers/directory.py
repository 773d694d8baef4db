"""The servers that this process has to do with: its sessions, and the keys of their managers."""

from __future__ import annotations

import os
from contextlib import suppress
from weakref import WeakValueDictionary

from .. import process as processes
from ..errors import AuthenticationError, retold
from ..state import AuthenticationString
from . import program_end
from .answers import RemoteError
from .greeting import connected, greet
from .line import is_broken
from .sessions import Session

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_known: WeakValueDictionary[Any, Session] = WeakValueDictionary()
"""The sessions of this process by server and address."""

_keys: dict[Any, AuthenticationString] = {}
"""The keys of the servers by address."""


def session_at(address: Any, key: bytes, serializer: str) -> Session:
    """Return the session with the server that listens at an address.

    OSError: nobody does. AuthenticationError: one of the two does not know the key. RemoteError: it is no server.
    """
    key = AuthenticationString(key)
    try:
        channel = connected(address, key, serializer)
    except OSError as error:
        if error.errno is None and type(error) is not OSError:
            raise  # a signal handler's
        raise retold(error, f"no server of a manager is reached at {address!r}") from error
    except AuthenticationError as error:
        raise AuthenticationError(
            f"what listens at {address!r} is no server of a manager with this key: {error}"
        ) from error
    try:
        server = greet(channel)
    except BaseException as error:
        channel.close()
        if not is_broken(error):
            raise
        raise RemoteError(
            f"what listens at {address!r} is no server of a manager: it has closed the connection"
        ) from error
    known = ("standard", address, serializer) if server is None else (server, address)
    session = _known.get(known)
    if session is None:
        session = _known[known] = Session(address, key, serializer, server)
    _keys[address] = key
    session.meet(channel)
    program_end.watch()
    return session


def session_of(address: Any, server: str | None, serializer: str, key: bytes | None) -> Session:
    """Return the session with a server of which this process has got a token.

    server: its ident, None: it is not known. key: None for that by which this process has known the address before.
    """
    for session in tuple(_known.values()):
        if session.server == server and (server is not None or session.address == address):
            return session
    if key is None:
        key = _keys.get(address)
    try:
        return session_at(address, processes.current_process().authkey if key is None else key, serializer)
    except AuthenticationError as error:
        raise AuthenticationError(
            f"a proxy of the manager at {address!r} cannot be used in this process, which has not got the key of that "
            f"manager, and its own is another one: connect a manager with the key first ({error})"
        ) from error


def remember(address: Any, key: bytes) -> None:
    """Use a key for the server at an address."""
    _keys[address] = AuthenticationString(key)


def _hold_inherited() -> None:
    """Have a forked child refer to what its proxies refer to."""
    for session in tuple(_known.values()):
        with suppress(OSError, EOFError, AuthenticationError, RemoteError):
            session.hold_inherited()


def _after_fork() -> None:
    for session in tuple(_known.values()):
        session.leave_to_parent()


os.register_at_fork(after_in_child=_after_fork)
processes.forked.append(_hold_inherited)
