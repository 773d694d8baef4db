"""What is wrong in an argument, or with the moment of a call, is said at once, and nothing is lost by it."""

from __future__ import annotations

from pathlib import Path

import pytest

from .programs import METHODS, run

pytestmark = pytest.mark.timeout(120, method="signal")


def test_what_is_wrong_is_named(tmp_path: Path) -> None:
    source = """
        def broken():
            yield 1
            raise KeyError("in the middle")

        def main():
            for number, kind in ((0, "ValueError"), (-1, "ValueError"), (1.5, "TypeError"), ("2", "TypeError")):
                for names in ({"processes": number}, {"maxtasksperchild": number}):
                    told = outcome(lambda: Pool(**names, context=CONTEXT))
                    assert told[0] == kind and repr(number) in told[1] and next(iter(names)) in told[1], told
            assert outcome(lambda: pool(2, 5))[0] == "TypeError"
            workers = pool()
            assert outcome(workers.join)[0] == "ValueError"
            for method in (workers.map, workers.imap, workers.imap_unordered, workers.starmap, workers.map_async):
                for size, kind in ((0, "ValueError"), (-1, "ValueError"), (1.5, "TypeError"), ("2", "TypeError")):
                    told = outcome(method, square, [1], size)
                    assert told[0] == kind and "chunksize" in told[1] and repr(size) in told[1], (method, told)
                assert outcome(method, 5, [1]) == ("TypeError", "func must be callable, not 5")
                assert outcome(method, square, 5)[0] == "TypeError"
            assert outcome(workers.apply, None)[0] == "TypeError"
            assert outcome(workers.apply_async, square, (1,), {}, 5)[0] == "TypeError"
            assert outcome(workers.map, square, broken()) == ("KeyError", "'in the middle'")
            several = workers.imap(square, broken())
            assert [outcome(several.next, 30) for _ in range(3)] == [
                1, ("KeyError", "'in the middle'"), ("StopIteration", "")]
            slow = workers.apply_async(time.sleep, (0.3,))
            for timeout in (0, -1, 0.01):
                assert outcome(slow.get, timeout)[0] == "TimeoutError"
            assert outcome(slow.successful)[0] == "ValueError"
            assert outcome(slow.get, "1")[0] == "TypeError"
            assert slow.get(30) is None and slow.successful()
            import pickle
            assert outcome(pickle.dumps, workers)[0] == "NotImplementedError"
            assert workers.map(square, range(5)) == [0, 1, 4, 9, 16]
            workers.close()
            workers.close()
            workers.join()
            workers.join()
            assert outcome(workers.apply, square, (1,))[0] == "ValueError"
    """
    run(tmp_path, source, "fork")


def test_a_pool_is_of_no_use_in_a_child(tmp_path: Path) -> None:
    source = """
        def main():
            workers = pool()
            slow = workers.apply_async(time.sleep, (1000,))
            pid = os.fork()
            if pid == 0:
                told = [outcome(workers.apply, square, (1,)), outcome(slow.get), outcome(workers.terminate)]
                os._exit(sum(kind != "ProcessError" for kind, _ in told))
            assert os.waitpid(pid, 0)[1] == 0
            assert workers.apply(square, (3,)) == 9
            workers.terminate()
    """
    run(tmp_path, source, "fork")


@METHODS
def test_a_daemonic_process_makes_no_pool(tmp_path: Path, method: str) -> None:
    source = """
        def child(end):
            end.send(outcome(Pool, 1))

        def main():
            near, far = CONTEXT.Pipe()
            one = CONTEXT.Process(target=child, args=(far,), daemon=True)
            one.start()
            kind, text = near.recv()
            assert kind == "AssertionError" and "daemonic" in text, (kind, text)
            one.join()
    """
    run(tmp_path, source, method)


@METHODS
def test_a_callback_that_raises_fails_its_task_and_nothing_else(tmp_path: Path, method: str) -> None:
    source = """
        def main():
            told = []
            threading.excepthook = lambda args: told.append(repr(args.exc_value))
            with pool() as workers:
                bad = workers.apply_async(square, (3,), callback=lambda value: 1 / 0)
                kind, text = outcome(bad.get, 30)
                assert kind == "ProcessError" and "callback of square()" in text and "ZeroDivision" in text, text
                assert len(told) == 1, told
                waits = workers.apply_async(square, (3,), callback=lambda value: workers.apply(square, (2,)))
                kind, text = outcome(waits.get, 30)
                assert kind == "ProcessError" and "must not wait" in text, text
                assert workers.map(square, range(5)) == [0, 1, 4, 9, 16]
    """
    run(tmp_path, source, method)


@METHODS
def test_default_timeouts_of_sockets_are_nothing_to_a_pool(tmp_path: Path, method: str) -> None:
    source = """
        import socket

        def doze(x):
            time.sleep(x)
            return x

        def main():
            for timeout in (0, 0.01):
                socket.setdefaulttimeout(timeout)
                with pool() as workers:
                    seconds = [0.2] + [0.001] * 50  # what waits behind the first one is taken back
                    assert workers.map(doze, seconds, 1) == seconds
                    assert len(workers.apply(bytes, (1_000_000,))) == 1_000_000
                    time.sleep(0.1)
                    assert workers.map(square, range(10), 1) == [x * x for x in range(10)]
    """
    run(tmp_path, source, method)


