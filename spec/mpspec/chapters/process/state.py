"""What a process tells of itself while it lives: is_alive, pid, exitcode, its text; and who may ask."""

from __future__ import annotations

import os
import re
import signal
from typing import Any, Callable

from mpspec.chapters.process.chapter import chapter
from mpspec.chapters.process.end_targets import leave
from mpspec.chapters.process.targets import (
    SIBLING,
    misuse,
    nothing,
    post_own_life,
    post_own_text,
    post_pid,
    post_pid_and_wait,
    wait,
)
from mpspec.clause import ANY_METHOD, NO_METHOD, SHOULD, UNSPECIFIED, cases
from mpspec.observation.see import See
from mpspec.observation.waits import SMALL

IS_ALIVE = "multiprocessing.Process.is_alive"
PROCESS = "multiprocessing.Process"

# is_alive


@chapter.clause("process.is-alive.life", passage=f"{IS_ALIVE}/3,2,1")
def a_process_is_alive_from_start_to_end(mp: Any, see: See) -> None:
    """is_alive() is False before start(), True from its return until the child ends, and False afterwards."""
    gate = see.gate()
    child = mp.Process(target=wait, args=(gate,))
    see.equal(child.is_alive(), False, "is_alive() before the start")
    child.start()
    see.equal(child.is_alive(), True, "is_alive() after the start")
    gate.open()
    see.exits(child, 0)
    see.equal(child.is_alive(), False, "is_alive() after the end")


@chapter.clause("process.is-alive.unjoined", passage=f"{IS_ALIVE}/3")
def is_alive_notices_the_end_by_itself(mp: Any, see: See) -> None:
    """is_alive() becomes False when the child ends, without any join()."""
    gate = see.gate()
    child = mp.Process(target=wait, args=(gate,))
    child.start()
    see.equal(child.is_alive(), True, "is_alive()")
    gate.open()
    see.eventually(lambda: child.is_alive() is False, "is_alive() is False")
    see.equal(child.exitcode, 0, "the exitcode")


@chapter.clause("process.is-alive.stopped", passage=f"{IS_ALIVE}/3")
def a_stopped_process_is_alive(mp: Any, see: See) -> None:
    """A child that is stopped by SIGSTOP has not ended: it is alive, has no exitcode, and join gives up on it."""
    box, gate = see.mailbox(), see.gate()
    child = mp.Process(target=post_pid_and_wait, args=(box, gate))
    child.start()
    os.kill(box.take(), signal.SIGSTOP)
    see.returns(None, child.join, SMALL)
    see.equal((child.is_alive(), child.exitcode), (True, None), "is_alive() and exitcode")
    os.kill(child.pid, signal.SIGCONT)
    gate.open()
    see.exits(child, 0)


@chapter.clause("process.is-alive.own", passage=f"{IS_ALIVE}/2", level=SHOULD)
def a_process_finds_itself_alive(mp: Any, see: See) -> None:
    """A child, and the main process, finds itself alive."""
    box = see.mailbox()
    child = mp.Process(target=post_own_life, args=(mp, box))
    child.start()
    see.exits(child, 0)
    see.equal(box.take()[0], True, "is_alive() of current_process() in the child")
    see.equal(mp.current_process().is_alive(), True, "is_alive() of the main process")


@chapter.clause("process.is-alive.reaps", passage="all-start-methods/13", methods=("fork", "spawn"))
def is_alive_joins_an_ended_process(mp: Any, see: See) -> None:
    """is_alive() of an ended child that nobody has joined reaps its zombie."""
    child = mp.Process(target=nothing)
    child.start()
    see.gone(child.pid)
    see.equal(child.is_alive(), False, "is_alive()")
    see.true(not see.zombie(child.pid), "no zombie is left")


# pid


@chapter.clause("process.pid.before", passage="multiprocessing.Process.pid/3", methods=NO_METHOD)
def there_is_no_pid_before_the_start(mp: Any, see: See) -> None:
    """pid is None before the process is started."""
    see.equal(mp.Process().pid, None, "the pid")


