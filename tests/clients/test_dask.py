"""dask's scheduler of processes, in an executor over the reference and in a pool of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

pytest.importorskip("dask", reason="dask is not installed")

Run = Callable[..., str]

PROGRAM = """
import dask, dask.multiprocessing

def increased(number):
    return number + 1

def inverse(number):
    return 1 / number

if __name__ == "__main__":
    total = dask.delayed(sum)([dask.delayed(increased)(number) for number in range(5)])
    with dask.config.set({"multiprocessing.context": sys.argv[1]}):
        print(total.compute(scheduler="processes", num_workers=2))
        try:
            dask.delayed(inverse)(0).compute(scheduler="processes", num_workers=2)
        except ZeroDivisionError:
            print("division by zero")
    with mpref.get_context(sys.argv[1]).Pool(2) as pool, dask.config.set(pool=pool):
        print(total.compute(scheduler="processes"))
"""


def test_a_graph_is_computed_by_processes(run: Run, method: str) -> None:
    assert run(PROGRAM, method) == "15\ndivision by zero\n15\n"
