"""emcee's sampler, with a pool of the reference."""

from __future__ import annotations

from collections.abc import Callable

import pytest

pytest.importorskip("emcee", reason="emcee is not installed")

Run = Callable[..., str]

PROGRAM = """
import numpy as np
from emcee import EnsembleSampler

def log_probability(position):
    return -0.5 * float(np.sum(position**2))

def chain(pool):
    np.random.seed(3)
    sampler = EnsembleSampler(8, 2, log_probability, pool=pool)
    sampler.run_mcmc(np.random.randn(8, 2), 20)
    return sampler.get_chain().tolist()

if __name__ == "__main__":
    with mpref.get_context(sys.argv[1]).Pool(2) as pool:
        print(chain(pool) == chain(None))
"""


def test_walkers_are_evaluated_by_a_pool(run: Run, method: str) -> None:
    assert run(PROGRAM, method) == "True\n"
