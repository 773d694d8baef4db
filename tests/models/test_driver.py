"""The driver of the models sees who waits, however it does."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import difference
import pytest
from mpspec.observation import procfs, shared_memory

from . import alone
from .driver import PATIENCE, Implementation, Workers
from .pool_driver import PoolUser


@pytest.mark.parametrize("name", ["polls", "spins"])
def test_a_worker_that_does_not_sleep_in_the_kernel_is_seen_to_wait(name: str) -> None:
    with difference.reached(difference.read(difference.FOLDER / f"{name}.toml")) as adapter:
        path = tuple(str(package.parent) for package in adapter.exposed().values())
        known = Implementation.of_adapter("reference")
        workers = Workers(Implementation(name, known.module, known.python, path, known.strict))
        try:
            workers.begin("Lock")
            assert workers.do(0, "acquire") is True
            workers.start(1, "acquire")
            end = time.monotonic() + PATIENCE
            while not workers.wait([1]):
                assert time.monotonic() < end, "it is seen to wait"
            assert workers.do(0, "release") is None
            assert workers.outcome(1) is True
        finally:
            workers.close()


def test_an_implementation_that_is_killed_leaves_no_name_in_the_shared_memory_of_others() -> None:
    tell = [*alone.COMMAND, sys.executable, "-c", f"import os; print(os.stat({shared_memory.FOLDER!r}).st_dev)"]
    if int(subprocess.check_output(tell)) == os.stat(shared_memory.FOLDER).st_dev:
        pytest.skip("the kernel gives whoever runs this no /dev/shm of its own")
    before = shared_memory.names()
    user = PoolUser(Implementation.of_adapter("stdlib"), "spawn")
    try:
        user.begin("Pool", 1, None, initialized=False, entered=False)
        named = shared_memory.held(procfs.descendants(os.getpid()), before)
    finally:
        user.close()
    left = [name for name, inode in shared_memory.names().items() if inode in named]
    for name in left:
        os.unlink(os.path.join(shared_memory.FOLDER, name))
    assert not left
