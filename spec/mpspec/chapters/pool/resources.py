"""What a pool holds: released by its end, and what becomes of a program that leaves it open."""

from __future__ import annotations

import gc
import os
import signal
import threading
from typing import Any, Callable

from mpspec.chapters.pool.chapter import chapter, made
from mpspec.chapters.pool.programs import printed
from mpspec.chapters.pool.targets import square
from mpspec.clause import MAY, SHOULD, UNSPECIFIED
from mpspec.observation.descriptors import open_files
from mpspec.observation.see import NotKept, See
from mpspec.observation.waits import SMALL

POOL = "multiprocessing.pool.Pool"


def _by_with(pool: Any) -> None:
    with pool:
        pass


def _by_methods(*names: str) -> Callable[[Any], None]:
    def end(pool: Any) -> None:
        for name in names:
            getattr(pool, name)()

    return end


ENDS = {
    "with": _by_with,
    "close-and-join": _by_methods("close", "join"),
    "terminate-and-join": _by_methods("terminate", "join"),
    "close-and-terminate": _by_methods("close", "terminate"),
}


@chapter.clause("pool.resources.released", passage=f"{POOL}/15", level=SHOULD, cases=ENDS, hanging=True)
def a_pool_that_has_ended_holds_nothing(mp: Any, see: See, end: Any) -> None:
    """A pool that was closed, terminated or left as a context manager holds no threads, descriptors or processes."""

    def used() -> None:
        pool = made(mp.Pool, 2)
        see.equal(pool.map(square, [1, 2, 3]), [1, 4, 9], "the results")
        end(pool)

    def held() -> tuple[int, int, int]:
        gc.collect()
        return len(open_files()), threading.active_count(), len(mp.active_children())

    used()
    see.eventually(lambda: held()[2] == 0, "the workers of the first pool end")
    before = held()
    for _ in range(2):
        used()
    see.eventually(lambda: all(now <= then for now, then in zip(held(), before)), "all is released")


LEFT = """\
import multiprocessing
import sys
import time


def square(x):
    return x * x


if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    pool = multiprocessing.Pool(2)
    print(pool.map(square, [1, 2, 3]), flush=True)
    HOW
"""

LEAVINGS = {
    "idle": "pass",
    "working": "pool.apply_async(time.sleep, (1000,))",
    "queued": "pool.map_async(time.sleep, [1000] * 10, 1)",
    "read": "results = pool.imap(square, iter(int, 1))",
    "closed": "pool.close()",
    "closed-working": "pool.map_async(time.sleep, [1000] * 3, 1), pool.close()",
    "deleted": "del pool",
}


@chapter.clause("pool.resources.left-open", passage=f"{POOL}/16,15", level=MAY, cases=LEAVINGS)
def a_program_that_leaves_its_pool_open(mp: Any, see: See, how: str) -> None:
    """A program that ends without having closed and terminated its pool ends all the same, or hangs."""
    running = see.start_program(LEFT.replace("HOW", how), mp.get_start_method())
    try:
        ended = running.finish()
    except NotKept:
        see.records(then="it hangs")
    else:
        see.equal((ended.status, ended.out), (0, "[1, 4, 9]\n"), "status and output")
        see.records(then="it ends")


KILLED = """\
import multiprocessing
import os
import sys
import time


def work(_):
    print(os.getpid(), flush=True)
    time.sleep(WORKING)


if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    pool = multiprocessing.Pool(1)
    pool.map(work, [0])
    print("done", flush=True)
    time.sleep(1000)
"""


@chapter.clause("pool.resources.killed", source=POOL, level=UNSPECIFIED, cases={"idle": "done", "working": ""})
def workers_of_a_program_that_is_killed(mp: Any, see: See, last: str) -> None:
    """Whether workers end whose program was killed, in the middle of a task or without one, is left open."""
    program = see.start_program(KILLED.replace("WORKING", "0" if last else "1000"), mp.get_start_method())
    worker = int(printed(see, program, 2 if last else 1)[0])
    program.kill()
    program.finish()
    ending = see.in_thread(see.gone, worker)
    ending.thread.join(10 * SMALL)
    see.records(worker="it stays" if ending.thread.is_alive() else "it ends")
    if ending.thread.is_alive():
        os.kill(worker, signal.SIGKILL)
    ending.ends()


INTERRUPTED = """\
import multiprocessing
import sys
import time


def work(_):
    print("begun", flush=True)
    time.sleep(1000)


if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    try:
        with multiprocessing.Pool(1) as pool:
            pool.map(work, [0])
    except KeyboardInterrupt:
        print("interrupted", flush=True)
"""


@chapter.clause("pool.resources.interrupted", source=POOL, level=UNSPECIFIED)
def a_program_with_a_pool_is_interrupted(mp: Any, see: See) -> None:
    """Whether a program ends that SIGINT interrupts while it waits for results in a with statement is left open."""
    program = see.start_program(INTERRUPTED, mp.get_start_method())
    printed(see, program, 1)
    program.kill(signal.SIGINT)
    try:
        ended = program.finish()
    except NotKept:
        see.records(then="it hangs")
    else:
        see.records(status=ended.status, out=ended.out.split(), silent=not ended.err)
