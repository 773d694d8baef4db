"""dummy.Process: a thread with the methods and attributes of a process."""

from __future__ import annotations

import os
import threading
from typing import Any

from mpspec.chapters.dummy.chapter import API, chapter, started
from mpspec.clause import NO_METHOD, SHOULD, UNSPECIFIED, cases
from mpspec.observation.see import See
from mpspec.observation.waits import SMALL


@chapter.clause("dummy.process.thread", passage=API, methods=NO_METHOD)
def a_thread_of_this_process(mp: Any, see: See) -> None:
    """The target of a dummy.Process is called by another thread of the same process."""
    box = see.mailbox()
    with started(mp, lambda: box.post((os.getpid(), threading.get_ident()))):
        pid, thread = box.take()
        see.equal(pid, os.getpid(), "the process in which the target is called")
        see.true(thread != threading.get_ident(), "another thread calls it")


@chapter.clause("dummy.process.threading", passage=API, level=SHOULD, methods=NO_METHOD)
def it_is_a_thread_of_threading(mp: Any, see: See) -> None:
    """A dummy.Process is a threading.Thread, and is the current thread where its target runs."""
    seen: list[Any] = []
    with started(mp, lambda: seen.append(threading.current_thread())) as process:
        see.true(isinstance(process, threading.Thread), "a dummy.Process is a thread", type(process))
    see.true(seen[0] is process, "it is the thread that calls the target", seen)


ARGUMENTS = {
    "none": ((), {}),
    "positional": ((1, "two"), {}),
    "keywords": ((), {"key": 3}),
    "both": ((1,), {"key": 3}),
    "list": ([1, 2], {}),
}


@chapter.clause("dummy.process.arguments", passage=API, methods=NO_METHOD, cases=ARGUMENTS)
def arguments_come_to_the_target(mp: Any, see: See, case: Any) -> None:
    """The target is called with args and kwargs."""
    args, kwargs = case
    seen: list[Any] = []
    process = mp.dummy.Process(target=lambda *args, **kwargs: seen.append((args, kwargs)), args=args, kwargs=kwargs)
    process.start()
    process.join()
    see.equal(seen, [(tuple(args), kwargs)], "what the target is called with")


@chapter.clause("dummy.process.positional", passage=API, methods=NO_METHOD)
def the_order_of_the_parameters(mp: Any, see: See) -> None:
    """The parameters of a dummy.Process are those of Process, in its order: group, target, name, args and kwargs."""
    seen: list[Any] = []
    process = mp.dummy.Process(None, lambda *args, **kwargs: seen.append((args, kwargs)), "named", (1,), {"key": 2})
    see.equal(process.name, "named", "the name")
    process.start()
    process.join()
    see.equal(seen, [((1,), {"key": 2})], "what the target is called with")


@chapter.clause("dummy.process.same-objects", passage=API, level=SHOULD, methods=NO_METHOD)
def arguments_are_not_copied(mp: Any, see: See) -> None:
    """The arguments of the target are the very objects that were given, picklable or not."""
    seen: list[Any] = []
    lock = threading.Lock()  # which cannot be pickled
    with started(mp, lambda *args: seen.extend(args), seen, lock):
        pass
    see.true(seen[0] is seen and seen[1] is lock, "the same objects", seen[1:])


@chapter.clause("dummy.process.run", passage=API, methods=NO_METHOD)
def run_can_be_overridden(mp: Any, see: See) -> None:
    """A subclass of dummy.Process can override run(), which start() arranges to be called in the thread."""
    seen: list[int] = []

    class Worker(mp.dummy.Process):  # type: ignore[misc,name-defined,unused-ignore]
        def run(self) -> None:
            seen.append(threading.get_ident())

    worker = Worker()
    worker.start()
    worker.join()
    see.equal(len(seen), 1, "how often run() is called")
    see.true(seen[0] != threading.get_ident(), "another thread calls run()")


@chapter.clause("dummy.process.run-directly", passage=API, methods=NO_METHOD)
def run_calls_the_target(mp: Any, see: See) -> None:
    """run() of a dummy.Process that is not started calls the target where it is called."""
    seen: list[int] = []
    mp.dummy.Process(target=lambda: seen.append(threading.get_ident())).run()
    see.equal(seen, [threading.get_ident()], "the threads that have called the target")


@chapter.clause("dummy.process.is-alive", passage=API, methods=NO_METHOD)
def alive_from_start_to_end(mp: Any, see: See) -> None:
    """is_alive() is false before start(), true until the target has returned, and false again after that."""
    gate = see.gate()
    process = mp.dummy.Process(target=gate.wait)
    see.equal(bool(process.is_alive()), False, "is_alive() before start()")
    process.start()
    see.equal(bool(process.is_alive()), True, "is_alive() while it works")
    gate.open()
    process.join()
    see.equal(bool(process.is_alive()), False, "is_alive() after the end")


@chapter.clause("dummy.process.join", passage=API, methods=NO_METHOD, hanging=True)
def join_waits_for_the_end(mp: Any, see: See) -> None:
    """join() without a timeout blocks until the target has returned."""
    gate = see.gate()
    process = mp.dummy.Process(target=gate.wait)
    process.start()
    joining = see.blocks(process.join)
    joining.goes_on()
    gate.open()
    joining.ends()
    see.equal(bool(process.is_alive()), False, "is_alive() after join()")


@chapter.clause("dummy.process.join-timeout", passage=API, methods=NO_METHOD, hanging=True)
def join_with_a_timeout(mp: Any, see: See) -> None:
    """join(timeout) blocks at most so many seconds; the dummy.Process goes on."""
    gate = see.gate()
    with started(mp, gate.wait) as process:
        see.equal(see.expires(SMALL, process.join, SMALL), None, "what join() returns")
        see.equal(bool(process.is_alive()), True, "is_alive() afterwards")
        gate.open()


