"""Queue: put and get with all their arguments."""

from __future__ import annotations

import queue
from threading import TIMEOUT_MAX
from typing import Any

from mpspec.chapters.queues.chapter import chapter
from mpspec.chapters.queues.targets import get_and_post_at, put_all_at, tell_get_and_post
from mpspec.clause import NO_METHOD, UNSPECIFIED
from mpspec.observation.see import See
from mpspec.observation.waits import LONG, SMALL

PUT = "multiprocessing.Queue.put"
GET = "multiprocessing.Queue.get"

ENDLESS = LONG * 100
"""A timeout that no check lives to see."""

# put


@chapter.clause("queue.put.returns-nothing", passage=f"{PUT}/2", methods=NO_METHOD)
def put_hands_the_object_over(mp: Any, see: See) -> None:
    """put() puts its argument into the queue, from where get() takes it."""
    made = mp.Queue()
    made.put(("an", "item"))
    see.equal(see.comes_back(made.get), ("an", "item"), "what get() returns")


BLOCKING = {"defaults": {}, "block": {"block": True}, "timeout-none": {"block": True, "timeout": None}}


@chapter.clause("queue.put.waits-for-a-slot", passage=f"{PUT}/3", methods=NO_METHOD, cases=BLOCKING)
def put_waits_while_the_queue_is_full(mp: Any, see: See, case: Any) -> None:
    """put() on a full queue blocks until an item is taken out, then puts its own."""
    bounded = mp.Queue(1)
    bounded.put("first")
    putting = see.blocks(bounded.put, "second", **case)
    if not case:  # by default, which stands for the others
        putting.goes_on()
    see.equal(see.comes_back(bounded.get), "first", "what is taken out")
    putting.ends()
    see.equal(see.comes_back(bounded.get), "second", "what was put when there was room")


@chapter.clause("queue.put.slot-from-elsewhere", passage=f"{PUT}/3")
def another_process_makes_room(mp: Any, see: See) -> None:
    """A put() that waits for room goes on when another process takes an item out."""
    bounded, box, gate = mp.Queue(1), see.mailbox(), see.gate()
    bounded.put("first")
    child = mp.Process(target=get_and_post_at, args=(gate, box, bounded, 2))
    child.start()
    putting = see.blocks(bounded.put, "2nd")
    gate.open()
    putting.ends()
    see.equal(box.take_all(2), [5, 3], "the lengths of what the other process takes out")
    see.exits(child, 0)


@chapter.clause("queue.put.full-after-timeout", passage=f"{PUT}/4", methods=NO_METHOD)
def a_full_queue_raises_full_once_the_timeout_is_over(mp: Any, see: See) -> None:
    """put() with a positive timeout on a full queue waits for that time and no longer, then raises queue.Full."""
    bounded = mp.Queue(1)
    bounded.put("first")
    for timeout in (SMALL, 1):  # any number, an integer, too
        with see.raises(queue.Full):
            see.expires(timeout, bounded.put, "second", timeout=timeout)
    see.comes_back(bounded.get)


@chapter.clause("queue.put.slot-within-timeout", passage=f"{PUT}/4", methods=NO_METHOD)
def a_slot_that_comes_in_time_is_taken(mp: Any, see: See) -> None:
    """put() with a timeout puts its item as soon as there is room within that time."""
    bounded = mp.Queue(1)
    bounded.put("first")
    putting = see.blocks(bounded.put, "second", True, ENDLESS)
    see.comes_back(bounded.get)
    putting.ends()
    see.equal(see.comes_back(bounded.get), "second", "what was put")


@chapter.clause("queue.put.timeout-huge", passage=f"{PUT}/4", methods=NO_METHOD)
def put_takes_the_longest_timeout(mp: Any, see: See) -> None:
    """put() takes a timeout as long as any lock of the interpreter takes, and puts its item when there is room."""
    bounded = mp.Queue(1)
    bounded.put("first")
    putting = see.blocks(bounded.put, "second", timeout=TIMEOUT_MAX)
    see.comes_back(bounded.get)
    putting.ends()
    see.equal(see.comes_back(bounded.get), "second", "what was put")


