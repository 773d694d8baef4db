"""Queue: what goes in is pickled when it is put, and what comes out is a copy of it."""

from __future__ import annotations

import gc
import pickle
import queue
import threading
import weakref
from typing import Any, Callable

from mpspec.chapters.queues.chapter import HUGE, chapter
from mpspec.chapters.queues.items import SIZES, VALUES, Refuses, not_to_be_built
from mpspec.chapters.queues.targets import Word, echo, get_and_post_at, put_all
from mpspec.clause import ANY_METHOD, NO_METHOD, SHOULD, UNSPECIFIED
from mpspec.observation.see import See
from mpspec.observation.waits import LONG, SMALL

PIPES_AND_QUEUES = "pipes-and-queues"

pickled: list[str] = []


class Watched:
    """Notes that it is pickled."""

    def __reduce__(self) -> tuple[Callable[[str], Word], tuple[str]]:
        pickled.append("watched")
        return Word, ("watched",)


class Unbuildable:
    """Can be pickled, cannot be unpickled."""

    def __reduce__(self) -> Any:
        return not_to_be_built, ()


def through(queue: Any, see: See, item: Any) -> Any:
    """What comes out of a queue of an item."""
    queue.put(item)
    return see.comes_back(queue.get)


@chapter.clause(
    "queue.items.values",
    passage=(f"{PIPES_AND_QUEUES}/6,7", "exchanging-objects-between-processes/7"),
    methods=NO_METHOD,
    cases=VALUES,
)
def every_picklable_object_is_an_item(mp: Any, see: See, case: Any) -> None:
    """Any object that can be pickled can be put, False and None included, and an equal one comes out."""
    came = through(mp.Queue(), see, case)
    see.equal(came, case, "what comes out")
    see.true(type(came) is type(case), f"its type is {type(case).__name__}", type(came))


