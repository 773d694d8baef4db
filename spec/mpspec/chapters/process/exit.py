"""The end of a program that has processes: daemons are terminated, other children are joined."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from typing import Any

from mpspec.chapters.process.chapter import chapter
from mpspec.clause import ANY_METHOD, UNSPECIFIED
from mpspec.observation.program import Running
from mpspec.observation.see import See
from mpspec.observation.waits import HELD

DAEMON = "multiprocessing.Process.daemon"

BESIDE = {
    "signs.py": """\
import os, time

def put(name, text=""):
    with open(name + ".part", "w") as file:
        file.write(str(text))
    os.rename(name + ".part", name)

def await_(name):
    while not os.path.exists(name):
        time.sleep(0.001)
"""
}
"""How the programs and their children signal to each other: by files beside the program."""


def sign(see: See, program: Running, name: str) -> str:
    """Wait for the sign of a running program and return its text."""
    path = os.path.join(program.folder, name)
    see.eventually(lambda: os.path.exists(path), f"the program puts the sign {name!r}")
    with open(path, encoding="utf-8") as file:
        return file.read()


def put(program: Running, name: str) -> None:
    """Put a sign for a running program."""
    with open(os.path.join(program.folder, name), "w", encoding="utf-8"):
        pass


ENDS = {"returns": ("pass", 0), "exits": ("sys.exit(3)", 3), "raises": ("raise ValueError('on purpose')", 1)}
"""How the code of a main module ends: its last statement, and the status of the program."""

DAEMON_AT_EXIT = """\
import multiprocessing
import sys, os, time, atexit
import signs

def work():
    atexit.register(print, "exit handler of the child", flush=True)
    try:
        print("work begins", flush=True)
        signs.put("pid", os.getpid())
        time.sleep(1000)
    finally:
        print("finally of the child", flush=True)

if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    child = multiprocessing.Process(target=work, daemon=True)
    child.start()
    signs.await_("pid")
    print("main is over", flush=True)
    {end}
"""


@chapter.clause("process.daemon.exit", passage=f"{DAEMON}/5,8", cases=ENDS, hanging=True)
def daemons_end_with_the_program(mp: Any, see: See, end: Any) -> None:
    """When the main process ends, by return, sys.exit() or exception, its daemons are terminated, not waited for."""
    program = see.start_program(DAEMON_AT_EXIT.format(end=end[0]), mp.get_start_method(), files=BESIDE)
    pid = int(sign(see, program, "pid"))
    ended = program.finish()
    see.equal(ended.status, end[1], "the exit status")
    see.equal(ended.out, "work begins\nmain is over\n", "standard output")
    see.gone(pid)


JOINED_AT_EXIT = """\
import multiprocessing
import sys
import signs

def work():
    signs.await_("go")
    print("the child is over", flush=True)

if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    multiprocessing.Process(target=work, name="dropped").start()
    print("main is over", flush=True)
    signs.put("over")
    {end}
"""


@chapter.clause("process.exit.joins", passage="all-start-methods/27", cases=ENDS)
def a_program_waits_for_its_other_children(mp: Any, see: See, end: Any) -> None:
    """A main process that is over, by return, sys.exit() or exception, joins its children that are no daemons."""
    program = see.start_program(JOINED_AT_EXIT.format(end=end[0]), mp.get_start_method(), files=BESIDE)
    sign(see, program, "over")
    see.settles(program.pid)
    if end == ENDS["returns"]:  # however long it takes, and once says it for all
        time.sleep(HELD)
    see.equal(program.process.poll(), None, "the exit status while the child runs")
    put(program, "go")
    ended = program.finish()
    see.equal((ended.status, ended.out), (end[1], "main is over\nthe child is over\n"), "status and standard output")


STUBBORN = """\
import multiprocessing
import os, signal, sys, time
import signs

def work():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signs.put("pid", os.getpid())
    time.sleep(1000)

if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    multiprocessing.Process(target=work, daemon=True).start()
    signs.await_("pid")
    print("main is over", flush=True)
"""


@chapter.clause("process.daemon.stubborn", passage=f"{DAEMON}/8,5", methods=ANY_METHOD, hanging=True, patience=2)
def a_daemon_that_ignores_its_end_is_not_joined(mp: Any, see: See) -> None:
    """A daemon is not joined at the exit of its parent: one that ignores SIGTERM does not keep that from ending."""
    program = see.start_program(STUBBORN, mp.get_start_method(), files=BESIDE)
    pid = int(sign(see, program, "pid"))
    try:
        see.eventually(lambda: not see.alive(program.pid) or not see.alive(pid), "the program ends")
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        ended = program.finish()
    see.equal((ended.status, ended.out), (0, "main is over\n"), "status and standard output")
    see.gone(pid)


BOTH = """\
import multiprocessing
import os, sys, time
import signs

def daemon():
    signs.put("daemon", os.getpid())
    time.sleep(1000)

def other():
    signs.await_("go")

if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    multiprocessing.Process(target=daemon, daemon=True).start()
    signs.await_("daemon")
    multiprocessing.Process(target=other).start()
    signs.put("over")
"""


@chapter.clause("process.daemon.while-others-run", source=DAEMON, level=UNSPECIFIED, methods=ANY_METHOD)
def daemons_while_others_are_joined(mp: Any, see: See) -> None:
    """Whether daemons still run while a main process that is over waits for its other children is left open."""
    program = see.start_program(BOTH, mp.get_start_method(), files=BESIDE)
    pid = int(sign(see, program, "daemon"))
    sign(see, program, "over")
    see.settles(program.pid)
    see.records(daemon_runs=see.alive(pid))
    put(program, "go")
    see.equal(program.finish().status, 0, "the exit status")
    see.gone(pid)


@chapter.clause("process.daemon.parent-killed", source=DAEMON, level=UNSPECIFIED)
def daemons_of_a_killed_parent(mp: Any, see: See) -> None:
    """Whether a daemon ends when its parent is killed is left open."""
    program = see.start_program(DAEMON_AT_EXIT.format(end="signs.await_('never')"), mp.get_start_method(), files=BESIDE)
    pid = int(sign(see, program, "pid"))
    program.kill()
    program.finish()
    see.gone(program.pid)
    see.settles(pid, or_ends=True)
    see.records(daemon_runs=see.alive(pid))
    if see.alive(pid):
        os.kill(pid, signal.SIGKILL)


KILLED_WHILE_WAITING = """\
import multiprocessing
import os, sys, time
import signs

def work():
    signs.put("pid", os.getpid())
    signs.await_("go")

if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    multiprocessing.Process(target=work).start()
    signs.await_("never")
"""


@chapter.clause("process.exit.parent-killed", source="multiprocessing.Process", level=UNSPECIFIED)
def children_of_a_killed_parent(mp: Any, see: See) -> None:
    """Whether a child that is not a daemon goes on when its parent is killed is left open."""
    program = see.start_program(KILLED_WHILE_WAITING, mp.get_start_method(), files=BESIDE)
    pid = int(sign(see, program, "pid"))
    program.kill()
    program.finish()
    see.records(child_runs=see.alive(pid))
    put(program, "go")
    see.gone(pid)
