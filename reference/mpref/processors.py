"""How many processors there are, and how many of them this process may use. Section "Miscellaneous"."""

from __future__ import annotations

import os
import sys


def of_the_machine() -> int | None:
    """Return how many the machine has, or -X cpu_count or PYTHON_CPU_COUNT say; None: it is unknown."""
    # From 3.13 on os.cpu_count() knows what those say; this is an implementation of that edition on any version.
    return (None if sys.version_info >= (3, 13) else _overridden()) or os.cpu_count()


def usable() -> int:
    """Return how many this process may use, as os.process_cpu_count() of edition 3.13 does; 1 where it is unknown."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return _overridden() or allowed or 1


def _overridden() -> int | None:
    given = sys._xoptions.get("cpu_count")
    source = "the option -X cpu_count"
    if given is None and not sys.flags.ignore_environment:
        given = os.environ.get("PYTHON_CPU_COUNT") or None
        source = "the variable PYTHON_CPU_COUNT"
    if given is None or given == "default":
        return None
    if given is True or not given.isdecimal() or int(given) < 1:
        raise ValueError(f"{source} must be 'default' or a number greater than 0, not {given!r}")
    return int(given)
