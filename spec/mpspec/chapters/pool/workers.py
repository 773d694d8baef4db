"""The pool and its worker processes: how it is made, how many there are, and that it is they who work."""

from __future__ import annotations

import os
from typing import Any

from mpspec.chapters.pool.chapter import chapter, ending, made, pool_of
from mpspec.chapters.pool.life_targets import announce_and_wait, recall, remember, start_a_child
from mpspec.chapters.pool.submission import EVERY_WAY, WAYS, opened_at_last
from mpspec.chapters.pool.targets import pid, post_and_wait, square
from mpspec.clause import ANY_METHOD, SHOULD, UNSPECIFIED, cases
from mpspec.observation.affinity import one_cpu, usable
from mpspec.observation.see import See
from mpspec.observation.waits import LONG, SMALL

POOL = "multiprocessing.pool.Pool"
USING = "using-a-pool-of-workers"


NAMES = ("processes", "initializer", "initargs", "maxtasksperchild", "context")
GIVEN = cases("in-order", "by-name", "left-out")


def takes(see: See, pool_class: Any, given: str, *last: Any) -> None:
    """It takes what a pool is made with, in this order or by these names, and all of it can be left out."""
    values = (1, remember, ("given",), 1, *last)
    in_order = {"in-order": values}.get(given, ())
    by_name = dict(zip(NAMES, values)) if given == "by-name" else {}
    with ending(pool_class, *in_order, **by_name) as pool:
        tasks = [(pool.apply(recall), pool.apply(pid)) for _ in range(2)]
    if given != "left-out":
        # The second task of each pair was done by another process, which has called the initializer as well.
        see.equal([memory for memory, _ in tasks], [("given",)] * 2, "what the initializer was called with")
        see.true(tasks[0][1] != tasks[1][1], "a worker does one task", tasks)


@chapter.clause("pool.class.parameters", passage=f"{POOL}/1", methods=ANY_METHOD, cases=GIVEN)
def what_the_class_takes(mp: Any, see: See, given: str) -> None:
    """Pool takes processes, initializer, initargs, maxtasksperchild, context, in this order; each can be left out."""
    takes(see, mp.pool.Pool, given, mp.get_context())


@chapter.clause("pool.function.parameters", passage=f"{POOL}/10", level=SHOULD, methods=ANY_METHOD, cases=GIVEN)
def what_the_function_takes(mp: Any, see: See, given: str) -> None:
    """multiprocessing.Pool() takes the parameters of the class but for the context, in the same order."""
    takes(see, mp.Pool, given)


@chapter.clause("pool.class.direct", passage=f"{POOL}/2,1", methods=ANY_METHOD)
def the_class_makes_a_pool(mp: Any, see: See) -> None:
    """The class multiprocessing.pool.Pool makes a pool, whose workers do what is submitted to it."""
    with ending(mp.pool.Pool, 1) as pool:
        see.true(pool.apply(pid) != os.getpid(), "another process calls the function")


@chapter.clause("pool.function.class", passage=f"{POOL}/10", level=SHOULD, methods=ANY_METHOD)
def the_function_makes_an_object_of_the_class(mp: Any, see: See) -> None:
    """multiprocessing.Pool() and the method Pool() of a context return objects of multiprocessing.pool.Pool."""
    for maker in (mp, mp.get_context()):
        with ending(maker.Pool, 1) as pool:
            see.true(isinstance(pool, mp.pool.Pool), "an object of the class", type(pool))


@chapter.clause("pool.processes.at-once", passage=(f"{POOL}/4", f"{POOL}/2"), hanging=True)
def as_many_tasks_are_done_at_once_as_there_are_processes(mp: Any, see: See) -> None:
    """`processes` is the number of worker processes: so many tasks are done at the same time, each in its own."""
    box, gate = see.mailbox(), see.gate()
    with pool_of(mp, 3) as pool, opened_at_last(gate):
        results = [pool.apply_async(post_and_wait, (box, gate, number)) for number in range(4)]
        see.equal(len(set(box.take_all(3))), 3, "the number of processes that work at the same time")
        see.true(box.empty(after=SMALL), "no fourth worker")
        gate.open()
        see.equal([result.get() for result in results], [0, 1, 2, 3], "the results")


def counted(mp: Any, see: See, expected: int, processes: Any) -> None:
    """A pool that is made of this has so many workers: so many tasks are begun at once, and no more."""
    box, gate = see.mailbox(), see.gate()
    with ending(mp.Pool, *processes) as pool, opened_at_last(gate):
        for number in range(expected + 1):
            pool.apply_async(announce_and_wait, ((box, gate, number),))
        see.equal(len({process for _, process in box.take_all(expected)}), expected, "the number of workers")
        see.true(box.empty(after=SMALL), f"no more than {expected} workers")
        gate.open()
        pool.close()
        pool.join()


