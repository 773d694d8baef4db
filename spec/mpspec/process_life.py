"""The life of a process: start, join, is_alive, pid, exitcode before the end, sentinel, and what it looks like."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import threading
from typing import Any, Callable

from mpspec.clause import ANY_METHOD, NO_METHOD, SHOULD, UNSPECIFIED
from mpspec.process_chapter import chapter, start_in_a_thread, sweep
from mpspec.process_targets import (
    MISUSE,
    SIBLING,
    Precious,
    join_oneself,
    leave_at_once,
    misuse,
    nothing,
    post,
    post_own_life,
    post_pid,
    post_pid_and_wait,
    start_one_and_wait,
    wait,
    wait_with,
)
from mpspec.see import See
from mpspec.waits import LONG, SMALL, YIELD

# start


@chapter.clause("process.start.runs-elsewhere", source="multiprocessing.Process.start")
def start_runs_it_in_another_process(mp: Any, see: See) -> None:
    """start() returns None and arranges that run() is called in a new process."""
    box = see.mailbox()
    child = mp.Process(target=post_pid, args=(box,))
    see.returns(None, child.start)
    see.exits(child, 0)
    see.true(box.take() != os.getpid(), "another process id than the parent's")


@chapter.clause("process.start.once", source="multiprocessing.Process.start")
def a_running_process_is_not_started_again(mp: Any, see: See) -> None:
    """A second start() of a running process raises, and the target does not run twice."""
    box, gate = see.mailbox(), see.gate()
    child = mp.Process(target=post_pid_and_wait, args=(box, gate))
    child.start()
    with see.raises(*MISUSE):
        child.start()
    see.equal(box.take(), child.pid, "the process id")
    gate.open()
    see.exits(child, 0)
    see.true(box.empty(), "no second letter")


@chapter.clause("process.start.once-ever", source="multiprocessing.Process.start")
def an_ended_process_is_not_started_again(mp: Any, see: See) -> None:
    """start() of a process that has ended and was joined raises, and the target does not run again."""
    box = see.mailbox()
    child = mp.Process(target=post, args=(box, "first"))
    child.start()
    see.exits(child, 0)
    with see.raises(*MISUSE):
        child.start()
    see.equal((box.take(), child.exitcode), ("first", 0), "the letter and the exitcode")
    see.true(box.empty(), "no second letter")


@chapter.clause("process.start.from-thread", source="multiprocessing.Process.start")
def a_thread_may_start_and_another_join(mp: Any, see: See) -> None:
    """A process that one thread starts runs, can be joined by another thread, and is a child of the whole process."""
    box, gate = see.mailbox(), see.gate()
    child = mp.Process(target=post_pid_and_wait, args=(box, gate))
    start_in_a_thread(child)
    see.equal(box.take(), child.pid, "the process id")
    see.equal(mp.active_children(), [child], "the children")
    gate.open()
    see.exits(child, 0)


@chapter.clause("process.start.many", source="multiprocessing.Process.start", hanging=True, patience=2)
def many_processes_run_at_once(mp: Any, see: See) -> None:
    """Several processes run at the same time, each in a process of its own."""
    box, gate = see.mailbox(), see.gate()
    children = [mp.Process(target=post_pid_and_wait, args=(box, gate)) for _ in range(6)]
    for child in children:
        child.start()
    pids = box.take_all(6)
    see.equal(sorted(pids), sorted(child.pid for child in children), "the process ids")
    see.equal(len(set(pids)), 6, "how many processes there are")
    gate.open()
    for child in children:
        see.exits(child, 0)


@chapter.clause(
    "process.start.unpicklable",
    source="multiprocessing-programming",
    methods=("spawn", "forkserver"),
)
def what_cannot_be_pickled_cannot_be_sent(mp: Any, see: See) -> None:
    """With spawn and forkserver start() raises in the parent where an argument cannot be pickled; no child is left."""
    child = mp.Process(target=wait, args=(threading.Lock(),))
    with see.raises(Exception, match="pickle"):
        child.start()
    see.equal(mp.active_children(), [], "the children")


@chapter.clause("process.start.keeps-arguments", source="multiprocessing-programming")
def the_arguments_live_as_long_as_the_child(mp: Any, see: See) -> None:
    """An object handed to a process as an argument is not garbage collected in the parent while the child runs."""
    import gc
    import weakref

    gate = see.gate()
    precious = Precious()
    child = mp.Process(target=wait_with, args=(gate, precious))
    child.start()
    reference = weakref.ref(precious)
    del precious
    gc.collect()
    see.true(reference() is not None, "the argument lives in the parent while the child runs", "it was collected")
    gate.open()
    see.exits(child, 0)


# join


@chapter.clause("process.join.signature", source="multiprocessing.Process.join", methods=NO_METHOD)
def join_takes_a_timeout(mp: Any, see: See) -> None:
    """join takes one optional parameter, timeout, by default None."""
    see.signature(mp.Process.join, "(timeout=None)")


@chapter.clause("process.join.blocks", source="multiprocessing.Process.join")
def join_blocks_until_the_end(mp: Any, see: See) -> None:
    """join() blocks until the process ends, then returns None."""
    gate = see.gate()
    child = mp.Process(target=wait, args=(gate,))
    child.start()
    joining = see.blocks(child.join)
    gate.open()
    see.equal(joining.ends(), None, "what join() returns")
    see.equal(child.exitcode, 0, "the exitcode")


@chapter.clause("process.join.none", source="multiprocessing.Process.join", methods=ANY_METHOD)
def join_with_none_blocks_until_the_end(mp: Any, see: See) -> None:
    """join(timeout=None) blocks until the process ends."""
    gate = see.gate()
    child = mp.Process(target=wait, args=(gate,))
    child.start()
    joining = see.blocks(child.join, timeout=None)
    gate.open()
    see.equal(joining.ends(), None, "what join() returns")


@chapter.clause("process.join.timeout-over", source="multiprocessing.Process.join", hanging=True)
def join_gives_up_after_its_timeout(mp: Any, see: See) -> None:
    """join(timeout) of a process that goes on blocks for the timeout, then returns None; the exitcode is None."""
    gate = see.gate()
    child = mp.Process(target=wait, args=(gate,))
    child.start()
    with see.takes(at_least=SMALL):
        see.returns(None, child.join, SMALL)
    see.equal((child.exitcode, child.is_alive()), (None, True), "exitcode and is_alive()")
    gate.open()
    see.exits(child, 0)


@chapter.clause("process.join.timeout-enough", source="multiprocessing.Process.join", hanging=True)
def join_returns_at_the_end_before_its_timeout(mp: Any, see: See) -> None:
    """join(timeout) returns None as soon as the process ends, long before the timeout is over."""
    gate = see.gate()
    child = mp.Process(target=wait, args=(gate,))
    child.start()
    joining = see.blocks(child.join, 1000 * LONG)
    gate.open()
    see.equal((joining.ends(), child.exitcode), (None, 0), "what join() returns, and the exitcode")


@chapter.clause(
    "process.join.timeout-passed",
    source="multiprocessing.Process.join",
    level=SHOULD,
    methods=("fork", "forkserver"),
    cases={"zero": 0, "float-zero": 0.0, "negative": -1, "little-negative": -0.001},
    hanging=True,
)
def join_does_not_wait_without_time(mp: Any, see: See, timeout: float) -> None:
    """join with a timeout of zero or below returns None at once while the process goes on."""
    gate = see.gate()
    child = mp.Process(target=wait, args=(gate,))
    child.start()
    see.returns(None, child.join, timeout)
    see.equal((child.exitcode, child.is_alive()), (None, True), "exitcode and is_alive()")
    gate.open()
    see.exits(child, 0)


@chapter.clause("process.join.timeout-tiny", source="multiprocessing.Process.join", methods=ANY_METHOD, hanging=True)
def join_takes_a_fraction_of_a_second(mp: Any, see: See) -> None:
    """The timeout of join may be an integer or a fraction of a second; a tiny one is soon over."""
    gate = see.gate()
    child = mp.Process(target=wait, args=(gate,))
    child.start()
    for timeout in (1e-9, 0.001, YIELD):
        with see.takes(at_least=timeout):
            see.returns(None, child.join, timeout)
    see.equal(child.exitcode, None, "the exitcode")
    gate.open()
    see.returns(None, child.join, 1 + int(LONG))
    see.equal(child.exitcode, 0, "the exitcode")


@chapter.clause("process.join.again", source="multiprocessing.Process.join", hanging=True)
def an_ended_process_can_be_joined_again(mp: Any, see: See) -> None:
    """A process can be joined many times, with a timeout and without; the exitcode stays."""
    child = mp.Process(target=nothing)
    child.start()
    see.exits(child, 0)
    for timeout in (None, LONG, 0, None):
        see.returns(None, child.join, timeout)
        see.equal(child.exitcode, 0, "the exitcode")


@chapter.clause("process.join.after-timeout", source="multiprocessing.Process.join", hanging=True)
def a_join_after_one_that_gave_up(mp: Any, see: See) -> None:
    """A join that has given up does not keep a later one from waiting for the end."""
    gate = see.gate()
    child = mp.Process(target=wait, args=(gate,))
    child.start()
    child.join(YIELD)
    joining = see.blocks(child.join)
    gate.open()
    see.equal((joining.ends(), child.exitcode), (None, 0), "what join() returns, and the exitcode")


@chapter.clause("process.join.threads", source="multiprocessing.Process.join", level=SHOULD, hanging=True)
def several_threads_may_join_at_once(mp: Any, see: See) -> None:
    """Several threads may wait in join() for one process: its end releases all of them."""
    gate = see.gate()
    child = mp.Process(target=wait, args=(gate,))
    child.start()
    joining = [see.blocks(child.join), see.blocks(child.join), see.blocks(child.join, 100 * LONG)]
    gate.open()
    see.equal([each.ends() for each in joining], [None, None, None], "what the calls of join() return")
    see.exits(child, 0)


@chapter.clause("process.join.before-start", source="multiprocessing.Process.join", methods=ANY_METHOD, hanging=True)
def join_before_start_is_an_error(mp: Any, see: See) -> None:
    """join of a process that was not started raises, with a timeout too; the process can still be started."""
    child = mp.Process(target=nothing)
    with see.raises(*MISUSE):
        child.join()
    with see.raises(*MISUSE):
        child.join(timeout=0)
    child.start()
    see.exits(child, 0)


@chapter.clause("process.join.oneself", source="multiprocessing.Process.join", hanging=True)
def a_process_cannot_join_itself(mp: Any, see: See) -> None:
    """A child that joins its own process object gets an error and goes on."""
    box = see.mailbox()
    child = mp.Process(target=join_oneself, args=(mp, box))
    child.start()
    see.equal(box.take(), "refused", "what came of it")
    see.exits(child, 0)


@chapter.clause("process.join.main", source="multiprocessing.Process.join", methods=NO_METHOD, hanging=True)
def the_main_process_cannot_join_itself(mp: Any, see: See) -> None:
    """current_process().join() in the main process raises."""
    with see.raises(*MISUSE):
        mp.current_process().join()


@chapter.clause("process.join.reaps", source="multiprocessing-programming")
def join_leaves_no_zombie(mp: Any, see: See) -> None:
    """After join() has seen the end no zombie of the child is left."""
    child = mp.Process(target=nothing)
    child.start()
    child.join()
    if mp.get_start_method() != "forkserver":
        see.true(not see.zombie(child.pid), "no zombie is left")
    # Where the fork server is the one to reap, it may need a moment.
    see.eventually(lambda: not see.zombie(child.pid), "no zombie is left")


# is_alive


@chapter.clause("process.is-alive.life", source="multiprocessing.Process.is_alive")
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


@chapter.clause("process.is-alive.unjoined", source="multiprocessing.Process.is_alive")
def is_alive_notices_the_end_by_itself(mp: Any, see: See) -> None:
    """is_alive() becomes False when the child ends, without any join()."""
    gate = see.gate()
    child = mp.Process(target=wait, args=(gate,))
    child.start()
    see.equal(child.is_alive(), True, "is_alive()")
    gate.open()
    see.eventually(lambda: child.is_alive() is False, "is_alive() is False")
    see.equal(child.exitcode, 0, "the exitcode")


@chapter.clause("process.is-alive.stopped", source="multiprocessing.Process.is_alive")
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


@chapter.clause("process.is-alive.own", source="multiprocessing.Process.is_alive")
def a_process_finds_itself_alive(mp: Any, see: See) -> None:
    """A child, and the main process, finds itself alive."""
    box = see.mailbox()
    child = mp.Process(target=post_own_life, args=(mp, box))
    child.start()
    see.exits(child, 0)
    see.equal(box.take()[0], True, "is_alive() of current_process() in the child")
    see.equal(mp.current_process().is_alive(), True, "is_alive() of the main process")


@chapter.clause("process.is-alive.reaps", source="multiprocessing-programming", methods=("fork", "spawn"))
def is_alive_joins_an_ended_process(mp: Any, see: See) -> None:
    """is_alive() of an ended child that nobody has joined takes its zombie away."""
    child = mp.Process(target=nothing)
    child.start()
    see.eventually(lambda: see.zombie(child.pid), "the child is a zombie")
    see.equal(child.is_alive(), False, "is_alive()")
    see.true(not see.zombie(child.pid), "the zombie is gone")


# pid


@chapter.clause("process.pid.before", source="multiprocessing.Process.pid", methods=NO_METHOD)
def there_is_no_pid_before_the_start(mp: Any, see: See) -> None:
    """pid is None before the process is started."""
    see.equal(mp.Process().pid, None, "the pid")


@chapter.clause("process.pid.real", source="multiprocessing.Process.pid")
def pid_is_what_the_child_sees(mp: Any, see: See) -> None:
    """pid is the child's process id: known when start() returns, and kept after the end."""
    box = see.mailbox()
    child = mp.Process(target=post_pid, args=(box,))
    child.start()
    known = child.pid
    see.exits(child, 0)
    see.equal((known, child.pid), (box.take(),) * 2, "the pid after the start and after the end")


