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
import traceback
from typing import Any

from mpspec import witness
from mpspec.clause import Clause
from mpspec.letters import NoLetter
from mpspec.see import NotKept, See, line_of
from mpspec.subject import Missing, under_test

from mpconform.inside import arming, wire
from mpconform.inside.audit import Inventory

REQUEST = "MPCONFORM_REQUEST"
"""Environment variable of a fresh host: the descriptor from which it reads its request."""

KEPT: dict[str, Any] = {"outcome": "kept", "recorded": {}}
_KEPT_ANSWER = wire.packed(KEPT)  # nearly every host gives it: made once, before the fork

_NOTHING = Clause("nothing", "none", "none", "Nothing is promised.", lambda mp, see: None)

_SPEC = os.path.dirname(os.path.realpath(witness.__file__))


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
    chapter = importlib.import_module(f"{request['package']}.{request['chapter']}").chapter
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
    except Missing as error:
        verdict = {"outcome": "missing", "promised": f"the name {error} exists", "seen": "it does not"}
    except (NotKept, NoLetter) as error:
        verdict = {"outcome": "broken", "promised": error.promised, "seen": error.seen, **_place(error)}
    except AttributeError as error:
        verdict = {
            "outcome": "broken",
            "promised": clause.sentence,
            "seen": f"an unexpected {error!r}",
            **_place(error),
        }
        absent = _absent(error, mp)
        if absent is not None:
            verdict.update(outcome="missing", promised=f"the name {absent} exists", seen="it does not")
    except (NameError, SyntaxError, ImportError) as error:
        verdict = {"outcome": "broken", "promised": clause.sentence, "seen": repr(error), **_place(error)}
        if _raised_by_clause(error, clause):
            verdict["outcome"] = "harness"
    except (Exception, SystemExit, KeyboardInterrupt) as error:
        verdict = {
            "outcome": "broken",
            "promised": clause.sentence,
            "seen": f"an unexpected {error!r}",
            **_place(error),
        }
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
        verdict = {"outcome": "harness", "promised": "the engine works", "seen": traceback.format_exc()}
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
        arming.arm()
        witness.mark()
        run(request, answer)


def _documented(mp: Any, name: str) -> None:
    for part in name.split("."):
        mp = getattr(mp, part)


def _absent(error: AttributeError, mp: Any) -> str | None:
    """The name that the spec itself looked for in vain on an object of the implementation, or None.

    Known since Python 3.10, where the error tells its object.
    """
    thing, name = getattr(error, "obj", None), getattr(error, "name", None)
    if thing is None or name is None or name.startswith("_"):
        return None
    home = mp.module_name.split(".")[0]
    innermost = [frame for frame, _ in traceback.walk_tb(error.__traceback__)][-1]
    if innermost.f_globals.get("__name__", "").split(".")[0] == home:
        return None  # the implementation's own mistake
    kinds = [kind for kind in type(thing).__mro__ if kind.__module__.split(".")[0] == home]
    return f"{kinds[0].__name__}.{name}" if kinds else None


def _place(error: BaseException) -> dict[str, str]:
    # The first frame is the engine's call of the body.
    below = error.__traceback__ and error.__traceback__.tb_next
    return {
        "line": line_of(error, _SPEC),
        "traceback": "".join(traceback.format_exception(type(error), error, below)),
    }


def _raised_by_clause(error: BaseException, clause: Clause) -> bool:
    frames = traceback.extract_tb(error.__traceback__)
    return bool(frames) and frames[-1].filename == clause.body.__code__.co_filename
