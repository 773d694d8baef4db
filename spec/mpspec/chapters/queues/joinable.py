"""JoinableQueue: a Queue that knows how many of its items are finished."""

from __future__ import annotations

import queue
from typing import Any

from mpspec.chapters.queues.chapter import chapter
from mpspec.chapters.queues.histories import observe_processes
from mpspec.chapters.queues.items import MIXED, Refuses
from mpspec.chapters.queues.targets import (
    get_finish_and_post,
    get_then_finish_all_at,
    get_then_finish_at,
    join_and_post,
    put_all,
    wait_then_get_finish_and_post,
)
from mpspec.clause import ANY_METHOD, NO_METHOD, SHOULD
from mpspec.observation.see import See
from mpspec.observation.waits import SMALL

TASK_DONE = "multiprocessing.JoinableQueue.task_done"
JOIN = "multiprocessing.JoinableQueue.join"


@chapter.clause("joinable_queue.is-a-queue", passage="multiprocessing.JoinableQueue/2", methods=NO_METHOD)
def it_is_a_subclass_of_queue(mp: Any, see: See) -> None:
    """The class of a JoinableQueue is a subclass of that of a Queue."""
    see.true(issubclass(type(mp.JoinableQueue()), type(mp.Queue())), "it is a subclass")


@chapter.clause(
    "joinable_queue.maxsize",
    passage="multiprocessing.JoinableQueue/1,2",
    methods=NO_METHOD,
    cases={"position": ((2,), {}), "name": ((), {"maxsize": 2})},
)
def it_takes_a_maxsize(mp: Any, see: See, case: Any) -> None:
    """JoinableQueue takes a maxsize, by position or name, which bounds it as it does a Queue."""
    args, kwargs = case
    bounded = mp.JoinableQueue(*args, **kwargs)
    for item in range(2):
        bounded.put(item, block=False)
    with see.raises(queue.Full):
        bounded.put("one too many", block=False)
    see.equal([see.comes_back(bounded.get) for _ in range(2)], [0, 1], "what is in the queue")


@chapter.clause(
    "joinable_queue.signatures",
    passage=(f"{TASK_DONE}/1", f"{JOIN}/1"),
    methods=NO_METHOD,
    cases={"task_done": "task_done", "join": "join"},
)
def its_two_methods_take_nothing(mp: Any, see: See, case: str) -> None:
    """task_done() and join() take no arguments."""
    see.signature(getattr(mp.JoinableQueue(), case), "()")


@chapter.clause("joinable_queue.join.new", passage=f"{JOIN}/2,5", methods=NO_METHOD, hanging=True)
def a_new_queue_has_nothing_to_wait_for(mp: Any, see: See) -> None:
    """join() of a queue into which nothing was put returns at once."""
    see.comes_back(mp.JoinableQueue().join)


@chapter.clause("joinable_queue.join.waits-for-got", passage=f"{JOIN}/2,4,5", methods=NO_METHOD)
def an_item_that_was_got_is_not_finished(mp: Any, see: See) -> None:
    """join() blocks while an item was got but task_done() was not called for it, and returns after the call."""
    tasks = mp.JoinableQueue()
    tasks.put("task")
    see.comes_back(tasks.get)
    joining = see.blocks(tasks.join)
    joining.goes_on()
    tasks.task_done()
    joining.ends()


@chapter.clause("joinable_queue.join.waits-for-each", passage=f"{TASK_DONE}/5", methods=NO_METHOD)
def every_item_has_to_be_finished(mp: Any, see: See) -> None:
    """join() blocks until task_done() was called as often as items were put."""
    tasks = mp.JoinableQueue()
    for item in range(3):
        tasks.put(item)
    joining = see.blocks(tasks.join)
    for _ in range(3):
        joining.still()
        see.comes_back(tasks.get)
        tasks.task_done()
    joining.ends()


@chapter.clause("joinable_queue.join.ungot", passage=f"{JOIN}/2")
def items_that_nobody_has_got_count(mp: Any, see: See) -> None:
    """join() blocks while items are in the queue, whichever process has put them, until others finish them."""
    tasks, box, gate = mp.JoinableQueue(), see.mailbox(), see.gate()
    putting = mp.Process(target=put_all, args=(tasks, ["one", "two"]))
    putting.start()
    see.exits(putting, 0)
    working = mp.Process(target=wait_then_get_finish_and_post, args=(gate, box, tasks, 2))
    working.start()
    joining = see.blocks(tasks.join)
    gate.open()
    joining.ends()
    see.equal(box.take_all(2), ["one", "two"], "what was worked on")
    see.exits(working, 0)


