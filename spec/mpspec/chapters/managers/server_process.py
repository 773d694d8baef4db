"""Manager() and the server process: what it starts, which types it supports, and who can use what it holds."""

from __future__ import annotations

import os
from typing import Any

from mpspec.chapters.managers.chapter import (
    TYPES,
    another,
    chapter,
    posted_by_a_child,
    run_in_a_child,
    server_of,
    workshop,
)
from mpspec.chapters.managers.targets import append_slowly, fill, post_outcome, post_text
from mpspec.clause import ANY_METHOD, NO_METHOD, SHOULD, cases
from mpspec.observation.see import See
from mpspec.observation.waits import SETTLE

SHARING = "sharing-state-between-processes"

MANAGER = "multiprocessing.Manager"


@chapter.clause("manager.process.signature", passage=f"{MANAGER}/1", methods=NO_METHOD)
def manager_takes_no_argument(mp: Any, see: See) -> None:
    """Manager() takes no arguments."""
    see.signature(mp.Manager, "()")


@chapter.clause("manager.process.started", passage=(f"{MANAGER}/2", "multiprocessing.managers.SyncManager/3"))
def manager_returns_a_started_one(mp: Any, see: See) -> None:
    """Manager() returns a SyncManager that is started: its methods make shared objects at once."""
    manager = mp.Manager()
    see.true(isinstance(manager, mp.managers.SyncManager), "it is a SyncManager", type(manager))
    see.equal(str(manager.list([1, 2])), "[1, 2]", "the representation of a shared list")
    manager.shutdown()


@chapter.clause("manager.process.process", passage=(f"{MANAGER}/3", f"{SHARING}/14", "managers/2"))
def the_objects_are_in_another_process(mp: Any, see: See) -> None:
    """The objects of a manager are held by a process of its own, another one for each manager."""
    with mp.Manager() as first, mp.Manager() as second:
        pids = {os.getpid(), server_of(see, first), server_of(see, second)}
        see.equal(len(pids), 3, "the number of processes: this one, and the servers of two managers")
        see.equal(len({server_of(see, first) for _ in range(3)}), 1, "the number of servers of one manager")


@chapter.clause("manager.process.child", passage=f"{MANAGER}/3", level=SHOULD)
def the_server_is_a_child(mp: Any, see: See) -> None:
    """The server process is a child of the process that has called Manager(): active_children() has it."""
    with mp.Manager() as manager:
        pids = [child.pid for child in mp.active_children()]
        see.true(server_of(see, manager) in pids, "the server is among the active children", pids)


@chapter.clause("manager.process.types", passage=f"{SHARING}/15,23", methods=ANY_METHOD, cases=cases(*TYPES))
def every_type_is_supported(mp: Any, see: See, name: str) -> None:
    """A manager makes objects of each of the thirteen types, several of each."""
    with mp.Manager() as manager:
        made = [getattr(manager, name)(*TYPES[name]) for _ in range(2)]
        see.true(all(isinstance(each, mp.managers.BaseProxy) for each in made), "two proxies are made", made)


@chapter.clause("manager.process.shared", passage=(f"{SHARING}/14", "managers/1,3", f"{MANAGER}/2"))
def other_processes_manipulate_the_objects(mp: Any, see: See) -> None:
    """What a child does to shared objects through proxies is done to the objects that the parent sees."""
    with mp.Manager() as manager:
        mapping, sequence = manager.dict({"zero": 0}), manager.list(range(3))
        run_in_a_child(mp, see, fill, mapping, sequence)
        see.equal(mapping._getvalue(), {"zero": 0, "one": 1, 2: "two"}, "the dict")
        see.equal(sequence._getvalue(), ["last", 2, 1, 0], "the list")


@chapter.clause("manager.process.shared.before", passage=(f"{SHARING}/14", "managers/3"), methods=ANY_METHOD)
def other_processes_see_what_was_done_before(mp: Any, see: See) -> None:
    """A child sees what was done to a shared object before it was started, and since."""
    with mp.Manager() as manager:
        sequence = manager.list(["before"])
        see.equal(posted_by_a_child(mp, see, post_text, sequence), "['before']", "the list in the child")
        sequence.append("since")
        text = posted_by_a_child(mp, see, post_text, sequence)
        see.equal(text, "['before', 'since']", "the list in the next child")


@chapter.clause("manager.process.arbitrary-types", passage=f"{SHARING}/20")
def objects_of_any_type_are_shared(mp: Any, see: See) -> None:
    """A manager can be made to support a class of the user's: a child changes the object, the parent sees it."""
    with workshop() as manager:
        bench = manager.Bench("saw")
        answer = posted_by_a_child(mp, see, post_outcome, bench, "add_tool", "file")
        see.equal(answer, "returned 2", "what the method returns in the child")
        see.equal(bench.all_tools(), ["saw", "file"], "the object's state")


REMOTE = """\
import sys
from multiprocessing.managers import BaseManager

class Remote(BaseManager):
    pass

Remote.register("Bench")
manager = Remote(address=("127.0.0.1", int(sys.argv[1])), authkey=b"a key of the check")
manager.connect()
bench = manager.Bench("saw", "file")
print(bench.all_tools(), bench.pid())
"""


@chapter.clause("manager.process.network", passage=(f"{SHARING}/21", "managers/1"), methods=ANY_METHOD)
def it_is_shared_over_a_network(mp: Any, see: See) -> None:
    """A process of another program uses a manager over TCP, by its address and key alone."""
    with workshop(address=("127.0.0.1", 0), authkey=b"a key of the check") as manager:
        ended = see.program(REMOTE, str(manager.address[1]))
        told = f"['saw', 'file'] {server_of(see, manager)}\n"
        see.equal((ended.status, ended.out, ended.err), (0, told, ""), "status, out, err of the other program")


@chapter.clause("manager.process.at-once", passage=(f"{SHARING}/14", "multiprocessing.managers.SyncManager/4,5"))
def many_use_it_at_once(mp: Any, see: See) -> None:
    """Several processes change one shared list at once, and nothing of what they do is lost."""
    box, gate = see.mailbox(), see.gate()
    with mp.Manager() as manager:
        sequence = manager.list()
        children = [mp.Process(target=append_slowly, args=(box, gate, sequence, number)) for number in range(3)]
        for child in children:
            child.start()
        see.equal(box.take(), "sending", "what a child posts, in the middle of append()")
        meanwhile = see.in_thread(another(sequence).append, 3)
        meanwhile.thread.join(SETTLE)  # it may have to wait until the child has sent what it is at, as the others may
        gate.open()
        meanwhile.ends()
        for child in children:
            see.exits(child, 0)
        items = sequence._getvalue()
        see.equal(sorted(items), [0, 0, 1, 1, 2, 2, 3], "the items of all processes, sorted")
