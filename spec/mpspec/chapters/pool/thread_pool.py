"""ThreadPool: a pool whose workers are threads of this process."""

from __future__ import annotations

import os
import threading
from functools import partial
from typing import Any

from mpspec.chapters.pool.call_targets import tell_and_wait_at
from mpspec.chapters.pool.calling import LISTING, MAPPING, results_of, seen_until_quiet
from mpspec.chapters.pool.chapter import chapter
from mpspec.chapters.pool.targets import given, post_and_wait, square
from mpspec.chapters.pool.threads import DUMMY, THREAD_POOL, threads_of
from mpspec.clause import NO_METHOD, SHOULD, cases
from mpspec.observation.affinity import one_cpu, usable
from mpspec.observation.see import See
from mpspec.observation.waits import SMALL

POOL = "multiprocessing.pool.Pool"

# What it is made with


@chapter.clause("thread_pool.subclass", passage=(f"{DUMMY}/2", f"{THREAD_POOL}/3"), methods=NO_METHOD, since="3.9")
def it_is_a_pool(mp: Any, see: See) -> None:
    """ThreadPool is a subclass of Pool."""
    see.true(issubclass(mp.pool.ThreadPool, mp.pool.Pool), "a subclass of Pool", mp.pool.ThreadPool.__mro__)


@chapter.clause(
    "thread_pool.arguments",
    passage=f"{THREAD_POOL}/1",
    methods=NO_METHOD,
    cases=cases("positional", "name"),
    since="3.9",
)
def what_a_thread_pool_is_made_with(mp: Any, see: See, case: str) -> None:
    """The parameters are processes, initializer and initargs, in this order."""
    seen: list[Any] = []

    def note(*args: Any) -> None:
        seen.append(args)

    if case == "positional":
        pool = mp.pool.ThreadPool(1, note, ("a", 2))
    else:
        pool = mp.pool.ThreadPool(processes=1, initializer=note, initargs=("a", 2))
    see.equal(pool.apply(square, (3,)), 9, "what a call returns")
    see.equal(seen, [("a", 2)], "what the initializer is called with")
    pool.terminate()
    pool.join()


REFUSED = {
    "maxtasksperchild": {"maxtasksperchild": 1},
    "context": {"context": None},
}


@chapter.clause(
    "thread_pool.arguments.refused", passage=f"{THREAD_POOL}/7", methods=NO_METHOD, cases=REFUSED, since="3.9"
)
def what_a_thread_pool_is_not_made_with(mp: Any, see: See, case: Any) -> None:
    """A ThreadPool cannot be given maxtasksperchild or context: it raises."""
    with see.raises(Exception):
        mp.pool.ThreadPool(1, **case)


@chapter.clause(
    "thread_pool.processes.at-once", passage=f"{THREAD_POOL}/4", methods=NO_METHOD, hanging=True, since="3.9"
)
def as_many_tasks_at_once_as_there_are_threads(mp: Any, see: See) -> None:
    """`processes` is the number of threads: so many tasks are done at the same time, each in its own."""
    box, gate = see.mailbox(), see.gate()

    def work() -> None:
        box.post(threading.get_ident())
        gate.wait()

    with threads_of(mp, 3) as pool:
        results = [pool.apply_async(work) for _ in range(4)]
        see.equal(len(set(box.take_all(3))), 3, "the number of threads that work at the same time")
        see.true(box.empty(after=SMALL), "no fourth thread")
        gate.open()
        for result in results:
            result.get()


def has_by_default(mp: Any, see: See, number: int, processes: Any) -> None:
    """A ThreadPool that is made without a number has so many threads."""
    box, gate = see.mailbox(), see.gate()
    pool = mp.pool.ThreadPool(*processes)
    for _ in range(number + 1):
        pool.apply_async(post_and_wait, (box, gate))
    box.take_all(number)
    see.true(box.empty(after=SMALL), f"{number} threads and no more")
    gate.open()
    pool.close()
    pool.join()


LEFT_OUT = {"left-out": (), "none": (None,)}


@chapter.clause(
    "thread_pool.processes.default",
    passage=f"{THREAD_POOL}/5,1",
    methods=NO_METHOD,
    since="3.13",
    platforms=("linux",),
    cases=LEFT_OUT,
)
def as_many_threads_as_usable_processors(mp: Any, see: See, case: Any) -> None:
    """Without a number, there are as many threads as os.process_cpu_count() tells: processors that may be used."""
    has_by_default(mp, see, usable(), case)
    with one_cpu():
        has_by_default(mp, see, usable(), case)


