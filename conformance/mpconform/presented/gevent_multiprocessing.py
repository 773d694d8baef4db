"""The package `multiprocessing` once gevent, and geventmp with it, has patched it; each name is that of the package.

Who imports this is patched, as a program is whose first line patches: so are the children that import it anew.
"""

from __future__ import annotations

import importlib
from typing import Any

_MONKEY = importlib.import_module("gevent.monkey")
if not _MONKEY.is_module_patched("socket"):  # a child of a fork is patched already
    _MONKEY.patch_all(geventmp=True)
_PACKAGE = importlib.import_module("multiprocessing")


def __getattr__(name: str) -> Any:
    return getattr(_PACKAGE, name)