def test_a_method_of_an_object_is_called_on_a_copy_each_time(tmp_path: Path) -> None:
    source = """
        import random

        def main():
            with pool(1) as workers:
                once = random.Random(1).random()
                assert [workers.apply(random.Random(1).random) for _ in range(3)] == [once] * 3
                numbers = [3]
                results = []
                for _ in range(3):
                    results.append(workers.apply(numbers.count, (3,)))
                    numbers.append(3)
                assert results == [1, 2, 3], results
    """
    run(tmp_path, source, "fork")


def test_what_is_too_much_for_a_limit_leaves_nothing(tmp_path: Path) -> None:
    source = """
        import resource
        import mpref

        def opened():
            mpref.active_children()
            names = os.listdir("/proc/self/fd")
            return {name for name in names if os.path.exists(f"/proc/self/fd/{name}")}

        def main():
            with pool():
                pass
            before = opened()
            hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
            for more in range(30):
                resource.setrlimit(resource.RLIMIT_NOFILE, (len(before) + more, hard))
                told = outcome(pool, 4)
                resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
                if isinstance(told, Pool):
                    told.terminate()
                else:
                    assert told[0] == "OSError", told
                assert opened() == before, (more, opened() - before)
            with pool() as workers:
                assert workers.map(square, range(3)) == [0, 1, 4]
    """
    run(tmp_path, source, "fork")


def test_callbacks_of_threads_may_end_the_pool_and_do_not_wait(tmp_path: Path) -> None:
    source = """
        def main():
            threading.excepthook = lambda args: None
            with ThreadPool(2) as threads:
                waits = threads.apply_async(square, (3,), callback=lambda value: threads.apply(square, (2,)))
                kind, text = outcome(waits.get, 30)
                assert kind == "ProcessError" and "must not wait" in text, text
                reads = threads.apply_async(square, (3,), callback=lambda value: next(threads.imap(square, [2])))
                kind, text = outcome(reads.get, 30)
                assert kind == "ProcessError" and "must not wait" in text, text
                ends = threads.apply_async(square, (3,), callback=lambda value: threads.terminate())
                ends.wait(30)
                assert ends.ready()
            with ThreadPool(2) as threads:
                slow = threads.map_async(time.sleep, [0.05] * 4)
                threads.close()
                threads.join()
                assert slow.get(0) == [None] * 4
    """
    run(tmp_path, source, "fork")


def test_tasks_that_wait_for_each_other_and_pools_of_threads_in_threads(tmp_path: Path) -> None:
    source = """
        def meet(place):
            number = BARRIER.wait(30)
            return place

        def set_up(barrier):
            global BARRIER
            BARRIER = barrier

        def main():
            barrier = CONTEXT.Barrier(3)
            with pool(3, set_up, (barrier,)) as workers:
                assert workers.map(meet, range(30), 1) == list(range(30))
            with ThreadPool(2) as outer:
                assert outer.map(inner, range(4)) == [[0, 1, 4]] * 4

        def inner(x):
            with ThreadPool(2) as threads:
                return threads.map(square, range(3))
    """
    run(tmp_path, source, "fork")


def test_a_callback_that_asks_for_its_thread_leaves_none_behind(tmp_path: Path) -> None:
    source = """
        def main():
            seen = []
            with pool() as workers:
                workers.apply_async(square, (3,), callback=lambda _: seen.append(threading.current_thread())).get()
            assert len(seen) == 1 and threading.enumerate() == [threading.main_thread()], threading.enumerate()
    """
    run(tmp_path, source, "fork")


def test_nothing_is_given_to_a_worker_behind_a_large_task_that_it_has_not_read(tmp_path: Path) -> None:
    source = """
        def meet(_):
            return BARRIER.wait(30)

        def set_up(barrier):
            global BARRIER
            BARRIER = barrier

        def main():
            import pickle
            from mpref.pool.packets import PIECE
            from mpref.transfer.framing import PROTOCOL

            data = bytes(2 * PIECE)
            data = data[: PIECE + 5 - len(pickle.dumps(((data,), {}), PROTOCOL))]  # the last piece has but 5 bytes
            with pool(2, set_up, (CONTEXT.Barrier(2),)) as workers:
                workers.map(meet, range(2), 1)
                members = workers._mpref_crew._members
                for member in members:
                    os.kill(member.process.pid, signal.SIGSTOP)
                large = [workers.apply_async(len, (data,)) for _ in members]
                while not all(member.assigned for member in members):
                    time.sleep(0.001)
                small = [workers.apply_async(square, (number,)) for number in range(8)]
                os.kill(members[1].process.pid, signal.SIGCONT)
                assert [result.get(30) for result in small] == [number * number for number in range(8)]
                os.kill(members[0].process.pid, signal.SIGCONT)
                assert [result.get(30) for result in large] == [len(data)] * 2
    """
    run(tmp_path, source, "fork")


def test_results_of_unpacked_items_are_a_list_however_long_a_chunk_is(tmp_path: Path) -> None:
    source = """
        def main():
            with pool() as workers, ThreadPool(2) as threads:
                for several in workers, threads:
                    for size in None, 1, 2, 3, 9:
                        for count in 0, 1, 2, 7:
                            items = [(x, 2) for x in range(count)]
                            assert several.starmap(pow, items, size) == [x ** 2 for x in range(count)], (size, count)
    """
    run(tmp_path, source, "fork")
