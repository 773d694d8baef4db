"""Queue: close, join_thread and cancel_join_thread."""

from __future__ import annotations

import gc
from typing import Any, Callable

from mpspec.chapters.queues.chapter import HUGE, chapter
from mpspec.chapters.queues.targets import (
    close_it,
    get_and_post_at,
    put_join_and_vanish,
    put_then_give_up,
    put_without_flushing,
    threads,
)
from mpspec.clause import ANY_METHOD, MAY, NO_METHOD, SHOULD, UNSPECIFIED
from mpspec.observation.descriptors import open_files
from mpspec.observation.processes import end
from mpspec.observation.see import See
from mpspec.observation.waits import LONG, YIELD

CLOSE = "multiprocessing.Queue.close"
JOIN_THREAD = "multiprocessing.Queue.join_thread"
CANCEL_JOIN_THREAD = "multiprocessing.Queue.cancel_join_thread"

CLOSED: dict[str, Callable[[Any], Any]] = {
    "put": lambda queue: queue.put("item"),
    "put_nowait": lambda queue: queue.put_nowait("item"),
    "get": lambda queue: queue.get(),
    "get-timeout": lambda queue: queue.get(timeout=LONG),
    "get_nowait": lambda queue: queue.get_nowait(),
}


@chapter.clause(
    "queue.close.then-used",
    passage=("multiprocessing.Queue.put/6", "multiprocessing.Queue.get/6", f"{CLOSE}/3,4"),
    methods=NO_METHOD,
    since="3.8",
    cases=CLOSED,
)
def a_closed_queue_is_of_no_more_use_here(mp: Any, see: See, case: Callable[[Any], Any]) -> None:
    """After close() a put or get in the same process raises ValueError."""
    made = mp.Queue()
    made.close()
    with see.raises(ValueError):
        see.comes_back(case, made)


@chapter.clause("queue.close.empty", passage="multiprocessing.Queue.empty/4", methods=NO_METHOD, level=MAY)
def empty_of_a_closed_queue_may_raise(mp: Any, see: See) -> None:
    """empty() of a closed queue may raise OSError."""
    made = mp.Queue()
    made.close()
    try:
        see.records(empty=made.empty())
    except OSError as error:
        see.records(empty=type(error).__name__)


@chapter.clause("queue.close.flushes", passage=f"{CLOSE}/5", hanging=True)
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


@chapter.clause("queue.close.here-only", passage=f"{CLOSE}/2", level=SHOULD)
def close_concerns_this_process(mp: Any, see: See) -> None:
    """close() concerns the calling process alone: the others go on putting and getting."""
    made = mp.Queue()
    child = mp.Process(target=close_it, args=(made,))
    child.start()
    see.exits(child, 0)
    made.put("after")
    see.equal(see.comes_back(made.get), "after", "what is put after another process has closed the queue")


@chapter.clause("queue.close.twice", source=CLOSE, methods=NO_METHOD, level=UNSPECIFIED)
def closing_again_changes_nothing(mp: Any, see: See) -> None:
    """close() of a closed queue does nothing."""
    made = mp.Queue()
    made.close()
    made.close()


@chapter.clause("queue.close.ends-the-thread", passage=f"{CLOSE}/5,2", methods=ANY_METHOD)
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


# By fork, which hands the queue on at once: by spawn it would be about arguments that are kept alive as well.
@chapter.clause("queue.collected.closes", passage=f"{CLOSE}/6,5", methods=("fork",))
def a_collected_queue_is_closed(mp: Any, see: See) -> None:
    """A queue that is garbage collected is closed by that: what was put arrives, and thread and descriptors go."""
    child_has, box, gate = mp.Queue(), see.mailbox(), see.gate()
    before = threads(), len(open_files())
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
    see.eventually(lambda: len(open_files()) <= before[1], "the descriptors are closed")


@chapter.clause("queue.collected.descriptors", passage=f"{CLOSE}/6,2,5", methods=NO_METHOD)
def queues_that_are_not_needed_cost_nothing(mp: Any, see: See) -> None:
    """Queues that were used and are not referred to any more leave neither threads nor descriptors behind."""
    first = mp.Queue()
    first.put("item")
    see.comes_back(first.get)
    del first
    gc.collect()
    before = len(open_files()), threads()
    for _ in range(30):
        made = mp.Queue()
        made.put("item")
        see.comes_back(made.get)
        del made
    see.eventually(lambda: [gc.collect(), len(open_files())][1] <= before[0] + 2, "the descriptors are closed")
    see.eventually(lambda: threads() <= before[1], "the threads have ended")


