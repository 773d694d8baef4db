"""The fork server: the process that forks the children of the start method forkserver."""

from __future__ import annotations

import os
import threading
from typing import Any

from mpspec.chapters.contexts.chapter import chapter
from mpspec.chapters.contexts.targets import post_origin_of_a_child, post_parent_and_wait
from mpspec.clause import UNSPECIFIED
from mpspec.observation.processes import end
from mpspec.observation.see import See

FORKSERVER = "multiprocessing-start-method-forkserver"


@chapter.clause("context.server.parent", passage=f"{FORKSERVER}/2,1", methods=("forkserver",), platforms=("linux",))
def the_server_is_the_parent_of_its_children(mp: Any, see: See) -> None:
    """A child by forkserver is forked by another process than the one that starts it."""
    box, gate = see.mailbox(), see.gate()
    child = mp.Process(target=post_parent_and_wait, args=(box, gate))
    child.start()
    see.true(box.take() != os.getpid(), "the child's parent is another process than its starter")
    gate.open()
    see.exits(child, 0)


@chapter.clause("context.server.once", passage=f"{FORKSERVER}/2,1", methods=("forkserver",), platforms=("linux",))
def one_server_forks_every_child(mp: Any, see: See) -> None:
    """The server is started once: it forks every child of the program, by module or context, one after another."""
    box, opened = see.mailbox(), see.gate()
    opened.open()
    for maker in (mp, mp, mp.get_context("forkserver")):
        child = maker.Process(target=post_parent_and_wait, args=(box, opened))
        child.start()
        see.exits(child, 0)
    see.equal(len(set(box.take_all(3))), 1, "the number of servers")


@chapter.clause("context.server.at-once", passage=f"{FORKSERVER}/1,2", methods=("forkserver",), platforms=("linux",))
def one_server_forks_children_from_several_threads(mp: Any, see: See) -> None:
    """Children that several threads start at the same time, the first ones of the program, come from one server."""
    box, opened = see.mailbox(), see.gate()
    opened.open()
    children = [mp.Process(target=post_parent_and_wait, args=(box, opened)) for _ in range(3)]
    threads = [threading.Thread(target=child.start) for child in children]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for child in children:
        see.exits(child, 0)
    see.equal(len(set(box.take_all(3))), 1, "the number of servers")


@chapter.clause(
    "context.server.single-threaded", passage=f"{FORKSERVER}/3", methods=("forkserver",), platforms=("linux",)
)
def the_server_has_one_thread(mp: Any, see: See) -> None:
    """The server is single threaded."""
    box, gate = see.mailbox(), see.gate()
    child = mp.Process(target=post_parent_and_wait, args=(box, gate))
    child.start()
    see.equal(len(os.listdir(f"/proc/{box.take()}/task")), 1, "the number of its threads")
    gate.open()
    see.exits(child, 0)


@chapter.clause("context.server.status", passage=f"{FORKSERVER}/2", methods=("forkserver",), platforms=("linux",))
def the_server_survives_the_death_of_a_child(mp: Any, see: See) -> None:
    """The server goes on forking after a child of it was killed."""
    box, gate = see.mailbox(), see.gate()
    killed = mp.Process(target=post_parent_and_wait, args=(box, gate))
    killed.start()
    server = box.take()
    end(killed)
    gate.open()
    child = mp.Process(target=post_parent_and_wait, args=(box, gate))
    child.start()
    see.equal(box.take(), server, "the server of the next child")
    see.exits(child, 0)


@chapter.clause("context.server.grandchildren", source=FORKSERVER, level=UNSPECIFIED, methods=("forkserver",))
def the_server_forks_grandchildren_too(mp: Any, see: See) -> None:
    """A child by forkserver has its own children forked by the same server."""
    box, opened = see.mailbox(), see.gate()
    opened.open()
    first = mp.Process(target=post_parent_and_wait, args=(box, opened))
    child = mp.Process(target=post_origin_of_a_child, args=(mp, box))
    first.start()
    see.exits(first, 0)
    child.start()
    server, (parent, _), _ = box.take_all(3)
    see.exits(child, 0)
    see.records(same_server=parent == server)


@chapter.clause(
    "context.server.lost", source=FORKSERVER, level=UNSPECIFIED, methods=("forkserver",), platforms=("linux",)
)
def a_lost_server_is_replaced(mp: Any, see: See) -> None:
    """After the server was killed the next start begins a new one."""
    box, opened = see.mailbox(), see.gate()
    opened.open()
    first, second = (mp.Process(target=post_parent_and_wait, args=(box, opened)) for _ in range(2))
    first.start()
    see.exits(first, 0)
    server = box.take()
    os.kill(server, 9)
    see.gone(server)
    try:
        second.start()
        see.exits(second, 0)
        see.records(replaced=box.take() != server)
    except (OSError, EOFError, RuntimeError) as error:
        see.records(replaced=error)
