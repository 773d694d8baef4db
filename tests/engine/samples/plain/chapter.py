"""Clauses with a known outcome for an implementation that works."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from _thread import allocate_lock, get_ident, start_new_thread
from typing import Any

from mpspec.clause import MUST, NO_METHOD, UNSPECIFIED, Chapter
from mpspec.observation.procfs import parent
from mpspec.observation.see import See
from mpspec.observation.shared_memory import FOLDER, private
from mpspec.observation.witness import target

chapter = Chapter("plain", section="none", source="module-multiprocessing")
SOURCE = "module-multiprocessing"


@target
def nothing() -> None:
    """Do nothing."""


@chapter.clause("plain.empty", source=SOURCE, methods=NO_METHOD)
def nothing_is_observed(mp: Any, see: See) -> None:
    """Nothing is promised."""


@chapter.clause("plain.child", source=SOURCE)
def a_child_ends(mp: Any, see: See) -> None:
    """A child ends with the status 0."""
    child = mp.Process(target=nothing)
    child.start()
    see.exits(child, 0)


@chapter.clause("plain.child-fresh", source=SOURCE, fresh=True)
def a_child_ends_in_a_fresh_host(mp: Any, see: See) -> None:
    """A child of a fresh interpreter ends with the status 0."""
    child = mp.Process(target=nothing)
    child.start()
    see.exits(child, 0)


@chapter.clause("plain.surroundings", source=SOURCE, methods=NO_METHOD)
def the_host_is_isolated(mp: Any, see: See) -> None:
    """A host has its own session, folder and empty standard input, and default signal dispositions."""
    see.equal(os.getsid(0), os.getpid(), "the session")
    see.equal(os.getcwd(), see.folder, "the working folder")
    see.equal(sys.stdin.read(), "", "standard input")
    see.equal(signal.getsignal(signal.SIGTERM), signal.SIG_DFL, "SIGTERM")
    see.equal(signal.getsignal(signal.SIGINT), signal.default_int_handler, "SIGINT")
    see.equal(threading.active_count(), 1, "the number of threads")


@chapter.clause("plain.where", source=SOURCE, methods=NO_METHOD)
def the_host_tells_where_it_is(mp: Any, see: See) -> None:
    """A host finds its folder empty and its own."""
    see.equal(os.listdir(see.folder), [], "what is in the folder")
    see.equal(os.stat(see.folder).st_mode & 0o777, 0o700, "the mode of the folder")
    see.records(folder=see.folder, zygote=os.getppid(), host=os.getpid())


@chapter.clause("plain.changes-its-folder", source=SOURCE, methods=NO_METHOD)
def the_host_changes_its_folder(mp: Any, see: See) -> None:
    """A host may do with its folder what it likes."""
    see.records(folder=see.folder)
    os.chmod(see.folder, 0o500)


@chapter.clause("plain.surroundings-fresh", source=SOURCE, methods=NO_METHOD, fresh=True)
def the_fresh_host_is_isolated(mp: Any, see: See) -> None:
    """A fresh host has the same surroundings."""
    the_host_is_isolated(mp, see)


@chapter.clause("plain.broken", source=SOURCE, methods=NO_METHOD)
def an_observation_fails(mp: Any, see: See) -> None:
    """One is two."""
    see.equal(1, 2, "one")


@chapter.clause("plain.many-threads", source=SOURCE, methods=NO_METHOD)
def many_threads_stay(mp: Any, see: See) -> None:
    """A dozen threads wait for ever."""
    for number in range(12):
        threading.Thread(target=signal.pause, name=f"idle-{number}", daemon=True).start()


@chapter.clause("plain.broken-and-stuck", source=SOURCE, methods=NO_METHOD)
def an_observation_fails_and_the_exit_hangs(mp: Any, see: See) -> None:
    """One is two, and a thread keeps the host from ending."""
    threading.Thread(target=signal.pause, name="stuck").start()
    see.equal(1, 2, "one")


@chapter.clause("plain.attribute", source=SOURCE, methods=NO_METHOD)
def an_attribute_is_looked_for(mp: Any, see: See) -> None:
    """A process has a name that no process has."""
    mp.Process().no_such_name()


@chapter.clause("plain.name-error", source=SOURCE, methods=NO_METHOD)
def the_body_is_at_fault(mp: Any, see: See) -> None:
    """The clause itself has a mistake."""
    undefined_name  # type: ignore[name-defined]  # noqa: B018, F821


@chapter.clause("plain.builds", source=SOURCE, methods=NO_METHOD, builds_on="plain.broken")
def a_clause_on_broken_ground(mp: Any, see: See) -> None:
    """This one says nothing where the other is broken."""


@chapter.clause("plain.open", source=SOURCE, methods=NO_METHOD, level=UNSPECIFIED)
def what_the_page_leaves_open(mp: Any, see: See) -> None:
    """This is recorded and not judged."""
    see.records(answer=42)
    see.equal(1, 2)


@chapter.clause("plain.cases", source=SOURCE, methods=NO_METHOD, level=MUST, cases={"one": 1, "two": 2})
def a_table(mp: Any, see: See, number: int) -> None:
    """Every number of the table is positive."""
    see.true(number > 0, "a positive number", number)


@chapter.clause("plain.later", source=SOURCE, methods=NO_METHOD, since="3.99")
def a_later_promise(mp: Any, see: See) -> None:
    """This is promised later."""


@chapter.clause("plain.elsewhere", source=SOURCE, methods=NO_METHOD, platforms=("win32",))
def a_promise_for_windows(mp: Any, see: See) -> None:
    """This is promised on Windows."""


@chapter.clause("plain.harms-supervisor", source=SOURCE, methods=NO_METHOD)
def the_host_kills_its_supervisor(mp: Any, see: See) -> None:
    """A host may even try to kill its supervisor."""
    os.kill(os.getppid(), signal.SIGKILL)
    signal.pause()


@chapter.clause("plain.keeps-a-library", source=SOURCE, methods=NO_METHOD)
def a_loaded_library_is_kept_open(mp: Any, see: See) -> None:
    """The file of a library that is loaded stays open, as libffi does with its own."""
    with open("/proc/self/maps") as maps:
        os.open(next(line.split()[5] for line in maps if "r-xp" in line and ".so" in line), os.O_RDONLY)


@chapter.clause("plain.keeps-a-file", source=SOURCE, methods=NO_METHOD)
def a_file_is_kept_open(mp: Any, see: See) -> None:
    """A file that is no library stays open, while another thread sleeps."""
    start_new_thread(signal.pause, ())
    os.open(__file__, os.O_RDONLY)


@chapter.clause("plain.foreign-thread", source=SOURCE, methods=NO_METHOD, cases={"ends": True, "stays": False})
def a_thread_asks_who_it_is(mp: Any, see: See, ends: bool) -> None:
    """A thread that `threading` has not started asks it for itself, and ends or stays."""
    asked = allocate_lock()
    asked.acquire()

    def ask() -> None:
        threading.current_thread()
        asked.release()
        if not ends:
            signal.pause()

    start_new_thread(ask, ())
    asked.acquire()


@chapter.clause("plain.told-to-close", source=SOURCE, methods=NO_METHOD)
def a_thread_is_told_to_close_a_file(mp: Any, see: See) -> None:
    """A file is open until a thread, which sleeps meanwhile, is told by another process to close it."""
    descriptor, another = os.open(__file__, os.O_RDONLY), subprocess.Popen(["sleep", "0.1"])

    def close() -> None:
        another.wait()
        os.close(descriptor)

    start_new_thread(close, ())


@chapter.clause("plain.reads-meanwhile", source=SOURCE, methods=NO_METHOD)
def a_thread_reads_a_file(mp: Any, see: See) -> None:
    """A thread that the interpreter does not list has a file open until the audit has seen it once."""
    opened = allocate_lock()
    opened.acquire()

    def read() -> None:
        with open(__file__):
            opened.release()
            while not audited_once():
                pass

    main = get_ident()

    def audited_once() -> bool:
        frame = sys._current_frames()[main]
        while frame is not None and frame.f_code.co_name != "_others_sleep":
            frame = frame.f_back
        return frame is not None

    start_new_thread(read, ())
    opened.acquire()


@chapter.clause("plain.who", source=SOURCE, methods=NO_METHOD)
def the_host_tells_who_it_is(mp: Any, see: See) -> None:
    """A host has the ids and the capabilities of the driver."""
    with open("/proc/self/status") as status:
        capabilities = status.read().split("CapEff:")[1].split()[0]
    ids = (os.getuid(), os.getgid())
    see.records(ids=ids, capabilities=capabilities, private=private(), device=os.stat(FOLDER).st_dev)


@chapter.clause("plain.harms-launcher", source=SOURCE, methods=NO_METHOD)
def the_host_kills_the_launcher(mp: Any, see: See) -> None:
    """A host may even try to kill what has launched its supervisor."""
    launcher = parent(os.getppid())
    assert launcher is not None
    os.kill(launcher, signal.SIGKILL)
    signal.pause()