NOT_WAITING = {
    "block": {"block": False},
    "timeout-ignored": {"block": False, "timeout": ENDLESS},
    "negative-ignored": {"block": False, "timeout": -1},
    "none-ignored": {"block": False, "timeout": None},
}


@chapter.clause("queue.put.full-at-once", passage=f"{PUT}/5", methods=NO_METHOD, cases=NOT_WAITING, hanging=True)
def put_without_blocking_does_not_wait(mp: Any, see: See, case: Any) -> None:
    """put() with block=False on a full queue raises queue.Full without waiting, whatever the timeout."""
    bounded = mp.Queue(1)
    bounded.put("first")
    with see.raises(queue.Full):
        see.comes_back(bounded.put, "second", **case)
    see.comes_back(bounded.get)


@chapter.clause("queue.put.free-at-once", passage=f"{PUT}/5", methods=NO_METHOD, cases=NOT_WAITING)
def put_without_blocking_takes_a_free_slot(mp: Any, see: See, case: Any) -> None:
    """put() with block=False puts its item where a slot is free at once."""
    bounded = mp.Queue(1)
    bounded.put("only", **case)
    see.equal(see.comes_back(bounded.get), "only", "what was put")


@chapter.clause("queue.put.positional", passage=f"{PUT}/1,4,5", methods=NO_METHOD)
def block_and_timeout_follow_the_object(mp: Any, see: See) -> None:
    """put() takes block as its second and timeout as its third positional argument."""
    bounded = mp.Queue(1)
    bounded.put("first", False, ENDLESS)
    with see.raises(queue.Full):
        see.comes_back(bounded.put, "second", False, ENDLESS)
    with see.raises(queue.Full):
        see.expires(SMALL, bounded.put, "second", True, SMALL)
    see.comes_back(bounded.get)


@chapter.clause(
    "queue.put.timeout-not-positive",
    source=PUT,
    methods=NO_METHOD,
    level=UNSPECIFIED,
    cases={"zero": 0, "negative": -1},
)
def put_with_no_time_at_all(mp: Any, see: See, case: int) -> None:
    """put() with a timeout of zero or less on a full queue raises queue.Full without waiting."""
    bounded = mp.Queue(1)
    bounded.put("first")
    try:
        with see.raises(queue.Full, ValueError) as caught:
            see.comes_back(bounded.put, "second", timeout=case)
        see.records(raised=type(caught.error).__name__)
    finally:
        see.comes_back(bounded.get)


@chapter.clause("queue.put.rejected-leaves-no-trace", passage=f"{PUT}/5", methods=NO_METHOD)
def a_rejected_item_is_not_in_the_queue(mp: Any, see: See) -> None:
    """An item that put() rejected with queue.Full is not in the queue and takes no slot of it."""
    bounded = mp.Queue(2)
    for item in ("first", "second"):
        bounded.put(item)
    for _ in range(3):
        with see.raises(queue.Full):
            bounded.put("rejected", block=False)
    taken = [see.comes_back(bounded.get) for _ in range(2)]
    for item in ("third", "fourth"):
        bounded.put(item, block=False)
    taken += [see.comes_back(bounded.get) for _ in range(2)]
    see.equal(taken, ["first", "second", "third", "fourth"], "what comes out")


@chapter.clause("queue.put_nowait.free", passage="multiprocessing.Queue.put_nowait/2", methods=NO_METHOD)
def put_nowait_puts(mp: Any, see: See) -> None:
    """put_nowait() puts its item where a slot is free."""
    bounded = mp.Queue(1)
    bounded.put_nowait("only")
    see.equal(see.comes_back(bounded.get), "only", "what was put")


@chapter.clause("queue.put_nowait.full", passage="multiprocessing.Queue.put_nowait/2", methods=NO_METHOD, hanging=True)
def put_nowait_does_not_wait(mp: Any, see: See) -> None:
    """put_nowait() on a full queue raises queue.Full without waiting."""
    bounded = mp.Queue(1)
    bounded.put("first")
    with see.raises(queue.Full):
        see.comes_back(bounded.put_nowait, "second")
    see.comes_back(bounded.get)


# get


