"""Numbers of callers: whole ones and seconds, whatever their class is."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

LONGEST = 1e9
"""Seconds that stand for all that are more, and for an infinity: thirty years, which the kernel can count."""


def seconds(timeout: Any, name: str = "timeout") -> float:
    """Return a timeout as a float, at most LONGEST.

    timeout: any real number, of seconds. name: what it is, for the TypeError or ValueError that it is none, or NaN.
    """
    if isinstance(timeout, (str, bytes, bytearray)):
        raise TypeError(f"{name} must be a number of seconds, not {timeout!r}")
    try:
        number = float(timeout)
    except OverflowError:
        return LONGEST if timeout > 0 else -LONGEST
    except TypeError:
        raise TypeError(f"{name} must be a number of seconds, not {timeout!r}") from None
    if number != number:
        raise ValueError(f"{name} must be a number of seconds, and NaN is not a number")
    return min(number, LONGEST)


def whole(number: Any, name: str) -> int:
    """Return a number as an int. name: what it is, for the TypeError that it is no whole number."""
    from _operator import index

    try:
        return index(number)
    except TypeError:
        raise TypeError(f"{name} must be an int, not {number!r}") from None
