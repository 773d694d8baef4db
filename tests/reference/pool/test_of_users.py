"""What programs of users do with pools that bug reports tell of: each once went wrong here, or easily does."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from .programs import METHODS, assert_nothing_is_left, begun, run

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


@METHODS
def test_a_task_that_no_worker_has_memory_for_fails_alone(tmp_path: Path, method: str) -> None:
    source = """
        import resource

        def limit():
            with open("/proc/self/statm") as numbers:
                pages = int(numbers.read().split()[0])
            resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + 50_000_000, -1))

        def main():
            with pool(2, limit) as workers:
                results = [workers.apply_async(len, (bytes(200_000_000),)), workers.apply_async(square, (3,))]
                assert outcome(results[0].get, 60)[0] == "MemoryError"
                assert results[1].get(60) == 9
                assert workers.map(len, [bytes(100_000)] * 5, 1) == [100_000] * 5
    """
    run(tmp_path, source, method)


@METHODS
def test_what_cannot_be_sent_is_described_in_brief(tmp_path: Path, method: str) -> None:
    source = """
        def many(x):
            return [lambda: x] * x

        def main():
            with pool() as workers:
                kind, text = outcome(workers.apply, many, (100_000,))
                assert kind == "MaybeEncodingError" and "lambda" in text and len(text) < 5_000, len(text)
    """
    run(tmp_path, source, method)


@METHODS
def test_a_signal_handler_terminates_the_pool_in_the_middle_of_a_call(tmp_path: Path, method: str) -> None:
    source = f"""
        import random

        def main():
            chance = random.Random(2)
            signal.signal(signal.SIGALRM, lambda *args: workers.terminate())
            for number in range({20 if method == "fork" else 5}):
                workers = pool()
                workers.map(square, range(4), 1)
                signal.setitimer(signal.ITIMER_REAL, chance.uniform(0.0001, 0.01))
                results = []
                try:
                    while True:
                        results.append(workers.apply_async(square, (2,)))
                        if number % 2:
                            results[-1].get()
                except (ValueError, BrokenPool):
                    pass
                workers.join()
                for result in results:
                    told = outcome(result.get, 60)
                    assert told == 4 or told[0] == "BrokenPool", told
    """
    run(tmp_path, source, method)
    assert_nothing_is_left(tmp_path)


@METHODS
def test_a_pool_is_terminated_from_everywhere(tmp_path: Path, method: str) -> None:
    source = """
        def main():
            workers = pool(3)  # while they start
            workers.terminate()
            workers.terminate()
            workers.join()
            workers.close()

            workers = pool()  # from threads
            many = workers.map_async(time.sleep, [1000] * 10, 1)
            ending = [threading.Thread(target=workers.terminate) for _ in range(5)]
            for thread in ending:
                thread.start()
            for thread in ending:
                thread.join()
            workers.join()
            assert outcome(many.get, 60)[0] == "BrokenPool"

            workers = pool()  # from a callback
            never = workers.apply_async(time.sleep, (1000,))
            done = workers.apply_async(square, (3,), callback=lambda value: workers.terminate())
            assert outcome(never.get, 60)[0] == "BrokenPool"
            done.wait(60)
            assert done.ready()
            workers.join()

            workers = pool()  # while an iterator waits for its next item
            gate = threading.Event()

            def items():
                yield 1
                gate.wait()

            several = workers.imap(square, items())
            assert next(several) == 1
            workers.terminate()
            workers.join()
            assert outcome(several.next, 60)[0] == "BrokenPool"
            gate.set()
    """
    run(tmp_path, source, method)
    assert_nothing_is_left(tmp_path)


@METHODS
@pytest.mark.parametrize(
    "phase",
    [
        "workers = pool(4)",
        "workers = pool(); workers.map_async(time.sleep, [1000] * 10, 1); workers.close()",
        "workers = pool(); workers.map_async(time.sleep, [1000] * 10, 1); workers.close(); workers.join()",
        "workers = pool(2, stubborn); workers.map_async(time.sleep, [1000] * 10, 1); workers.terminate()",
        "workers = pool(2, maxtasksperchild=1); workers.map(square, range(10**6), 1)",
        "workers = pool(); workers.map(len, [bytes(10_000_000)] * 100, 1)",
    ],
    ids=["starting", "closing", "joining", "terminating", "replacing", "large"],
)
def test_nothing_of_a_killed_program_stays(tmp_path: Path, method: str, phase: str) -> None:
    source = f"""
        def stubborn():
            signal.signal(signal.SIGTERM, signal.SIG_IGN)

        def main():
            print("ready", flush=True)
            {phase}
            time.sleep(1000)
    """
    for pause in (0.0, 0.3):
        one = begun(tmp_path, source, method)
        time.sleep(pause)
        one.kill()
        _, told = one.communicate()
        assert told == ""
        assert_nothing_is_left(tmp_path)


@METHODS
def test_an_endless_iterator_is_read_only_some_items_in_advance(tmp_path: Path, method: str) -> None:
    source = """
        def numbers(read):
            while True:
                yield read[0]
                read[0] += 1

        def main():
            with pool() as workers:
                for imap, size in ((workers.imap, 1), (workers.imap_unordered, 5)):
                    read = [0]
                    several = imap(square, numbers(read), size)
                    for _ in range(500):
                        next(several)
                    settled = -1
                    while settled != read[0]:
                        settled = read[0]
                        time.sleep(0.1)
                    assert settled < 500 + 300 * size, settled
                assert workers.map(square, range(4)) == [0, 1, 4, 9]  # those that are abandoned are in nobody's way
    """
    run(tmp_path, source, method)


@pytest.mark.parametrize("method", ["fork", "forkserver"])
def test_where_no_socket_keeps_packets_apart(tmp_path: Path, method: str) -> None:
    source = """
        import _socket
        del _socket.SOCK_SEQPACKET  # as on macOS

        def ends(x):
            if x == 5:
                os._exit(3)
            return x * x

        def main():
            with pool() as workers:
                assert workers.map(square, range(1000), 1) == [x * x for x in range(1000)]
                assert list(workers.imap(square, iter(range(1000)), 7)) == [x * x for x in range(1000)]
                sizes = [1, 100, 10_000, 100_000, 10_000_000]
                assert workers.map(len, map(bytes, sizes), 1) == sizes
                assert [*map(len, workers.map(bytes, sizes, 1))] == sizes
                told = [outcome(result.get, 60) for result in [workers.apply_async(ends, (x,)) for x in range(20)]]
                assert told.pop(5)[0] == "WorkerEnded"
                assert told == [x * x for x in range(20) if x != 5], told
            with pool(maxtasksperchild=3) as workers:
                assert workers.map(square, range(30), 1) == [x * x for x in range(30)]
                workers.close()
                workers.join()
    """
    run(tmp_path, source, method)
    assert_nothing_is_left(tmp_path)


@METHODS
def test_exit_handlers_use_pools(tmp_path: Path, method: str) -> None:
    source = """
        import atexit

        def main():
            def late():
                with pool() as others:
                    print(others.map(square, range(4)), workers.map(square, range(4)), flush=True)

            workers = pool()
            atexit.register(late)
    """
    assert run(tmp_path, source, method).stdout == "[0, 1, 4, 9] [0, 1, 4, 9]\n"
    assert_nothing_is_left(tmp_path)


@METHODS
def test_a_forked_child_makes_a_pool_of_its_own_and_leaves_that_of_its_parent_alone(
    tmp_path: Path, method: str
) -> None:
    source = """
        import warnings

        def main():
            warnings.simplefilter("ignore")  # of forks of programs with threads
            workers = pool()
            assert workers.map(square, range(4)) == [0, 1, 4, 9]
            pid = os.fork()
            if pid == 0:
                others = pool()
                others.map_async(time.sleep, [1000] * 4, 1)
                sys.exit(3)
            assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 3
            assert workers.map(square, range(4)) == [0, 1, 4, 9]
    """
    run(tmp_path, source, method)
    assert_nothing_is_left(tmp_path)


def test_objects_that_raise_whatever_fail_their_task_alone(tmp_path: Path) -> None:
    source = """
        class Hostile:
            def __init__(self, kind, there):
                self.kind = kind
                self.there = there

            def __reduce__(self):
                if self.there:
                    return explode, (self.kind,)
                explode(self.kind)

            def __call__(self):
                os._exit(3)

            def __repr__(self):
                explode(self.kind)

        class Nameless:
            def __call__(self):
                os._exit(3)

            def __repr__(self):
                raise ValueError

        def explode(kind):
            raise kind("hostile")

        def give(kind, there):
            return Hostile(kind, there)

        def main():
            with pool() as workers:
                for kind in (ValueError, SystemExit, KeyboardInterrupt, MemoryError):
                    for there in (False, True):
                        one = Hostile(kind, there)
                        for call in (
                            lambda: workers.apply(len, (one,)),
                            lambda: workers.map(len, [one] * 2),
                            lambda: list(workers.imap(len, iter([one]))),
                            lambda: workers.apply(one),
                            lambda: workers.apply(give, (kind, there)),
                        ):
                            kind_told, text = outcome(call)
                            assert kind_told in (kind.__name__, "WorkerEnded", "MaybeEncodingError"), (kind_told, text)
                            assert workers.map(square, range(4)) == [0, 1, 4, 9]
                assert outcome(workers.apply, Nameless())[0] == "WorkerEnded"
                assert workers.map(square, range(4)) == [0, 1, 4, 9]
    """
    run(tmp_path, source, "fork")
