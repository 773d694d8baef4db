"""Queue: how it is made, and what it has."""

from __future__ import annotations

import queue
from typing import Any

from mpspec.chapters.queues.chapter import chapter
from mpspec.chapters.queues.targets import get_and_post, put_all
from mpspec.clause import MAY, NO_METHOD, SHOULD, cases
from mpspec.observation.see import See

QUEUE = "multiprocessing.Queue"


@chapter.clause("queue.maxsize.argument", passage=f"{QUEUE}/1", methods=NO_METHOD, cases={"none": (), "position": (2,)})
def a_queue_takes_a_maxsize_or_nothing(mp: Any, see: See, case: Any) -> None:
    """Queue is called with its maxsize or without any argument."""
    made = mp.Queue(*case)
    made.put("item")
    see.equal(see.comes_back(made.get), "item", "what get() returns")


@chapter.clause("queue.maxsize.name", passage=f"{QUEUE}/1", methods=NO_METHOD)
def the_argument_is_called_maxsize(mp: Any, see: See) -> None:
    """The size can be given to Queue by the name maxsize."""
    made = mp.Queue(maxsize=1)
    made.put("item")
    with see.raises(queue.Full):
        made.put("one too many", block=False)
    see.comes_back(made.get)


@chapter.clause("queue.maxsize.bounds", passage="multiprocessing.Queue.put/5", methods=NO_METHOD)
def a_queue_holds_maxsize_items(mp: Any, see: See) -> None:
    """A queue with a maxsize takes that many items without waiting, and not one more."""
    bounded = mp.Queue(3)
    for number in range(3):
        bounded.put(number, block=False)
    with see.raises(queue.Full):
        bounded.put("one too many", block=False)
    see.equal([see.comes_back(bounded.get) for _ in range(3)], [0, 1, 2], "what is in the queue")


@chapter.clause(
    "queue.maxsize.unbounded",
    passage=("exchanging-objects-between-processes/3", f"{QUEUE}/7,1", "multiprocessing.Queue.full/2"),
    level=SHOULD,
    methods=NO_METHOD,
    cases={"absent": (), "zero": (0,), "negative": (-1,)},
)
def without_a_positive_size_there_is_no_bound(mp: Any, see: See, case: Any) -> None:
    """A queue without a maxsize, or with one that is not positive, takes items without end, as queue.Queue does."""
    endless = mp.Queue(*case)
    for number in range(3000):
        endless.put(number, block=False)
    see.true(not endless.full(), "it is not full")
    see.equal([see.comes_back(endless.get) for _ in range(3000)], list(range(3000)), "what is in the queue")


@chapter.clause("queue.maxsize.shared", passage=(f"{QUEUE}/2,1", "multiprocessing.Queue.put/5"))
def the_bound_counts_the_items_of_all_processes(mp: Any, see: See) -> None:
    """The maxsize bounds what all processes together have put into the queue."""
    bounded = mp.Queue(2)
    child = mp.Process(target=put_all, args=(bounded, ["theirs"]))
    child.start()
    see.exits(child, 0)
    bounded.put("ours", block=False)
    with see.raises(queue.Full):
        bounded.put("one too many", block=False)
    see.equal({see.comes_back(bounded.get) for _ in range(2)}, {"theirs", "ours"}, "what is in the queue")


NAMES = ("qsize", "empty", "full", "put", "put_nowait", "get", "get_nowait")
MORE_NAMES = ("close", "join_thread", "cancel_join_thread")


@chapter.clause(
    "queue.methods.present",
    passage=(
        f"{QUEUE}/7",
        "multiprocessing.Queue.close/1",
        "multiprocessing.Queue.join_thread/1",
        "multiprocessing.Queue.cancel_join_thread/1",
        "multiprocessing.Queue.qsize/1",
        "multiprocessing.Queue.empty/1",
        "multiprocessing.Queue.full/1",
    ),
    methods=NO_METHOD,
    cases=cases(*NAMES, *MORE_NAMES),
)
def it_has_the_methods_of_queue_and_three_more(mp: Any, see: See, case: str) -> None:
    """A Queue has the methods of queue.Queue that concern no tasks, and close, join_thread, cancel_join_thread."""
    see.true(callable(getattr(mp.Queue(), case)), f"a Queue has the method {case}")


