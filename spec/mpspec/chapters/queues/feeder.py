"""Queue: the buffer between put and the pipe, and what follows from it when a process ends."""

from __future__ import annotations

from queue import Empty
from typing import Any

from mpspec.chapters.queues.chapter import HUGE, chapter
from mpspec.chapters.queues.targets import (
    get_and_post,
    get_and_post_at,
    post_threads,
    put_all,
    put_and_leave,
    put_and_tell,
    threads,
)
from mpspec.clause import ANY_METHOD, MAY, NO_METHOD, SHOULD, cases
from mpspec.observation.see import See
from mpspec.observation.waits import HELD, LONG, YIELD

QUEUE = "multiprocessing.Queue"
PIPES_AND_QUEUES = "pipes-and-queues"
ALL_START_METHODS = "all-start-methods"

# The buffer


@chapter.clause(
    "queue.feeder.put-does-not-wait",
    passage=f"{QUEUE}/3",
    methods=NO_METHOD,
    cases={"huge": [HUGE], "many": [1_000] * 2_000, "mixed": [HUGE, 4, 20_000, 4, HUGE, 4]},
    hanging=True,
)
def put_does_not_wait_for_a_reader(mp: Any, see: See, case: Any) -> None:
    """put() hands what the pipe does not take to a background thread: it returns although nobody calls get()."""
    made = mp.Queue()
    for size in case:
        see.comes_back(made.put, "x" * size)
    see.equal([len(see.comes_back(made.get)) for _ in case], case, "the lengths of what is got later")


@chapter.clause("queue.feeder.works-beside", passage=f"{QUEUE}/3", methods=ANY_METHOD)
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


@chapter.clause("queue.feeder.thread", passage=f"{QUEUE}/3", methods=NO_METHOD, level=MAY)
def a_first_put_may_start_a_thread(mp: Any, see: See) -> None:
    """The first put of a process may start a background thread in it."""
    made = mp.Queue()
    before = threads()
    made.put("item")
    see.records(threads_started=threads() - before)
    see.equal(see.comes_back(made.get), "item", "what comes")


@chapter.clause("queue.feeder.not-before", passage=f"{QUEUE}/3", cases=cases("made", "asked", "received"))
def nothing_runs_before_the_first_put(mp: Any, see: See, case: str) -> None:
    """A process starts no feeder thread for a queue into which it puts nothing, whether it makes, asks or gets it."""
    before = threads()
    made, box = mp.Queue(), see.mailbox()
    if case == "asked":
        made.empty(), made.full()
        with see.raises(Empty):
            made.get(block=False)
    if case == "received":
        for given in (None, made):
            child = mp.Process(target=post_threads, args=(box, given))
            child.start()
            see.exits(child, 0)
            before = threads() if given is None else before  # a first child may have some started that are no feeders
        alone, with_it = box.take_all(2)
        see.equal(with_it, alone, "the number of threads of a child that asks the queue, beside that of one without it")
    see.equal(threads(), before, "the number of threads")


# The end of a process that has put something


@chapter.clause(
    "queue.exit.flushes",
    passage=(f"{PIPES_AND_QUEUES}/18", "multiprocessing.Queue.join_thread/5", f"{ALL_START_METHODS}/23"),
    cases={"return": ("return", 0), "exit": ("exit", 3), "error": ("error", 1)},
)
def a_child_ends_only_when_its_items_are_written(mp: Any, see: See, case: Any) -> None:
    """A child that ends right after its puts, in whichever ordinary way, loses none of them."""
    way, status = case
    made, items = mp.Queue(), [str(number) * 50_000 for number in range(30)]
    box = see.mailbox()
    child = mp.Process(target=put_and_leave, args=(box, made, items, way))
    with see.output():
        child.start()
        box.take()
        see.settles(child.pid)
        for item in items:
            see.true(see.comes_back(made.get) == item, "each item comes, whole and in its place")
        see.exits(child, status)


@chapter.clause("queue.exit.deadlock", passage=(f"{PIPES_AND_QUEUES}/18,19", f"{ALL_START_METHODS}/26"), hanging=True)
def joining_before_draining_deadlocks(mp: Any, see: See) -> None:
    """A child does not end while what it has put is neither got nor in the pipe, and ends once it is got."""
    made = mp.Queue()
    child = mp.Process(target=put_all, args=(made, ["X" * HUGE]))
    child.start()
    see.eventually(lambda: not made.empty(), "the child has put its item")
    see.settles(child.pid)
    child.join(HELD if mp.get_start_method() == "fork" else YIELD)
    see.equal(child.exitcode, None, "the exit code of a child whose item nobody has got")
    see.equal(len(see.comes_back(made.get)), HUGE, "the length of what is got at last")
    see.exits(child, 0)


