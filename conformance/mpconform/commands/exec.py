"""`mpconform exec`: run a command in whose Python processes an implementation is in the place of `multiprocessing`.

The command takes the place of this process, so that signals, the terminal and the exit status are its own.
"""

from __future__ import annotations

import argparse
import errno
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from mpconform import substitution
from mpconform.adapters.adapter import Adapter, adapter
from mpconform.adapters.interpreters import Interpreter, interpreter
from mpconform.commands import grammar
from mpconform.environments.environment import prepared
from mpconform.errors import BrokenAdapter, Unusable
from mpconform.substitution.sitecustomize import EXPOSED, MODULES, STANDARD

HELP = "run a command with an implementation in the place of `multiprocessing`"
PYTHONS = ("python", "python3")
"""Commands that mean the interpreter of --python."""
NOT_FOUND, NOT_EXECUTABLE = 127, 126
"""The exit statuses of shells."""
RESTORED = [signal.Signals[name] for name in ("SIGPIPE", "SIGXFSZ") if name in signal.Signals.__members__]
"""What an interpreter ignores, and whatever it turns into would ignore as well."""


class NotExecuted(Unusable):
    """The command cannot be run; status: the one that shells give."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


def add(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    parser.usage = "mpconform exec --impl=IMPL [--python=PYTHON] -- COMMAND [ARGUMENT ...]"
    parser.epilog = (
        "COMMAND is any program; `python`, a file *.py, or an option such as -m stand for the interpreter of --python: "
        "mpconform exec --impl=billiard -- python -m pytest tests/. Every Python that the command starts has the "
        "implementation in the place of multiprocessing, but for those that ignore the environment (-E, -I) or the "
        "site (-S). The exit status is that of the command; 126 where it cannot be executed, 127 where there is none."
    )
    grammar.add_judged(parser)


def carry_out(options: argparse.Namespace) -> int:
    """Become the command. Returns nothing; raises Unusable where that cannot be done."""
    if not options.rest:
        raise Unusable("exec what? The command stands behind `--`, as in `-- python -m pytest tests/`")
    if options.words:
        raise Unusable(f"exec {options.words[0]}: the command stands behind `--`, as in `-- python -m pytest tests/`")
    running = interpreter(options.impl_python)
    reached = adapter(options.impl, running)
    if options.impl_environment:
        running = prepared(reached, running, grammar.tell)
    reached.refuse_older(running)
    environment = _environment(reached, running)
    _probe(reached, running, environment)
    _become(_command(options.rest, reached, running), environment)


def _command(words: Sequence[str], reached: Adapter, running: Interpreter) -> list[str]:
    """The words, with the interpreter where one is meant."""
    first = words[0]
    if first in PYTHONS:
        return [*reached.command(running), *words[1:]]
    return [*reached.command(running), *words] if first.startswith("-") or first.endswith(".py") else [*words]


def _environment(reached: Adapter, running: Interpreter) -> dict[str, str]:
    """That of the command. Nothing is left in it of a command around this one."""
    place = str(Path(substitution.__path__[0]).absolute())
    theirs = os.environ | reached.surroundings(running)
    environment = {name: value for name, value in theirs.items() if name not in (MODULES, EXPOSED)}
    before = environment.pop("PYTHONPATH", "")
    path = [entry for entry in before.split(os.pathsep) if entry != place] if before else []
    modules = reached.subject()
    if any(name != module for name, module in modules.items()):
        path.insert(0, place)
        environment[MODULES] = " ".join(f"{name}={module}" for name, module in modules.items())
        environment[EXPOSED] = "\n".join(map(str, reached.exposed().values()))
    return environment | ({"PYTHONPATH": os.pathsep.join(path)} if path else {})


def _probe(reached: Adapter, running: Interpreter, environment: Mapping[str, str]) -> None:
    """Raise BrokenAdapter where the implementation cannot be imported in the place of the package."""
    imports = "".join(f"import {name}\n" for name in (STANDARD, *reached.modules))
    ended = subprocess.run(
        [*reached.command(running), "-c", f"{imports}{STANDARD}.Process"],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="backslashreplace",
    )
    if ended.returncode != 0:
        told = ended.stderr.strip().splitlines() or [f"the interpreter ends with status {ended.returncode}"]
        raise BrokenAdapter(
            f"{reached.name} cannot be put in the place of {STANDARD} in {running.path}: {told[-1]}; correct the "
            "adapter, install the implementation there, or name another --python"
        )


def _become(command: Sequence[str], environment: Mapping[str, str]) -> NoReturn:
    """Replace this process."""
    sys.stdout.flush()
    sys.stderr.flush()
    before = {number: signal.signal(number, signal.SIG_DFL) for number in RESTORED}
    try:
        os.execvpe(command[0], [*command], environment)
    except OSError as error:
        for number, handler in before.items():
            signal.signal(number, handler)
        if error.errno in (errno.ENOENT, errno.ENOTDIR):
            there = os.path.exists(command[0])
            what = "the interpreter in its first line does not exist" if there else "there is no such command"
            raise NotExecuted(f"exec {command[0]}: {what}", NOT_FOUND) from None
        raise NotExecuted(f"exec {command[0]}: cannot be executed ({error.strerror})", NOT_EXECUTABLE) from None
