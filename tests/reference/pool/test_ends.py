"""The ends of a pool: closed, terminated, collected, left behind, interrupted, orphaned. Nothing hangs or stays."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from .programs import METHODS, SOURCE, run

pytestmark = pytest.mark.timeout(120, method="signal")


@METHODS
@pytest.mark.parametrize(
    "work",
    [
        "pass",
        "workers.apply_async(time.sleep, (1000,))",
        "[workers.apply_async(time.sleep, (1000,)) for _ in range(10)]",
        "workers.map_async(square, range(1_000_000), 1)",
        "workers.imap(square, endless())",
        "workers.apply_async(deaf)",
        "workers.map_async(large, range(100), 1)",
    ],
)
@pytest.mark.parametrize("end", ["workers.terminate(); workers.join()", "del workers; gc.collect()", "pass"])
def test_a_pool_ends_in_the_middle_of_whatever_it_does(tmp_path: Path, method: str, work: str, end: str) -> None:
    if end.startswith("del") and work != "pass":
        pytest.skip("a pool that works is not collected")
    source = f"""
        import gc

        def endless():
            number = 0
            while True:
                yield number
                number += 1

        def deaf():
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            time.sleep(1000)

        def large(x):
            return bytes(1_000_000)

        def main():
            workers = pool()
            {work}
            time.sleep(0.05)
            {end}
    """
    run(tmp_path, source, method)


@METHODS
def test_whoever_waits_is_told_that_the_pool_was_terminated(tmp_path: Path, method: str) -> None:
    source = """
        def main():
            workers = pool()
            slow = workers.apply_async(time.sleep, (1000,))
            many = workers.map_async(time.sleep, [1000] * 10, 1)
            several = workers.imap(time.sleep, [1000] * 10)
            told = []
            waiting = [threading.Thread(target=lambda wait=wait: told.append(outcome(wait))) for wait in
                       (slow.get, many.get, several.next)]
            for thread in waiting:
                thread.start()
            workers.terminate()
            for thread in waiting:
                thread.join()
            assert told == [("BrokenPool", "the pool was terminated before this was done")] * 3, told
            assert outcome(workers.apply, square, (1,))[0] == "ValueError"
            workers.join()
    """
    run(tmp_path, source, method)


@METHODS
def test_a_closed_pool_does_what_it_has_taken(tmp_path: Path, method: str) -> None:
    source = """
        def main():
            workers = pool()
            results = [workers.apply_async(square, (x,)) for x in range(100)]
            several = workers.imap(square, (x for x in range(1000)))
            unread = workers.imap_unordered(square, range(1000))
            workers.close()
            assert outcome(workers.map, square, [1])[0] == "ValueError"
            workers.join()
            assert [result.get(0) for result in results] == [x * x for x in range(100)]
            assert list(several) == [x * x for x in range(1000)]
            assert sorted(unread) == [x * x for x in range(1000)]
    """
    run(tmp_path, source, method)


@METHODS
@pytest.mark.parametrize("phase", ["idle", "working", "mapping"])
def test_no_worker_outlives_the_killed_program(tmp_path: Path, method: str, phase: str) -> None:
    path = tmp_path / "program.py"
    path.write_text(
        SOURCE
        + textwrap.dedent(f"""
        def main():
            workers = pool()
            print(*workers.map(process, range(8), 1), flush=True)
            if {phase!r} == "working":
                workers.map_async(time.sleep, [1000] * 4, 1)
            elif {phase!r} == "mapping":
                workers.map_async(square, range(10_000_000), 1)
            time.sleep(1000)

        def process(x):
            time.sleep(0.01)
            return os.getpid()

        if __name__ == "__main__":
            main()
        """)
    )
    program = subprocess.Popen(
        [sys.executable, str(path), method],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3] / "reference")},
    )
    assert program.stdout is not None
    workers = {int(word) for word in program.stdout.readline().split()}
    ends = [os.pidfd_open(worker) for worker in workers]
    program.kill()
    program.wait()
    from mpref.polling import wait

    try:
        for end in ends:
            assert wait([end], 20), workers
    finally:
        for end in ends:
            os.close(end)


@METHODS
@pytest.mark.parametrize(
    "phase", ["workers.map(time.sleep, [1000] * 4, 1)", "time.sleep(1000)", "workers.map(square, range(10**7), 1)"]
)
def test_ctrl_c_ends_a_program_with_one_traceback(tmp_path: Path, method: str, phase: str) -> None:
    path = tmp_path / "program.py"
    path.write_text(
        SOURCE
        + textwrap.dedent(f"""
        def main():
            with pool() as workers:
                workers.map(square, range(10), 1)
                print("ready", flush=True)
                {phase}

        if __name__ == "__main__":
            main()
        """)
    )
    program = subprocess.Popen(
        [sys.executable, str(path), method],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3] / "reference")},
        start_new_session=True,
    )
    assert program.stdout is not None
    assert program.stdout.readline() == "ready\n"
    os.killpg(program.pid, signal.SIGINT)
    _, told = program.communicate(timeout=60)
    assert program.returncode == -signal.SIGINT, told
    assert told.count("Traceback") == 1, told
    assert told.rstrip().endswith("KeyboardInterrupt"), told
