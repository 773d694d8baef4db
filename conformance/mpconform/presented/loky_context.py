"""The context of loky as a module, as an adapter wants one: each name is that of the context."""

from __future__ import annotations

import importlib
from typing import Any

_CONTEXT = importlib.import_module("loky.backend.context").get_context("loky")


def __getattr__(name: str) -> Any:
    return getattr(_CONTEXT, name)
