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
from typing import Any

from mpspec.clause import Clause
from mpspec.implementation import under_test
from mpspec.observation import witness
from mpspec.observation.see import See

from mpconform.inside import wire
from mpconform.inside.audit import Inventory

REQUEST = "MPCONFORM_REQUEST"
"""Environment variable of a fresh host: the descriptor from which it reads its request."""

KEPT: dict[str, Any] = {"outcome": "kept", "recorded": {}}
_KEPT_ANSWER = wire.packed(KEPT)  # nearly every host gives it: made once, before the fork

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


def settle(surroundings: dict[str, str]) -> None:
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


def rehearse(surroundings: dict[str, str]) -> None:
    """Judge a clause that promises nothing, while there is time.

    A fork shares its memory until it writes to it, and pays for each page then: what is paid now, no check pays.
    """
    _judge(_NOTHING, {**surroundings, "method": None, "case": None, "kept_for_life": 0})


def judge(request: dict[str, Any]) -> dict[str, Any]:
    """Run the clause's body and say what came of it: outcome, and promised, seen, line, traceback where it failed."""
    chapter = importlib.import_module(request["module"]).chapter
    return _judge(chapter.clauses[request["clause"]], request)


def _judge(clause: Clause, request: dict[str, Any]) -> dict[str, Any]:
    mp = under_test()
    see = See(request["folder"], mp)
    verdict: dict[str, Any] = {"outcome": "kept"}
    before: Inventory | None = None
    try:
        for name in clause.needs:
            _documented(mp, name)
        if request["method"] is not None:
            mp.set_start_method(request["method"], force=True)
        before = Inventory()
        arguments = () if request["case"] is None else (clause.cases[request["case"]],)
        clause.body(mp, see, *arguments)
    except (Exception, SystemExit, KeyboardInterrupt) as error:
        from mpconform.inside import blame  # with what it imports: for the few hosts that need it

        verdict = blame.verdict(error, clause, mp)
    see.close()
    verdict["recorded"] = see.recorded
    if verdict["outcome"] == "kept" and before is not None:
        left = before.left_behind(request["kept_for_life"])
        if left:
            verdict.update(outcome="leaked", promised="nothing is left behind", seen="; ".join(left))
    return verdict


def run(request: dict[str, Any], answer: int) -> None:
    """Judge, and answer on the descriptor; nobody but the host itself answers, whatever a child runs into."""
    host = os.getpid()
    try:
        verdict = judge(request)
    except BaseException:
        from mpconform.inside import blame

        verdict = blame.engine()
    if os.getpid() != host:
        os._exit(120)
    if verdict == KEPT:
        os.write(answer, _KEPT_ANSWER)
    else:
        wire.put(answer, verdict)
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
    request = wire.get(request_from)
    os.close(request_from)
    if request is not None:
        default_signals()
        faulthandler.enable()
        witness.mark()
        run(request, answer)


def _documented(mp: Any, name: str) -> None:
    for part in name.split("."):
        mp = getattr(mp, part)
