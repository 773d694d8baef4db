"""What is found out about an implementation beside any verdict: its version, and names that it has after all."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from mpspec.loader import load

from mpconform import __version__
from mpconform.adapters.adapter import BUILT_IN
from mpconform.checks import Check
from mpconform.driver.judge import Judge


def version(judge: Judge) -> tuple[str, str]:
    """The version of the implementation, and what told it: "module", "distribution" or "interpreter"."""
    adapter, interpreter = judge.adapter, judge.interpreter
    told = _recorded(judge, "about.version")
    if "number" in told:
        return told["number"], told["told_by"]
    if adapter.expose and adapter.folder == str(BUILT_IN):
        return __version__, "distribution"  # it comes with this one, which the interpreter under test does not know
    return ".".join(map(str, interpreter.release)), "interpreter"


def there_after_all(judge: Judge) -> list[str]:
    """The names that the adapter declares as not offered and that are there."""
    return _recorded(judge, "about.names").get("there", "").split() if judge.adapter.not_offered else []


def _recorded(judge: Judge, id: str) -> Mapping[str, str]:
    """What the clause has recorded, as plain text."""
    verdict = judge.verdict(Check(load("about").clauses[id], None, None))
    return {key: ast.literal_eval(value) for key, value in verdict.recorded.items()}
