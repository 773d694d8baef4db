"""The initializer: what each worker calls when it starts."""

from __future__ import annotations

from typing import Any

from mpspec.chapters.pool.chapter import chapter, pool_of
from mpspec.chapters.pool.life_targets import (
    add_one,
    announce,
    count_calls,
    lock_and_unlock,
    put_one,
    recall,
    remember,
)
from mpspec.chapters.pool.submission import at_work, opened_at_last
from mpspec.chapters.pool.targets import pid
from mpspec.clause import ANY_METHOD, UNSPECIFIED
from mpspec.observation.see import See
from mpspec.observation.waits import LONG, SMALL

POOL = "multiprocessing.pool.Pool"


@chapter.clause("pool.initializer.each-worker", passage=f"{POOL}/6", hanging=True)
def each_worker_calls_the_initializer(mp: Any, see: See) -> None:
    """Each worker process calls the initializer, once."""
    started, box, gate = see.mailbox(), see.mailbox(), see.gate()
    with pool_of(mp, 2, initializer=announce, initargs=(started, "initializer")) as pool, opened_at_last(gate):
        results, workers = at_work(pool, box, gate, 2)
        gate.open()
        for result in results:
            result.get(LONG)
        for _ in range(6):
            pool.apply(pid)
        callers = [process for _, process in started.take_all(2)]
        see.equal(sorted(callers), sorted(workers), "the processes that have called it")
        see.true(started.empty(after=SMALL), "none has called it twice")


@chapter.clause("pool.initializer.first", passage=f"{POOL}/6", hanging=True)
def the_initializer_comes_before_the_tasks(mp: Any, see: See) -> None:
    """A worker calls the initializer when it starts: before its first task."""
    box = see.mailbox()
    with pool_of(mp, 2, announce, (box, "initializer")) as pool:
        for number in range(2):
            pool.apply_async(announce, (box, f"task {number}"))
        met: set[int] = set()
        tasks = 0
        while tasks < 2:
            what, process = box.take()
            if what == "initializer":
                met.add(process)
            else:
                see.true(process in met, "the process of a task has called the initializer")
                tasks += 1
        pool.close()
        pool.join()


ARGUMENTS: dict[str, Any] = {"none": (None, ()), "one": ((5,), (5,)), "several": ((1, "two", [3]), (1, "two", [3]))}


@chapter.clause("pool.initializer.arguments", passage=f"{POOL}/6", cases=ARGUMENTS)
def the_initializer_is_called_with_its_arguments(mp: Any, see: See, case: Any) -> None:
    """The initializer is called with initargs as its arguments, without any if there are none."""
    given, promised = case
    with pool_of(mp, 1, remember, **({} if given is None else {"initargs": given})) as pool:
        see.equal(tuple(pool.apply(recall)), promised, "what the initializer was called with")


@chapter.clause("pool.initializer.none", passage=f"{POOL}/6", methods=ANY_METHOD)
def without_an_initializer_nothing_is_called(mp: Any, see: See) -> None:
    """An initializer of None is none: nothing is called, and the workers do their tasks."""
    with pool_of(mp, 1, None) as pool:
        see.returns("nothing", pool.apply, recall)


@chapter.clause("pool.initializer.replacements", passage=f"{POOL}/6,7", hanging=True)
def a_worker_that_replaces_another_one_calls_the_initializer(mp: Any, see: See) -> None:
    """A worker that takes the place of another one calls the initializer as well, before its first task."""
    with pool_of(mp, 1, remember, ("given",), 1) as pool:
        for number in range(2):
            see.equal(pool.apply_async(recall).get(LONG), ("given",), f"what the initializer left for task {number}")
        see.equal(pool.apply_async(count_calls).get(LONG), 1, "the calls in a process of its own")


@chapter.clause("pool.initializer.iterables", source=POOL, level=UNSPECIFIED, methods=ANY_METHOD)
def other_arguments_of_the_initializer(mp: Any, see: See) -> None:
    """Whether initargs may be any iterable is left open."""
    with see.output():
        for label, given in {"list": [1, 2], "text": "ab", "iterator": iter((1, 2))}.items():
            try:
                with pool_of(mp, 1, remember, given) as pool:
                    see.records(**{label: pool.apply_async(recall).get(LONG)})
            except Exception as error:
                see.records(**{label: type(error).__name__})


@chapter.clause("pool.initializer.not-callable", source=POOL, level=UNSPECIFIED, methods=ANY_METHOD)
def what_is_no_initializer(mp: Any, see: See) -> None:
    """Whether a pool is refused whose initializer cannot be called is left open."""
    with see.output():
        try:
            with pool_of(mp, 1, "no function"):
                see.records(then="a pool")
        except Exception as error:
            see.records(then=type(error).__name__)


SHARED = {
    "Lock": (lambda mp: mp.Lock(), lock_and_unlock),
    "Value": (lambda mp: mp.Value("i", 0), add_one),
    "SimpleQueue": (lambda mp: mp.SimpleQueue(), put_one),
}


@chapter.clause("pool.initializer.shared-objects", source=POOL, level=UNSPECIFIED, cases=SHARED)
def shared_objects_as_arguments(mp: Any, see: See, case: Any) -> None:
    """Whether objects that only a new process can be given may be among initargs, for its tasks, is left open."""
    make, use = case
    shared = make(mp)
    with pool_of(mp, 1, remember, (shared,)) as pool:
        try:
            see.records(used=pool.apply_async(use).get(LONG))
        except Exception as error:
            see.records(raises=type(error).__name__)
    if hasattr(shared, "close"):
        shared.close()