@chapter.clause("dummy.process.exitcode", passage=API, level=SHOULD, methods=NO_METHOD)
def the_exitcode(mp: Any, see: See) -> None:
    """exitcode is None before the end of a dummy.Process, and 0 once its target has returned."""
    gate = see.gate()
    process = mp.dummy.Process(target=gate.wait)
    see.equal(process.exitcode, None, "the exitcode before start()")
    process.start()
    see.equal(process.exitcode, None, "the exitcode while it works")
    gate.open()
    process.join()
    see.equal(process.exitcode, 0, "the exitcode after the end")


def leave() -> None:
    """Raise what sys.exit(3) raises."""
    raise SystemExit(3)


def fail() -> None:
    """Raise an exception, of which the hook of threads tells nobody."""
    threading.excepthook = lambda _: None
    raise RuntimeError("meant to fail")


@chapter.clause(
    "dummy.process.exitcode-failed",
    passage=API,
    level=UNSPECIFIED,
    methods=NO_METHOD,
    cases={"sys.exit": leave, "exception": fail},
)
def the_exitcode_of_a_failure(mp: Any, see: See, case: Any) -> None:
    """Which exitcode a dummy.Process has that has left by sys.exit(3), or by an exception, is left open."""
    with started(mp, case) as process:
        process.join()
    see.records(exitcode=process.exitcode)


@chapter.clause("dummy.process.name", passage=API, methods=NO_METHOD)
def it_has_a_name(mp: Any, see: See) -> None:
    """A dummy.Process has the name that it is given, which can be changed, or else one of its own."""
    named, first, second = (mp.dummy.Process(name=name) for name in ("given", None, None))
    see.equal(named.name, "given", "the name")
    named.name = "changed"
    see.equal(named.name, "changed", "the name that was set")
    see.true(isinstance(first.name, str) and first.name != second.name, "two names", (first.name, second.name))


@chapter.clause("dummy.process.daemon", passage=API, methods=NO_METHOD)
def the_daemon_flag(mp: Any, see: See) -> None:
    """daemon is false for a dummy.Process of the main process, and can be set before it is started."""
    process = mp.dummy.Process(target=int)
    see.equal(process.daemon, False, "daemon")
    process.daemon = True
    see.equal(process.daemon, True, "daemon, which was set")
    process.start()
    process.join()


@chapter.clause(
    "dummy.process.daemon-argument", passage=API, level=SHOULD, methods=NO_METHOD, cases={"true": True, "false": False}
)
def the_daemon_argument(mp: Any, see: See, case: bool) -> None:
    """The constructor takes the keyword argument daemon, which sets the flag."""
    see.equal(mp.dummy.Process(target=int, daemon=case).daemon, case, "daemon")


@chapter.clause("dummy.process.daemon-inherited", passage=API, level=SHOULD, methods=NO_METHOD)
def the_daemon_flag_is_inherited(mp: Any, see: See) -> None:
    """daemon is inherited from the dummy.Process that makes another one."""
    seen: list[bool] = []
    process = mp.dummy.Process(target=lambda: seen.append(mp.dummy.Process().daemon))
    process.daemon = True
    process.start()
    process.join()
    see.equal(seen, [True], "daemon of what a daemon makes")


@chapter.clause(
    "dummy.process.attributes",
    passage=API,
    level=UNSPECIFIED,
    methods=NO_METHOD,
    cases=cases("authkey", "close", "ident", "kill", "pid", "sentinel", "terminate"),
)
def what_belongs_to_a_process(mp: Any, see: See, case: str) -> None:
    """Whether a dummy.Process has what belongs to a process, such as an id or a way to kill it, is left open."""
    gate = see.gate()
    with started(mp, gate.wait) as process:
        there = hasattr(process, case)
        gate.open()
    if there and hasattr(process, "close"):  # a sentinel may have been made
        process.close()
    see.records(present=there)


@chapter.clause("dummy.active-children", passage=API, methods=NO_METHOD)
def the_living_children(mp: Any, see: See) -> None:
    """active_children() is a list of the dummy processes that were started here and have not ended."""
    gate, other = see.gate(), see.gate()
    waiting = mp.dummy.Process(target=other.wait)
    see.equal(mp.dummy.active_children(), [], "the children before the start")
    with started(mp, gate.wait) as process:
        waiting.start()
        found = mp.dummy.active_children()
        see.true(isinstance(found, list), "a list", type(found))
        see.equal(set(found), {process, waiting}, "the children while both work")
        gate.open()
    see.equal(mp.dummy.active_children(), [waiting], "the children after the end of one")
    other.open()
    waiting.join()
    see.equal(mp.dummy.active_children(), [], "the children after the end of both")


@chapter.clause("dummy.current-process.child", passage=API, methods=NO_METHOD)
def the_current_process(mp: Any, see: See) -> None:
    """current_process() is the dummy.Process that runs the caller."""
    seen: list[Any] = []
    with started(mp, lambda: seen.append(mp.dummy.current_process())) as process:
        pass
    see.true(seen[0] is process, "the dummy.Process itself", seen)


@chapter.clause("dummy.current-process.main", passage=API, methods=NO_METHOD)
def the_current_process_of_the_main_thread(mp: Any, see: See) -> None:
    """current_process() returns something with a name in the main thread as well, the same one each time."""
    here = mp.dummy.current_process()
    see.true(isinstance(here.name, str), "a name", here)
    see.equal(mp.dummy.current_process().name, here.name, "the name")
