"""The package `multiprocessing` with Dragon's start method; each name is that of the package.

Dragon's command has to have started this interpreter.
"""

from __future__ import annotations

import importlib
from typing import Any

importlib.import_module("dragon")
_PACKAGE = importlib.import_module("multiprocessing")
if _PACKAGE.get_start_method(allow_none=True) != "dragon":
    _PACKAGE.set_start_method("dragon")


def __getattr__(name: str) -> Any:
    return getattr(_PACKAGE, name)
