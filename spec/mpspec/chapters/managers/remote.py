"""Remote managers: a server of one object, for programs that know no more than its address and its key."""

from __future__ import annotations

import ast
import os
from typing import Any

from mpspec.chapters.managers.chapter import chapter
from mpspec.chapters.managers.manager_targets import KEY, TakeOne, be_client, put_three, serve_own_queue
from mpspec.chapters.managers.serving import (
    FAMILIES,
    REGISTER,
    REMOTE,
    address_of,
    connected,
    serving,
)
from mpspec.clause import ANY_METHOD, NO_METHOD, SHOULD
from mpspec.observation.processes import end
from mpspec.observation.see import See
from mpspec.observation.waits import LONG

SERVER = """\
import sys
from multiprocessing.managers import BaseManager
from queue import Queue

queue = Queue()

class QueueManager(BaseManager):
    pass

QueueManager.register("get_queue", callable=lambda: queue)

if __name__ == "__main__":
    manager = QueueManager(address=eval(sys.argv[1]), authkey=b"of the programs")
    server = manager.get_server()
    print(repr(server.address), flush=True)
    server.serve_forever()
"""

CLIENT = """\
import sys
from multiprocessing.managers import BaseManager

class QueueManager(BaseManager):
    pass

QueueManager.register("get_queue")

if __name__ == "__main__":
    manager = QueueManager(address=eval(sys.argv[1]), authkey=b"of the programs")
    manager.connect()
    queue = manager.get_queue()
    if sys.argv[2] == "put":
        queue.put("hello")
    else:
        print(queue.get())
"""


@chapter.clause(
    "manager.remote.programs",
    passage=(f"{REMOTE}/2,4,6", "managers/1", "sharing-state-between-processes/21", f"{REGISTER}/6"),
    methods=NO_METHOD,
    cases=FAMILIES,
)
def programs_use_the_server_of_another(mp: Any, see: See, family: str) -> None:
    """One program serves a queue, another puts something into it, a third gets it: they share address and key."""
    server = see.start_program(SERVER, repr(address_of(family, see)))
    path = os.path.join(server.folder, ".out")

    def told() -> str:
        with open(path, encoding="utf-8") as file:
            return file.read()

    see.eventually(lambda: told().endswith("\n"), "the server tells its address")
    address = ast.literal_eval(told())
    for what, out in (("put", ""), ("get", "hello\n")):
        ended = see.program(CLIENT, repr(address), what)
        see.equal((ended.status, ended.out, ended.err), (0, out, ""), f"status, out, err of the client that {what}s")
    server.kill()
    server.finish()
    if family == "AF_UNIX":
        os.unlink(address)


@chapter.clause("manager.remote.one-object", passage=f"{REMOTE}/2,6", methods=ANY_METHOD, cases=FAMILIES)
def all_clients_have_the_same_object(mp: Any, see: See, family: str) -> None:
    """What a callable returns each time anew is one object to all clients: one finds what another has put there."""
    from mpspec.chapters.managers.manager_classes import QueueClient, QueueServer

    with serving(mp, see, QueueServer, address_of(family, see)) as address:
        one, other = (connected(QueueClient, address).get_queue() for _ in range(2))
        one.put("of one")
        see.returns("of one", other.get)
        other.put("of the other")
        see.returns("of the other", connected(QueueClient, address).get_queue().get)


@chapter.clause("manager.remote.waiting", passage=f"{REMOTE}/6,2", methods=ANY_METHOD, hanging=True)
def a_client_that_waits_holds_up_nobody(mp: Any, see: See) -> None:
    """While one client waits for something in the queue, another one is served and puts it there."""
    from mpspec.chapters.managers.manager_classes import QueueClient, QueueServer

    with serving(mp, see, QueueServer) as address:
        one, other = (connected(QueueClient, address).get_queue() for _ in range(2))
        waiting = see.blocks(one.get)
        waiting.still()
        see.comes_back(other.put, "at last")
        see.equal(waiting.ends(), "at last", "what the first client gets")


@chapter.clause("manager.remote.from-children", passage=(f"{REMOTE}/2,6", "managers/3"))
def children_are_clients(mp: Any, see: See) -> None:
    """Several children that run at once connect to one server and put into its queue: everything is there."""
    from mpspec.chapters.managers.manager_classes import QueueClient, QueueServer

    box = see.mailbox()
    with serving(mp, see, QueueServer) as address:
        given = (box, put_three, QueueClient, address, {"authkey": KEY})
        children = [mp.Process(target=be_client, args=given) for _ in range(3)]
        for child in children:
            child.start()
        see.equal(box.take_all(3), [None] * 3, "what the children tell")
        for child in children:
            see.exits(child, 0)
        shared = connected(QueueClient, address).get_queue()
        see.equal(sorted(shared.get() for _ in range(9)), [0, 0, 0, 1, 1, 1, 2, 2, 2], "what is in the queue")


@chapter.clause("manager.remote.local-process", passage=f"{REMOTE}/8", needs=("Queue",))
def a_local_process_uses_the_queue_of_the_server(mp: Any, see: See) -> None:
    """A server serves a queue of the package into which its own child puts something, and a client gets it."""
    from mpspec.chapters.managers.manager_classes import QueueClient

    box = see.mailbox()
    child = mp.Process(target=serve_own_queue, args=(mp, box))
    child.start()
    shared = connected(QueueClient, box.take()).get_queue()
    see.equal(see.comes_back(shared.get), "local hello", "what the client gets")
    shared.put("and back")
    see.equal(see.comes_back(shared.get), "and back", "what the client gets")
    child.terminate()
    child.join(LONG)
    end(child)


@chapter.clause("manager.remote.every-interface", passage=f"{REMOTE}/1", level=SHOULD, methods=ANY_METHOD)
def a_server_on_every_interface(mp: Any, see: See) -> None:
    """A server whose host is empty is reached at 127.0.0.1."""
    from mpspec.chapters.managers.manager_classes import OpenClient, OpenManager

    with serving(mp, see, OpenManager, address=("", 0)) as address:
        see.equal(connected(OpenClient, ("127.0.0.1", address[1])).Store().get(), 0, "what a client finds")


@chapter.clause("manager.remote.killed-client", passage=f"{REMOTE}/6", level=SHOULD, methods=ANY_METHOD)
def a_client_that_is_killed_harms_nobody(mp: Any, see: See) -> None:
    """A server goes on to serve others after a client was killed that waited in a call."""
    from mpspec.chapters.managers.manager_classes import QueueClient, QueueServer

    box = see.mailbox()
    with serving(mp, see, QueueServer) as address:
        child = mp.Process(target=be_client, args=(box, TakeOne(box), QueueClient, address, {"authkey": KEY}))
        child.start()
        see.equal(box.take(), "taking", "the message")
        see.settles(child.pid)
        end(child)
        shared = connected(QueueClient, address).get_queue()
        see.comes_back(shared.put, "for whoever is there")
        see.comes_back(connected(QueueClient, address).get_queue().qsize)