@chapter.clause("process.pid.ident", source="multiprocessing.Process", level=SHOULD, methods=ANY_METHOD)
def ident_is_another_name_of_pid(mp: Any, see: See) -> None:
    """ident, which a thread has, is the pid of a process: None before the start."""
    child = mp.Process(target=nothing)
    see.equal(child.ident, None, "ident before the start")
    child.start()
    see.equal(child.ident, child.pid, "ident after the start")
    see.exits(child, 0)


@chapter.clause(
    "process.pid.read-only",
    source="multiprocessing.Process",
    level=SHOULD,
    methods=NO_METHOD,
    cases={name: name for name in ("pid", "exitcode", "sentinel", "ident")},
)
def what_the_child_decides_cannot_be_set(mp: Any, see: See, name: str) -> None:
    """pid, exitcode, sentinel and ident cannot be set."""
    with see.raises(AttributeError):
        setattr(mp.Process(), name, 7)


# exitcode, before the end


@chapter.clause("process.exitcode.before", source="multiprocessing.Process.exitcode")
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


@chapter.clause("process.exitcode.unjoined", source="multiprocessing.Process.exitcode")
def the_exitcode_needs_no_join(mp: Any, see: See) -> None:
    """exitcode tells of the end without a join(), and goes on telling the same."""
    child = mp.Process(target=leave_at_once, args=(9,))
    child.start()
    see.eventually(lambda: child.exitcode is not None, "there is an exitcode")
    see.equal([child.exitcode, child.exitcode], [9, 9], "the exitcode")
    child.join()
    see.equal(child.exitcode, 9, "the exitcode after a join")


