"""How a client makes a connection to a server, and both learn whether the other is of this package."""

from __future__ import annotations

import os

from .. import process as processes
from ..connection import Connection
from ..connection.listeners import connected as connected_socket
from ..polling import wait_readable
from .answers import RemoteError, result
from .channel import Channel
from .line import Unreadable
from .standard_pickles import StandardPickles
from .xml_notation import Xml

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

FIRST_MESSAGE = 10.0
"""Seconds in which whatever listens at an address has to say that it is a manager's server."""

NAME = "mpref"
"""How clients and servers of this package begin what they say of themselves; then comes an ident."""

_myself = ""
"""The ident of this process, for servers."""


def connected(address: Any, key: bytes, serializer: str) -> Channel:
    """Return a connection to a server, over which nothing has been said yet. It raises what Client() raises."""
    one = connected_socket(address, None, key, FIRST_MESSAGE)
    if isinstance(address, tuple):
        import _socket

        one.setsockopt(_socket.IPPROTO_TCP, _socket.TCP_NODELAY, 1)
    return Channel(Connection(one.detach()), Xml() if serializer == "xmlrpclib" else StandardPickles())


def greet(channel: Channel) -> str | None:
    """Have a server serve requests, and return its ident; None: it is one of the standard library.

    RemoteError: it is no server of a manager. EOFError, OSError: it is gone.
    """
    global _myself
    if not _myself:
        _myself = os.urandom(16).hex()
    channel.busy = True
    channel.send((None, "accept_connection", (f"{NAME} {_myself} {processes.current_process().name}",), {}))
    if not wait_readable(channel.descriptor, FIRST_MESSAGE):
        raise RemoteError(f"what listens there is no server of a manager: it has said nothing for {FIRST_MESSAGE:g} s")
    try:
        said = result(channel.receive())
    except Unreadable as error:
        raise RemoteError(
            "what listens there is no server of a manager with this serializer: its answer cannot be read"
        ) from error
    channel.busy = False
    if not (isinstance(said, str) and said.startswith(f"{NAME} ")):
        return None
    if isinstance(channel.notation, StandardPickles):
        channel.notation = None
    return said.split(" ", 1)[1]


def _after_fork() -> None:
    global _myself
    _myself = ""


os.register_at_fork(after_in_child=_after_fork)
