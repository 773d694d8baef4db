"""Queue: the buffer between put and the pipe, and what follows from it at close, join and exit."""

from __future__ import annotations

import gc
import os
from typing import Any, Callable

from mpspec.chapters.queues.chapter import HUGE, chapter
from mpspec.chapters.queues.targets import (
    close_it,
    get_and_post,
    get_and_post_at,
    put_all,
    put_and_leave,
    put_and_tell,
    put_join_and_vanish,
    put_without_flushing,
)
from mpspec.clause import ANY_METHOD, MAY, NO_METHOD, UNSPECIFIED
from mpspec.observation import procfs
from mpspec.observation.see import See
from mpspec.observation.waits import LONG, YIELD


def threads() -> int:
    """How many threads the kernel runs for this process."""
    return len(os.listdir("/proc/self/task"))


def descriptors() -> int:
    """How many descriptors this process has open."""
    return len(os.listdir("/proc/self/fd"))


# The buffer


@chapter.clause(
    "queue.feeder.put-does-not-wait",
    source="multiprocessing.Queue",
    methods=NO_METHOD,
    cases={"huge": [HUGE], "many": [1_000] * 2_000},
    hanging=True,
)
def put_does_not_wait_for_a_reader(mp: Any, see: See, case: Any) -> None:
    """put() hands over to a background thread what the pipe does not take: it returns although nobody gets."""
    made = mp.Queue()
    for size in case:
        see.comes_back(made.put, "x" * size)
    see.equal([len(see.comes_back(made.get)) for _ in case], case, "the lengths of what is got later")


@chapter.clause("queue.feeder.works-beside", source="multiprocessing.Queue", methods=ANY_METHOD)
def the_feeder_works_while_its_process_does_not_put(mp: Any, see: See) -> None:
    """What was put reaches the others without any further call of the process that put it."""
    made, box, gate = mp.Queue(), see.mailbox(), see.gate()
    child = mp.Process(target=get_and_post_at, args=(gate, box, made, 3))
    child.start()
    for item in ("x" * HUGE, "y" * HUGE, "end"):
        made.put(item)
    gate.open()
    see.equal(box.take_all(3), [HUGE, HUGE, 3], "the lengths of what arrives")
    see.exits(child, 0)


@chapter.clause(
    "queue.feeder.thread", source="multiprocessing.Queue", methods=NO_METHOD, level=MAY, platforms=("linux",)
)
def a_first_put_may_start_a_thread(mp: Any, see: See) -> None:
    """The first put of a process may start a background thread in it."""
    made = mp.Queue()
    before = threads()
    made.put("item")
    see.records(threads_started=threads() - before)
    see.equal(see.comes_back(made.get), "item", "what comes")


# The end of a process that has put something


@chapter.clause(
    "queue.exit.flushes",
    source="pipes-and-queues",
    cases={"return": ("return", 0), "exit": ("exit", 3), "error": ("error", 1)},
)
def a_child_ends_only_when_its_items_are_written(mp: Any, see: See, case: Any) -> None:
    """A child that ends right after its puts, in whichever ordinary way, loses none of them."""
    way, status = case
    made, items = mp.Queue(), [str(number) * 50_000 for number in range(30)]
    child = mp.Process(target=put_and_leave, args=(made, items, way))
    with see.output():
        child.start()
        for item in items:
            see.true(see.comes_back(made.get) == item, "each item comes, whole and in its place")
        see.exits(child, status)


@chapter.clause("queue.exit.deadlock", source="pipes-and-queues", hanging=True)
def joining_before_draining_deadlocks(mp: Any, see: See) -> None:
    """A child does not end while what it has put is neither got nor in the pipe, and ends once it is got."""
    made = mp.Queue()
    child = mp.Process(target=put_all, args=(made, ["X" * HUGE]))
    child.start()
    see.eventually(lambda: not made.empty(), "the child has put its item")
    see.sleeps(child.pid)
    child.join(YIELD)
    see.equal(child.exitcode, None, "the exit code of a child whose item nobody has got")
    see.equal(len(see.comes_back(made.get)), HUGE, "the length of what is got at last")
    see.exits(child, 0)


