"""What a program with processes does at its end, and what it shares with its children: inputs, outputs, exit."""

from __future__ import annotations

import contextlib
import os
import signal
from typing import Any

from mpspec.chapters.process.chapter import chapter
from mpspec.clause import ANY_METHOD, SHOULD, UNSPECIFIED
from mpspec.observation import procfs
from mpspec.observation.program import Running
from mpspec.observation.see import See
from mpspec.observation.waits import SMALL

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
"""How the programs and their children give each other signs: files beside the program."""


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


@chapter.clause("process.daemon.exit", source="multiprocessing.Process.daemon", cases=ENDS, hanging=True)
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


@chapter.clause("process.exit.joins", source="multiprocessing.Process.daemon", cases=ENDS)
def a_program_waits_for_its_other_children(mp: Any, see: See, end: Any) -> None:
    """A main process that is over, by return, sys.exit() or exception, joins its children that are no daemons."""
    program = see.start_program(JOINED_AT_EXIT.format(end=end[0]), mp.get_start_method(), files=BESIDE)
    sign(see, program, "over")
    see.sleeps(program.pid)
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


@chapter.clause(
    "process.daemon.stubborn", source="multiprocessing.Process.daemon", methods=ANY_METHOD, hanging=True, patience=2
)
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


@chapter.clause(
    "process.daemon.while-others-run", source="multiprocessing.Process.daemon", level=UNSPECIFIED, methods=ANY_METHOD
)
def daemons_while_others_are_joined(mp: Any, see: See) -> None:
    """Whether daemons still run while a main process that is over waits for its other children is left open."""
    program = see.start_program(BOTH, mp.get_start_method(), files=BESIDE)
    pid = int(sign(see, program, "daemon"))
    sign(see, program, "over")
    see.sleeps(program.pid)
    see.records(daemon_runs=see.alive(pid))
    put(program, "go")
    see.equal(program.finish().status, 0, "the exit status")
    see.gone(pid)


@chapter.clause("process.daemon.parent-killed", source="multiprocessing.Process.daemon", level=UNSPECIFIED)
def daemons_of_a_killed_parent(mp: Any, see: See) -> None:
    """Whether a daemon ends when its parent is killed is left open."""
    program = see.start_program(DAEMON_AT_EXIT.format(end="signs.await_('never')"), mp.get_start_method(), files=BESIDE)
    pid = int(sign(see, program, "pid"))
    program.kill()
    program.finish()
    see.gone(program.pid)
    see.eventually(lambda: not see.alive(pid) or procfs.process_sleeps(pid, SMALL), "the daemon sleeps or ends")
    see.records(daemon_runs=see.alive(pid))
    if see.alive(pid):
        os.kill(pid, signal.SIGKILL)


INPUT = """\
import multiprocessing
import os, sys

def work():
    print("child reads", repr(sys.stdin.read()), flush=True)
    print("of the null device:", os.path.samestat(os.fstat(sys.stdin.fileno()), os.stat(os.devnull)), flush=True)

if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    child = multiprocessing.Process(target=work)
    child.start()
    child.join()
    print("parent reads", repr(sys.stdin.read()))
"""


@chapter.clause("process.stdin.child", source="multiprocessing-programming")
def a_child_does_not_read_its_parents_input(mp: Any, see: See) -> None:
    """In a child sys.stdin reads from the null device; what was to be read stays with the parent."""
    ended = see.program(INPUT, mp.get_start_method(), stdin="two\nlines\n")
    see.equal(ended.out, "child reads ''\nof the null device: True\nparent reads 'two\\nlines\\n'\n", "standard output")
    see.equal((ended.status, ended.err), (0, ""), "status and standard error")


CLOSING = """\
import multiprocessing
import os, sys

class Input:
    def close(self):
        os.write(1, b"closed in the child\\n" if os.getpid() != main else b"closed in the parent\\n")

def work():
    os.write(1, repr(sys.stdin.read()).encode() + b"\\n")

if __name__ == "__main__":
    main = os.getpid()
    multiprocessing.set_start_method("fork")
    sys.stdin = Input()
    child = multiprocessing.Process(target=work)
    child.start()
    child.join()
    os.write(1, b"replaced still: %d\\n" % isinstance(sys.stdin, Input))
"""


@chapter.clause("process.stdin.replaced", source="multiprocessing-programming", methods=("fork",))
def a_forked_child_closes_what_stands_for_its_input(mp: Any, see: See) -> None:
    """A forked child calls close() of the object that its parent has put in the place of sys.stdin, and replaces it."""
    ended = see.program(CLOSING)
    see.equal(ended.out, "closed in the child\n''\nreplaced still: 1\n", "standard output")
    see.equal(ended.status, 0, "the exit status")


NESTED = """\
import multiprocessing
import os, sys

def inner():
    print("inner reads", repr(sys.stdin.read()), flush=True)

def outer():
    child = multiprocessing.Process(target=inner)
    child.start()
    child.join()
    print("outer reads", repr(sys.stdin.read()), child.exitcode, flush=True)

if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    child = multiprocessing.Process(target=outer)
    child.start()
    child.join()
    print("main reads", repr(sys.stdin.read()), child.exitcode)
"""