# sentinel


def _ready_by_poll(descriptor: int, timeout: float) -> bool:
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(timeout * 1000))


def _ready_by_select(descriptor: int, timeout: float) -> bool:
    return select.select([descriptor], [], [], timeout)[0] == [descriptor]


def _ready_by_epoll(descriptor: int, timeout: float) -> bool:
    with contextlib.closing(select.epoll()) as epoll:
        epoll.register(descriptor, select.EPOLLIN)
        return bool(epoll.poll(timeout))


WAITS: dict[str, Callable[[int, float], bool]] = {
    "select": _ready_by_select,
    "poll": _ready_by_poll,
    "epoll": _ready_by_epoll,
}


@chapter.clause(
    "process.sentinel.ready", source="multiprocessing.Process.sentinel", platforms=("linux",), cases=WAITS, hanging=True
)
def the_sentinel_tells_the_end(mp: Any, see: See, ready: Callable[[int, float], bool]) -> None:
    """sentinel, an integer, is a descriptor for select, poll and epoll: not ready while the child runs, then ready."""
    gate = see.gate()
    child = mp.Process(target=wait, args=(gate,))
    child.start()
    see.equal(type(child.sentinel), int, "the type of the sentinel")
    see.equal(ready(child.sentinel, YIELD), False, "whether the sentinel is ready while the child runs")
    gate.open()
    see.equal(ready(child.sentinel, LONG), True, "whether the sentinel is ready after the end")
    see.exits(child, 0)