@chapter.clause(
    "queue.exit.deadlock-at-exit", source="pipes-and-queues", methods=ANY_METHOD, fresh=True, hanging=True, patience=1.5
)
def a_parent_waits_at_its_exit_for_a_child_that_cannot_end(mp: Any, see: See) -> None:
    """At its exit a program joins its children, so it waits for one whose items nobody gets, until they are got."""
    running = see.start_program(
        "import multiprocessing\n"
        "import sys, threading\n"
        "def put(queue):\n"
        "    queue.put('X' * 1000000)\n"
        "def drain(queue):\n"
        "    sys.stdin.readline()\n"
        "    print('draining', flush=True)\n"
        "    queue.get()\n"
        "if __name__ == '__main__':\n"
        f"    multiprocessing.set_start_method({mp.get_start_method()!r})\n"
        "    queue = multiprocessing.Queue()\n"
        "    multiprocessing.Process(target=put, args=(queue,)).start()\n"
        "    threading.Thread(target=drain, args=(queue,), daemon=True).start()\n"
        "    print('end of main', flush=True)\n"
    )
    see.eventually(lambda: "end of main" in running._texts()["out"], "the program comes to the end of its main module")
    see.sleeps(running.pid)
    see.equal(running.process.poll(), None, "the status of a program whose child cannot end")
    ended = running.finish("drain\n")
    see.equal((ended.status, ended.out, ended.err), (0, "end of main\ndraining\n", ""), "status, output and errors")


@chapter.clause("queue.exit.last-put-of-main", source="pipes-and-queues", fresh=True, patience=1.5)
def what_main_puts_last_arrives_in_its_children(mp: Any, see: See) -> None:
    """A program that ends right after a put does not keep it from the child that gets it, which is joined at exit."""
    ended = see.program(
        "import multiprocessing\n"
        "def get(ready, queue):\n"
        "    ready.put('ready')\n"
        "    print(len(queue.get()), queue.get(), flush=True)\n"
        "if __name__ == '__main__':\n"
        f"    multiprocessing.set_start_method({mp.get_start_method()!r})\n"
        "    ready, queue = multiprocessing.Queue(), multiprocessing.Queue()\n"
        "    multiprocessing.Process(target=get, args=(ready, queue)).start()\n"
        "    ready.get()\n"
        "    queue.put('X' * 1000000)\n"
        "    queue.put('last')\n"
    )
    see.equal((ended.status, ended.out, ended.err), (0, "1000000 last\n", ""), "status, output and errors")


@chapter.clause("queue.exit.child-still-starting", source="multiprocessing-programming", fresh=True, patience=1.5)
def main_ends_while_its_child_is_starting(mp: Any, see: See) -> None:
    """A child that is given a queue can use it although its parent comes to its end while the child is starting."""
    ended = see.program(
        "import multiprocessing\n"
        "import os\n"
        "from mpspec.observation import procfs, waits\n"
        "class Slow:\n"  # what follows it is unpickled once the parent has nothing more to do than to join its child
        "    def __init__(self):\n"
        "        self.pid = os.getpid()\n"
        "    def __setstate__(self, state):\n"
        "        while not procfs.process_sleeps(state['pid'], waits.YIELD):\n"
        "            pass\n"
        "def get(slow, queue):\n"
        "    print(queue.get(), flush=True)\n"
        "if __name__ == '__main__':\n"
        f"    multiprocessing.set_start_method({mp.get_start_method()!r})\n"
        "    queue = multiprocessing.Queue()\n"
        "    queue.put('item')\n"
        "    multiprocessing.Process(target=get, args=(Slow(), queue)).start()\n"
    )
    see.equal((ended.status, ended.out, ended.err), (0, "item\n", ""), "status, output and errors")


