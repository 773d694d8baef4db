"""The sessions of the page: processes, a pipe and the logger, used in an interactive interpreter."""

from __future__ import annotations

import re
from typing import Any

from mpspec.chapters.examples.chapter import chapter
from mpspec.chapters.examples.sessions import session
from mpspec.clause import EVERY_METHOD, NO_METHOD, UNSPECIFIED
from mpspec.observation.see import See

PROCESS = "multiprocessing.Process"


@chapter.clause("examples.typed.function", passage=f"{PROCESS}/20,18", methods=("spawn", "forkserver"), since="3.14")
def a_function_of_a_session_is_not_found(mp: Any, see: See) -> None:
    """A process whose target was typed in dies of an AttributeError that names it, with the exitcode 1."""
    lines = SONG.replace("METHOD", mp.get_start_method()).splitlines()
    *_, traceback, shown = session(mp, see, lines)
    see.true(
        re.search(r"^AttributeError: .*'sing'", traceback, re.M), "the AttributeError names the function", traceback
    )
    see.true("la la" not in traceback, "the function does not run", traceback)
    see.true(re.fullmatch(r"<\S*Process .* stopped exitcode=1>\n", shown), "the process shows its end", shown)


@chapter.clause(
    "examples.typed.function-forked",
    passage=(f"{PROCESS}/22", "the-spawn-and-forkserver-start-methods/1"),
    methods=("fork",),
    since="3.9",
)
def a_function_of_a_session_runs_in_a_fork(mp: Any, see: See) -> None:
    """A process by fork whose target was typed in runs it, and ends with the exitcode 0."""
    *_, printed, shown = session(mp, see, SONG.replace("METHOD", "fork").splitlines())
    see.equal(printed, "la la\n", "what the function prints")
    see.true(re.fullmatch(r"<\S*Process .* stopped exitcode=0>\n", shown), "the process shows its end", shown)


SONG = """\
import multiprocessing as mp
def sing():
    print("la la")

singer = mp.get_context("METHOD").Process(target=sing)
singer.start(); singer.join()
singer
"""


@chapter.clause("examples.typed.run", passage=f"{PROCESS}.run/7,5", methods=NO_METHOD)
def run_calls_the_target_in_the_session(mp: Any, see: See) -> None:
    """run() of a process calls its target at once, with arguments that were given as a list or as a tuple."""
    lines = [
        "from multiprocessing import Process",
        "once = Process(target=print, args=[4])",
        "once.run()",
        "again = Process(target=print, args=(4,))",
        "again.run()",
    ]
    see.equal(session(mp, see, lines), ["", "", "4\n", "", "4\n"], "what is printed after each line")


@chapter.clause("examples.typed.process", passage=f"{PROCESS}/29", methods=EVERY_METHOD, since="3.9")
def a_process_shows_its_state(mp: Any, see: See) -> None:
    """A process of a session shows as initial, started and stopped by SIGTERM; it is alive in between alone."""
    lines = SLEEPER.replace("METHOD", mp.get_start_method()).splitlines()
    printed = session(mp, see, lines)
    shown = {4: "initial> False", 6: "started> True", 9: "stopped exitcode=-SIGTERM> False"}
    for line, form in shown.items():
        see.true(re.fullmatch(rf"<\S*Process .*{form}\n", printed[line]), f"it shows {form!r}", printed[line])
    see.equal(printed[10], "True\n", "whether the exitcode is the negative of the signal")
    see.equal("".join(printed[each] for each in (0, 1, 2, 3, 5, 7, 8)), "", "what the other lines print")


SLEEPER = """\
import multiprocessing
import signal, time
context = multiprocessing.get_context("METHOD")
sleeper = context.Process(target=time.sleep, args=(500,))
print(sleeper, sleeper.is_alive())
sleeper.start()
print(sleeper, sleeper.is_alive())
sleeper.terminate()
sleeper.join()
print(sleeper, sleeper.is_alive())
sleeper.exitcode == -signal.SIGTERM
"""


@chapter.clause("examples.typed.pipe", passage="connection-objects/5", methods=NO_METHOD)
def a_pipe_carries_what_is_typed(mp: Any, see: See) -> None:
    """An object, bytes and an array that are sent at one end of a pipe show at the other one."""
    printed = session(mp, see, PIPE.splitlines())
    shown = {3: "['plum', 7, None]\n", 5: "b'many thanks'\n", 11: "True\n", 12: "array('i', [0, 1, 2, 0, 0, 0])\n"}
    see.equal(printed, [shown.get(line, "") for line in range(13)], "what is printed after each line")


PIPE = """\
from multiprocessing import Pipe
here, there = Pipe()
here.send(["plum", 7, None])
there.recv()
there.send_bytes(b"many thanks")
here.recv_bytes()
import array
short = array.array("i", range(3))
long = array.array("i", [0] * 6)
here.send_bytes(short)
size = there.recv_bytes_into(long)
size == len(short) * short.itemsize
long
"""

LOGGED = r"(\[[A-Z]+/(?:MainProcess|SyncManager\S*)\] .*\n)*"
"""Lines of the logger, of the program and of the server of its manager."""


@chapter.clause("examples.typed.logger", passage="logging/4", methods=EVERY_METHOD)
def a_session_has_logging_turned_on(mp: Any, see: See) -> None:
    """A warning shows at once with level and name of the process; so does what a manager tells of its life."""
    printed = session(mp, see, LOGGING.replace("METHOD", mp.get_start_method()).splitlines())
    see.equal(
        printed[:6], [""] * 5 + ["[WARNING/MainProcess] bad weather\n"], "what the lines before the manager print"
    )
    for text in printed[6:]:
        see.true(re.fullmatch(LOGGED, text), "lines of the logger", text)


@chapter.clause("examples.typed.logged", passage="logging/4", level=UNSPECIFIED, methods=EVERY_METHOD)
def what_a_manager_logs(mp: Any, see: See) -> None:
    """What a manager tells of its beginning and its end at the level INFO, and where, is left open."""
    printed = session(mp, see, LOGGING.replace("METHOD", mp.get_start_method()).splitlines())
    see.records(begin=re.sub(r"/\S+'?$", "...", printed[6], flags=re.M).splitlines(), end=printed[7].splitlines())


LOGGING = """\
import logging
import multiprocessing
multiprocessing.set_start_method("METHOD")
logger = multiprocessing.log_to_stderr()
logger.setLevel(logging.INFO)
logger.warning("bad weather")
manager = multiprocessing.Manager()
del manager
"""