@chapter.clause("process.sentinel.stays", source="multiprocessing.Process.sentinel")
def the_sentinel_stays_ready(mp: Any, see: See) -> None:
    """A sentinel that became ready stays ready, however often it is asked, also after a join."""
    child = mp.Process(target=nothing)
    child.start()
    see.equal([_ready_by_poll(child.sentinel, time) for time in (LONG, 0, 0)], [True] * 3, "whether it is ready")
    see.exits(child, 0)
    see.equal([_ready_by_poll(child.sentinel, time) for time in (LONG, 0)], [True] * 2, "whether it is after the join")


@chapter.clause("process.sentinel.killed", source="multiprocessing.Process.sentinel")
def the_sentinel_tells_of_a_violent_end(mp: Any, see: See) -> None:
    """The sentinel becomes ready when the child is killed from outside."""
    box, gate = see.mailbox(), see.gate()
    child = mp.Process(target=post_pid_and_wait, args=(box, gate))
    child.start()
    os.kill(box.take(), signal.SIGKILL)
    see.equal(_ready_by_poll(child.sentinel, LONG), True, "whether the sentinel is ready")
    see.exits(child, -signal.SIGKILL)


@chapter.clause("process.sentinel.several", source="multiprocessing.Process.sentinel")
def each_sentinel_tells_of_its_own_process(mp: Any, see: See) -> None:
    """Of several children the sentinel of the one that ended is ready, the others' are not."""
    gates = [see.gate() for _ in range(3)]
    children = [mp.Process(target=wait, args=(gate,)) for gate in gates]
    for child in children:
        child.start()
    sentinels = [child.sentinel for child in children]
    for number in (1, 0, 2):
        gates[number].open()
        see.equal(
            select.select(sentinels, [], [], LONG)[0], [children[number].sentinel], "the sentinels that are ready"
        )
        sentinels.remove(children[number].sentinel)
    for child in children:
        see.exits(child, 0)