@chapter.clause("queue.close.releases", passage=f"{CLOSE}/2,5", methods=NO_METHOD, cases={"unused": 0, "used": 3})
def closing_gives_everything_back(mp: Any, see: See, case: int) -> None:
    """After close(), and the end of the background thread, the object that still exists holds no descriptor."""
    first = mp.Queue()
    first.put("item")
    see.comes_back(first.get)
    first.close()
    first.join_thread()
    before, running = len(open_files()), threads()
    made = mp.Queue()
    for item in range(case):
        made.put(item)
        see.comes_back(made.get)
    made.close()
    see.comes_back(made.join_thread)
    see.eventually(lambda: threads() <= running, "the threads have ended")
    see.eventually(lambda: len(open_files()) <= before, "the descriptors are closed")


@chapter.clause("queue.join_thread.waits", passage=f"{JOIN_THREAD}/4,2", methods=ANY_METHOD, hanging=True)
def join_thread_waits_until_all_is_written(mp: Any, see: See) -> None:
    """join_thread() after close() blocks until everything that was put is written."""
    made, box, gate = mp.Queue(), see.mailbox(), see.gate()
    child = mp.Process(target=get_and_post_at, args=(gate, box, made, 1))
    child.start()
    made.put("x" * HUGE)
    made.close()
    joining = see.blocks(made.join_thread)
    joining.goes_on()
    gate.open()
    joining.ends()
    see.equal(box.take(), HUGE, "the length of what arrives")
    see.exits(child, 0)


@chapter.clause(
    "queue.join_thread.then-readable",
    passage=f"{JOIN_THREAD}/4,2",
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
    see.comes_back(made.join_thread)


@chapter.clause("queue.join_thread.written", passage=f"{JOIN_THREAD}/4", methods=ANY_METHOD)
def after_join_thread_the_items_are_there(mp: Any, see: See) -> None:
    """When join_thread() has returned, what was put is in the pipe: it arrives even if its process vanishes then."""
    box, made = see.mailbox(), mp.Queue()
    child = mp.Process(target=put_join_and_vanish, args=(box, made, ["x" * HUGE, "last"]))
    child.start()
    see.equal(box.take(), "put", "the message")
    # Only now is anything taken out: a child that does not wait for that is gone by then.
    see.settles(child.pid, or_ends=True)
    see.equal([len(see.comes_back(made.get)) for _ in range(2)], [HUGE, 4], "the lengths of what arrives")
    see.gone(child.pid)
    child.join()


@chapter.clause("queue.join_thread.before-close", passage=f"{JOIN_THREAD}/3", methods=NO_METHOD, level=UNSPECIFIED)
def join_thread_comes_after_close(mp: Any, see: See) -> None:
    """join_thread() of a queue that is not closed raises AssertionError."""
    with see.raises(AssertionError):
        see.comes_back(mp.Queue().join_thread)


@chapter.clause(
    "queue.cancel_join_thread.join",
    passage=(f"{CANCEL_JOIN_THREAD}/2", f"{JOIN_THREAD}/6"),
    methods=ANY_METHOD,
    hanging=True,
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
    if box.empty(after=LONG / 2):  # it may be lost; where it is not, somebody has to get it, or its writer stays
        end(child)
    child.join()


@chapter.clause(
    "queue.cancel_join_thread.exit", passage=(f"{CANCEL_JOIN_THREAD}/3", "all-start-methods/24"), hanging=True
)
def a_process_can_end_without_a_flush(mp: Any, see: See) -> None:
    """A process that has called cancel_join_thread(), before or after its puts, ends although nobody gets them."""
    for target in (put_without_flushing, put_then_give_up):
        child = mp.Process(target=target, args=(mp.Queue(), "x" * HUGE))
        child.start()
        see.exits(child, 0)


@chapter.clause("queue.cancel_join_thread.loss", passage=f"{CANCEL_JOIN_THREAD}/5", methods=ANY_METHOD, level=MAY)
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


@chapter.clause("queue.close.handed-over", source=CLOSE, level=UNSPECIFIED, methods=("spawn", "forkserver"))
def a_closed_queue_is_handed_to_a_child(mp: Any, see: See) -> None:
    """Whether a queue can be handed to a child that is closed, and not for the child, is left open."""
    made = mp.Queue()
    made.close()
    child = mp.Process(target=close_it, args=(made,))
    try:
        child.start()
    except Exception as error:
        see.records(raised=type(error).__name__)
    else:
        child.join()
        see.records(exitcode=child.exitcode)
