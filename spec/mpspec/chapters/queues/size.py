"""Queue: what it reports of itself."""

from __future__ import annotations

import contextlib
import queue
from typing import Any

from mpspec.chapters.queues.chapter import chapter
from mpspec.chapters.queues.targets import get_and_post, post_reports
from mpspec.clause import ANY_METHOD, MAY, NO_METHOD, SHOULD
from mpspec.observation.see import See

QSIZE = "multiprocessing.Queue.qsize"
EMPTY = "multiprocessing.Queue.empty"


@chapter.clause(
    "queue.qsize.counts", passage=f"{QSIZE}/2", level=SHOULD, methods=NO_METHOD, platforms=("linux", "freebsd")
)
def qsize_follows_what_goes_in_and_out(mp: Any, see: See) -> None:
    """qsize() of a queue that nobody else uses comes to the number of items put and not yet got."""
    made = mp.Queue()
    see.equal(made.qsize(), 0, "the size of a new queue")
    for number in range(3):
        made.put(number)
    see.eventually(lambda: made.qsize() == 3, "qsize() is 3 after three puts")
    see.comes_back(made.get)
    see.eventually(lambda: made.qsize() == 2, "qsize() is 2 after one get")
    for _ in range(2):
        see.comes_back(made.get)
    see.eventually(lambda: made.qsize() == 0, "qsize() is 0 in the end")


@chapter.clause("queue.qsize.unknown", passage=f"{QSIZE}/4", methods=NO_METHOD, platforms=("darwin",), level=MAY)
def qsize_may_not_be_known(mp: Any, see: See) -> None:
    """qsize() may raise NotImplementedError where the platform cannot tell the value of a semaphore."""
    try:
        see.records(qsize=mp.Queue().qsize())
    except NotImplementedError as error:
        see.records(qsize=error)


@chapter.clause("queue.empty.new", passage=f"{EMPTY}/2", methods=NO_METHOD)
def a_new_queue_is_empty(mp: Any, see: See) -> None:
    """empty() of a queue into which nothing was put is True."""
    see.equal(mp.Queue().empty(), True, "empty()")


@chapter.clause("queue.empty.filled", passage=(f"{EMPTY}/2", "pipes-and-queues/13"), methods=NO_METHOD)
def a_filled_queue_is_not_empty(mp: Any, see: See) -> None:
    """empty() becomes False after a put and stays so until the item is got."""
    made = mp.Queue()
    made.put("item")
    see.eventually(lambda: made.empty() is False, "empty() is False after a put")
    see.equal(made.empty(), False, "empty() asked again")
    see.comes_back(made.get)
    see.eventually(lambda: made.empty() is True, "empty() is True after the last get")


@chapter.clause("queue.empty.delay", passage=("pipes-and-queues/13", f"{EMPTY}/3"), methods=NO_METHOD, level=MAY)
def an_item_may_not_be_seen_at_once(mp: Any, see: See) -> None:
    """Just after a put on an empty queue, empty() may still be True and get_nowait() may raise queue.Empty."""
    made = mp.Queue()
    made.put("item")
    see.records(empty=made.empty())
    try:
        made.get_nowait()
        see.records(got="the item")
    except queue.Empty:
        see.records(got="queue.Empty")
        see.equal(see.comes_back(made.get), "item", "what comes in the end")


@chapter.clause("queue.full.bounded", passage="multiprocessing.Queue.full/2", level=SHOULD, methods=NO_METHOD)
def full_follows_the_slots(mp: Any, see: See) -> None:
    """full() is True while maxsize items are in the queue and False otherwise."""
    bounded = mp.Queue(2)
    seen = [bounded.full()]
    for item in range(2):
        bounded.put(item)
        seen.append(bounded.full())
    see.comes_back(bounded.get)
    seen.append(bounded.full())
    see.comes_back(bounded.get)
    see.equal(seen, [False, False, True, False], "full() with 0, 1, 2 and again 1 of 2 items")


@chapter.clause(
    "queue.reports.shared",
    passage=(f"{QSIZE}/2", f"{EMPTY}/2", "multiprocessing.Queue.full/2"),
    level=SHOULD,
    platforms=("linux", "freebsd"),
)
def the_reports_are_about_all_processes(mp: Any, see: See) -> None:
    """qsize(), empty() and full() count the items of the queue in whichever process they are asked."""
    bounded, box = mp.Queue(2), see.mailbox()
    for item in range(2):
        bounded.put(item)
    see.eventually(lambda: not bounded.empty(), "the items are there")
    child = mp.Process(target=post_reports, args=(box, bounded))
    child.start()
    see.equal(box.take(), (2, False, True), "qsize(), empty() and full() in a child")
    see.exits(child, 0)
    for _ in range(2):
        see.comes_back(bounded.get)


@chapter.clause(
    "queue.reports.change-nothing",
    passage=("multiprocessing.Queue/2", f"{EMPTY}/2", "multiprocessing.Queue.full/2", f"{QSIZE}/2"),
    methods=ANY_METHOD,
)
def asking_does_not_consume(mp: Any, see: See) -> None:
    """qsize(), empty() and full() leave the items in the queue for whoever gets them."""
    made, box = mp.Queue(5), see.mailbox()
    for item in range(3):
        made.put(item)
    see.eventually(lambda: not made.empty(), "the items are there")
    for _ in range(10):
        made.empty(), made.full()
        with contextlib.suppress(NotImplementedError):
            made.qsize()
    child = mp.Process(target=get_and_post, args=(box, made, 3))
    child.start()
    see.equal(box.take_all(3), [0, 1, 2], "what another process gets")
    see.exits(child, 0)