@chapter.clause("process.sentinel.waiters", source="multiprocessing.Process.sentinel", methods=ANY_METHOD, hanging=True)
def several_may_wait_for_a_sentinel(mp: Any, see: See) -> None:
    """The end releases everyone who waits for the sentinel, and a join() besides."""
    gate = see.gate()
    child = mp.Process(target=wait, args=(gate,))
    child.start()
    waiting: list[Any] = [see.blocks(_ready_by_select, child.sentinel, 100 * LONG) for _ in range(2)]
    waiting.append(see.blocks(child.join))
    gate.open()
    see.equal([each.ends() for each in waiting], [True, True, None], "what the waits return")


@chapter.clause("process.sentinel.grandchild", source="multiprocessing.Process.sentinel", hanging=True)
def a_grandchild_does_not_hold_the_sentinel_up(mp: Any, see: See) -> None:
    """The sentinel becomes ready when the child ends, though a child of that child lives on."""
    box, gate, gate_below = see.mailbox(), see.gate(), see.gate()
    child = mp.Process(target=start_one_and_wait, args=(mp, box, gate, gate_below))
    child.start()
    grandchild = box.take()
    gate.open()
    see.equal(_ready_by_poll(child.sentinel, LONG), True, "whether the sentinel is ready")
    see.true(see.alive(grandchild), "the grandchild lives")
    gate_below.open()
    see.gone(grandchild)
    see.exits(child, 0)
    sweep(see)