@chapter.clause("process.stdin.nested", source="multiprocessing-programming")
def processes_in_processes_do_not_collide(mp: Any, see: See) -> None:
    """A child of a child has an empty standard input as well, and neither fails on it."""
    ended = see.program(NESTED, mp.get_start_method(), stdin="for main")
    see.equal(ended.out, "inner reads ''\nouter reads '' 0\nmain reads 'for main' 0\n", "standard output")
    see.equal((ended.status, ended.err), (0, ""), "status and standard error")


PRINTS = """\
import multiprocessing
import sys

def work():
    print("from the child")

if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    print("before the child")
    child = multiprocessing.Process(target=work)
    child.start()
    child.join()
    print("after the child")
"""


@chapter.clause("process.stdout.order", source="multiprocessing.Process", level=SHOULD)
def nothing_is_printed_twice(mp: Any, see: See) -> None:
    """What the parent prints before a start comes before the output of the child, and once, even in a file."""
    ended = see.program(PRINTS, mp.get_start_method())
    see.equal(ended.out, "before the child\nfrom the child\nafter the child\n", "standard output")
    see.equal((ended.status, ended.err), (0, ""), "status and standard error")


GREETING = """\
import multiprocessing
import os, sys

def greet(name):
    print("good day,", name)
    print(os.getpid() != int(sys.argv[2]) if len(sys.argv) > 2 else "another process")

if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    child = multiprocessing.Process(target=greet, args=("reader",))
    child.start()
    child.join()
    sys.exit(child.exitcode)
"""


@chapter.clause("process.program.greeting", source="multiprocessing.Process")
def a_function_of_the_program_runs_in_a_child(mp: Any, see: See) -> None:
    """A function of the main module, started from under the guard of __main__, runs once, in a child."""
    ended = see.program(GREETING, mp.get_start_method())
    see.equal((ended.status, ended.out, ended.err), (0, "good day, reader\nanother process\n", ""), "status, out, err")


SUBCLASS = """\
import multiprocessing
import sys

class Counter(multiprocessing.Process):
    def __init__(self, limit):
        super().__init__(name="counter")
        self.limit = limit

    def run(self):
        print(self.name, *range(self.limit))
        sys.exit(self.limit)

if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    child = Counter(4)
    child.start()
    child.join()
    print(child.exitcode)
"""


@chapter.clause("process.program.subclass", source="multiprocessing.Process.run")
def a_subclass_of_the_program_runs_in_a_child(mp: Any, see: See) -> None:
    """A subclass that the main module defines can be started by every start method."""
    ended = see.program(SUBCLASS, mp.get_start_method())
    see.equal((ended.status, ended.out, ended.err), (0, "counter 0 1 2 3\n4\n", ""), "status, out, err")


FAILING = """\
import multiprocessing
import sys

def fail():
    {}["missing"]

if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    child = multiprocessing.Process(target=fail)
    child.start()
    child.join()
    print("the parent goes on:", child.exitcode)
"""


@chapter.clause("process.program.failing", source="multiprocessing.Process.exitcode")
def the_failure_of_a_child_is_not_the_parents(mp: Any, see: See) -> None:
    """An exception in a child leaves its parent alone, which goes on and ends with its own status."""
    ended = see.program(FAILING, mp.get_start_method())
    see.equal((ended.status, ended.out), (0, "the parent goes on: 1\n"), "status and standard output")
    see.true("KeyError: 'missing'" in ended.err, "the child's traceback on standard error", ended.err)


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
    """Whether a child that is no daemon goes on when its parent is killed is left open."""
    program = see.start_program(KILLED_WHILE_WAITING, mp.get_start_method(), files=BESIDE)
    pid = int(sign(see, program, "pid"))
    program.kill()
    program.finish()
    see.records(child_runs=see.alive(pid))
    put(program, "go")
    see.gone(pid)


KEYS = """\
import os
os.urandom = lambda size: b"\\x07" * size
import multiprocessing
key = multiprocessing.current_process().authkey
print(len(key) > 0 and key == b"\\x07" * len(key))
"""


@chapter.clause("process.authkey.urandom", source="multiprocessing.Process.authkey", methods=())
def the_first_key_comes_from_urandom(mp: Any, see: See) -> None:
    """The key of the main process is set from os.urandom() when the package is initialised."""
    ended = see.program(KEYS)
    see.equal((ended.status, ended.out, ended.err), (0, "True\n", ""), "status, out, err")


KEY = """\
import multiprocessing
print(bytes(multiprocessing.current_process().authkey).hex())
"""


@chapter.clause("process.authkey.random", source="multiprocessing.Process.authkey", methods=())
def each_program_has_a_key_of_its_own(mp: Any, see: See) -> None:
    """Two runs of one program have different keys."""
    first, second = see.program(KEY), see.program(KEY)
    see.equal((first.status, second.status), (0, 0), "the statuses")
    see.true(first.out != second.out, "different keys")
    # Sixteen bytes are the least that cannot be guessed.
    see.true(len(first.out.strip()) >= 32, "a key of at least 16 bytes", f"{len(first.out.strip()) // 2} bytes")
