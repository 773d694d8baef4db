"""The standard library's package with the names and answers that it has on Windows: spawn is all there is."""

import multiprocessing
from multiprocessing import AuthenticationError, Pipe, get_logger, set_executable  # noqa: F401

_spawn = multiprocessing.get_context("spawn")
Process = _spawn.Process


def get_all_start_methods():
    """The one."""
    return ["spawn"]


def get_start_method(allow_none=False):
    """The one."""
    return "spawn"


def set_start_method(method, force=False):
    """ValueError for another than the one."""
    get_context(method)


def get_context(method=None):
    """ValueError for another than the one."""
    if method not in (None, "spawn"):
        raise ValueError(f"cannot find context for {method!r}")
    return _spawn
