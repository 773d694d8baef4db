"""Workers that end where nobody has asked them to: the page says nothing of it. What is seen is recorded."""

from __future__ import annotations

import os
import signal
from typing import Any

from mpspec.chapters.pool.chapter import chapter, made, pool_of
from mpspec.chapters.pool.life_targets import end_by, end_if, refuse
from mpspec.chapters.pool.programs import printed
from mpspec.chapters.pool.targets import square
from mpspec.clause import ANY_METHOD, UNSPECIFIED, cases
from mpspec.observation.see import See
from mpspec.observation.waits import SMALL

POOL = "multiprocessing.pool.Pool"
HOW = cases("SIGKILL", "SIGTERM", "os._exit", "sys.exit", "KeyboardInterrupt")
FOR_NOW = 10 * SMALL
"""How long a result is waited for that may never come."""


def outcome(pool: Any, function: Any, *args: Any) -> Any:
    """The result of a task, if it arrives for now, or the name of what is raised."""
    try:
        return told(pool.apply_async(function, args))
    except Exception as error:
        return type(error).__name__


def told(result: Any) -> Any:
    """The result, if it arrives for now, or the name of what is raised."""
    try:
        return result.get(FOR_NOW)
    except Exception as error:
        return type(error).__name__


@chapter.clause("pool.failing.task", source=POOL, level=UNSPECIFIED, methods=ANY_METHOD, cases=HOW)
def a_task_that_ends_its_worker(mp: Any, see: See, how: str) -> None:
    """What becomes of a task that ends its worker is left open: whether its result raises, and what, or never comes."""
    with see.output(), pool_of(mp, 1) as pool:
        see.records(result=outcome(pool, end_by, how))


@chapter.clause("pool.failing.others", source=POOL, level=UNSPECIFIED, methods=ANY_METHOD, cases=HOW)
def tasks_beside_one_that_ends_its_worker(mp: Any, see: See, how: str) -> None:
    """What becomes of the tasks that were submitted after one that ends its worker is left open."""
    with see.output(), pool_of(mp, 1) as pool:
        pool.apply_async(end_by, (how,))
        others = [pool.apply_async(square, (number,)) for number in range(3)]
        see.records(results=[told(result) for result in others])


@chapter.clause("pool.failing.map", source=POOL, level=UNSPECIFIED, methods=ANY_METHOD)
def a_value_of_a_map_that_ends_its_worker(mp: Any, see: See) -> None:
    """What becomes of a map_async() one of whose calls ends its worker is left open."""
    with see.output(), pool_of(mp, 2) as pool:
        see.records(results=told(pool.map_async(end_if, range(-2, 3), 1)))


@chapter.clause("pool.failing.later", source=POOL, level=UNSPECIFIED)
def a_pool_that_has_lost_a_worker(mp: Any, see: See) -> None:
    """Whether a pool works on of which a worker was ended by a task is left open."""
    with see.output(), pool_of(mp, 1) as pool:
        outcome(pool, end_by, "os._exit")
        see.records(result=outcome(pool, square, 3))


IDLE = """\
import multiprocessing
import os
import signal
import sys
import threading

if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    wait = float(sys.argv[2])
    pool = multiprocessing.Pool(1)
    print(pool.apply(os.getpid), flush=True)
    sys.stdin.readline()
    result = pool.apply_async(abs, (-3,))
    try:
        print(result.get(wait))
    except Exception as error:
        print(type(error).__name__)
    ending = threading.Thread(target=pool.terminate, daemon=True)
    ending.start()
    ending.join(wait)
    print("terminate() waits" if ending.is_alive() else "terminate() comes back", flush=True)
    if ending.is_alive():
        for child in multiprocessing.active_children():
            os.kill(child.pid, signal.SIGKILL)
        os._exit(0)
"""


@chapter.clause("pool.failing.idle", source=POOL, level=UNSPECIFIED)
def an_idle_worker_that_is_killed(mp: Any, see: See) -> None:
    """Whether a pool works on, and ends, of which a worker was killed that had nothing to do is left open."""
    program = see.start_program(IDLE, mp.get_start_method(), str(FOR_NOW))
    worker = int(printed(see, program, 1)[0])
    os.kill(worker, signal.SIGKILL)
    see.gone(worker)
    see.records(result=program.finish("\n").out.split("\n")[1:-1])


@chapter.clause("pool.failing.close", source=POOL, level=UNSPECIFIED, methods=ANY_METHOD)
def a_pool_with_a_lost_task_is_closed(mp: Any, see: See) -> None:
    """Whether join() comes back on a closed pool that has lost a task with its worker is left open."""
    with see.output(), pool_of(mp, 1) as pool:
        outcome(pool, end_by, "os._exit")
        pool.close()
        joining = see.in_thread(pool.join)
        joining.thread.join(FOR_NOW)
        see.records(join="it waits" if joining.thread.is_alive() else "it comes back")
        pool.terminate()


@chapter.clause("pool.failing.initializer", source=POOL, level=UNSPECIFIED, methods=ANY_METHOD)
def an_initializer_that_raises(mp: Any, see: See) -> None:
    """What becomes of a pool whose initializer raises is left open, and of its tasks."""
    with see.output() as output:
        try:
            pool = made(mp.Pool, 1, refuse)
        except Exception as error:
            see.records(made=type(error).__name__)
        else:
            see.records(result=outcome(pool, square, 3))
            pool.terminate()
            pool.join()
    see.records(told_on_stderr="refused" in output.err)


@chapter.clause("pool.failing.imap", source=POOL, level=UNSPECIFIED, methods=ANY_METHOD)
def a_value_of_an_iterator_that_ends_its_worker(mp: Any, see: See) -> None:
    """What the iterator of an imap() gives, one of whose calls ends its worker, is left open."""
    with see.output(), pool_of(mp, 1) as pool:
        results = pool.imap(end_if, range(-2, 3))
        given = []
        for _ in range(5):
            try:
                given.append(results.next(FOR_NOW))
            except Exception as error:
                given.append(type(error).__name__)
        see.records(given=given)
