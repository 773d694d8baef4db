"""scipy.optimize, whose workers are a pool of the reference."""

from __future__ import annotations

from collections.abc import Callable

import pytest

pytest.importorskip("scipy", reason="scipy is not installed")

Run = Callable[..., str]

PROGRAM = """
from scipy.optimize import differential_evolution, rosen

def found(workers):
    return differential_evolution(
        rosen, [(-2, 2), (-2, 2)], rng=1, updating="deferred", maxiter=20, polish=False, workers=workers
    ).x.tolist()

if __name__ == "__main__":
    mpref.set_start_method(sys.argv[1])
    expected = found(1)
    with mpref.Pool(2) as pool:
        print(found(pool.map) == expected)
    print(found(2) == expected)
"""


def test_a_population_is_evaluated_by_a_pool(run: Run, method: str) -> None:
    assert run(PROGRAM, method) == "True\nTrue\n"
