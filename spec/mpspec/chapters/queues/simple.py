"""SimpleQueue: little more than a pipe with locks."""

from __future__ import annotations

import gc
import threading
from typing import Any

from mpspec.chapters.queues.chapter import HUGE, chapter
from mpspec.chapters.queues.histories import observe_processes, observe_threads
from mpspec.chapters.queues.items import MIXED, SIZES, VALUES, Refuses
from mpspec.chapters.queues.targets import Word, close_it, echo, get_and_post, get_and_post_at, put_all, put_all_at
from mpspec.clause import ANY_METHOD, MAY, NO_METHOD, SHOULD, UNSPECIFIED
from mpspec.observation.descriptors import open_files
from mpspec.observation.see import See

SIMPLE_QUEUE = "multiprocessing.SimpleQueue"
EMPTY = "multiprocessing.SimpleQueue.empty"
CLOSE = "multiprocessing.SimpleQueue.close"
PIPES_AND_QUEUES = "pipes-and-queues"


@chapter.clause(
    "simple_queue.signatures",
    passage=(f"{SIMPLE_QUEUE}/1", "multiprocessing.SimpleQueue.get/1", f"{EMPTY}/1", f"{CLOSE}/1"),
    methods=NO_METHOD,
    cases={"get": "get", "empty": "empty", "close": "close"},
    since={"close": "3.9"},
)
def the_methods_take_nothing(mp: Any, see: See, case: str) -> None:
    """get(), empty() and close() of a SimpleQueue take no arguments, and SimpleQueue itself needs none."""
    see.signature(getattr(mp.SimpleQueue(), case), "()")


@chapter.clause("simple_queue.no-maxsize", passage=f"{SIMPLE_QUEUE}/1", level=SHOULD, methods=NO_METHOD)
def it_takes_no_arguments(mp: Any, see: See) -> None:
    """SimpleQueue takes no maxsize: it is called without arguments."""
    with see.raises(TypeError):
        mp.SimpleQueue(1)


@chapter.clause("simple_queue.put-and-get", passage="multiprocessing.SimpleQueue.get/2", methods=NO_METHOD)
def what_is_put_is_got(mp: Any, see: See) -> None:
    """put() takes one item; get() removes and returns the oldest."""
    made = mp.SimpleQueue()
    for item in ("first", "second"):
        made.put(item)
    see.equal([see.comes_back(made.get) for _ in range(2)], ["first", "second"], "what comes out")
    see.equal(made.empty(), True, "empty() in the end")


@chapter.clause("simple_queue.put.item-name", passage="multiprocessing.SimpleQueue.put/1", methods=NO_METHOD)
def the_item_has_a_name(mp: Any, see: See) -> None:
    """put() of a SimpleQueue takes its item by the name item."""
    made = mp.SimpleQueue()
    made.put(item="by its name")
    see.equal(see.comes_back(made.get), "by its name", "what comes out")


@chapter.clause("simple_queue.get.waits", passage=f"{SIMPLE_QUEUE}/2", methods=NO_METHOD)
def get_waits_for_an_item(mp: Any, see: See) -> None:
    """get() of an empty SimpleQueue blocks until an item is put."""
    made = mp.SimpleQueue()
    getting = see.blocks(made.get)
    getting.goes_on()
    made.put("awaited")
    see.equal(getting.ends(), "awaited", "what get() returns")


@chapter.clause("simple_queue.get.item-from-elsewhere", passage=f"{SIMPLE_QUEUE}/2")
def another_process_puts_it(mp: Any, see: See) -> None:
    """A get() that waits returns the item that another process puts."""
    made, gate = mp.SimpleQueue(), see.gate()
    child = mp.Process(target=put_all_at, args=(gate, made, ["from the child"]))
    child.start()
    getting = see.blocks(made.get)
    gate.open()
    see.equal(getting.ends(), "from the child", "what get() returns")
    see.exits(child, 0)