@chapter.clause("process.pid.real", passage="multiprocessing.Process.pid/2,1")
def pid_is_what_the_child_sees(mp: Any, see: See) -> None:
    """pid is the child's process id: known when start() returns, and kept after the end."""
    box = see.mailbox()
    child = mp.Process(target=post_pid, args=(box,))
    child.start()
    known = child.pid
    see.exits(child, 0)
    see.equal((known, child.pid), (box.take(),) * 2, "the pid after the start and after the end")


@chapter.clause("process.pid.ident", passage="the-process-class/2", level=SHOULD, methods=ANY_METHOD)
def ident_is_another_name_of_pid(mp: Any, see: See) -> None:
    """ident, which a thread has, is the pid of a process: None before the start."""
    child = mp.Process(target=nothing)
    see.equal(child.ident, None, "ident before the start")
    child.start()
    see.equal(child.ident, child.pid, "ident after the start")
    see.exits(child, 0)


@chapter.clause(
    "process.pid.read-only",
    source=PROCESS,
    level=UNSPECIFIED,
    methods=NO_METHOD,
    cases=cases("pid", "exitcode", "sentinel", "ident"),
)
def what_the_child_decides_cannot_be_set(mp: Any, see: See, name: str) -> None:
    """Whether pid, exitcode, sentinel and ident can be set is left open."""
    try:
        setattr(mp.Process(), name, 7)
        see.records(refused=False)
    except Exception as error:
        see.records(refused=type(error).__name__)


# exitcode, before the end


@chapter.clause("process.exitcode.before", passage="multiprocessing.Process.exitcode/3")
def there_is_no_exitcode_before_the_end(mp: Any, see: See) -> None:
    """exitcode is None before the start and while the child runs."""
    box, gate = see.mailbox(), see.gate()
    child = mp.Process(target=post_pid_and_wait, args=(box, gate))
    see.equal(child.exitcode, None, "the exitcode before the start")
    child.start()
    see.equal(child.exitcode, None, "the exitcode after the start")
    box.take()
    see.equal(child.exitcode, None, "the exitcode while the child runs")
    gate.open()
    see.exits(child, 0)


@chapter.clause("process.exitcode.unjoined", passage="multiprocessing.Process.exitcode/3,2")
def the_exitcode_needs_no_join(mp: Any, see: See) -> None:
    """exitcode tells of the end without a join(), and goes on telling the same."""
    child = mp.Process(target=leave, args=(9,))
    child.start()
    see.eventually(lambda: child.exitcode is not None, "there is an exitcode")
    see.equal([child.exitcode, child.exitcode], [9, 9], "the exitcode")
    child.join()
    see.equal(child.exitcode, 9, "the exitcode after a join")


# What it looks like


@chapter.clause("process.repr.initial", passage=f"{PROCESS}/29", methods=NO_METHOD, since="3.9")
def an_initial_process_shows_that_it_is(mp: Any, see: See) -> None:
    """Before the start the text of a process names its class and ends with ' initial>'."""
    text = str(mp.Process(name="shown"))
    see.true(text.startswith("<") and "Process " in text and text.endswith(" initial>"), "'<…Process … initial>'", text)


@chapter.clause("process.repr.started", passage=f"{PROCESS}/29", since="3.9")
def a_started_process_shows_that_it_is(mp: Any, see: See) -> None:
    """While the child runs the text of a process ends with ' started>'."""
    gate = see.gate()
    child = mp.Process(target=wait, args=(gate,))
    child.start()
    text = str(child)
    gate.open()
    see.exits(child, 0)
    see.true(text.startswith("<") and "Process " in text and text.endswith(" started>"), "'<…Process … started>'", text)


@chapter.clause("process.repr.stopped", passage=f"{PROCESS}/29", since="3.9")
def a_terminated_process_shows_its_signal(mp: Any, see: See) -> None:
    """After terminate() the text of a process ends with ' stopped exitcode=-SIGTERM>'."""
    box, gate = see.mailbox(), see.gate()
    child = mp.Process(target=post_pid_and_wait, args=(box, gate))
    child.start()
    box.take()
    child.terminate()
    see.exits(child, -signal.SIGTERM)
    text = str(child)
    see.true(text.endswith(" stopped exitcode=-SIGTERM>"), "'<…Process … stopped exitcode=-SIGTERM>'", text)


