"""What programs of users do with pools that bug reports tell of: each once went wrong here, or easily does."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from .programs import METHODS, run

pytestmark = pytest.mark.timeout(120, method="signal")


@METHODS
def test_starmap_of_few_items_gives_what_that_of_many_gives(tmp_path: Path, method: str) -> None:
    source = """
        def main():
            for workers in (pool(), ThreadPool(2)):
                with workers:
                    assert workers.starmap(pow, [(2, 3), (3, 2)]) == [8, 9]
                    assert workers.starmap(pow, [(2, 3)] * 20, 1) == [8] * 20
                    assert workers.starmap_async(pow, [(2, 3)] * 20, 7).get(30) == [8] * 20
    """
    run(tmp_path, source, method)


@METHODS
def test_a_callback_cannot_join_the_pool(tmp_path: Path, method: str) -> None:
    source = """
        def main():
            told = []
            threading.excepthook = lambda args: told.append(args.exc_type)
            for workers in (pool(), ThreadPool(2)):
                def end(value):
                    workers.close()
                    workers.join()

                kind, text = outcome(workers.apply_async(square, (3,), callback=end).get, 30)
                assert kind == "ProcessError" and "must not wait" in text, text
                workers.join()
            assert told == [ProcessError] * 2, told
    """
    run(tmp_path, source, method)


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_a_main_module_without_a_guard_is_told_of_that(tmp_path: Path, method: str) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        f"from mpref.context import context_of\n\npool = context_of({method!r}).Pool(2)\nprint(pool.map(abs, [1]))\n"
    )
    told = subprocess.run(
        [sys.executable, str(program)],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3] / "reference")},
    )
    assert told.returncode == 1
    assert told.stdout == ""
    assert "if __name__ == '__main__':" in told.stderr
    assert "daemonic" not in told.stderr
    assert told.stderr.splitlines()[-1].startswith("mpref.pool.failures.BrokenPool: the pool is broken: worker")