@chapter.clause("queue.get.waits-for-an-item", passage=f"{GET}/3", methods=NO_METHOD, cases=BLOCKING)
def get_waits_while_the_queue_is_empty(mp: Any, see: See, case: Any) -> None:
    """get() on an empty queue blocks until an item is put, and returns it."""
    made = mp.Queue()
    getting = see.blocks(made.get, **case)
    if not case:  # by default, which stands for the others
        getting.goes_on()
    made.put("awaited")
    see.equal(getting.ends(), "awaited", "what get() returns")


@chapter.clause("queue.get.item-from-elsewhere", passage=f"{GET}/3")
def another_process_puts_what_is_awaited(mp: Any, see: See) -> None:
    """A get() that waits returns the item that another process puts."""
    made, gate = mp.Queue(), see.gate()
    child = mp.Process(target=put_all_at, args=(gate, made, ["from the child"]))
    child.start()
    getting = see.blocks(made.get)
    gate.open()
    see.equal(getting.ends(), "from the child", "what get() returns")
    see.exits(child, 0)


@chapter.clause("queue.get.empty-after-timeout", passage=f"{GET}/4", methods=NO_METHOD)
def an_empty_queue_raises_empty_once_the_timeout_is_over(mp: Any, see: See) -> None:
    """get() with a positive timeout on an empty queue waits for that time and no longer, then raises queue.Empty."""
    made = mp.Queue()
    for timeout in (SMALL, 1):  # any number, an integer, too
        with see.raises(queue.Empty):
            see.expires(timeout, made.get, timeout=timeout)


@chapter.clause("queue.get.timeout-huge", passage=f"{GET}/4", methods=NO_METHOD)
def get_takes_the_longest_timeout(mp: Any, see: See) -> None:
    """get() takes a timeout as long as any lock of the interpreter takes, and returns the item that comes."""
    made = mp.Queue()
    getting = see.blocks(made.get, timeout=TIMEOUT_MAX)
    made.put("in time")
    see.equal(getting.ends(), "in time", "what get() returns")


@chapter.clause("queue.get.item-within-timeout", passage=f"{GET}/4", methods=NO_METHOD)
def an_item_that_comes_in_time_is_returned(mp: Any, see: See) -> None:
    """get() with a timeout returns an item as soon as one comes within that time."""
    made = mp.Queue()
    getting = see.blocks(made.get, True, ENDLESS)
    made.put("in time")
    see.equal(getting.ends(), "in time", "what get() returns")


@chapter.clause("queue.get.empty-at-once", passage=f"{GET}/5", methods=NO_METHOD, cases=NOT_WAITING, hanging=True)
def get_without_blocking_does_not_wait(mp: Any, see: See, case: Any) -> None:
    """get() with block=False on an empty queue raises queue.Empty without waiting, whatever the timeout."""
    made = mp.Queue()
    with see.raises(queue.Empty):
        see.comes_back(made.get, **case)


@chapter.clause("queue.get.there-at-once", passage=f"{GET}/5", methods=NO_METHOD, cases=NOT_WAITING)
def get_without_blocking_returns_what_is_there(mp: Any, see: See, case: Any) -> None:
    """get() with block=False returns an item that is in the queue."""
    made = mp.Queue()
    made.put("there")
    see.eventually(lambda: not made.empty(), "the queue reports its item")
    see.returns("there", made.get, **case)


@chapter.clause("queue.get.positional", passage=f"{GET}/1,4,5", methods=NO_METHOD)
def block_comes_before_timeout(mp: Any, see: See) -> None:
    """get() takes block as its first and timeout as its second positional argument."""
    made = mp.Queue()
    with see.raises(queue.Empty):
        see.comes_back(made.get, False, ENDLESS)
    with see.raises(queue.Empty):
        see.expires(SMALL, made.get, True, SMALL)


@chapter.clause(
    "queue.get.timeout-not-positive",
    source=GET,
    methods=NO_METHOD,
    level=UNSPECIFIED,
    cases={"zero": 0, "negative": -1},
)
def get_with_no_time_at_all(mp: Any, see: See, case: int) -> None:
    """get() with a timeout of zero or less on an empty queue raises queue.Empty without waiting."""
    made = mp.Queue()
    with see.raises(queue.Empty, ValueError) as caught:
        see.comes_back(made.get, timeout=case)
    see.records(raised=type(caught.error).__name__)


