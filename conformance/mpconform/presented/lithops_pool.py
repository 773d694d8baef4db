"""Lithops' `multiprocessing` with the localhost storage, whose files are those of the run and go with it.

Lithops keeps functions, results and what it knows of an interpreter below the folder for temporary files and the
user's home, for whoever runs the next program. Neither is settled again once it is imported.
"""

from __future__ import annotations

import importlib
import os
import tempfile
from typing import Any

_RUN = os.environ.get("MPCONFORM_RUN")  # the folder of all checks; a check that leaves files in its own has a leak
if _RUN is not None:
    os.environ["HOME"] = os.environ["TMPDIR"] = os.path.join(_RUN, "lithops")
    os.makedirs(os.environ["HOME"], exist_ok=True)
    tempfile.tempdir = None
# A bar that is not shown starts a thread for life: the bar's and no pool's.
importlib.import_module("tqdm").tqdm.monitor_interval = 0
_PACKAGE = importlib.import_module("lithops.multiprocessing")
_OFFERED = ("Pool", "TimeoutError")


def __getattr__(name: str) -> Any:
    if name not in _OFFERED:  # others are there, and need a Redis server or are not implemented
        raise AttributeError(name)
    return getattr(_PACKAGE, name)
