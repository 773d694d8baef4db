"""The stand-alone script of a clause that runs a program: that program, under the implementation's name."""

from __future__ import annotations

import ast
from typing import Any, Never

from mpspec.implementation import Implementation
from mpspec.observation.program import for_implementation
from mpspec.observation.see import See

from mpconform.adapters.adapter import Adapter
from mpconform.checks import Check
from mpconform.standalone.syntax import NeedsEngine


def runs_a_program(function: ast.FunctionDef) -> bool:
    """Whether the body of a clause runs one."""
    words = (See.program.__name__, See.start_program.__name__)
    return any(isinstance(node, ast.Attribute) and node.attr in words for node in ast.walk(function))


def program(check: Check, adapter: Adapter) -> str:
    """The program that the clause of the check runs; a person compares what it writes.

    Raises NeedsEngine where it is no program of its own.
    """
    asking: Any = _Asking(check.method)
    arguments = () if check.case is None else (check.clause.cases[check.case],)
    try:
        check.clause.body(asking, asking, *arguments)
    except _Asked as asked:
        source, words, options = asked.args
    except NeedsEngine:
        raise
    except Exception as error:
        raise NeedsEngine(f"a program that is made of what a host finds ({error!r})") from None
    else:
        raise NeedsEngine("a program that is not run")
    unsaid = sorted(set(options) - {"name"})
    if unsaid:
        raise NeedsEngine(f"a program with {', '.join(unsaid)}")
    if "from mpspec" in source:
        raise NeedsEngine("a program that looks into the kernel as a clause does")
    text = for_implementation(source, Implementation(adapter.subject()))
    given = f"import sys; sys.argv[1:] = {list(words)!r}\n" if words else ""
    return given + "".join(f"{line}\n" for line in text.splitlines() if line.strip())


class _Asked(BaseException):
    """Carries the program that a clause wants to run out of its body."""


class _Asking:
    """Stands for the implementation and for `see` in a clause that runs a program, up to the moment when it does."""

    def __init__(self, method: str | None) -> None:
        self._method = method

    def get_start_method(self) -> str | None:
        """The start method of the check."""
        return self._method

    def program(self, source: str, *args: str, **options: Any) -> Never:
        """Take the program."""
        raise _Asked(source, args, options)

    start_program = program

    def __getattr__(self, name: str) -> Never:
        raise NeedsEngine(f"{name}, and a program")
