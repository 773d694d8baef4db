"""The options of a conformance run."""

from __future__ import annotations

import pytest


def add(parser: pytest.Parser) -> None:
    """Make them known to pytest."""
    group = parser.getgroup("mpconform", "conformance of an implementation of multiprocessing")
    group.addoption(
        "--impl",
        metavar="NAME|MODULE|FILE",
        help="the implementation: reference, stdlib, …, an importable module, or an adapter file",
    )
    group.addoption("--python", metavar="PATH|VERSION", help="the interpreter that runs it; default: this one")
    group.addoption(
        "--start-method", metavar="METHOD", action="append", help="only this start method; can be given again"
    )
    group.addoption(
        "--baseline",
        metavar="FILE",
        help="what is known of it; default: the recorded baseline of implementation and version",
    )
    group.addoption(
        "--update-baseline",
        action="store_true",
        help="write the baseline from this run, keeping reasons that still fit",
    )
    group.addoption(
        "--patience",
        metavar="FACTOR",
        type=float,
        default=1.0,
        help="factor on every wait and deadline, for slow machines",
    )
    group.addoption("--report", metavar="FILE", help="write the run's JSON document there")


def without_implementation(config: pytest.Config) -> str | None:
    """The option that was given although it says nothing without --impl, or None."""
    for option, name in (("python", "--python"), ("start_method", "--start-method"), ("baseline", "--baseline")):
        if config.getoption(option, None):
            return name
    return None