@chapter.clause(
    "thread_pool.processes.all",
    passage=f"{POOL}/20",
    methods=NO_METHOD,
    until="3.13",
    platforms=("linux",),
    cases=LEFT_OUT,
    since="3.9",
)
def as_many_threads_as_processors(mp: Any, see: See, case: Any) -> None:
    """Without a number, there are as many threads as os.cpu_count() tells, whichever processors may be used."""
    with one_cpu():
        has_by_default(mp, see, os.cpu_count() or 1, case)


# The initializer


@chapter.clause("thread_pool.initializer.each", passage=f"{THREAD_POOL}/6", methods=NO_METHOD, since="3.9")
def each_thread_calls_the_initializer(mp: Any, see: See) -> None:
    """Each thread that works has called initializer(*initargs), once."""
    box, gate, seen = see.mailbox(), see.gate(), []

    def initialize(*args: Any) -> None:
        seen.append((threading.get_ident(), args))

    def work() -> None:
        box.post(threading.get_ident())
        gate.wait()

    with threads_of(mp, 3, initialize, ("a", 2)) as pool:
        results = [pool.apply_async(work) for _ in range(3)]
        workers = box.take_all(3)
        gate.open()
        for result in results:
            result.get()
    see.equal(sorted(seen), sorted((worker, ("a", 2)) for worker in workers), "who calls the initializer, with what")


@chapter.clause("thread_pool.initializer.first", passage=f"{THREAD_POOL}/6", methods=NO_METHOD, since="3.9")
def the_initializer_comes_first(mp: Any, see: See) -> None:
    """The initializer has returned in a thread before that does its first task."""
    here, gate = threading.local(), see.gate()

    def initialize() -> None:
        gate.wait()
        here.ready = True

    with threads_of(mp, 2, initialize) as pool:
        results = [pool.apply_async(lambda: getattr(here, "ready", False)) for _ in range(4)]
        gate.open()
        see.equal([result.get() for result in results], [True] * 4, "whether the thread of a task was initialized")


# Its workers are threads


@chapter.clause("thread_pool.threads", passage=(f"{THREAD_POOL}/2", f"{DUMMY}/2"), methods=NO_METHOD, since="3.9")
def threads_of_this_process_do_the_tasks(mp: Any, see: See) -> None:
    """Tasks are done by threads of the process that has made the pool, and not by the thread that submits them."""
    with threads_of(mp, 2) as pool:
        for pid, thread in (pool.apply(lambda: (os.getpid(), threading.get_ident())) for _ in range(3)):
            see.equal(pid, os.getpid(), "the process that does a task")
            see.true(thread != threading.get_ident(), "another thread does it")


class Own:
    """An object that cannot be pickled, and is equal to itself only."""

    def __reduce__(self) -> Any:
        raise TypeError("it is not pickled")


class OwnError(Exception):
    """An exception that cannot be pickled."""

    def __reduce__(self) -> Any:
        raise TypeError("it is not pickled")


@chapter.clause(
    "thread_pool.not-pickled",
    passage=(f"{THREAD_POOL}/2", f"{DUMMY}/2"),
    level=SHOULD,
    methods=NO_METHOD,
    cases=cases("apply", "map", "imap", "starmap"),
    since="3.9",
)
def nothing_is_pickled(mp: Any, see: See, case: str) -> None:
    """Functions, arguments and results of a ThreadPool are the very objects that were given, picklable or not."""
    own = Own()
    with threads_of(mp) as pool:
        calls = {
            "apply": lambda: pool.apply(lambda one: one, (own,)),
            "map": lambda: pool.map(lambda one: one, [own])[0],
            "imap": lambda: next(pool.imap(lambda one: one, [own])),
            "starmap": lambda: pool.starmap(lambda one: one, [(own,)])[0],
        }
        see.true(calls[case]() is own, "the same object comes back")


@chapter.clause(
    "thread_pool.not-pickled.exception", passage=f"{THREAD_POOL}/2", level=SHOULD, methods=NO_METHOD, since="3.9"
)
def exceptions_are_not_pickled(mp: Any, see: See) -> None:
    """The exception of a task of a ThreadPool is raised as the very object that the task has raised."""
    error = OwnError()

    def fail() -> None:
        raise error

    with threads_of(mp) as pool:
        with see.raises(OwnError) as caught:
            pool.apply(fail)
        see.true(caught.error is error, "the same exception")


# The methods of Pool