@chapter.clause("queue.get.timeout-beside-a-waiter", passage=f"{GET}/4", methods=NO_METHOD)
def a_timeout_ends_beside_one_who_waits_without(mp: Any, see: See) -> None:
    """get() with a timeout raises queue.Empty in time although another get() waits on the same queue without one."""
    made = mp.Queue()
    waiting = see.blocks(made.get)
    with see.raises(queue.Empty):
        see.expires(SMALL, made.get, timeout=SMALL)
    made.put("for the other")
    see.equal(waiting.ends(), "for the other", "what the waiting get() returns")


@chapter.clause("queue.get.nowait-beside-a-waiter", passage=f"{GET}/5", hanging=True)
def not_waiting_works_beside_another_process_that_waits(mp: Any, see: See) -> None:
    """get() with block=False raises queue.Empty at once although another process waits in get() of the same queue."""
    made, box = mp.Queue(), see.mailbox()
    child = mp.Process(target=tell_get_and_post, args=(box, made))
    child.start()
    see.equal(box.take(), "getting", "what the child is about to do")
    see.settles(child.pid)
    with see.raises(queue.Empty):
        see.comes_back(made.get, block=False)
    made.put("for the child")
    see.equal(box.take(), "for the child", "what the child gets")
    see.exits(child, 0)


@chapter.clause("queue.get.removes", passage=f"{GET}/2", methods=NO_METHOD)
def what_is_got_is_gone(mp: Any, see: See) -> None:
    """get() removes the item that it returns: each comes out once, the oldest first."""
    made = mp.Queue()
    for item in ("first", "second"):
        made.put(item)
    see.equal([see.comes_back(made.get) for _ in range(2)], ["first", "second"], "what comes out")
    with see.raises(queue.Empty):
        see.comes_back(made.get, timeout=SMALL)


@chapter.clause("queue.get.frees-a-slot", passage=f"{GET}/2", methods=NO_METHOD)
def each_item_taken_out_makes_room_for_one(mp: Any, see: See) -> None:
    """get() makes room for exactly one item, however often the queue was full before."""
    bounded = mp.Queue(2)
    for item in range(2):
        bounded.put(item)
    for item in range(2, 7):
        see.equal(see.comes_back(bounded.get), item - 2, "what comes out")
        bounded.put(item, block=False)
        with see.raises(queue.Full):
            bounded.put("one too many", block=False)
    see.equal([see.comes_back(bounded.get) for _ in range(2)], [5, 6], "what is left")


@chapter.clause("queue.get.empty-makes-no-room", passage=(f"{PUT}/5", f"{GET}/5"), methods=NO_METHOD)
def a_get_in_vain_changes_nothing(mp: Any, see: See) -> None:
    """A get() that raised queue.Empty has made no room in a bounded queue."""
    bounded = mp.Queue(1)
    for _ in range(3):
        with see.raises(queue.Empty):
            bounded.get(block=False)
    bounded.put("only")
    with see.raises(queue.Full):
        bounded.put("one too many", block=False)
    see.equal(see.comes_back(bounded.get), "only", "what is in the queue")


@chapter.clause("queue.get_nowait.there", passage="multiprocessing.Queue.get_nowait/2", methods=NO_METHOD)
def get_nowait_gets(mp: Any, see: See) -> None:
    """get_nowait() returns an item that is in the queue."""
    made = mp.Queue()
    made.put("there")
    see.eventually(lambda: not made.empty(), "the queue reports its item")
    see.returns("there", made.get_nowait)


@chapter.clause("queue.get_nowait.empty", passage="multiprocessing.Queue.get_nowait/2", methods=NO_METHOD, hanging=True)
def get_nowait_does_not_wait(mp: Any, see: See) -> None:
    """get_nowait() on an empty queue raises queue.Empty without waiting."""
    made = mp.Queue()
    with see.raises(queue.Empty):
        see.comes_back(made.get_nowait)
