"""How each end of a connection proves to the other that it knows the key, without sending it.

A handshake is a generator: it yields each message that is to be sent, and None where it wants to be sent the
next one that arrives. What carries the messages is the business of its caller. Section "Authentication keys".
"""

from __future__ import annotations

import os

from ..errors import AuthenticationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator
    from typing import Any

    Handshake = Generator[bytes | None, bytes, Any]

CHALLENGE, WELCOME, FAILURE = b"#CHALLENGE#", b"#WELCOME#", b"#FAILURE#"

LONGEST = 256
"""Bytes of the longest message of a handshake."""

RANDOM = 40
"""What is random in a challenge, in bytes."""

_PREFIXED = {b"{sha256}": "sha256", b"{md5}": "md5"}
"""The name of a digest stands before it, and before what is random in a challenge that asks for it."""

_OLD_RANDOM, _OLD_DIGEST = 20, 16
"""Peers before Python 3.12 challenge with so many random bytes and no name, and answer with a bare MD5 digest."""


def checked(key: object) -> bytes:
    """Return the key. TypeError: it is not a byte string."""
    if not isinstance(key, bytes):
        raise TypeError(f"an authentication key must be a byte string, not {type(key).__name__}")
    return key


def demand(key: bytes) -> Handshake:
    """Challenge the other end. AuthenticationError: its answer shows that it does not know the key."""
    secret = b"{sha256}" + os.urandom(RANDOM)
    yield CHALLENGE + secret
    answer = yield None
    if not _proves(key, secret, answer):
        yield FAILURE
        raise AuthenticationError("the other end does not know the key: what it answered is not the digest asked for")
    yield WELCOME


def prove(key: bytes) -> Handshake:
    """Answer the challenge of the other end. AuthenticationError: there is none, or the answer is refused."""
    challenge = yield None
    if not challenge.startswith(CHALLENGE):
        raise AuthenticationError(
            "the other end has not asked for a proof that this one knows the key: has it been given a key?"
        )
    yield _answer(key, challenge.removeprefix(CHALLENGE))
    if (yield None) != WELCOME:
        raise AuthenticationError("the other end has refused this one: it has got another key")


def of_listener(key: bytes) -> Handshake:
    """Have the other end prove that it knows the key, then prove it too."""
    yield from demand(key)
    yield from prove(key)


def of_client(key: bytes) -> Handshake:
    """Prove to know the key, then have the other end prove it."""
    yield from prove(key)
    yield from demand(key)


def _answer(key: bytes, secret: bytes) -> bytes:
    for prefix, name in _PREFIXED.items():
        if secret.startswith(prefix):
            return prefix + _digest(key, secret, name)
    if len(secret) != _OLD_RANDOM:
        raise AuthenticationError("the other end asks for a digest that is not known here; known are sha256 and md5")
    return _digest(key, secret, "md5")


def _proves(key: bytes, secret: bytes, answer: bytes) -> bool:
    from hmac import compare_digest

    prefix = b"{sha256}"
    if answer.startswith(prefix):
        return compare_digest(answer.removeprefix(prefix), _digest(key, secret, "sha256"))
    return len(answer) == _OLD_DIGEST and compare_digest(answer, _digest(key, secret, "md5"))


def _digest(key: bytes, secret: bytes, name: str) -> bytes:
    from hmac import digest

    return digest(key, secret, name)
