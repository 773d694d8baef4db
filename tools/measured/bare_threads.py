"""A plugin of coverage, with which it sees threads that are started by `_thread`, as it sees those of `threading`."""

from __future__ import annotations

import _thread
import sys
import threading
from typing import Any


def coverage_init(_registry: Any, _options: Any) -> None:
    """Have each thread that begins from now on measured, in this process and those forked from it."""
    start = _thread.start_new_thread

    def start_measured(function: Any, args: Any, kwargs: Any = None) -> int:
        def measured(*args: Any, **kwargs: Any) -> None:
            sys.settrace(threading.gettrace())
            function(*args, **kwargs)

        return start(measured, args, kwargs or {})

    _thread.start_new_thread = start_measured
