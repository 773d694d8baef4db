"""numpy arrays over shared memory of the reference, and in its queues and pipes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

pytest.importorskip("numpy", reason="numpy is not installed")

Run = Callable[..., str]

PROGRAM = """
import numpy as np

def keep(memory):
    global shared
    shared = memory

def fill(row):
    np.frombuffer(shared, dtype="d").reshape(4, 5)[row] = row

def double(memory):
    np.ctypeslib.as_array(memory)[:] *= 2

def increment(array):
    with array.get_lock():
        np.frombuffer(array.get_obj(), dtype="i")[:] += 1

if __name__ == "__main__":
    context = mpref.get_context(sys.argv[1])
    memory = context.RawArray("d", 20)
    with context.Pool(2, keep, (memory,)) as pool:
        pool.map(fill, range(4))
    child = context.Process(target=double, args=(memory,))
    child.start()
    child.join()
    print(np.ctypeslib.as_array(memory).reshape(4, 5).sum(axis=1).tolist())
    array = context.Array("i", [1, 2, 3])
    children = [context.Process(target=increment, args=(array,)) for _ in range(3)]
    for child in children:
        child.start()
    for child in children:
        child.join()
    print(array[:])
    queue = context.Queue()
    queue.put(np.arange(100_000))
    print(queue.get().sum())
    near, far = context.Pipe()
    near.send(np.eye(3))
    print(far.recv().trace())
    near.send_bytes(np.arange(4, dtype="u1"))
    far.recv_bytes_into(got := np.zeros(4, dtype="u1"))
    print(got.tolist())
"""


def test_arrays_share_memory_and_travel(run: Run, method: str) -> None:
    assert run(PROGRAM, method).splitlines() == [
        "[0.0, 10.0, 20.0, 30.0]",
        "[4, 5, 6]",
        "4999950000",
        "3.0",
        "[0, 1, 2, 3]",
    ]