@chapter.clause("joinable_queue.join.again", passage=f"{JOIN}/3,5", methods=NO_METHOD)
def it_can_be_joined_again(mp: Any, see: See) -> None:
    """The count goes up again with each put: join() waits anew after it has returned before."""
    tasks = mp.JoinableQueue()
    for item in ("first", "second"):
        tasks.put(item)
        see.equal(see.comes_back(tasks.get), item, "what is got")
        joining = see.blocks(tasks.join)
        tasks.task_done()
        joining.ends()


@chapter.clause("joinable_queue.join.in-a-child", passage=f"{JOIN}/2")
def another_process_can_join(mp: Any, see: See) -> None:
    """A process that neither put nor got can join() the queue."""
    tasks, box = mp.JoinableQueue(), see.mailbox()
    tasks.put("task")
    child = mp.Process(target=join_and_post, args=(box, tasks))
    child.start()
    see.equal(box.take(), "joining", "what the child tells")
    see.settles(child.pid)
    see.equal(box.empty(), True, "that the child goes on waiting")
    see.comes_back(tasks.get)
    tasks.task_done()
    see.equal(box.take(), "joined", "what the child tells")
    see.exits(child, 0)


@chapter.clause("joinable_queue.join.several", passage=f"{JOIN}/5", methods=ANY_METHOD)
def all_who_join_are_released(mp: Any, see: See) -> None:
    """When the count comes to zero, every join() that waits returns, in all processes."""
    tasks, box = mp.JoinableQueue(), see.mailbox()
    tasks.put("task")
    children = [mp.Process(target=join_and_post, args=(box, tasks)) for _ in range(2)]
    for child in children:
        child.start()
        box.take()
        see.settles(child.pid)
    here = [see.blocks(tasks.join) for _ in range(2)]
    see.comes_back(tasks.get)
    tasks.task_done()
    for joining in here:
        joining.ends()
    see.equal(box.take_all(2), ["joined"] * 2, "what the children tell")
    for child in children:
        see.exits(child, 0)


@chapter.clause("joinable_queue.task_done.returns", passage=f"{TASK_DONE}/4,2", methods=NO_METHOD)
def a_task_can_be_finished(mp: Any, see: See) -> None:
    """task_done() after get() returns, and the task is complete."""
    tasks = mp.JoinableQueue()
    tasks.put("task")
    see.comes_back(tasks.get)
    see.comes_back(tasks.task_done)
    see.comes_back(tasks.join)


@chapter.clause(
    "joinable_queue.task_done.too-often",
    passage=f"{TASK_DONE}/6",
    methods=NO_METHOD,
    cases={"0": 0, "1": 1, "3": 3},
)
def more_tasks_cannot_be_finished_than_were_put(mp: Any, see: See, case: int) -> None:
    """task_done() raises ValueError when it is called more often than items were put."""
    tasks = mp.JoinableQueue()
    for item in range(case):
        tasks.put(item)
    for _ in range(case):
        see.comes_back(tasks.get)
        tasks.task_done()
    for _ in range(2):
        with see.raises(ValueError):
            tasks.task_done()
    see.comes_back(tasks.join)


@chapter.clause("joinable_queue.task_done.elsewhere", passage=f"{TASK_DONE}/5,4")
def a_task_is_finished_where_it_was_got(mp: Any, see: See) -> None:
    """task_done() in the process that got the item releases the join() of the process that put it, not its get()."""
    tasks, box, gate = mp.JoinableQueue(), see.mailbox(), see.gate()
    child = mp.Process(target=get_then_finish_at, args=(box, gate, tasks))
    child.start()
    tasks.put("task")
    see.equal(box.take(), "task", "what the child gets")
    joining = see.blocks(tasks.join)
    gate.open()
    joining.ends()
    see.exits(child, 0)


