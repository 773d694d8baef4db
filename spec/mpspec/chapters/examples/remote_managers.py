"""Remote managers: sessions and programs that serve, and others that use what they serve."""

from __future__ import annotations

import ast
from typing import Any

from mpspec.chapters.examples.chapter import chapter, prints
from mpspec.chapters.examples.sessions import Session, session
from mpspec.chapters.examples.two_sides import address_of, end
from mpspec.clause import EVERY_METHOD, NO_METHOD
from mpspec.observation.see import See

MANAGER = "multiprocessing.managers.BaseManager"
REMOTE = "using-a-remote-manager"


def serves(see: See, typed: Session, lines: list[str]) -> Any:
    """The address at which a session serves for ever, after these lines: the last of them makes `server`."""
    see.equal([typed.line(line) for line in lines], [""] * len(lines), "what the session prints before it serves")
    address = typed.line("server.address")
    typed.feed("server.serve_forever()\n")
    return ast.literal_eval(address)


@chapter.clause(
    "examples.remote.connected", passage=(f"{MANAGER}.connect/3,2", f"{MANAGER}.get_server/4,3"), methods=NO_METHOD
)
def a_session_connects_to_another(mp: Any, see: See) -> None:
    """One session serves with a plain manager; another connects to it by its address and key, and prints nothing."""
    made = 'manager = BaseManager(address=("127.0.0.1", {port}), authkey=b"of both")'
    with Session(mp, see) as serving:
        _, port = serves(see, serving, [IMPORTED, made.format(port=0), "server = manager.get_server()"])
        told = session(mp, see, [IMPORTED, made.format(port=port), "manager.connect()"])
    see.equal(told, ["", "", ""], "what the other session prints")


IMPORTED = "from multiprocessing.managers import BaseManager"


@chapter.clause("examples.remote.sessions", passage=f"{REMOTE}/3,5,7,2,4,6", methods=NO_METHOD)
def sessions_share_the_queue_of_another(mp: Any, see: See) -> None:
    """One session serves a queue; another puts a word into it, and a third gets it."""
    with Session(mp, see) as serving:
        _, port = serves(see, serving, QUEUE_SERVED)
        client = [line.replace("PORT", str(port)) for line in CLIENT]
        told = [session(mp, see, [*client, used]) for used in ('jobs.put("greetings")', "jobs.get()")]
    see.equal(told[0], [""] * (len(client) + 1), "what the session that puts prints")
    see.equal(told[1], [*[""] * len(client), "'greetings'\n"], "what the session that gets prints")


QUEUE_SERVED = [
    IMPORTED,
    "from queue import Queue",
    "jobs = Queue()",
    "class Jobs(BaseManager): pass",
    "",
    'Jobs.register("get_jobs", callable=lambda: jobs)',
    'manager = Jobs(address=("127.0.0.1", 0), authkey=b"of all three")',
    "server = manager.get_server()",
]

CLIENT = [
    IMPORTED,
    "class Jobs(BaseManager): pass",
    "",
    'Jobs.register("get_jobs")',
    'manager = Jobs(address=("127.0.0.1", PORT), authkey=b"of all three")',
    "manager.connect()",
    "jobs = manager.get_jobs()",
]


@chapter.clause("examples.remote.local-session", passage=f"{REMOTE}/9,8", methods=("fork",))
def a_local_process_of_a_session_uses_its_queue(mp: Any, see: See) -> None:
    """A process of a session puts a word into a queue that the session then serves; another session gets it."""
    method = mp.get_start_method()
    chosen = ["from multiprocessing import Process, Queue, set_start_method", f'set_start_method("{method}")']
    with Session(mp, see) as serving:
        _, port = serves(see, serving, [*chosen, *WORKER, *QUEUE_SERVED[:1], *QUEUE_SERVED[3:]])
        client = [line.replace("PORT", str(port)) for line in CLIENT]
        told = session(mp, see, [*client, "jobs.get()"])
    see.equal(told, [*[""] * len(client), "'a local word'\n"], "what the other session prints")


WORKER = [
    "class Worker(Process):",
    "    def __init__(self, jobs):",
    "        self.jobs = jobs",
    "        super().__init__()",
    "    def run(self):",
    '        self.jobs.put("a local word")',
    "",
    "jobs = Queue()",
    "worker = Worker(jobs)",
    "worker.start()",
]


@chapter.clause("examples.remote.local-program", passage=f"{REMOTE}/9,8,7", methods=EVERY_METHOD)
def a_local_process_of_a_program_uses_its_queue(mp: Any, see: See) -> None:
    """A process of a program puts a word into a queue that the program then serves; another program gets it."""
    # What a program that is killed leaves in its folder for temporary files is nobody's fault.
    server = see.start_program(LOCAL, mp.get_start_method(), env={"TMPDIR": "."})
    _, port = address_of(see, server)
    prints(see, see.program("\n".join([*CLIENT, "print(jobs.get())"]).replace("PORT", str(port))), "a local word\n")
    end(server)


LOCAL = """\
import sys
from multiprocessing import Process, Queue, set_start_method
from multiprocessing.managers import BaseManager


class Worker(Process):
    def __init__(self, jobs):
        self.jobs = jobs
        super().__init__()

    def run(self):
        self.jobs.put("a local word")


class Jobs(BaseManager):
    pass


if __name__ == "__main__":
    set_start_method(sys.argv[1])
    jobs = Queue()
    Worker(jobs).start()
    Jobs.register("get_jobs", callable=lambda: jobs)
    server = Jobs(address=("127.0.0.1", 0), authkey=b"of all three").get_server()
    print(server.address, flush=True)
    server.serve_forever()
"""
