"""What a server answers, and what becomes of that in a client: a result or an exception."""

from __future__ import annotations

from _pickle import dumps, loads

from ..tracebacks import RemoteTraceback
from ..transfer.framing import PROTOCOL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class RemoteError(Exception):
    """Something other than the referent has failed in the server; the argument tells what, mostly its traceback."""

    def __str__(self) -> str:
        rule = "-" * 75
        return f"\n{rule}\n{str(self.args[0] if self.args else '').rstrip()}\n{rule}"


class Refusal(Exception):
    """What a server answers where it does not do what it was asked for; the argument says why."""


class ServerGone(ConnectionError, EOFError):
    """The server of a manager has ended, or cannot be reached any more."""


def result(answer: Any) -> Any:
    """Return what a request has returned. It raises what that has raised; RemoteError: something else has failed."""
    kind, value, *more = _checked(answer)
    if kind == "#RETURN":
        return value
    if kind == "#ERROR" and isinstance(value, BaseException):
        if more:
            value.__cause__ = RemoteTraceback(*more)
        raise value
    if kind == "#UNSERIALIZABLE":
        raise RemoteError(f"the result, or the exception, cannot be sent to this process:\n{value}")
    raise RemoteError(str(value))


def survives(error: BaseException) -> bool:
    """Tell whether an exception survives the journey to another process, as one whose arguments differ does not."""
    try:
        return type(loads(dumps(error, PROTOCOL))) is type(error)
    except Exception:
        return False


def _checked(answer: Any) -> Any:
    if isinstance(answer, (tuple, list)) and len(answer) >= 2 and isinstance(answer[0], str):
        return answer
    raise RemoteError(f"this is no answer of a server of a manager: {answer!r}")
