"""A host: the process in which one check runs, thrown away afterwards.

It is a fork of the zygote or a fresh interpreter; from here on both do the same.
"""

from __future__ import annotations

import atexit
import contextlib
import faulthandler
import importlib
import os
import signal
import sys
import threading
from typing import TYPE_CHECKING, Any

from mpspec.clause import Clause
from mpspec.implementation import under_test
from mpspec.observation import procfs, shared_memory, witness
from mpspec.observation.see import See

from mpconform.hosts import wire
from mpconform.hosts.audit import Inventory

if TYPE_CHECKING:
    from mpconform.hosts.protocol import Binding, Finding, Surroundings, Task

REQUEST = "MPCONFORM_REQUEST"
"""Environment variable of a fresh host: the descriptor from which it reads its request."""

_KEPT: Finding = {"outcome": "kept", "recorded": {}}
_KEPT_ANSWER = wire.packed(_KEPT)
"""Nearly every host gives it: made once, before the fork."""

_NOTHING = Clause("nothing", "none", "none", "Nothing is promised.", lambda mp, see: None)


def default_signals() -> None:
    """The dispositions with which every interpreter starts, whatever the driver's shell has handed down."""
    for number in signal.valid_signals():
        wanted = signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL
        if number in (signal.SIGPIPE, getattr(signal, "SIGXFSZ", None)):
            wanted = signal.SIG_IGN
        with contextlib.suppress(OSError, ValueError):  # SIGKILL, SIGSTOP and what the C library keeps
            signal.signal(number, wanted)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])


def settle(surroundings: Surroundings) -> None:
    """Make this process a host: own session, folder, environment. Streams and signals are set already.

    All of it but the mark outlasts an exec.
    """
    os.setsid()
    folder = surroundings["folder"]
    os.environ["TMPDIR"] = folder
    os.environ[witness.FILE] = surroundings["witness"]
    if "tempfile" in sys.modules:
        sys.modules["tempfile"].tempdir = None  # type: ignore[attr-defined]
    os.chdir(folder)
    witness.mark()


def rehearse(surroundings: Surroundings) -> None:
    """Judge a clause that promises nothing, while there is time.

    A fork shares its memory until it writes to it, and pays for each page then: what is paid now, no check pays.
    """
    _judge(_NOTHING, {"method": None, "case": None, "kept_for_life": 0}, surroundings["folder"])


def judge(task: Task) -> Finding:
    """Run the clause's body and say what came of it: outcome, and promised, seen, line, traceback where it failed."""
    chapter = importlib.import_module(task["module"]).chapter
    return _judge(chapter.clauses[task["clause"]], task, task["folder"])


def _judge(clause: Clause, binding: Binding, folder: str) -> Finding:
    mp = under_test()
    see = See(folder, mp)
    finding: Finding = {"outcome": "kept"}
    before: Inventory | None = None
    # Where others make names as well, those that the host has itself are known to be its own.
    names = None if shared_memory.private() else shared_memory.names()
    try:
        mp.load()  # what its import opens, for one that no zygote imports, no check has left behind
        for name in clause.needs:
            _documented(mp, name)
        if binding["method"] is not None:
            mp.set_start_method(binding["method"], force=True)
        before = Inventory()
        arguments = () if binding["case"] is None else (clause.cases[binding["case"]],)
        clause.body(mp, see, *arguments)
    except (Exception, SystemExit, KeyboardInterrupt) as error:
        from mpconform.hosts import blame  # with what it imports: for the few hosts that need it

        finding = blame.finding(error, clause, mp)
    see.close()
    finding["recorded"] = see.recorded
    if finding["outcome"] == "kept" and before is not None:
        left = before.left_behind(binding["kept_for_life"])
        if left:
            finding.update({"outcome": "leaked", "promised": "nothing is left behind", "seen": "; ".join(left)})
    if names is not None and shared_memory.names() != names:
        held = shared_memory.held(["self", *procfs.descendants(os.getpid())], names)
        if held:
            finding["held"] = sorted(held)
    return finding


def run(task: Task, answer: int) -> None:
    """Judge, and answer on the descriptor; nobody but the host itself answers, whatever a child runs into."""
    host = os.getpid()
    try:
        finding = judge(task)
    except BaseException:
        from mpconform.hosts import blame

        finding = blame.engine()
    if os.getpid() != host:
        os._exit(120)
    if finding == _KEPT:
        os.write(answer, _KEPT_ANSWER)
    else:
        wire.put(answer, finding)
    os.close(answer)


def leave() -> None:
    """End a forked host as an interpreter ends, short of tearing down its modules."""
    host = os.getpid()
    try:
        threading._shutdown()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(0 if os.getpid() == host else 121)


def fresh() -> None:
    """What a fresh interpreter runs: the request comes by descriptor, the answer goes back by another."""
    request_from, answer = map(int, os.environ.pop(REQUEST).split(","))
    os.set_inheritable(answer, False)
    task: Task | None = wire.get(request_from)
    os.close(request_from)
    if task is not None:
        default_signals()
        faulthandler.enable()
        witness.mark()
        run(task, answer)


def _documented(mp: Any, name: str) -> None:
    for part in name.split("."):
        mp = getattr(mp, part)
