"""Ray's pool in a program that begins as Ray's programs do: connected to its cluster, by `ray.init()`.

The threads and descriptors of that connection are kept for life, and no pool's.
"""

from __future__ import annotations

import importlib
from typing import Any

_RAY = importlib.import_module("ray")
if not _RAY.is_initialized():  # a worker of the cluster is, whatever it imports
    _RAY.init(configure_logging=False, log_to_driver=False)
_PACKAGE = importlib.import_module("ray.util.multiprocessing")
_OFFERED = ("Pool", "TimeoutError")


def __getattr__(name: str) -> Any:
    if name not in _OFFERED:  # what else is there is the standard library's
        raise AttributeError(name)
    return getattr(_PACKAGE, name)
