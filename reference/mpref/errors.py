"""The exceptions of the package. Section "Process and exceptions"."""

from __future__ import annotations


class ProcessError(Exception):
    """The base class of every exception that this package defines."""


class BufferTooShort(ProcessError):
    """A message does not fit into the buffer it was to be received into; ``args[0]`` is the whole message."""


class AuthenticationError(ProcessError):
    """The other end of a connection did not prove that it knows the key."""


class TimeoutError(ProcessError):
    """A method that has a timeout ran out of it. Not the built-in of the same name."""


def retold(error: OSError, what: str) -> OSError:
    """Return an OSError of the same number that tells what has failed; not each has a number."""
    text = f"{what}: {error.strerror or error}"
    return OSError(text) if error.errno is None else OSError(error.errno, text)