LEFT_OUT = {"left-out": (), "none": (None,)}


@chapter.clause(
    "pool.processes.default",
    passage=f"{POOL}/5,20",
    methods=ANY_METHOD,
    since="3.13",
    platforms=("linux",),
    cases=LEFT_OUT,
)
def as_many_workers_as_usable_processors(mp: Any, see: See, processes: Any) -> None:
    """Without a number of processes there are as many workers as CPUs that the program may use."""
    counted(mp, see, usable(), processes)
    with one_cpu():
        counted(mp, see, usable(), processes)


@chapter.clause(
    "pool.processes.default.before-3-13",
    passage=f"{POOL}/20",
    methods=ANY_METHOD,
    until="3.13",
    platforms=("linux",),
    cases=LEFT_OUT,
)
def as_many_workers_as_processors(mp: Any, see: See, processes: Any) -> None:
    """Without a number of processes there are as many workers as the system has CPUs, whoever may use them."""
    with one_cpu():
        counted(mp, see, os.cpu_count() or 1, processes)


MET = """\
import multiprocessing
import sys


def remember(barrier):
    global meeting
    meeting = barrier


def meet(number):
    meeting.wait(30)
    return number


if __name__ == "__main__":
    context = multiprocessing.get_context(sys.argv[1])
    with context.Pool(initializer=remember, initargs=(context.Barrier(5),)) as pool:
        print(pool.map(meet, range(5), 1))
"""


@chapter.clause(
    "pool.processes.environment",
    passage=(f"{POOL}/5", "multiprocessing.cpu_count/7"),
    level=SHOULD,
    methods=ANY_METHOD,
    since="3.13",
    hanging=True,
)
def the_environment_overrides_the_number_of_workers(mp: Any, see: See) -> None:
    """PYTHON_CPU_COUNT overrides the number of usable CPUs, and so the number of workers where none is given."""
    ended = see.program(MET, mp.get_start_method(), env={"PYTHON_CPU_COUNT": "5"})
    see.equal((ended.status, ended.out, ended.err), (0, "[0, 1, 2, 3, 4]\n", ""), "status, output and errors")


@chapter.clause("pool.processes.invalid", source=POOL, level=UNSPECIFIED, methods=ANY_METHOD)
def a_number_of_processes_that_is_none(mp: Any, see: See) -> None:
    """Which error a number of processes raises that is not above zero, or not a number, is left open."""
    for label, processes in {"zero": 0, "negative": -1, "text": "2", "float": 1.5}.items():
        try:
            pool = made(mp.Pool, processes)
        except Exception as error:
            see.records(**{label: type(error).__name__})
        else:
            pool.terminate()
            pool.join()
            see.records(**{label: "a pool"})


@chapter.clause(
    "pool.workers.do-the-work",
    passage=(f"{USING}/2,1", f"{POOL}.apply/5,2"),
    methods=ANY_METHOD,
    cases=EVERY_WAY,
    hanging=True,
)
def every_method_has_the_function_called_in_a_worker(mp: Any, see: See, way: str) -> None:
    """Each method that submits tasks has the function called in a worker process, not in the program's own."""
    with pool_of(mp) as pool:
        see.true(WAYS[way](pool, pid, None) != os.getpid(), "another process calls the function")


@chapter.clause("pool.workers.children", source=POOL, level=UNSPECIFIED, methods=ANY_METHOD)
def children_of_workers(mp: Any, see: See) -> None:
    """Whether a worker is a daemon, so that it has no children, is left open."""
    with pool_of(mp) as pool:
        result = pool.apply_async(start_a_child)
        try:
            see.records(exitcode_of_a_child=result.get(LONG))
        except Exception as error:
            see.records(raises=type(error).__name__)


@chapter.clause("pool.workers.active-children", source=POOL, level=UNSPECIFIED, methods=ANY_METHOD)
def workers_among_the_active_children(mp: Any, see: See) -> None:
    """Whether active_children() names the workers, and what they are called, is left open."""
    with pool_of(mp, 1) as pool:
        pool.apply(square, (2,))
        see.records(children=[(child.name.rstrip("0123456789"), child.daemon) for child in mp.active_children()])


@chapter.clause("pool.workers.idle", source=POOL, level=UNSPECIFIED, methods=ANY_METHOD)
def workers_without_tasks(mp: Any, see: See) -> None:
    """Whether the workers are started with the pool, or when there are tasks for them, is left open."""
    with pool_of(mp, 2):
        see.records(started=len(mp.active_children()))
