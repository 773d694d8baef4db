"""joblib's backend 'multiprocessing', whose pool is a subclass of the reference's."""

from __future__ import annotations

from collections.abc import Callable

import pytest

pytest.importorskip("joblib", reason="joblib is not installed")
pytest.importorskip("numpy", reason="numpy is not installed")

Run = Callable[..., str]

PROGRAM = """
import numpy as np
from joblib import Parallel, delayed

def total(array, more):
    return float(array.sum()) + more

def fail(number):
    raise ValueError(number)

if __name__ == "__main__":
    mpref.set_start_method(sys.argv[1])
    parallel = Parallel(n_jobs=2, backend="multiprocessing")
    for size in (10, 300_000):
        print(parallel(delayed(total)(np.ones(size), more) for more in range(4)))
    try:
        parallel(delayed(fail)(number) for number in [3, 3, 3])
    except ValueError as error:
        print(repr(error))
    print(mpref.active_children())
"""


def test_calls_with_small_and_large_arrays_run_in_parallel(run: Run, method: str) -> None:
    assert run(PROGRAM, method).splitlines() == [
        "[10.0, 11.0, 12.0, 13.0]",
        "[300000.0, 300001.0, 300002.0, 300003.0]",
        "ValueError(3)",
        "[]",
    ]
