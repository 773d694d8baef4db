"""Queue of a manager: a queue.Queue that processes share."""

from __future__ import annotations

import queue
from typing import Any

from mpspec.chapters.managers.chapter import another, chapter, posted_by_a_child, run_in_a_child
from mpspec.chapters.managers.shared_objects import Note
from mpspec.chapters.managers.targets import get_all, outcome, post_outcome, put_all, put_all_and_say_so
from mpspec.clause import ANY_METHOD, SHOULD, UNSPECIFIED
from mpspec.observation.see import See
from mpspec.observation.waits import LONG, SMALL

QUEUE = "multiprocessing.managers.SyncManager.Queue"

USED_LIKE_IT = "proxy-objects/5,4"

CALLMETHOD = "multiprocessing.managers.BaseProxy._callmethod"


@chapter.clause("manager.queue.order", passage=f"{QUEUE}/2,1")
def items_come_in_order(mp: Any, see: See) -> None:
    """What one process puts, another gets, first in, first out."""
    with mp.Manager() as manager:
        shared = manager.Queue()
        items = [1, "two", None, [3], {4: 5}, Note("six")]
        run_in_a_child(mp, see, put_all, shared, items)
        see.equal([see.comes_back(shared.get) for _ in items], items, "what comes out")


@chapter.clause("manager.queue.join-before-get", passage="pipes-and-queues/21", hanging=True)
def who_has_put_can_be_joined_at_once(mp: Any, see: See) -> None:
    """A process that has put much into a queue of a manager ends before anything of it is got."""
    with mp.Manager() as manager:
        shared = manager.Queue()
        child = mp.Process(target=put_all, args=(shared, ["x" * 1_000_000] * 5))
        child.start()
        see.exits(child, 0)
        see.equal([len(see.comes_back(shared.get)) for _ in range(5)], [1_000_000] * 5, "the lengths of the items")


@chapter.clause("manager.queue.maxsize", passage=f"{QUEUE}/1,2", methods=ANY_METHOD)
def it_holds_no_more_than_maxsize(mp: Any, see: See) -> None:
    """Queue(n) holds n items: another put() with block=False, or with a timeout, raises queue.Full."""
    with mp.Manager() as manager:
        shared = manager.Queue(2)
        shared.put(1)
        shared.put(2, False)
        with see.raises(queue.Full):
            shared.put(3, False)
        with see.raises(queue.Full):
            shared.put(3, block=False)
        with see.raises(queue.Full):
            see.expires(SMALL, shared.put, 3, True, SMALL)
        with see.raises(queue.Full):
            see.expires(SMALL, shared.put, 3, timeout=SMALL)
        see.equal([shared.get(), shared.get()], [1, 2], "what comes out")


@chapter.clause("manager.queue.unlimited", passage=f"{QUEUE}/1,2", methods=ANY_METHOD)
def without_maxsize_it_holds_any_number(mp: Any, see: See) -> None:
    """Queue() and Queue(0) hold any number of items."""
    with mp.Manager() as manager:
        for shared in (manager.Queue(), manager.Queue(0)):
            for number in range(200):
                shared.put(number, timeout=LONG)
            see.equal([shared.get(timeout=LONG) for _ in range(200)], list(range(200)), "what comes out")


@chapter.clause("manager.queue.empty", passage=f"{QUEUE}/2", methods=ANY_METHOD)
def nothing_comes_out_of_an_empty_one(mp: Any, see: See) -> None:
    """get() with block=False, and with a timeout, raises queue.Empty where nothing is there."""
    with mp.Manager() as manager:
        shared = manager.Queue()
        with see.raises(queue.Empty):
            shared.get(False)
        with see.raises(queue.Empty):
            shared.get(block=False)
        with see.raises(queue.Empty):
            see.expires(SMALL, shared.get, True, SMALL)
        with see.raises(queue.Empty):
            see.expires(SMALL, shared.get, timeout=SMALL)


@chapter.clause("manager.queue.nowait", passage=(f"{QUEUE}/2", USED_LIKE_IT), level=SHOULD, methods=ANY_METHOD)
def both_are_there_without_waiting(mp: Any, see: See) -> None:
    """put_nowait() and get_nowait() put and get, and raise queue.Full and queue.Empty where they would wait."""
    with mp.Manager() as manager:
        shared = manager.Queue(1)
        shared.put_nowait(1)
        with see.raises(queue.Full):
            shared.put_nowait(2)
        see.equal(shared.get_nowait(), 1, "what comes out")
        with see.raises(queue.Empty):
            shared.get_nowait()


@chapter.clause("manager.queue.get-blocks", passage=f"{QUEUE}/2")
def get_waits_for_an_item(mp: Any, see: See) -> None:
    """get() in one process blocks until another puts an item, with a timeout as well."""
    with mp.Manager() as manager:
        shared = manager.Queue()
        for arguments in ((), (True, LONG * 100)):
            waiter = see.blocks(another(shared).get, *arguments)
            waiter.still()
            run_in_a_child(mp, see, put_all, shared, ["item"])
            see.equal(waiter.ends(), "item", "what get() returns")


