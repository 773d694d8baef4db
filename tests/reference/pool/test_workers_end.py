"""Whatever ends a worker ends one task, with an error that names worker, exit code and task; the others are done."""

from __future__ import annotations

from pathlib import Path

import pytest

from .programs import METHODS, run

pytestmark = pytest.mark.timeout(120, method="signal")


@METHODS
@pytest.mark.parametrize(
    ("end", "how"),
    [
        ("os._exit(3)", "has ended with exit code 3"),
        ("sys.exit(4)", "has ended with exit code 4"),
        ("os.kill(os.getpid(), signal.SIGKILL)", "was killed by SIGKILL (exit code -9)"),
        ("raise KeyboardInterrupt", "has ended with exit code 1"),
        ("raise GeneratorExit", "has ended with exit code 1"),
        ("os.closerange(3, 100); return", "has ended with exit code 1"),
    ],
)
def test_a_task_that_ends_its_worker_fails_alone(tmp_path: Path, method: str, end: str, how: str) -> None:
    source = f"""
        def ends(x):
            if x == 5:
                {end}
            return x

        def main():
            with pool() as workers:
                results = [workers.apply_async(ends, (x,)) for x in range(20)]
                told = [outcome(result.get, 60) for result in results]
                kind, text = told.pop(5)
                assert told == [x for x in range(20) if x != 5], told
                assert kind == "WorkerEnded", (kind, text)
                assert {how!r} in text and text.endswith("in the middle of ends()"), text
                assert "PoolWorker-" in text and "(process " in text, text
                assert workers.map(square, range(10)) == [x * x for x in range(10)]
    """
    run(tmp_path, source, method)


@METHODS
def test_of_a_map_the_item_is_named(tmp_path: Path, method: str) -> None:
    source = """
        def ends(x):
            if x == 5:
                os._exit(9)
            return x

        def main():
            with pool() as workers:
                kind, text = outcome(workers.map, ends, range(20), 1)
                assert text.endswith("exit code 9 in the middle of item 5 of map() of ends()"), text
                kind, text = outcome(workers.map, ends, range(6), 4)
                assert text.endswith("exit code 9 in the middle of items 4 to 5 of map() of ends()"), text
                several = workers.imap(ends, range(8))
                told = [outcome(several.next, 60) for _ in range(9)]
                assert told.pop(5)[1].endswith("in the middle of item 5 of imap() of ends()"), told
                assert told == [0, 1, 2, 3, 4, 6, 7, ("StopIteration", "")], told
    """
    run(tmp_path, source, method)


@METHODS
def test_a_worker_that_is_killed_while_it_writes_its_result(tmp_path: Path, method: str) -> None:
    source = """
        def cut(size):
            write = os.write

            def some(descriptor, data):
                write(descriptor, bytes(data)[: len(data) // 2])
                os.kill(os.getpid(), signal.SIGKILL)

            os.write = some
            os.writev = lambda descriptor, data: some(descriptor, b"".join(data))
            return bytes(size)

        def main():
            with pool() as workers:
                for size in (10, 100_000, 10_000_000):
                    told = outcome(workers.apply_async(cut, (size,)).get, 60)
                    assert told[0] == "WorkerEnded", told
                assert workers.map(square, range(10)) == [x * x for x in range(10)]
    """
    run(tmp_path, source, method)


@METHODS
@pytest.mark.parametrize("end", ["raise ValueError('unfit')", "sys.exit(3)", "os._exit(3)", "raise KeyboardInterrupt"])
def test_a_pool_whose_initializer_fails_is_broken_and_says_why(tmp_path: Path, method: str, end: str) -> None:
    source = f"""
        def unfit():
            {end}

        def main():
            workers = pool(2, unfit)
            first = outcome(workers.map, square, range(10))
            later = outcome(workers.apply, square, (2,))
            for kind, text in (first, later, outcome(workers.__enter__)):
                assert kind == "BrokenPool" and issubclass(BrokenPool, ProcessError), (kind, text)
                assert "PoolWorker-" in text, text
                assert {"unfit" if "unfit" in end else ""!r} in text, text
    """
    run(tmp_path, source, method)


@METHODS
def test_workers_that_leave_after_some_tasks_lose_none(tmp_path: Path, method: str) -> None:
    source = """
        def main():
            with pool(2, maxtasksperchild=3) as workers:
                assert workers.map(square, range(30), 1) == [x * x for x in range(30)]
                processes = workers.map(process, range(30), 1)
                assert max(processes.count(one) for one in processes) <= 3, processes

        def process(x):
            return os.getpid()
    """
    run(tmp_path, source, method)


@METHODS
def test_what_does_not_survive_the_journey_fails_alone(tmp_path: Path, method: str) -> None:
    source = """
        class Strange(Exception):
            def __init__(self, one, two):
                super().__init__(one)

        class Hostile:
            def __reduce__(self):
                return eval, ("1 / 0",)

        def strange(x):
            raise Strange(1, 2)

        def function(x):
            return lambda: x

        def hostile(x):
            return Hostile()

        def main():
            with pool() as workers:
                for call, text in (
                    (strange, "Strange(1)"),
                    (function, "<function function.<locals>.<lambda> at "),
                    (hostile, "ZeroDivisionError"),
                ):
                    kind, told = outcome(workers.apply, call, (1,))
                    assert kind == "MaybeEncodingError" and issubclass(MaybeEncodingError, ProcessError), (kind, told)
                    assert text in told and f"{call.__name__}()" in told, told
                kind, told = outcome(workers.apply, lambda: 1)
                assert kind in ("PicklingError", "AttributeError"), told
                assert outcome(workers.apply, square, (threading.Lock(),))[0] == "TypeError"
                assert outcome(workers.map, square, [1, threading.Lock()])[0] == "TypeError"
                assert workers.map(square, range(10)) == [x * x for x in range(10)]
    """
    run(tmp_path, source, method)


@METHODS
def test_a_worker_that_lingers_takes_nothing_along_that_is_another_ones_since(tmp_path: Path, method: str) -> None:
    source = """
        import fcntl

        def linger(path):
            threading.Thread(target=wait, args=(path,)).start()
            return os.getpid()

        def wait(path):
            with open(path) as file:
                fcntl.flock(file, fcntl.LOCK_SH)

        def main():
            path = __file__ + ".gate"
            with open(path, "w") as gate:
                fcntl.flock(gate, fcntl.LOCK_EX)
                workers = pool(4, None, (), 1)
                assert len({workers.apply(linger, (path,)) for _ in range(3)}) == 3
                for x in range(3):  # by the fourth place: those of the others are not free yet
                    assert workers.apply(square, (x,)) == x * x
                result = workers.apply_async(wait, (path,))
                fcntl.flock(gate, fcntl.LOCK_UN)
                result.get(60)
                for x in range(10):
                    assert workers.apply_async(square, (x,)).get(60) == x * x
                workers.close()
                workers.join()
    """
    run(tmp_path, source, method)