@chapter.clause(
    "queue.exit.creator", source="multiprocessing.Queue.join_thread", methods=NO_METHOD, level=MAY, fresh=True
)
def the_creator_may_end_without_a_flush(mp: Any, see: See) -> None:
    """The process that made the queue may end although what it has put is not written; by default others may not."""
    running = see.start_program(
        "import multiprocessing\n"
        "queue = multiprocessing.Queue()\n"
        "queue.put('X' * 1000000)\n"
        "print('end of main', flush=True)\n"
    )
    see.eventually(lambda: "end of main" in running._texts()["out"], "the program comes to the end of its main module")
    try:
        running.process.wait(LONG / 8)
        see.records(ends=True)
    except Exception:
        see.records(ends=False)
        running.kill()
    running.finish()


# close, join_thread, cancel_join_thread

CLOSED: dict[str, Callable[[Any], Any]] = {
    "put": lambda queue: queue.put("item"),
    "put_nowait": lambda queue: queue.put_nowait("item"),
    "get": lambda queue: queue.get(),
    "get-timeout": lambda queue: queue.get(timeout=LONG),
    "get_nowait": lambda queue: queue.get_nowait(),
}


@chapter.clause(
    "queue.close.then-used", source="multiprocessing.Queue.put", methods=NO_METHOD, since="3.8", cases=CLOSED
)
def a_closed_queue_is_of_no_more_use_here(mp: Any, see: See, case: Callable[[Any], Any]) -> None:
    """After close() a put or get in the same process raises ValueError."""
    made = mp.Queue()
    made.close()
    with see.raises(ValueError):
        see.comes_back(case, made)


@chapter.clause("queue.close.empty", source="multiprocessing.Queue.empty", methods=NO_METHOD, level=MAY)
def empty_of_a_closed_queue_may_raise(mp: Any, see: See) -> None:
    """empty() of a closed queue may raise OSError."""
    made = mp.Queue()
    made.close()
    try:
        see.records(empty=made.empty())
    except OSError as error:
        see.records(empty=type(error).__name__)


@chapter.clause("queue.close.flushes", source="multiprocessing.Queue.close", hanging=True)
def close_lets_what_was_put_arrive(mp: Any, see: See) -> None:
    """close() returns at once, and what the process has put before still reaches the others."""
    made, box, gate = mp.Queue(), see.mailbox(), see.gate()
    child = mp.Process(target=get_and_post_at, args=(gate, box, made, 2))
    child.start()
    made.put("x" * HUGE)
    made.put("last")
    see.comes_back(made.close)
    gate.open()
    see.equal(box.take_all(2), [HUGE, 4], "the lengths of what arrives")
    see.exits(child, 0)


@chapter.clause("queue.close.here-only", source="multiprocessing.Queue.close")
def close_concerns_this_process(mp: Any, see: See) -> None:
    """close() tells of the calling process alone: the others go on to put and get."""
    made = mp.Queue()
    child = mp.Process(target=close_it, args=(made,))
    child.start()
    see.exits(child, 0)
    made.put("after")
    see.equal(see.comes_back(made.get), "after", "what is put after another process has closed the queue")


@chapter.clause("queue.close.twice", source="multiprocessing.Queue.close", methods=NO_METHOD, level=UNSPECIFIED)
def closing_again_changes_nothing(mp: Any, see: See) -> None:
    """close() of a closed queue does nothing."""
    made = mp.Queue()
    made.close()
    made.close()


@chapter.clause(
    "queue.close.ends-the-thread", source="multiprocessing.Queue.close", methods=ANY_METHOD, platforms=("linux",)
)
def the_thread_ends_when_all_is_written(mp: Any, see: See) -> None:
    """After close() the background thread ends as soon as it has written what was put."""
    before = threads()
    made, box, gate = mp.Queue(), see.mailbox(), see.gate()
    child = mp.Process(target=get_and_post_at, args=(gate, box, made, 1))
    child.start()
    made.put("x" * HUGE)
    made.close()
    gate.open()
    see.equal(box.take(), HUGE, "the length of what arrives")
    see.eventually(lambda: threads() == before, "the process has the threads again that it had before")
    see.exits(child, 0)