# By fork, which hands the queue on at once: by spawn it would be about arguments that are kept alive as well.
@chapter.clause(
    "queue.exit.deadlock-at-exit",
    passage=f"{PIPES_AND_QUEUES}/20",
    methods=("fork",),
    fresh=True,
    hanging=True,
    patience=1.5,
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
    see.settles(running.pid)
    see.equal(running.process.poll(), None, "the status of a program whose child cannot end")
    ended = running.finish("drain\n")
    see.equal((ended.status, ended.out, ended.err), (0, "end of main\ndraining\n", ""), "status, output and errors")


@chapter.clause(
    "queue.exit.last-put-of-main", passage=f"{ALL_START_METHODS}/27", level=SHOULD, fresh=True, patience=1.5
)
def what_main_puts_last_arrives_in_its_children(mp: Any, see: See) -> None:
    """A program that ends right after a put does not keep it from the child that gets it, which is joined at exit."""
    ended = see.program(
        "import atexit\n"
        "import multiprocessing\n"
        "def get(ready, over, queue):\n"
        "    ready.put('ready')\n"
        "    over.wait()\n"
        "    print(len(queue.get()), queue.get(), flush=True)\n"
        "if __name__ == '__main__':\n"
        f"    multiprocessing.set_start_method({mp.get_start_method()!r})\n"
        "    ready, queue = multiprocessing.Queue(), multiprocessing.Queue()\n"
        "    over = multiprocessing.Event()\n"
        "    atexit.register(over.set)\n"
        "    multiprocessing.Process(target=get, args=(ready, over, queue)).start()\n"
        "    ready.get()\n"
        "    queue.put('X' * 1000000)\n"
        "    queue.put('last')\n"
    )
    see.equal((ended.status, ended.out, ended.err), (0, "1000000 last\n", ""), "status, output and errors")


@chapter.clause(
    "queue.exit.first-put",
    passage=("multiprocessing.Queue.put/2", f"{ALL_START_METHODS}/27"),
    fresh=True,
    patience=1.5,
)
def a_first_put_in_an_exit_handler_arrives(mp: Any, see: See) -> None:
    """What an exit handler of the program is the first to put into a queue reaches the child that gets it."""
    ended = see.program(
        "import multiprocessing\n"
        "import atexit\n"
        "def get(queue):\n"
        "    print(queue.get(), flush=True)\n"
        "if __name__ == '__main__':\n"
        f"    multiprocessing.set_start_method({mp.get_start_method()!r})\n"
        "    queue = multiprocessing.Queue()\n"
        "    child = multiprocessing.Process(target=get, args=(queue,))\n"
        "    child.start()\n"
        "    atexit.register(child.join)\n"
        "    atexit.register(queue.put, 'from the exit handler')\n"
    )
    see.equal((ended.status, ended.out, ended.err), (0, "from the exit handler\n", ""), "status, output and errors")


@chapter.clause("queue.exit.child-still-starting", passage=f"{ALL_START_METHODS}/34,27", fresh=True, patience=1.5)
def main_ends_while_its_child_is_starting(mp: Any, see: See) -> None:
    """A child that is given a queue can use it although its parent comes to its end while the child is starting."""
    ended = see.program(
        "import multiprocessing\n"
        "import os\n"
        "from mpspec.observation import settling\n"
        "class Slow:\n"  # what follows it is unpickled once the parent has nothing more to do than to join its child
        "    def __init__(self):\n"
        "        self.pid = os.getpid()\n"
        "    def __setstate__(self, state):\n"
        "        settling.of_process(state['pid']).wait()\n"
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
    "queue.exit.creator", passage="multiprocessing.Queue.join_thread/5", methods=NO_METHOD, level=MAY, fresh=True
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


@chapter.clause(
    "queue.feeder.bounded-by-slots-only", passage=("multiprocessing.Queue.put/3", f"{QUEUE}/3"), methods=ANY_METHOD
)
def items_that_wait_to_be_written_take_slots(mp: Any, see: See) -> None:
    """The maxsize counts what is put, written or not: puts go on up to it and stop at it without a reader."""
    bounded, box = mp.Queue(3), see.mailbox()
    child = mp.Process(target=put_and_tell, args=(box, bounded, ["x" * HUGE] * 4))
    child.start()
    see.equal(box.take_all(3), [1, 2, 3], "the puts that come back while nobody gets")
    see.settles(child.pid)
    see.equal(box.empty(), True, "that no fourth put comes back")
    see.equal(len(see.comes_back(bounded.get)), HUGE, "the length of the first item")
    see.equal(box.take(), 4, "the put that comes back when there is room")
    for _ in range(3):
        see.comes_back(bounded.get)
    see.exits(child, 0)


@chapter.clause("queue.feeder.parent-drains", passage=f"{ALL_START_METHODS}/25,30")
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