@chapter.clause("joinable_queue.task_done.never-early", passage=f"{JOIN}/3", methods=ANY_METHOD)
def an_item_is_counted_before_it_can_be_got(mp: Any, see: See) -> None:
    """An item counts as unfinished before anybody can get it: task_done() right after get() never raises."""
    tasks, box = mp.JoinableQueue(), see.mailbox()
    child = mp.Process(target=get_finish_and_post, args=(box, tasks, 300))
    child.start()
    for item in range(300):
        tasks.put(item)  # while the child waits for it
        see.equal(box.take(), item, "what is got and finished")
    see.exits(child, 0)
    see.comes_back(tasks.join)


@chapter.clause(
    "joinable_queue.task_done.at-once",
    passage=("exchanging-objects-between-processes/6", f"{JOIN}/3-5", f"{TASK_DONE}/6"),
    methods=ANY_METHOD,
    hanging=True,
    patience=2,
)
def processes_count_exactly(mp: Any, see: See) -> None:
    """Where several processes put and several finish at the same time no item and no task_done() is miscounted."""
    tasks, box, gate = mp.JoinableQueue(), see.mailbox(), see.gate()
    children = [mp.Process(target=get_then_finish_all_at, args=(box, gate, tasks, 1000)) for _ in range(3)]
    children += [mp.Process(target=put_all, args=(tasks, range(1000))) for _ in range(3)]
    for child in children:
        child.start()
    see.equal(box.take_all(3), ["got"] * 3, "the messages of those who have got their items")
    gate.open()
    for child in children:
        see.exits(child, 0)
    see.comes_back(tasks.join)
    with see.raises(ValueError):
        tasks.task_done()


@chapter.clause("joinable_queue.order.processes", passage="pipes-and-queues/3,15", methods=ANY_METHOD)
def its_items_are_neither_lost_nor_doubled_nor_reordered(mp: Any, see: See) -> None:
    """With several producers and consumers every item is got once, and in the order of its producer."""
    observe_processes(mp, see, mp.JoinableQueue(), [[4] * 80, MIXED], consumers=2)


@chapter.clause("joinable_queue.put.rejected", passage=f"{JOIN}/3", methods=NO_METHOD, hanging=True)
def a_rejected_item_is_no_task(mp: Any, see: See) -> None:
    """An item that put() rejected with queue.Full does not count: join() does not wait for it."""
    tasks = mp.JoinableQueue(1)
    tasks.put("task")
    for _ in range(2):
        with see.raises(queue.Full):
            tasks.put("rejected", timeout=SMALL / 10)
    see.comes_back(tasks.get)
    tasks.task_done()
    see.comes_back(tasks.join)


@chapter.clause(
    "joinable_queue.put.unpicklable",
    passage="pipes-and-queues/11",
    level=SHOULD,
    methods=NO_METHOD,
    hanging=True,
)
def an_unpicklable_object_is_no_task(mp: Any, see: See) -> None:
    """An object that cannot be pickled does not count as a task: put() raises, and join() does not wait for it."""
    tasks = mp.JoinableQueue()
    with see.raises(Exception):
        tasks.put(Refuses())
    see.comes_back(tasks.join)


@chapter.clause("joinable_queue.put.closed", passage="multiprocessing.Queue.put/6", methods=NO_METHOD, since="3.8")
def a_closed_joinable_queue_takes_nothing(mp: Any, see: See) -> None:
    """After close() put() of a JoinableQueue raises ValueError, and no task has been added by it."""
    tasks = mp.JoinableQueue()
    tasks.close()
    with see.raises(ValueError):
        tasks.put("item")
    see.comes_back(tasks.join)


@chapter.clause(
    "joinable_queue.unfinished.at-exit",
    passage=f"{JOIN}/2",
    level=SHOULD,
    methods=NO_METHOD,
    fresh=True,
    patience=1.5,
)
def unfinished_tasks_do_not_keep_a_program(mp: Any, see: See) -> None:
    """Tasks that nobody has finished keep nobody waiting but those who call join(): the program ends."""
    ended = see.program(
        "import multiprocessing\n"
        "tasks = multiprocessing.JoinableQueue()\n"
        "tasks.put('unfinished')\n"
        "print('end of main')\n"
    )
    see.equal((ended.status, ended.out, ended.err), (0, "end of main\n", ""), "status, output and errors")
