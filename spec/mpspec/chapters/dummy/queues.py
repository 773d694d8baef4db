"""dummy.Queue and JoinableQueue: queues between threads."""

from __future__ import annotations

import queue
import threading
from typing import Any

from mpspec.chapters.dummy.chapter import API, chapter, started
from mpspec.clause import NO_METHOD, SHOULD, cases
from mpspec.observation.see import See
from mpspec.observation.waits import SMALL

KINDS = cases("Queue", "JoinableQueue")


@chapter.clause("dummy.queue.order", passage=API, methods=NO_METHOD, cases=KINDS)
def first_in_first_out(mp: Any, see: See, case: str) -> None:
    """What a dummy process puts into a Queue comes out of it in the same order."""
    made = getattr(mp.dummy, case)()

    def put_all() -> None:
        for number in range(5):
            made.put(number)

    with started(mp, put_all):
        pass
    see.equal([see.comes_back(made.get) for _ in range(5)], [0, 1, 2, 3, 4], "what get() returns")


@chapter.clause("dummy.queue.get", passage=API, methods=NO_METHOD, cases=KINDS, hanging=True)
def get_waits_for_an_item(mp: Any, see: See, case: str) -> None:
    """get() of an empty Queue blocks until another thread puts something."""
    made = getattr(mp.dummy, case)()
    getting = see.blocks(made.get)
    getting.goes_on()
    made.put("item")
    see.equal(getting.ends(), "item", "what get() returns")


EMPTY = {
    "get_nowait": lambda made: made.get_nowait(),
    "not-blocking": lambda made: made.get(False),
    "timeout": lambda made: made.get(timeout=SMALL),
}


@chapter.clause("dummy.queue.empty", passage=API, methods=NO_METHOD, cases=EMPTY)
def an_empty_queue_raises_empty(mp: Any, see: See, case: Any) -> None:
    """A Queue without an item raises queue.Empty where get() is not to wait, or not any longer."""
    with see.raises(queue.Empty):
        see.comes_back(case, mp.dummy.Queue())


FULL = {
    "put_nowait": lambda made: made.put_nowait("second"),
    "not-blocking": lambda made: made.put("second", False),
    "timeout": lambda made: made.put("second", timeout=SMALL),
}


@chapter.clause("dummy.queue.full", passage=API, methods=NO_METHOD, cases=FULL)
def a_full_queue_raises_full(mp: Any, see: See, case: Any) -> None:
    """A Queue that has as many items as its maxsize raises queue.Full where put() is not to wait, or not any longer."""
    made = mp.dummy.Queue(1)
    made.put("first")
    with see.raises(queue.Full):
        see.comes_back(case, made)


@chapter.clause("dummy.queue.put", passage=API, methods=NO_METHOD, hanging=True)
def put_waits_for_a_slot(mp: Any, see: See) -> None:
    """put() into a Queue that has as many items as its maxsize blocks until another thread takes one."""
    made = mp.dummy.Queue(maxsize=1)
    made.put("first")
    putting = see.blocks(made.put, "second")
    see.equal(made.get(), "first", "what is taken")
    putting.ends()
    see.equal(see.comes_back(made.get), "second", "what was put then")


@chapter.clause("dummy.queue.size", passage=API, level=SHOULD, methods=NO_METHOD)
def what_a_queue_tells_of_its_size(mp: Any, see: See) -> None:
    """qsize(), empty() and full() of a Queue tell of how many items it has."""
    made = mp.dummy.Queue(2)
    seen = []
    for number in range(3):
        seen.append((made.qsize(), bool(made.empty()), bool(made.full())))
        if number < 2:
            made.put(number)
    promised = [(0, True, False), (1, False, False), (2, False, True)]
    see.equal(seen, promised, "qsize(), empty() and full() with 0, 1 and 2 items")


@chapter.clause("dummy.queue.same-object", passage=API, level=SHOULD, methods=NO_METHOD, cases=KINDS)
def an_item_is_not_copied(mp: Any, see: See, case: str) -> None:
    """What get() returns is the very object that was put, picklable or not."""
    made, lock = getattr(mp.dummy, case)(), threading.Lock()
    made.put(lock)
    see.true(see.comes_back(made.get) is lock, "the same object")


@chapter.clause("dummy.queue.join", passage=API, methods=NO_METHOD, hanging=True)
def join_waits_for_all_tasks(mp: Any, see: See) -> None:
    """join() of a JoinableQueue blocks until task_done() was called for each item."""
    made = mp.dummy.JoinableQueue()
    see.comes_back(made.join)
    made.put("first")
    made.put("second")
    joining = see.blocks(made.join)
    for _ in range(2):
        joining.still()
        made.get()
        joining.still()
        made.task_done()
    joining.ends()


@chapter.clause("dummy.queue.too-many-done", passage=API, level=SHOULD, methods=NO_METHOD)
def more_done_than_put(mp: Any, see: See) -> None:
    """task_done() of a JoinableQueue that is called more often than items were put raises ValueError."""
    made = mp.dummy.JoinableQueue()
    made.put("item")
    made.get()
    made.task_done()
    with see.raises(ValueError):
        made.task_done()


@chapter.clause(
    "dummy.queue.end",
    passage=API,
    level=SHOULD,
    methods=NO_METHOD,
    cases=cases("close", "join_thread", "cancel_join_thread"),
)
def what_ends_a_queue(mp: Any, see: See, case: str) -> None:
    """A Queue has close(), join_thread() and cancel_join_thread(), so that a program for processes finds them."""
    made = mp.dummy.Queue()
    if case == "join_thread":
        made.close()
    see.comes_back(getattr(made, case))


@chapter.clause("dummy.simple_queue.put-get", passage=API, level=SHOULD, methods=NO_METHOD)
def a_simple_queue(mp: Any, see: See) -> None:
    """A SimpleQueue has put(), get() and empty()."""
    made = mp.dummy.SimpleQueue()
    see.equal(bool(made.empty()), True, "empty() of a new one")
    made.put("item")
    see.equal(bool(made.empty()), False, "empty() with an item")
    see.equal(see.comes_back(made.get), "item", "what get() returns")