@chapter.clause("simple_queue.between.parent-and-child", passage=f"{PIPES_AND_QUEUES}/3,7")
def it_works_both_ways(mp: Any, see: See) -> None:
    """Parent and child exchange items over SimpleQueues that the child was given as arguments."""
    there, back = mp.SimpleQueue(), mp.SimpleQueue()
    child = mp.Process(target=echo, args=(there, back))
    child.start()
    for item in ("ping", Word("object"), None):
        there.put(item)
        see.true(see.comes_back(back.get) == item, "an equal item comes back")
    see.exits(child, 0)


@chapter.clause("simple_queue.between.children", passage=f"{PIPES_AND_QUEUES}/3")
def children_talk_over_it(mp: Any, see: See) -> None:
    """One child gets what another child puts."""
    made, box = mp.SimpleQueue(), see.mailbox()
    getting = mp.Process(target=get_and_post, args=(box, made, 2))
    putting = mp.Process(target=put_all, args=(made, ["one", "two"]))
    getting.start()
    putting.start()
    see.equal(box.take_all(2), ["one", "two"], "what one child gets of the other")
    see.exits(putting, 0)
    see.exits(getting, 0)


@chapter.clause("simple_queue.items.values", passage=f"{PIPES_AND_QUEUES}/6,7", methods=NO_METHOD, cases=VALUES)
def it_takes_every_picklable_object(mp: Any, see: See, case: Any) -> None:
    """Any object that can be pickled can be put into a SimpleQueue, and an equal one comes out."""
    made = mp.SimpleQueue()
    made.put(case)
    see.equal(see.comes_back(made.get), case, "what comes out")


