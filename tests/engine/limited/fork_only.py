"""The standard library's package without any start method but fork."""

import multiprocessing
from multiprocessing import *  # noqa: F403


def get_all_start_methods():
    return ["fork"]


def get_context(method=None):
    if method not in (None, "fork"):
        raise ValueError(f"no start method {method!r}")
    return multiprocessing.get_context(method)


def set_start_method(method, force=False):
    if method not in (None, "fork"):
        raise ValueError(f"no start method {method!r}")
    multiprocessing.set_start_method(method, force)
