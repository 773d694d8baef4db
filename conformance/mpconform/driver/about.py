"""What is found out about an implementation beside any verdict: its version, and names that it has after all."""

from __future__ import annotations

import ast
import os
import subprocess
from collections.abc import Mapping

from mpspec.loader import load
from packaging.requirements import Requirement

from mpconform import __version__
from mpconform.adapters.adapter import BUILT_IN
from mpconform.adapters.interpreters import Interpreter
from mpconform.checks import Check
from mpconform.driver.judge import Judge


def version(judge: Judge) -> tuple[str, str]:
    """The version of the implementation, and what told it: "module", "distribution" or "interpreter"."""
    adapter, interpreter = judge.adapter, judge.interpreter
    told = _recorded(judge, "about.version")
    if "number" in told:
        return told["number"], told["told_by"]
    if adapter.requires:
        found = _installed(Requirement(adapter.requires[0]).name, interpreter)
        return (found, "distribution") if found else (".".join(map(str, interpreter.release)), "interpreter")
    if adapter.expose and adapter.folder == str(BUILT_IN):
        return __version__, "distribution"  # it comes with this one, which the interpreter under test does not know
    return ".".join(map(str, interpreter.release)), "interpreter"


def _installed(distribution: str, interpreter: Interpreter) -> str:
    """The version of a distribution that the interpreter has; nothing where it has none."""
    code = "import sys; from importlib.metadata import version; print(version(sys.argv[1]))"
    command = [interpreter.path, "-c", code, distribution]
    ended = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", cwd=os.sep)
    return ended.stdout.strip() if ended.returncode == 0 else ""


def there_after_all(judge: Judge) -> list[str]:
    """The names that the adapter declares as not offered and that are there."""
    return _recorded(judge, "about.names").get("there", "").split() if judge.adapter.not_offered else []


def _recorded(judge: Judge, id: str) -> Mapping[str, str]:
    """What the clause has recorded, as plain text."""
    verdict = judge.verdict(Check(load("about").clauses[id], None, None))
    return {key: ast.literal_eval(value) for key, value in verdict.recorded.items()}
