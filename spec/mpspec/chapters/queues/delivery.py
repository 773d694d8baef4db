"""Queue between processes: who can use it, and histories of order, loss and duplication."""

from __future__ import annotations

from typing import Any

from mpspec.chapters.queues.chapter import HUGE, chapter
from mpspec.chapters.queues.histories import observe_processes, observe_threads
from mpspec.chapters.queues.items import MIXED
from mpspec.chapters.queues.targets import (
    INHERITED,
    echo,
    get_and_post,
    get_and_stay,
    put_all,
    put_and_stay,
    put_by_a_child_of_mine,
    put_into_the_inherited,
    tell_get_and_post,
)
from mpspec.clause import ANY_METHOD, MAY, NO_METHOD, SHOULD
from mpspec.observation.processes import end
from mpspec.observation.see import See
from mpspec.observation.waits import SMALL

QUEUE = "multiprocessing.Queue"
PIPES_AND_QUEUES = "pipes-and-queues"

# Which processes can use it


@chapter.clause("queue.between.parent-and-child", passage=f"{QUEUE}/2")
def parent_and_child_talk_both_ways(mp: Any, see: See) -> None:
    """Parent and child exchange items over queues that the child was given as arguments."""
    there, back = mp.Queue(), mp.Queue()
    child = mp.Process(target=echo, args=(there,), kwargs={"outward": back})
    child.start()
    for item in ("ping", 2, None):
        there.put(item)
        see.equal(see.comes_back(back.get), item, "what comes back")
    see.exits(child, 0)


@chapter.clause("queue.between.children", passage=f"{QUEUE}/2")
def two_children_talk(mp: Any, see: See) -> None:
    """One child gets what another child puts."""
    made, box = mp.Queue(), see.mailbox()
    getting = mp.Process(target=get_and_post, args=(box, made, 2))
    putting = mp.Process(target=put_all, args=(made, ["one", "two"]))
    getting.start()
    putting.start()
    see.equal(box.take_all(2), ["one", "two"], "what one child gets of the other")
    see.exits(putting, 0)
    see.exits(getting, 0)


@chapter.clause("queue.between.generations", passage=f"{QUEUE}/2")
def a_child_hands_the_queue_on(mp: Any, see: See) -> None:
    """A child can give the queue that it was given to a child of its own."""
    made = mp.Queue()
    child = mp.Process(target=put_by_a_child_of_mine, args=(mp, made, "from the grandchild"))
    child.start()
    see.equal(see.comes_back(made.get), "from the grandchild", "what comes")
    see.exits(child, 0)


@chapter.clause("queue.between.inherited", passage="all-start-methods/32", methods=("fork",))
def a_forked_child_can_use_a_global_queue(mp: Any, see: See) -> None:
    """A child that was forked can use a queue that its parent holds in a global variable."""
    INHERITED[:] = [mp.Queue()]
    child = mp.Process(target=put_into_the_inherited, args=("by the global",))
    child.start()
    see.equal(see.comes_back(INHERITED[0].get), "by the global", "what comes")
    see.exits(child, 0)
    INHERITED.clear()


@chapter.clause("queue.between.threads", passage="exchanging-objects-between-processes/6", methods=NO_METHOD)
def threads_share_a_queue(mp: Any, see: See) -> None:
    """Threads of one process can put into and get from the same queue at the same time."""
    observe_threads(see, mp.Queue(20), [[4] * 150] * 3, consumers=2, maxsize=20)


@chapter.clause("queue.between.forked-while-full", passage="exchanging-objects-between-processes/6", methods=("fork",))
def a_fork_does_not_double_what_is_buffered(mp: Any, see: See) -> None:
    """What a process has put and not yet written when it forks is written by itself alone."""
    made = mp.Queue()
    for item in ("x" * HUGE, "buffered"):
        made.put(item)
    child = mp.Process(target=put_all, args=(made, ["theirs"]))
    child.start()
    came = [see.comes_back(made.get) for _ in range(3)]
    see.equal(sorted(item[:8] for item in came), ["buffered", "theirs", "x" * 8], "what comes")
    see.exits(child, 0)
    see.true(made.empty(), "nothing is left in the queue")


# Histories


@chapter.clause("queue.order.one-producer", passage=f"{PIPES_AND_QUEUES}/15")
def the_items_of_one_process_keep_their_order(mp: Any, see: See) -> None:
    """Items that one process puts are got in the order in which it put them."""
    observe_processes(mp, see, mp.Queue(), [[4] * 200], consumers=1)


@chapter.clause("queue.order.sizes", passage=f"{PIPES_AND_QUEUES}/15", methods=ANY_METHOD)
def small_items_do_not_overtake_big_ones(mp: Any, see: See) -> None:
    """Items of one process keep their order whatever their sizes: a small one does not overtake a big one."""
    observe_processes(mp, see, mp.Queue(), [MIXED * 3], consumers=1)