@chapter.clause(
    "queue.collected.closes", source="multiprocessing.Queue.close", methods=ANY_METHOD, platforms=("linux",)
)
def a_collected_queue_is_closed(mp: Any, see: See) -> None:
    """A queue that is collected is closed by that: what was put arrives, and thread and descriptors go."""
    child_has, box, gate = mp.Queue(), see.mailbox(), see.gate()
    before = threads(), descriptors()
    made = mp.Queue()
    child = mp.Process(target=get_and_post_at, args=(gate, box, made, 2))
    child.start()
    made.put("x" * HUGE)
    made.put("last")
    del made
    child_has.put("something else, so that the child's end is not all there is to see")
    see.comes_back(child_has.get)
    gate.open()
    see.equal(box.take_all(2), [HUGE, 4], "the lengths of what arrives")
    see.exits(child, 0)
    del child, child_has
    see.eventually(lambda: [gc.collect(), threads()][1] <= before[0], "the threads are gone")


@chapter.clause(
    "queue.collected.descriptors", source="multiprocessing.Queue.close", methods=NO_METHOD, platforms=("linux",)
)
def queues_that_are_not_needed_cost_nothing(mp: Any, see: See) -> None:
    """Queues that were used and are not referred to any more leave neither threads nor descriptors behind."""
    first = mp.Queue()
    first.put("item")
    see.comes_back(first.get)
    del first
    gc.collect()
    before = descriptors(), threads()
    for _ in range(30):
        made = mp.Queue()
        made.put("item")
        see.comes_back(made.get)
        del made
    see.eventually(lambda: [gc.collect(), descriptors()][1] <= before[0] + 2, "the descriptors are closed")
    see.eventually(lambda: threads() <= before[1], "the threads have ended")


@chapter.clause("queue.join_thread.waits", source="multiprocessing.Queue.join_thread", methods=ANY_METHOD, hanging=True)
def join_thread_waits_until_all_is_written(mp: Any, see: See) -> None:
    """join_thread() after close() blocks until everything that was put is written."""
    made, box, gate = mp.Queue(), see.mailbox(), see.gate()
    child = mp.Process(target=get_and_post_at, args=(gate, box, made, 1))
    child.start()
    made.put("x" * HUGE)
    made.close()
    joining = see.blocks(made.join_thread)
    gate.open()
    joining.ends()
    see.equal(box.take(), HUGE, "the length of what arrives")
    see.exits(child, 0)


@chapter.clause(
    "queue.join_thread.then-readable",
    source="multiprocessing.Queue.join_thread",
    methods=NO_METHOD,
    hanging=True,
    cases={"unused": 0, "used": 3},
)
def join_thread_has_nothing_to_wait_for(mp: Any, see: See, case: int) -> None:
    """join_thread() after close() returns, where nothing was put or all of it fits into the pipe."""
    made = mp.Queue()
    for item in range(case):
        made.put(item)
    made.close()
    see.equal(see.comes_back(made.join_thread), None, "what join_thread() returns")


@chapter.clause("queue.join_thread.written", source="multiprocessing.Queue.join_thread", methods=ANY_METHOD)
def after_join_thread_the_items_are_there(mp: Any, see: See) -> None:
    """When join_thread() has returned, what was put is in the pipe: it arrives even if its process vanishes then."""
    box, made = see.mailbox(), mp.Queue()
    child = mp.Process(target=put_join_and_vanish, args=(box, made, ["x" * HUGE, "last"]))
    child.start()
    see.equal(box.take(), "put", "the letter")
    # Only now is anything taken out: who does not wait for that has vanished before.
    see.eventually(lambda: not see.alive(child.pid) or procfs.process_sleeps(child.pid, YIELD), "join_thread() waits")
    see.equal([len(see.comes_back(made.get)) for _ in range(2)], [HUGE, 4], "the lengths of what arrives")
    see.exits(child, 0)