@chapter.clause("queue.items.sizes", passage="multiprocessing.Queue.put/2", methods=ANY_METHOD, cases=SIZES)
def items_of_every_size_come_through(mp: Any, see: See, case: int) -> None:
    """An item of any size arrives whole in another process."""
    there, back = mp.Queue(), mp.Queue()
    child = mp.Process(target=echo, args=(there, back))
    child.start()
    item = bytes(range(256)) * (case // 256) + b"z" * (case % 256)
    there.put(item)
    came = see.comes_back(back.get)
    see.equal(len(came), case, "the length of what comes back")
    see.true(came == item, "it is the same bytes")
    there.put(None)
    see.equal(see.comes_back(back.get), None, "the last item")
    see.exits(child, 0)


@chapter.clause("queue.items.objects", passage=f"{PIPES_AND_QUEUES}/7,24,6")
def objects_travel_by_their_class(mp: Any, see: See) -> None:
    """An object of a class of the user's is re-created in the process that gets it."""
    there, back = mp.Queue(), mp.Queue()
    child = mp.Process(target=echo, args=(there, back))
    child.start()
    for item in (Word("one"), [Word("two")], None):
        there.put(item)
        see.true(see.comes_back(back.get) == item, "an equal object comes back")
    see.exits(child, 0)


@chapter.clause("queue.items.copy", passage=f"{PIPES_AND_QUEUES}/7,24", methods=NO_METHOD)
def what_comes_out_is_another_object(mp: Any, see: See) -> None:
    """get() returns a re-created object that shares nothing with the one that was put, also in the same process."""
    item = [Word("inner")]
    came = through(mp.Queue(), see, item)
    see.true(came == item, "it is equal")
    see.true(came is not item and came[0] is not item[0], "neither it nor what it holds is the same object")
    came.append("later")
    see.equal(len(item), 1, "the length of what was put, after a change to what was got")


@chapter.clause("queue.items.each-its-own", passage=f"{PIPES_AND_QUEUES}/7,24", methods=NO_METHOD)
def an_object_put_twice_comes_out_as_two(mp: Any, see: See) -> None:
    """Each put of the same object gives an item of its own: get() re-creates it each time."""
    made, item = mp.Queue(), [0]
    first, second = through(made, see, item), through(made, see, item)
    see.true(first == second == [0] and first is not second, "two equal objects come out", (first, second))


@chapter.clause("queue.items.identity-within", passage=f"{PIPES_AND_QUEUES}/6", methods=NO_METHOD)
def one_item_is_one_pickle(mp: Any, see: See) -> None:
    """Parts of one item that are the same object when it is put are the same object when it is got."""
    part = Word("shared")
    first, second = through(mp.Queue(), see, (part, part))
    see.true(first is second, "both places hold the same object")


@chapter.clause("queue.put.pickles-at-once", passage=f"{PIPES_AND_QUEUES}/11", methods=ANY_METHOD)
def what_was_put_is_what_arrives(mp: Any, see: See) -> None:
    """The object is pickled when it is put: what changes in it afterwards does not reach its receiver."""
    made, box, gate = mp.Queue(), see.mailbox(), see.gate()
    child = mp.Process(target=get_and_post_at, args=(gate, box, made, 2))
    child.start()
    made.put("x" * HUGE)  # nobody reads yet, so what follows waits behind it
    item = ["one"]
    made.put(item)
    item.append("two")
    gate.open()
    see.equal(box.take(), HUGE, "the length of the first item")
    see.equal(box.take(), ["one"], "the second item, which was changed after put() had returned")
    see.exits(child, 0)


@chapter.clause("queue.put.pickles-here", passage=f"{PIPES_AND_QUEUES}/11", methods=NO_METHOD)
def it_is_pickled_when_put_returns(mp: Any, see: See) -> None:
    """The object is pickled when it is put: before put() returns."""
    made = mp.Queue()
    pickled.clear()
    made.put(Watched())
    seen = list(pickled)
    see.equal(see.comes_back(made.get), Word("watched"), "what comes out")
    see.true(seen, "it had been pickled when put() returned")


@chapter.clause("queue.put.lets-go", passage=f"{PIPES_AND_QUEUES}/11,7", level=SHOULD, methods=NO_METHOD)
def the_queue_does_not_keep_the_object(mp: Any, see: See) -> None:
    """The queue holds the pickle and not the object: an object that was put can be collected before it is got."""
    made = mp.Queue()
    item = Word("put")
    gone = weakref.ref(item)
    made.put(item)
    see.eventually(lambda: not made.empty(), "the item is there")
    del item
    see.eventually(lambda: [gc.collect(), gone()][1] is None, "the object is collected")
    see.comes_back(made.get)


UNPICKLABLE = {"refusing": Refuses, "local": lambda: lambda: None, "lock": threading.Lock}


@chapter.clause(
    "queue.put.unpicklable",
    passage=f"{PIPES_AND_QUEUES}/11,6",
    level=SHOULD,
    methods=NO_METHOD,
    cases=UNPICKLABLE,
)
def what_cannot_be_pickled_raises_in_put(mp: Any, see: See, case: Callable[[], Any]) -> None:
    """The object is pickled when it is put: put() raises where that is not possible."""
    made = mp.Queue()
    try:
        made.put(case())
    except Exception:
        return
    try:  # a pickler may know of more
        see.comes_back(made.get, timeout=LONG / 4)
    except queue.Empty:
        see.true(False, "put() raises, or the object arrives", "neither")


@chapter.clause("queue.put.unpicklable-harmless", passage=f"{PIPES_AND_QUEUES}/11,6", level=SHOULD, methods=NO_METHOD)
def an_unpicklable_object_takes_nothing_along(mp: Any, see: See) -> None:
    """An object that cannot be pickled takes no slot, and what is put before and after it arrives."""
    bounded = mp.Queue(2)
    bounded.put("before")
    with see.raises(Exception):
        bounded.put([b"x" * 100_000, Refuses()])
    bounded.put("after", timeout=SMALL)
    see.equal([see.comes_back(bounded.get) for _ in range(2)], ["before", "after"], "what arrives")
    with see.raises(queue.Empty):
        see.comes_back(bounded.get, timeout=SMALL)


@chapter.clause("queue.get.unbuildable", source="multiprocessing.Queue.get", methods=NO_METHOD, level=UNSPECIFIED)
def what_cannot_be_rebuilt_raises_in_get(mp: Any, see: See) -> None:
    """get() raises the error of an item that cannot be rebuilt, and the item is gone: the next one follows."""
    bounded = mp.Queue(2)
    bounded.put(Unbuildable())
    bounded.put("next")
    with see.raises(ArithmeticError):
        see.comes_back(bounded.get)
    see.equal(see.comes_back(bounded.get), "next", "the next item")
    for item in range(2):
        bounded.put(item, timeout=SMALL)
    see.equal([see.comes_back(bounded.get) for _ in range(2)], [0, 1], "what comes after")


@chapter.clause(
    "queue.itself.not-an-item",
    source="programming-guidelines",
    methods=NO_METHOD,
    level=UNSPECIFIED,
    cases={"Queue": "Queue", "JoinableQueue": "JoinableQueue", "SimpleQueue": "SimpleQueue"},
)
def queues_are_shared_by_inheritance_only(mp: Any, see: See, case: str) -> None:
    """Whether a queue can be pickled while no child is being started is left open."""
    try:
        pickle.dumps(getattr(mp, case)())
        see.records(pickled=True)
    except Exception as error:
        see.records(error=type(error).__name__)


@chapter.clause("queue.items.many", passage=f"{PIPES_AND_QUEUES}/15", methods=ANY_METHOD)
def ten_thousand_items_arrive(mp: Any, see: See) -> None:
    """However many items a process puts, all of them arrive, each once, in their order."""
    made = mp.Queue()
    child = mp.Process(target=put_all, args=(made, range(10_000)))
    child.start()
    came = [made.get() for _ in range(10_000)]
    see.true(came == list(range(10_000)), "0 to 9999 arrive in this order", came[:20])
    see.exits(child, 0)
