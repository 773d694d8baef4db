"""Which user the process at the other end of a Unix socket belongs to: that of this process, or another."""

from __future__ import annotations

import _socket
import os
from struct import unpack

from .. import log

_PEER: int | None = getattr(_socket, "SO_PEERCRED", None)
"""The option of a socket that tells who is at the other end: Linux has it."""


def is_one_of_us(channel: _socket.socket) -> bool:
    """Tell whether the other end is a process of the same user, or of root, as far as the kernel can say."""
    user = user_of(channel)
    if user in (None, 0, os.geteuid()):
        return True
    log.info("turning away a process of user %d, who has no business with descriptors of this process", user)
    return False


def user_of(channel: _socket.socket) -> int | None:
    """Return the id of the user at the other end, None where the kernel does not tell it."""
    if _PEER is None:
        return None
    user: int
    _, user, _ = unpack("iII", channel.getsockopt(_socket.SOL_SOCKET, _PEER, 12))
    return user
