"""Pickling messages that a plain pickler refuses, for there are sockets in them."""

from __future__ import annotations

import copyreg
import sys
from _pickle import Pickler
from io import BytesIO

from ..transfer import handover
from ..transfer.framing import PROTOCOL
from .descriptor_server import ticket, withdraw_issued

__all__ = ["pickled_with_sockets", "withdraw_issued"]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from socket import socket
    from typing import Any


def pickled_with_sockets(thing: Any, error: TypeError) -> bytes:
    """Pickle an object whose plain pickling has raised `error`, as it does where there is a socket in it."""
    withdraw_issued()  # what that attempt has issued
    if "socket" not in sys.modules:
        raise error
    stream = BytesIO()
    pickler = Pickler(stream, PROTOCOL)
    pickler.dispatch_table = {**copyreg.dispatch_table, sys.modules["socket"].socket: _reduce_socket}
    try:
        pickler.dump(thing)
    except TypeError:
        raise error from None
    return stream.getvalue()


def _reduce_socket(one: socket) -> tuple[Any, ...]:
    return handover.socket_parts(one, ticket(one.fileno()))