@chapter.clause("queue.order.producers", passage=f"{PIPES_AND_QUEUES}/15,3", methods=ANY_METHOD)
def each_producer_keeps_its_own_order(mp: Any, see: See) -> None:
    """With several producers the items of each are got in its own order, and none is lost."""
    observe_processes(mp, see, mp.Queue(), [[4] * 150, MIXED, [4_000] * 60], consumers=1)


@chapter.clause("queue.order.consumers", passage=f"{PIPES_AND_QUEUES}/3,15", methods=ANY_METHOD)
def consumers_share_the_items(mp: Any, see: See) -> None:
    """With several consumers each item goes to exactly one of them, none before an earlier one was taken."""
    observe_processes(mp, see, mp.Queue(), [[4] * 200 + MIXED], consumers=3)


@chapter.clause("queue.order.many-to-many", passage=f"{PIPES_AND_QUEUES}/3,15")
def nothing_is_lost_doubled_or_reordered(mp: Any, see: See) -> None:
    """With several producers and consumers every item is got once, and in the order of its producer."""
    observe_processes(mp, see, mp.Queue(), [[4] * 80, MIXED], consumers=2)


@chapter.clause(
    "queue.order.bounded", passage="multiprocessing.Queue.put/3", methods=ANY_METHOD, cases={"one": 1, "seven": 7}
)
def the_bound_holds_at_every_moment(mp: Any, see: See, case: int) -> None:
    """A bounded queue used by several processes never holds more than maxsize items, and loses none."""
    observe_processes(mp, see, mp.Queue(case), [[4] * 80, MIXED], consumers=2, maxsize=case)


@chapter.clause("queue.order.between-producers", passage=f"{PIPES_AND_QUEUES}/14", level=MAY)
def the_order_between_producers_is_open(mp: Any, see: See) -> None:
    """Items of different processes may be got in another order than that in which they were put."""
    made, box, gate = mp.Queue(), see.mailbox(), see.gate()
    first = mp.Process(target=put_and_stay, args=(box, gate, made, ["first"]))
    first.start()
    box.take()
    second = mp.Process(target=put_and_stay, args=(box, gate, made, ["second"]))
    second.start()
    box.take()
    came = [see.comes_back(made.get) for _ in range(2)]
    gate.open()
    see.equal(sorted(came), ["first", "second"], "what comes, in some order")
    see.records(order=came)
    for child in (first, second):
        see.exits(child, 0)


# Killed users


@chapter.clause(
    "queue.kill.consumer-between-items", passage=(f"{PIPES_AND_QUEUES}/16", "all-start-methods/20"), level=SHOULD
)
def a_consumer_killed_between_items_does_no_harm(mp: Any, see: See) -> None:
    """A process that is killed while it does not use the queue leaves it whole for the others."""
    made, box, gate = mp.Queue(2), see.mailbox(), see.gate()
    child = mp.Process(target=get_and_stay, args=(box, gate, made))
    child.start()
    made.put("for the child")
    see.equal(box.take(), "for the child", "what the child gets")
    end(child)
    for item in range(4):
        see.comes_back(made.put, item, timeout=SMALL)
        see.equal(see.comes_back(made.get), item, "what comes after the kill")


@chapter.clause("queue.kill.producer-between-items", passage=f"{PIPES_AND_QUEUES}/16", level=SHOULD)
def a_producer_killed_between_items_does_no_harm(mp: Any, see: See) -> None:
    """A process that is killed after its items have arrived leaves the queue whole for the others."""
    made, box, gate = mp.Queue(), see.mailbox(), see.gate()
    child = mp.Process(target=put_and_stay, args=(box, gate, made, ["x" * 100_000, "second"]))
    child.start()
    see.equal([len(see.comes_back(made.get)) for _ in range(2)], [100_000, 6], "the lengths of what the child put")
    see.equal(box.take(), "put", "what the child tells")
    see.settles(child.pid)
    end(child)
    made.put("after")
    see.equal(see.comes_back(made.get), "after", "what comes after the kill")


@chapter.clause("queue.kill.waiting-consumer", passage=f"{PIPES_AND_QUEUES}/16,17", methods=ANY_METHOD, level=MAY)
def a_consumer_killed_while_it_waits_may_spoil_the_queue(mp: Any, see: See) -> None:
    """A process killed while it waits in get() may leave a queue from which the others cannot get any more."""
    made, box = mp.Queue(), see.mailbox()
    child = mp.Process(target=tell_get_and_post, args=(box, made))
    child.start()
    box.take()
    see.settles(child.pid)
    end(child)
    made.put("after")
    try:
        see.records(got=made.get(timeout=SMALL))
    except Exception as error:
        see.records(got=error)
