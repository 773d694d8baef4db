"""What becomes of a task that cannot end as it would without a pool. Section "Process Pools"."""

from __future__ import annotations

from _pickle import loads

from ..errors import ProcessError
from ..tracebacks import RemoteTraceback
from .packets import ERROR, VALUE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .member import Member, Task


class MaybeEncodingError(ProcessError):
    """A result, or an exception, does not survive the way from a worker to the pool."""


class WorkerEnded(ProcessError):
    """A worker has ended in the middle of a task; the message names worker, exit code and task."""


class BrokenPool(ProcessError):
    """No worker can work for the pool, or it was terminated; the message says why, and the cause is what was raised."""


LEGIBLE = 2000
"""Characters by which a thing is represented in a message, at most."""


def represented(thing: object) -> str:
    """Return how a thing is represented in a message, whatever its class makes of that."""
    try:
        text = repr(thing)
    except BaseException:  # such as a SystemExit, which would end the thread of a pool
        return f"<{type(thing).__name__} object>"
    if len(text) > LEGIBLE:
        text = f"{text[: LEGIBLE // 2]} ... {text[-LEGIBLE // 2 :]}"
    return text


def in_words(code: int | None) -> str:
    """Tell how a process has ended, by its exit code."""
    if code is None or code >= 0:
        return f"has ended with exit code {code}"
    from signal import Signals

    try:
        return f"was killed by {Signals(-code).name} (exit code {code})"
    except ValueError:
        return f"was killed by signal {-code} (exit code {code})"


def told(kind: int, body: Any, task: Task, worker: Member) -> tuple[bool, Any]:
    """Return whether a task was successful, and its result or exception. kind, body: what the worker tells, pickled."""
    try:
        value = loads(body)
    except BaseException as error:
        failure = MaybeEncodingError(f"what {worker} tells of {task.name} cannot be rebuilt here: {error!r}")
        failure.__cause__ = error
        return False, failure
    if kind == VALUE:
        return True, value
    what, trace = value
    if kind != ERROR:
        what = MaybeEncodingError(f"what has become of {task.name} cannot be sent by {worker}: {what}")
    what.__cause__ = RemoteTraceback(trace)
    return False, what


def caused(error: BaseException, reason: tuple[BaseException | str, str] | None) -> BaseException:
    """Return an exception with the cause that a worker has told, and the traceback of that."""
    if reason is not None:
        what, trace = reason
        if isinstance(what, BaseException):
            what.__cause__ = RemoteTraceback(trace)
            error.__cause__ = what
        else:
            error.__cause__ = RemoteTraceback(trace)
    return error


def broken(cause: BaseException | None) -> BrokenPool:
    """Return what is raised where a pool does nothing any more. cause: why it cannot, None: it was terminated."""
    if cause is None:
        return BrokenPool("the pool was terminated before this was done")
    why = str(cause) if isinstance(cause, ProcessError) else repr(cause)
    error = BrokenPool(f"the pool is broken: {why}")
    error.__cause__ = cause
    return error
