"""What of the spec a clause comes to: the functions that its body calls or hands on, theirs, and so on."""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Iterator
from types import CodeType, FunctionType, ModuleType
from typing import Any

from mpspec.clause import Clause
from mpspec.observation import mailbox, spool
from mpspec.observation.see import See

WORDS = {name: word for name, word in vars(See).items() if inspect.isfunction(word)}
"""The vocabulary of observation: who says the word comes to it, on whatever object."""


class Reach:
    """The functions, classes and texts that a clause comes to on a platform."""

    def __init__(self, clause: Clause, platform: str) -> None:
        self._platform = platform
        self.functions: dict[int, FunctionType] = {}
        self.texts: list[str] = []
        self._seen: set[int] = set()
        self._visit(clause.body)
        self._visit(dict(clause.cases))

    def lines(self) -> Iterator[tuple[str, int]]:
        """File and number of every line of the functions."""
        for function in self.functions.values():
            text, first = source(function.__code__)
            yield from ((function.__code__.co_filename, first + more) for more in range(text.count("\n")))

    def words(self) -> str:
        """The source of the functions of chapters, and the texts that they come to: programs above all."""
        chapters = [one for one in self.functions.values() if ".observation." not in one.__module__]
        return "\n".join([*(source(one.__code__)[0] for one in chapters), *self.texts])

    def _visit(self, thing: Any) -> None:
        if id(thing) in self._seen:
            return
        self._seen.add(id(thing))
        if isinstance(thing, str):
            self.texts.append(thing)
        elif isinstance(thing, dict):
            self._visit_all([*thing.keys(), *thing.values()])
        elif isinstance(thing, (list, tuple, set, frozenset)):
            self._visit_all(thing)
        elif isinstance(thing, type) and thing.__module__.startswith("mpspec.") and thing is not See:
            if self._platform == "win32" and thing.__module__ == mailbox.__name__:
                thing = getattr(spool, thing.__name__, thing)
            self._visit_all([member for kind in thing.__mro__ for member in vars(kind).values()])
        elif isinstance(thing, (classmethod, staticmethod)):
            self._visit(thing.__func__)
        elif isinstance(thing, property):
            self._visit(thing.fget)
        elif isinstance(thing, FunctionType) and thing.__module__.startswith("mpspec."):
            if not thing.__code__.co_filename.startswith("<"):  # such as a named tuple makes
                self.functions[id(thing)] = thing
            self._visit_all([cell.cell_contents for cell in thing.__closure__ or ()])
            self._visit_all([thing.__defaults__, thing.__kwdefaults__])
            for code in codes(thing.__code__):
                self._visit_names(code, thing.__globals__)

    def _visit_all(self, things: Any) -> None:
        for each in things:
            self._visit(each)

    def _visit_names(self, code: CodeType, known: dict[str, Any]) -> None:
        modules = [sys.modules[name] for name in code.co_names if name.startswith("mpspec.") and name in sys.modules]
        for name in code.co_names:
            if name in WORDS:
                self._visit(WORDS[name])
            found = known.get(name)
            if isinstance(found, ModuleType) and found.__name__.startswith("mpspec."):
                modules.append(found)
            else:
                self._visit(found)
        for module in modules:
            self._visit_all([getattr(module, name, None) for name in code.co_names])


@functools.cache
def source(code: CodeType) -> tuple[str, int]:
    """The text of a function, and the number of its first line."""
    lines, first = inspect.getsourcelines(code)
    return "".join(lines), first


def codes(code: CodeType) -> Iterator[CodeType]:
    """A code and those of the functions within it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from codes(constant)
