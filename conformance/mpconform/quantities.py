"""Numbers that stand behind an option: what is sensible, and the sentence for what is not."""

from __future__ import annotations

import math

from mpconform.errors import Unusable


def factor(option: str, text: str | float) -> float:
    """A positive, finite factor. Raises Unusable for anything else."""
    return _positive(option, text, "a factor is a positive number; give 2 to wait twice as long")


def seconds(option: str, text: str | float) -> float:
    """A positive, finite number of seconds. Raises Unusable for anything else."""
    return _positive(option, text, "seconds are a positive number; give 60 for a minute")


def count(option: str, text: str | int, least: int) -> int:
    """A whole number that is not below the least. Raises Unusable for anything else."""
    try:
        number = int(text)
    except ValueError:
        number = least - 1
    if number < least:
        raise Unusable(f"--{option}={text}: it is a whole number, {least} or more")
    return number


def _positive(option: str, text: str | float, rule: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not (number > 0 and math.isfinite(number)):
        raise Unusable(f"--{option}={text}: {rule}")
    return number