@chapter.clause("process.join.grandchild", source="multiprocessing.Process.join", hanging=True)
def a_grandchild_does_not_hold_a_timed_join_up(mp: Any, see: See) -> None:
    """join(timeout) sees the end of a child though a child of that child lives on."""
    box, gate, gate_below = see.mailbox(), see.gate(), see.gate()
    child = mp.Process(target=start_one_and_wait, args=(mp, box, gate, gate_below))
    child.start()
    grandchild = box.take()
    joining = see.blocks(child.join, 1000 * LONG)
    gate.open()
    see.equal((joining.ends(), child.exitcode), (None, 0), "what join() returns, and the exitcode")
    see.true(see.alive(grandchild), "the grandchild lives")
    gate_below.open()
    see.gone(grandchild)
    sweep(see)


@chapter.clause(
    "process.sentinel.windows", source="multiprocessing.Process.sentinel", methods=("spawn",), platforms=("win32",)
)
def windows_waits_for_the_sentinel(mp: Any, see: See) -> None:
    """On Windows sentinel is a handle for WaitForSingleObject, which finds it signalled once the child has ended."""
    import ctypes

    wait_for: Any = ctypes.windll.kernel32.WaitForSingleObject  # type: ignore[attr-defined]
    gate = see.gate()
    child = mp.Process(target=wait, args=(gate,))
    child.start()
    timed_out = 0x102
    see.equal(wait_for(child.sentinel, int(YIELD * 1000)), timed_out, "the wait while the child runs")
    gate.open()
    see.equal(wait_for(child.sentinel, int(LONG * 1000)), 0, "the wait after the end")
    see.exits(child, 0)


@chapter.clause(
    "process.sentinel.before", source="multiprocessing.Process.sentinel", level=UNSPECIFIED, methods=NO_METHOD
)
def a_sentinel_before_the_start(mp: Any, see: See) -> None:
    """What sentinel is before the start is left open."""
    try:
        see.records(sentinel=mp.Process().sentinel)
    except Exception as error:
        see.records(raises=type(error).__name__)


# What it looks like


@chapter.clause("process.repr.initial", source="multiprocessing.Process.close", methods=NO_METHOD)
def an_initial_process_shows_that_it_is(mp: Any, see: See) -> None:
    """Before the start the text of a process names its class and ends with ' initial>'."""
    text = str(mp.Process(name="shown"))
    see.true(text.startswith("<") and "Process " in text and text.endswith(" initial>"), "'<…Process … initial>'", text)


@chapter.clause("process.repr.started", source="multiprocessing.Process.close")
def a_started_process_shows_that_it_is(mp: Any, see: See) -> None:
    """While the child runs the text of a process ends with ' started>'."""
    gate = see.gate()
    child = mp.Process(target=wait, args=(gate,))
    child.start()
    text = str(child)
    gate.open()
    see.exits(child, 0)
    see.true(text.startswith("<") and "Process " in text and text.endswith(" started>"), "'<…Process … started>'", text)


@chapter.clause("process.repr.stopped", source="multiprocessing.Process.close")
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
    source="multiprocessing.Process.close",
    level=SHOULD,
    methods=("fork",),
    cases={name: USES[name] for name in ("join", "is_alive")},
)
def only_the_creator_asks_for_the_end(mp: Any, see: See, use: Callable[[Any], Any]) -> None:
    """join() and is_alive() raise in a process that did not create the process object."""
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
    see.equal(box.take()[0], "raised", "what came of it")


@chapter.clause("process.creator.start", source="multiprocessing.Process.close", level=SHOULD, methods=("fork",))
def only_the_creator_starts(mp: Any, see: See) -> None:
    """start() raises in a process that did not create the process object, and the target does not run."""
    box = see.mailbox()
    SIBLING[:] = [mp.Process(target=post, args=(box, "ran"))]
    child = mp.Process(target=misuse, args=(mp, box, USES["start"]))
    child.start()
    see.exits(child, 0)
    SIBLING.clear()
    see.equal(box.take()[0], "raised", "what came of it")
    see.true(box.empty(), "the target did not run")


@chapter.clause(
    "process.creator.others",
    source="multiprocessing.Process.close",
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