@chapter.clause(
    "simple_queue.items.sizes", passage="multiprocessing.SimpleQueue.put/2", methods=ANY_METHOD, cases=SIZES
)
def it_takes_items_of_every_size(mp: Any, see: See, case: int) -> None:
    """An item of any size arrives whole in another process."""
    there, back = mp.SimpleQueue(), mp.SimpleQueue()
    child = mp.Process(target=echo, args=(there, back))
    child.start()
    item = b"\x00z" * (case // 2) + b"!" * (case % 2)
    see.comes_back(there.put, item)
    see.true(see.comes_back(back.get) == item, "the same bytes come back")
    there.put(None)
    see.comes_back(back.get)
    see.exits(child, 0)


@chapter.clause("simple_queue.items.copy", passage=f"{PIPES_AND_QUEUES}/7,24,6,11", methods=NO_METHOD)
def a_copy_comes_out(mp: Any, see: See) -> None:
    """get() returns a re-created object that shares nothing with the one that was put, changed since or not."""
    made, item = mp.SimpleQueue(), ["put"]
    made.put(item)
    item.append("later")
    see.equal(see.comes_back(made.get), ["put"], "what comes out")


@chapter.clause("simple_queue.put.unpicklable", passage=f"{PIPES_AND_QUEUES}/11,6", level=SHOULD, methods=NO_METHOD)
def an_unpicklable_item_raises_and_does_no_harm(mp: Any, see: See) -> None:
    """put() raises where the object cannot be pickled, and what is put before and after it arrives."""
    made = mp.SimpleQueue()
    made.put("before")
    with see.raises(Exception):
        made.put([b"x" * 100_000, Refuses()])
    made.put("after")
    see.equal([see.comes_back(made.get) for _ in range(2)], ["before", "after"], "what arrives")


@chapter.clause("simple_queue.put.waits", passage=f"{SIMPLE_QUEUE}/2", methods=ANY_METHOD, level=MAY)
def put_may_wait_for_a_reader(mp: Any, see: See) -> None:
    """put() of an item that is larger than the pipe may block until somebody gets it, as sending over a pipe does."""
    made, box, gate = mp.SimpleQueue(), see.mailbox(), see.gate()
    child = mp.Process(target=get_and_post_at, args=(gate, box, made, 1))
    child.start()
    putting = threading.Thread(target=made.put, args=("x" * HUGE,), daemon=True)
    putting.start()
    putting.join(0.1)
    see.records(put_waits=putting.is_alive())
    gate.open()
    see.equal(box.take(), HUGE, "the length of what arrives")
    see.comes_back(putting.join)
    see.exits(child, 0)


@chapter.clause("simple_queue.order.processes", passage=f"{PIPES_AND_QUEUES}/3,15")
def its_items_are_neither_lost_nor_doubled_nor_reordered(mp: Any, see: See) -> None:
    """With several producers and consumers every item is got once, and in the order of its producer."""
    observe_processes(mp, see, mp.SimpleQueue(), [[4] * 80, MIXED], consumers=2)


@chapter.clause("simple_queue.order.threads", passage="exchanging-objects-between-processes/6", methods=NO_METHOD)
def threads_share_it(mp: Any, see: See) -> None:
    """Threads of one process can put into and get from the same SimpleQueue at the same time."""
    observe_threads(see, mp.SimpleQueue(), [[4] * 150] * 3, consumers=2)


@chapter.clause("simple_queue.empty.follows", passage=f"{EMPTY}/2", methods=NO_METHOD)
def empty_tells_whether_there_is_an_item(mp: Any, see: See) -> None:
    """empty() is True for a new queue and after the last get, and False while there is an item."""
    made = mp.SimpleQueue()
    seen = [made.empty()]
    made.put("item")
    see.eventually(lambda: made.empty() is False, "empty() is False after a put")
    seen.append(made.empty())
    see.equal(see.comes_back(made.get), "item", "what is got")
    seen.append(made.empty())
    see.equal(seen, [True, False, True], "empty() before a put, after it, and after the get")


@chapter.clause("simple_queue.close.empty", passage=f"{EMPTY}/3", methods=NO_METHOD, since="3.9")
def empty_of_a_closed_one_raises(mp: Any, see: See) -> None:
    """empty() of a closed SimpleQueue raises OSError, whether or not it held an item."""
    for items in ((), ("item",)):
        made = mp.SimpleQueue()
        for item in items:
            made.put(item)
        made.close()
        with see.raises(OSError):
            made.empty()


@chapter.clause(
    "simple_queue.close.releases",
    passage=f"{CLOSE}/2",
    methods=NO_METHOD,
    since="3.9",
)
def close_gives_the_descriptors_back(mp: Any, see: See) -> None:
    """close() releases the descriptors of the queue while the object still exists."""
    mp.SimpleQueue().close()
    before = len(open_files())
    made = mp.SimpleQueue()
    made.put("item")
    made.close()
    more = len(open_files()) - before
    see.true(more <= 0, "no descriptor is left after close()", f"{more} more")


@chapter.clause("simple_queue.close.here-only", passage=f"{CLOSE}/2", level=SHOULD, since="3.9")
def closing_it_concerns_this_process(mp: Any, see: See) -> None:
    """close() releases what the calling process holds: another process goes on to use the queue."""
    made = mp.SimpleQueue()
    child = mp.Process(target=close_it, args=(made,))
    child.start()
    see.exits(child, 0)
    see.comes_back(made.put, "after")
    see.equal(see.comes_back(made.get), "after", "what is put after another process has closed the queue")


@chapter.clause(
    "simple_queue.close.then-used",
    passage=f"{CLOSE}/3,4",
    methods=NO_METHOD,
    since="3.9",
    level=UNSPECIFIED,
    cases={"put": ("put", "item"), "get": ("get",)},
)
def a_closed_one_is_of_no_use(mp: Any, see: See, case: Any) -> None:
    """put() and get() of a closed SimpleQueue raise OSError or ValueError."""
    made = mp.SimpleQueue()
    made.close()
    with see.raises(OSError, ValueError) as caught:
        see.comes_back(getattr(made, case[0]), *case[1:])
    see.records(raised=type(caught.error).__name__)


@chapter.clause("simple_queue.collected", passage=f"{SIMPLE_QUEUE}/2", level=SHOULD, methods=NO_METHOD)
def a_collected_one_leaves_nothing(mp: Any, see: See) -> None:
    """SimpleQueues that are not referred to any more leave no descriptors behind."""
    mp.SimpleQueue().put("item")
    gc.collect()
    before = len(open_files())
    for _ in range(30):
        mp.SimpleQueue().put("item")
    gc.collect()
    more = len(open_files()) - before
    see.true(more <= 0, "no descriptor has come to stay", f"{more} more")
