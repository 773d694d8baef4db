"""The context of loky as a module, as an adapter wants one: each name is that of the context.

A program that chooses its start method chooses the one that this context has anyway.
"""

from __future__ import annotations

import importlib
from typing import Any

_CONTEXT = importlib.import_module("loky.backend.context").get_context("loky")


def set_start_method(method: str, force: bool = False) -> None:
    """Take the context's own method for chosen; any other one is refused, as the context refuses every choice."""
    if method != _CONTEXT.get_start_method():
        _CONTEXT.set_start_method(method, force)


def __getattr__(name: str) -> Any:
    return getattr(_CONTEXT, name)