CALLS: dict[str, tuple[Any, Any]] = {
    "apply": (lambda pool: pool.apply(given, (1,), {"key": 2}), (1, ("key", 2))),
    "apply-by-name": (lambda pool: pool.apply(func=given, args=(1,), kwds={"key": 2}), (1, ("key", 2))),
    "apply-nothing": (lambda pool: pool.apply(given), ()),
    "apply_async": (lambda pool: pool.apply_async(given, (1,), {"key": 2}).get(), (1, ("key", 2))),
    "apply_async-by-name": (lambda pool: pool.apply_async(func=given, args=(1,), kwds={}).get(), (1,)),
    "map": (lambda pool: pool.map(square, range(5)), [0, 1, 4, 9, 16]),
    "map-by-name": (lambda pool: pool.map(func=square, iterable=[2, 3], chunksize=2), [4, 9]),
    "map-chunksize": (lambda pool: pool.map(square, range(5), 2), [0, 1, 4, 9, 16]),
    "map-generator": (lambda pool: pool.map(square, (n for n in range(5))), [0, 1, 4, 9, 16]),
    "map-nothing": (lambda pool: pool.map(square, []), []),
    "map_async": (lambda pool: pool.map_async(square, range(5)).get(), [0, 1, 4, 9, 16]),
    "map_async-by-name": (lambda pool: pool.map_async(func=square, iterable=[2, 3], chunksize=2).get(), [4, 9]),
    "imap": (lambda pool: list(pool.imap(square, range(5))), [0, 1, 4, 9, 16]),
    "imap-by-name": (lambda pool: list(pool.imap(func=square, iterable=[2, 3], chunksize=2)), [4, 9]),
    "imap-generator": (lambda pool: list(pool.imap(square, (n for n in range(5)), 2)), [0, 1, 4, 9, 16]),
    "imap-nothing": (lambda pool: list(pool.imap(square, [])), []),
    "imap_unordered": (lambda pool: sorted(pool.imap_unordered(square, range(5))), [0, 1, 4, 9, 16]),
    "imap_unordered-by-name": (
        lambda pool: sorted(pool.imap_unordered(func=square, iterable=[2, 3], chunksize=2)),
        [4, 9],
    ),
    "starmap": (lambda pool: pool.starmap(given, [(1, 2), (3, 4)]), [(1, 2), (3, 4)]),
    "starmap-by-name": (lambda pool: pool.starmap(func=given, iterable=[(1, 2)], chunksize=2), [(1, 2)]),
    "starmap_async": (lambda pool: pool.starmap_async(given, [(1, 2), (3, 4)]).get(), [(1, 2), (3, 4)]),
    "starmap_async-by-name": (
        lambda pool: pool.starmap_async(func=given, iterable=[(1, 2)], chunksize=2).get(),
        [(1, 2)],
    ),
}
"""Label -> a call of a method of a pool, and what comes of it."""


@chapter.clause(
    "thread_pool.methods", passage=(f"{DUMMY}/2", f"{THREAD_POOL}/3,8"), methods=NO_METHOD, cases=CALLS, since="3.9"
)
def the_methods_of_a_pool(mp: Any, see: See, case: Any) -> None:
    """A ThreadPool supports the method calls of a Pool: the function is called with what is given, the results come."""
    call, promised = case
    with threads_of(mp, 2) as pool:
        see.equal(see.comes_back(call, pool), promised, "what comes of the call")


@chapter.clause(
    "thread_pool.parallel",
    passage=(f"{DUMMY}/2", f"{THREAD_POOL}/2"),
    methods=NO_METHOD,
    cases=MAPPING,
    hanging=True,
    since="3.9",
)
def several_threads_share_the_items(mp: Any, see: See, case: str) -> None:
    """The items of one map() of a ThreadPool are worked on by several threads at the same time."""
    box, gate = see.mailbox(), see.gate()

    def work(number: int) -> int:
        box.post(threading.get_ident())
        gate.wait()
        return number

    with threads_of(mp, 2) as pool:
        asking = see.in_thread(results_of, pool, case, work, range(6), 1)
        see.equal(len(set(box.take_all(2))), 2, "the number of threads at work at once")
        gate.open()
        see.equal(asking.ends(), [*range(6)], "the results")


@chapter.clause(
    "thread_pool.order",
    passage=(f"{DUMMY}/2", f"{THREAD_POOL}/3"),
    methods=NO_METHOD,
    cases={**LISTING, "imap": "imap"},
    hanging=True,
    since="3.9",
)
def results_of_threads_are_in_order(mp: Any, see: See, case: str) -> None:
    """Results of a ThreadPool are in the order of the items, also where an earlier item is done after later ones."""
    box, gate = see.mailbox(), see.gate()
    with threads_of(mp, 2) as pool:
        asking = see.in_thread(results_of, pool, case, partial(tell_and_wait_at, box, gate, 0), range(10), 1)
        seen_until_quiet(box, 2, held=0)
        gate.open()
        see.equal(asking.ends(), [*range(10)], "the results")