@chapter.clause(
    "queue.join_thread.before-close", source="multiprocessing.Queue.join_thread", methods=NO_METHOD, level=UNSPECIFIED
)
def join_thread_comes_after_close(mp: Any, see: See) -> None:
    """join_thread() of a queue that is not closed raises AssertionError."""
    with see.raises(AssertionError):
        see.comes_back(mp.Queue().join_thread)


@chapter.clause(
    "queue.cancel_join_thread.join", source="multiprocessing.Queue.cancel_join_thread", methods=ANY_METHOD, hanging=True
)
def join_thread_is_called_off(mp: Any, see: See) -> None:
    """After cancel_join_thread() join_thread() does not wait for what is not written yet."""
    made, box, gate = mp.Queue(), see.mailbox(), see.gate()
    child = mp.Process(target=get_and_post_at, args=(gate, box, made, 1))
    child.start()
    made.put("x" * HUGE)
    made.cancel_join_thread()
    made.close()
    try:
        see.comes_back(made.join_thread)
    finally:
        gate.open()
    see.equal(box.take(), HUGE, "the length of what arrives all the same while the process lives")
    see.exits(child, 0)


@chapter.clause("queue.cancel_join_thread.exit", source="multiprocessing.Queue.cancel_join_thread", hanging=True)
def a_process_can_end_without_a_flush(mp: Any, see: See) -> None:
    """A process that has called cancel_join_thread() ends although nobody gets what it has put."""
    made = mp.Queue()
    child = mp.Process(target=put_without_flushing, args=(made, "x" * HUGE))
    child.start()
    see.exits(child, 0)


@chapter.clause(
    "queue.cancel_join_thread.loss", source="multiprocessing.Queue.cancel_join_thread", methods=ANY_METHOD, level=MAY
)
def what_was_not_flushed_may_be_lost(mp: Any, see: See) -> None:
    """What a process had put before it ended without a flush may be lost."""
    made = mp.Queue()
    child = mp.Process(target=put_without_flushing, args=(made, "item"))
    child.start()
    see.exits(child, 0)
    try:
        see.records(got=made.get(timeout=YIELD))
    except Exception as error:
        see.records(got=type(error).__name__)


@chapter.clause("queue.feeder.bounded-by-slots-only", source="multiprocessing.Queue.put", methods=ANY_METHOD)
def items_that_wait_to_be_written_take_slots(mp: Any, see: See) -> None:
    """The maxsize counts what is put, written or not: puts go on up to it and stop at it without a reader."""
    bounded, box = mp.Queue(3), see.mailbox()
    child = mp.Process(target=put_and_tell, args=(box, bounded, ["x" * HUGE] * 4))
    child.start()
    see.equal(box.take_all(3), [1, 2, 3], "the puts that come back while nobody gets")
    see.sleeps(child.pid)
    see.equal(box.empty(), True, "that no fourth put comes back")
    see.equal(len(see.comes_back(bounded.get)), HUGE, "the length of the first item")
    see.equal(box.take(), 4, "the put that comes back when there is room")
    for _ in range(3):
        see.comes_back(bounded.get)
    see.exits(child, 0)


@chapter.clause("queue.feeder.parent-drains", source="multiprocessing-programming")
def draining_before_joining_ends(mp: Any, see: See) -> None:
    """Where the parent gets all items before it joins, a child that has put more than a pipe holds ends by itself."""
    made, box = mp.Queue(), see.mailbox()
    child = mp.Process(target=put_all, args=(made, ["X" * HUGE] * 3))
    child.start()
    see.equal([len(see.comes_back(made.get)) for _ in range(3)], [HUGE] * 3, "the lengths of what the parent gets")
    see.exits(child, 0)
    again = mp.Process(target=get_and_post, args=(box, made, 1))
    again.start()
    made.put("the queue goes on")
    see.equal(box.take(), "the queue goes on", "what another child gets afterwards")
    see.exits(again, 0)
