"""The clock of a figure: that of the wall, or, on a machine that is busy with others, that of the processors."""

from __future__ import annotations

import os
import time

BY_PROCESSORS = "MPREF_BENCH_BY_PROCESSORS"
"""In the environment of a worker whose figures are to be processor time. Linux only."""


def now(*children: int) -> float:
    """Seconds of the wall; or those that processors have worked for this process and these children of it."""
    if BY_PROCESSORS not in os.environ:
        return time.perf_counter()
    # The clock of another process has a number that is made of its id: man clock_getcpuclockid.
    return time.process_time() + sum(time.clock_gettime((~child << 3) | 2) for child in children)