@chapter.clause("manager.queue.put-blocks", passage=f"{QUEUE}/2", methods=ANY_METHOD)
def put_waits_for_room(mp: Any, see: See) -> None:
    """put() into a full queue blocks until another process gets an item."""
    with mp.Manager() as manager:
        shared = manager.Queue(1)
        shared.put("first")
        for waiting in ("second", "third"):
            waiter = see.blocks(another(shared).put, waiting, True, LONG * 100)
            waiter.still()
            told = posted_by_a_child(mp, see, post_outcome, shared, "get")
            waiter.ends()
            see.equal(told, f"returned {'first' if waiting == 'second' else 'second'!r}", "what the child gets")


@chapter.clause("manager.queue.size", passage=(f"{QUEUE}/2", USED_LIKE_IT), level=SHOULD, methods=ANY_METHOD)
def it_tells_its_size(mp: Any, see: See) -> None:
    """qsize(), empty() and full() tell of the queue what they tell of a queue.Queue."""
    with mp.Manager() as manager:
        shared, seen = manager.Queue(2), []
        for _ in range(2):
            seen.append((shared.qsize(), shared.empty(), shared.full()))
            shared.put("item")
        seen.append((shared.qsize(), shared.empty(), shared.full()))
        wanted = [(0, True, False), (1, False, False), (2, False, True)]
        see.equal(seen, wanted, "qsize(), empty() and full(), with none, one and two of two items")


@chapter.clause("manager.queue.join", passage=(f"{QUEUE}/2", USED_LIKE_IT), level=SHOULD, methods=ANY_METHOD)
def join_waits_for_the_tasks(mp: Any, see: See) -> None:
    """join() blocks until task_done() was called for every item, by whatever process."""
    with mp.Manager() as manager:
        shared = manager.Queue()
        see.comes_back(shared.join)
        shared.put(1)
        shared.put(2)
        waiter = see.blocks(another(shared).join)
        for _ in range(2):
            shared.get()
            waiter.still()
            told = posted_by_a_child(mp, see, post_outcome, shared, "task_done")
            see.true(told.startswith("returned"), "task_done() comes back in a child", told)
        waiter.ends()


@chapter.clause(
    "manager.queue.task-done",
    passage=(f"{QUEUE}/2", f"{CALLMETHOD}/9", USED_LIKE_IT),
    level=SHOULD,
    methods=ANY_METHOD,
)
def task_done_is_refused_without_a_task(mp: Any, see: See) -> None:
    """task_done() raises ValueError where it is called more often than items were put."""
    with mp.Manager() as manager:
        shared = manager.Queue()
        shared.put(1)
        shared.task_done()
        with see.raises(ValueError):
            shared.task_done()


@chapter.clause("manager.queue.at-once", passage=f"{QUEUE}/2", methods=ANY_METHOD)
def each_item_comes_out_once(mp: Any, see: See) -> None:
    """With several processes that put and several that get at once, each item comes out once."""
    box, posted = see.mailbox(), see.mailbox()
    with mp.Manager() as manager:
        shared = manager.Queue(5)
        for number in range(5):
            shared.put((2, number))
        given = [(posted, shared, [(number, n) for n in range(40)]) for number in range(2)]
        putters = [mp.Process(target=put_all_and_say_so, args=args) for args in given]
        getters = [mp.Process(target=get_all, args=(box, shared)) for _ in range(2)]
        for child in putters:
            child.start()
            posted.take()
            see.settles(child.pid, or_ends=True)  # the queue is full: it waits, or has lost what it was to put
        for child in getters:
            child.start()
        for child in putters:
            see.exits(child, 0)
        for _ in getters:
            shared.put(None)
        wanted = [(number, n) for number, count in ((0, 40), (1, 40), (2, 5)) for n in range(count)]
        got = [item for items in box.take_all(2) for item in items]
        see.equal(sorted(got), wanted, "the items, sorted")
        for child in getters:
            see.exits(child, 0)


@chapter.clause("manager.queue.copies", passage=(f"{QUEUE}/2", f"{CALLMETHOD}/8"), methods=ANY_METHOD)
def what_comes_out_is_a_copy(mp: Any, see: See) -> None:
    """What is got is a copy of what was put: later changes of the one do not reach the other."""
    with mp.Manager() as manager:
        shared, item = manager.Queue(), ["put"]
        shared.put(item)
        item.append("later")
        see.equal(shared.get(), ["put"], "what comes out")


@chapter.clause("manager.queue.shutdown", source=QUEUE, level=UNSPECIFIED, methods=ANY_METHOD)
def whether_it_can_be_shut_down(mp: Any, see: See) -> None:
    """Whether the proxy has shutdown(), which queue.Queue has since 3.13, is left open."""
    with mp.Manager() as manager:
        see.records(outcome=outcome(lambda: manager.Queue().shutdown()))
