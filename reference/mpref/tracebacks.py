"""Exceptions as text."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType


class RemoteTraceback(Exception):
    """The cause of an exception that was raised in another process: its traceback there."""

    def __str__(self) -> str:
        return f'\n"""\n{self.args[0]}"""'


def text_of(error: BaseException | None, begin: TracebackType | None = None) -> str:
    """Return an exception with its traceback as text. begin: where that begins, None: where it was raised to.

    Where every warning is an error, the warning that Python 3.15 has about the source of a main module is none.
    """
    from traceback import format_exception  # few processes ever need it

    if error is None:
        return ""
    what = type(error), error, begin or error.__traceback__
    try:
        return "".join(format_exception(*what))
    except Warning:
        import warnings

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return "".join(format_exception(*what))
