"""concurrent.futures.ProcessPoolExecutor, over contexts of the reference."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Run = Callable[..., str]

BEGIN = """
import os, signal, threading, time
from concurrent.futures import ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool

def square(number):
    return number * number

def fail(number):
    raise KeyError(number)

def remember(value):
    global remembered
    remembered = value

def recall():
    return remembered

if __name__ == "__main__":
    context = mpref.get_context(sys.argv[1])
"""


def test_calls_are_mapped_and_submitted(run: Run, method: str) -> None:
    program = """
    with ProcessPoolExecutor(2, mp_context=context) as executor:
        print(list(executor.map(square, range(7), chunksize=2)))
        print([future.result() for future in [executor.submit(pow, 2, mod=5, exp=n) for n in range(4)]])
        print(type(executor.submit(os.getpid).result()), executor.submit(os.getpid).result() != os.getpid())
    print(mpref.active_children())
    """
    assert run(BEGIN + program, method) == "[0, 1, 4, 9, 16, 25, 36]\n[1, 2, 4, 3]\n<class 'int'> True\n[]\n"


def test_the_workers_are_processes_of_the_reference(run: Run, method: str) -> None:
    program = """
    with ProcessPoolExecutor(1, mp_context=context) as executor:
        executor.submit(square, 1).result()
        print({type(worker) is context.Process for worker in executor._processes.values()})
    """
    assert run(BEGIN + program, method) == "{True}\n"


def test_exceptions_come_back_with_their_traceback(run: Run, method: str) -> None:
    program = """
    with ProcessPoolExecutor(2, mp_context=context) as executor:
        error = executor.submit(fail, 3).exception()
        print(repr(error), "in fail" in str(error.__cause__))
        print(type(executor.submit(square, threading.Lock()).exception()).__name__)
        print(type(executor.submit(threading.Lock).exception()).__name__)
        print(executor.submit(square, 3).result())
    """
    assert run(BEGIN + program, method) == "KeyError(3) True\nTypeError\nTypeError\n9\n"


def test_an_initializer_runs_in_each_worker(run: Run, method: str) -> None:
    program = """
    with ProcessPoolExecutor(2, mp_context=context, initializer=remember, initargs=("this",)) as executor:
        print({executor.submit(recall).result() for _ in range(5)})
    """
    assert run(BEGIN + program, method) == "{'this'}\n"


def test_a_killed_worker_breaks_the_pool(run: Run, method: str) -> None:
    program = """
    executor = ProcessPoolExecutor(1, mp_context=context)
    executor.submit(square, 1).result()  # the worker runs, and the executor watches it
    futures = [executor.submit(time.sleep, 1000), executor.submit(square, 2)]
    os.kill(next(iter(executor._processes)), signal.SIGKILL)
    print({type(future.exception()).__name__ for future in futures})
    try:
        executor.submit(square, 1)
    except BrokenProcessPool:
        print("refused")
    executor.shutdown()
    print(mpref.active_children())
    """
    assert run(BEGIN + program, method) == "{'BrokenProcessPool'}\nrefused\n[]\n"


def test_a_full_pipe_does_not_keep_a_broken_pool(run: Run, method: str) -> None:
    program = """
    executor = ProcessPoolExecutor(1, mp_context=context)
    executor.submit(square, 1).result()
    futures = [executor.submit(time.sleep, 1000), *[executor.submit(len, bytes(1 << 21)) for _ in range(3)]]
    while not futures[0].running():
        time.sleep(0.01)
    os.kill(next(iter(executor._processes)), signal.SIGKILL)
    print({type(future.exception()).__name__ for future in futures})
    executor.shutdown()
    """
    assert run(BEGIN + program, method) == "{'BrokenProcessPool'}\n"


def test_shutdown_cancels_what_has_not_begun(run: Run, method: str) -> None:
    program = """
    executor = ProcessPoolExecutor(1, mp_context=context)
    futures = [executor.submit(time.sleep, 0.01) for _ in range(50)]
    executor.shutdown(cancel_futures=True)
    print(all(future.done() for future in futures), futures[0].result(), futures[-1].cancelled())
    """
    assert run(BEGIN + program, method) == "True None True\n"


def test_a_program_that_forgets_to_shut_down_ends(run: Run, method: str) -> None:
    program = """
    print(ProcessPoolExecutor(2, mp_context=context).submit(square, 4).result())
    """
    assert run(BEGIN + program, method) == "16\n"


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_workers_are_replaced_after_some_tasks(run: Run, method: str) -> None:
    program = """
    with ProcessPoolExecutor(1, mp_context=context, max_tasks_per_child=2) as executor:
        print(len({executor.submit(os.getpid).result() for _ in range(6)}))
    """
    assert run(BEGIN + program, method) == "3\n"
