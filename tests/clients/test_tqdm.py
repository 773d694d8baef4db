"""tqdm, over the iterators of a pool of the reference."""

from __future__ import annotations

from collections.abc import Callable

import pytest

pytest.importorskip("tqdm", reason="tqdm is not installed")

Run = Callable[..., str]

PROGRAM = """
import io
from tqdm import tqdm
from tqdm.contrib.concurrent import process_map

def square(number):
    return number * number

if __name__ == "__main__":
    bar = io.StringIO()
    mpref.set_start_method(sys.argv[1])
    with mpref.Pool(2) as pool:
        print(sum(tqdm(pool.imap(square, range(50), chunksize=5), total=50, file=bar)))
        print(sum(tqdm(pool.imap_unordered(square, range(50)), total=50, file=bar)))
    print(process_map(square, range(5), max_workers=2, chunksize=1, file=bar))
    print(bar.getvalue().count("| 50/50 ["), "| 5/5 [" in bar.getvalue())
"""


def test_a_bar_counts_results(run: Run, method: str) -> None:
    assert run(PROGRAM, method) == "40425\n40425\n[0, 1, 4, 9, 16]\n2 True\n"