@chapter.clause("process.repr.ids", passage=f"{PROCESS}/20", level=SHOULD, since="3.14")
def a_process_shows_who_it_is(mp: Any, see: See) -> None:
    """The text of a started process has its name, its process id and that of its parent, also after its end."""
    gate = see.gate()
    child = mp.Process(target=wait, args=(gate,), name="shown")
    child.start()
    texts = [str(child)]
    gate.open()
    see.exits(child, 0)
    texts.append(str(child))
    told = f" name='shown' pid={child.pid} parent={os.getpid()} "
    see.equal([text for text in texts if told not in text], [], f"the texts without {told.strip()!r}")


# Who may call


USES: dict[str, Callable[[Any], Any]] = {
    "join": lambda process: process.join(timeout=0),
    "is_alive": lambda process: process.is_alive(),
    "exitcode": lambda process: process.exitcode,
    "terminate": lambda process: process.terminate(),
    "start": lambda process: process.start(),
}


@chapter.clause(
    "process.creator.only",
    passage=f"{PROCESS}/27",
    level=UNSPECIFIED,
    methods=("fork",),
    cases={name: USES[name] for name in ("join", "is_alive")},
)
def only_the_creator_asks_for_the_end(mp: Any, see: See, use: Callable[[Any], Any]) -> None:
    """What join() and is_alive() do in a process that did not create the process object is left open."""
    gate, box = see.gate(), see.mailbox()
    sibling = mp.Process(target=wait, args=(gate,))
    sibling.start()
    SIBLING[:] = [sibling]
    child = mp.Process(target=misuse, args=(mp, box, use))
    child.start()
    see.exits(child, 0)
    SIBLING.clear()
    gate.open()
    see.exits(sibling, 0)
    see.records(came_of_it=box.take())


@chapter.clause("process.creator.start", passage=f"{PROCESS}/27", level=UNSPECIFIED, methods=("fork",))
def only_the_creator_starts(mp: Any, see: See) -> None:
    """What start() does in a process that did not create the process object is left open."""
    box = see.mailbox()
    SIBLING[:] = [mp.Process(target=nothing)]
    child = mp.Process(target=misuse, args=(mp, box, USES["start"]))
    child.start()
    see.exits(child, 0)
    SIBLING.clear()
    see.records(came_of_it=box.take())


@chapter.clause(
    "process.creator.others",
    source=PROCESS,
    level=UNSPECIFIED,
    methods=("fork",),
    cases={name: USES[name] for name in ("exitcode", "terminate")},
)
def exitcode_and_terminate_elsewhere(mp: Any, see: See, use: Callable[[Any], Any]) -> None:
    """What exitcode and terminate() do in a process that did not create the process object is left open."""
    gate, box = see.gate(), see.mailbox()
    sibling = mp.Process(target=wait, args=(gate,))
    sibling.start()
    SIBLING[:] = [sibling]
    child = mp.Process(target=misuse, args=(mp, box, use))
    child.start()
    child.join()
    SIBLING.clear()
    gate.open()
    sibling.join()
    see.records(came_of_it=box.take(), exitcode_of_the_sibling=sibling.exitcode)


@chapter.clause("current_process.repr", source="multiprocessing.current_process", level=UNSPECIFIED)
def what_a_process_shows_of_itself(mp: Any, see: See) -> None:
    """What the text of current_process() tells is left open, in the program and in a child of it."""
    box = see.mailbox()
    child = mp.Process(target=post_own_text, args=(mp, box))
    child.start()
    see.exits(child, 0)
    told = (re.sub("[0-9]+", "N", text) for text in (repr(mp.current_process()), box.take()))
    see.records(in_the_program=next(told), in_a_child=next(told))


@chapter.clause("process.kwargs.none", source=PROCESS, level=UNSPECIFIED, methods=ANY_METHOD)
def no_keyword_arguments_at_all(mp: Any, see: See) -> None:
    """Whether kwargs may be None, as with threading.Thread, is left open."""
    try:
        child = mp.Process(target=nothing, kwargs=None)
        child.start()
    except Exception as error:
        see.records(raised=type(error).__name__)
    else:
        child.join()
        see.records(exitcode=child.exitcode)