@chapter.clause(
    "queue.methods.absent",
    passage=(f"{QUEUE}/7", "pipes-and-queues/4"),
    methods=NO_METHOD,
    cases=cases("task_done", "join"),
)
def it_has_no_tasks_to_wait_for(mp: Any, see: See, case: str) -> None:
    """A Queue lacks the methods task_done and join of queue.Queue."""
    see.true(not hasattr(mp.Queue(), case), f"a Queue has no method {case}")


@chapter.clause("queue.methods.no-shutdown", passage=f"{QUEUE}/7", methods=NO_METHOD, since="3.13")
def it_cannot_be_shut_down(mp: Any, see: See) -> None:
    """A Queue lacks the method shutdown of queue.Queue."""
    see.true(not hasattr(mp.Queue(), "shutdown"), "a Queue has no method shutdown")


@chapter.clause(
    "queue.methods.signatures",
    passage=(
        "multiprocessing.Queue.put/1,3",
        "multiprocessing.Queue.put_nowait/1",
        "multiprocessing.Queue.get_nowait/1",
    ),
    methods=NO_METHOD,
    cases={
        "put": ("put", "(obj, block=True, timeout=None)"),
        "put_nowait": ("put_nowait", "(obj)"),
        "get": ("get", "(block=True, timeout=None)"),
        **{name: (name, "()") for name in ("get_nowait", "qsize", "empty", "full", *MORE_NAMES)},
    },
)
def the_methods_take_the_documented_arguments(mp: Any, see: See, case: Any) -> None:
    """The methods of a Queue take the arguments of the page, with its names and defaults."""
    name, promised = case
    see.signature(getattr(mp.Queue(), name), promised)


@chapter.clause(
    "queue.exceptions.elsewhere",
    passage=("pipes-and-queues/10,9", f"{QUEUE}/6"),
    methods=NO_METHOD,
    cases={"Empty": "Empty", "Full": "Full"},
)
def empty_and_full_come_from_the_module_queue(mp: Any, see: See, case: str) -> None:
    """The exceptions Empty and Full are those of the module queue; the package itself has no such names."""
    see.true(not hasattr(mp, case), f"the package has no name {case}")
    bounded = mp.Queue(1)
    call = bounded.get_nowait if case == "Empty" else lambda: [bounded.put_nowait(n) for n in range(2)]
    with see.raises(getattr(queue, case)):
        call()
    if case == "Full":
        see.comes_back(bounded.get)


@chapter.clause("queue.context.made-by", passage="contexts-and-start-methods/15")
def a_context_makes_queues_for_its_processes(mp: Any, see: See) -> None:
    """A context has Queue, JoinableQueue and SimpleQueue, whose objects its processes can be given."""
    context = mp.get_context(mp.get_start_method())
    box = see.mailbox()
    for made in (context.Queue(), context.JoinableQueue(), context.SimpleQueue()):
        made.put("for the child")
        child = context.Process(target=get_and_post, args=(box, made, 1))
        child.start()
        see.equal(box.take(), "for the child", "what the child gets")
        see.exits(child, 0)


@chapter.clause(
    "queue.context.may-fix",
    passage=("multiprocessing.Queue/4", "multiprocessing.SimpleQueue/3", "multiprocessing.JoinableQueue/3"),
    level=MAY,
    methods=NO_METHOD,
    fresh=True,
    cases=cases("Queue", "SimpleQueue", "JoinableQueue"),
)
def making_a_queue_may_set_the_start_method(mp: Any, see: See, case: str) -> None:
    """Making a queue may set an open start method to the default."""
    getattr(mp, case)()
    chosen = mp.get_start_method(allow_none=True)
    see.true(chosen in (None, mp.get_all_start_methods()[0]), "it is open, or the default", chosen)
    see.records(sets=chosen is not None)
