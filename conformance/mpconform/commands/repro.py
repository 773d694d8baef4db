"""`mpconform repro`: a check as a script that needs nothing but the implementation, for an issue elsewhere."""

from __future__ import annotations

import argparse
import os
import shlex
from pathlib import Path

from mpconform.adapters.adapter import Adapter, adapter
from mpconform.adapters.interpreters import Interpreter, interpreter
from mpconform.checks import Check
from mpconform.commands import grammar
from mpconform.errors import Unusable
from mpconform.reports import files
from mpconform.selection import select
from mpconform.standalone.script import LINES, script

HELP = "a check as a stand-alone script"


def add(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    parser.usage = "mpconform repro CHECK --impl=IMPL [--python=PYTHON] [-o FILE]"
    parser.epilog = (
        "CHECK is what a failure is called, as in 'queue.put.full-after-timeout[spawn]'. The script ends with status 0 "
        "where the promise is kept. The exit status of this command is 0, 2 where a check has no script, and 3 where "
        "the implementation cannot be judged on that interpreter."
    )
    grammar.add_judged(parser)
    parser.add_argument("-o", "--output", metavar="FILE", help="write it there; default: standard output")


def carry_out(options: argparse.Namespace) -> int:
    """Print it. Raises Unusable where there is none, with the reason."""
    if len(options.words) != 1:
        raise Unusable(f"repro takes one check, not {len(options.words)}: `mpconform repro CHECK --impl=IMPL`")
    select(options.words)  # what is no id at all is told before anything is started
    running = interpreter(options.impl_python)
    reached = adapter(options.impl, running)
    reached.refuse_older(running)
    check = _check(options.words[0], reached, running)
    made = script(check, reached)
    if made.reason:
        raise Unusable(
            f"repro {check.id}: no script of at most {LINES} lines: {made.reason}; `mpconform run` judges it"
        )
    if options.output is None:
        print(made.text, end="")
        return 0
    files.put(Path(options.output), made.text)
    print(f"written to {options.output}; run it: {_command(reached, running, options.output)}")
    return 0


def _check(word: str, reached: Adapter, running: Interpreter) -> Check:
    """The one check that the word means and that says something of the implementation."""
    chosen = select([word])
    found = list(chosen.checks(chosen.clauses(), reached.methods))
    if not found:
        raise Unusable(f"repro {word}: {reached.name} has {', '.join(reached.methods)}, and no such check at these")
    if len(found) > 1:
        told = [check.id for check in found[:8]] + ["..."] * (len(found) > 8)
        raise Unusable(f"repro {word}: these are {len(found)} checks; name one of them: {', '.join(told)}")
    check = found[0]
    reason = check.clause.not_applicable(reached.follows(running), running.platform, check.method, check.case)
    asked = (check.method, *check.clause.used(check.case))
    lacking = [method for method in asked if method and method not in reached.methods]
    if reason is None and lacking:
        reason = f"{reached.name} has no start method {lacking[0]}"
    if reason is not None:
        raise Unusable(f"repro {check.id}: not applicable to {reached.name} on {running.name}: {reason}")
    return check


def _command(reached: Adapter, running: Interpreter, file: str) -> str:
    """What runs the script: with the folders of the modules that the adapter brings along."""
    folders = list(dict.fromkeys(str(path.parent) for path in reached.exposed().values()))
    words = [running.path, file]
    if folders and folders != [os.path.dirname(os.path.abspath(file))]:
        words = ["env", f"PYTHONPATH={os.pathsep.join(folders)}", *words]
    return shlex.join(words)
