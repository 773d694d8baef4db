"""What a script takes along of the modules of the spec: the definitions that its clause uses, and theirs."""

from __future__ import annotations

import ast
import copy
from dataclasses import dataclass, field

from mpspec import implementation
from mpspec.observation import mailbox, program, see, witness
from mpspec.observation.alone import alone

from mpconform.standalone.layout import WIDTH, code
from mpconform.standalone.rewriter import Rewriter
from mpconform.standalone.sources import names, part, registered
from mpconform.standalone.stand_ins import STAND_INS
from mpconform.standalone.syntax import NeedsEngine, argument

_OF_A_HOST = {module.__name__ for module in (implementation, mailbox, program, see, witness)}
"""Modules whose names mean nothing outside of a host."""


@dataclass
class Excerpt:
    """Definitions, in an order in which they can be executed, and the import statements that they need.

    rewriter: what rewrites them; case: that of the check.
    """

    rewriter: Rewriter
    case: str | None
    imports: set[str] = field(default_factory=set)
    definitions: list[str] = field(default_factory=list)
    _taken: dict[str, tuple[str, str]] = field(default_factory=dict)
    _managers: list[tuple[str, str]] = field(default_factory=list)
    _words: set[str] = field(default_factory=set)
    _sparing: bool = False

    def finish(self) -> None:
        """Take along the manager classes, of whose types and their methods only those that are spoken of."""
        for module, name in self._managers:
            waiting, spoken = registered(module, name), []
            while now := [call for call in waiting if _typeid(call) in self._words]:
                waiting = [call for call in waiting if call not in now]
                spoken += now
                for call in now:
                    self._words |= _words(call).union(*map(_words, _proxies(call, module)))
            self._sparing = True
            manager = copy.deepcopy(names(module)[name])
            assert isinstance(manager, ast.ClassDef)
            manager.bases = [_of_the_implementation(each, module) for each in manager.bases]
            for one in (manager, *(ast.Expr(copy.deepcopy(call)) for call in spoken)):
                self._add(one, module)

    def _add(self, one: ast.stmt, module: str) -> None:
        rewritten = self.rewriter.definition(one)
        self.follow(rewritten, module)
        self.definitions.append(code([rewritten]))

    def follow(self, tree: ast.AST, module: str) -> None:
        """Take along every name that the tree uses and the module of the spec has."""
        self._words |= _words(tree)
        bound = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
        bound |= {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)}
        imported = self.rewriter.needs.imported
        for node in ast.walk(tree):
            match node:
                case ast.Attribute(value=ast.Name(id=owner), attr=name) if owner not in bound and part(module, owner):
                    self.take(part(module, owner), name)
                case ast.Name(id=name, ctx=ast.Load()) if name in imported:
                    self.take(*imported[name])
                case ast.Name(id=name, ctx=ast.Load()) if name not in bound:
                    self.take(module, name)

    def take(self, module: str, name: str) -> None:
        """Take along what the module calls by this name, unless it is a builtin, a stand-in or the implementation."""
        definition = names(module).get(name)
        if definition is None or name in STAND_INS or name == "mp" or part(module, name):
            return
        match definition:
            case ast.ImportFrom(module=str(origin), names=[ast.alias(name=there)]) if origin.startswith("mpspec"):
                if origin in _OF_A_HOST:
                    raise NeedsEngine(f"{origin.rpartition('.')[2]}.{there}")
                self.take(origin, there)
            case ast.Import() | ast.ImportFrom():
                self.imports.add(ast.unparse(definition))
            case _:
                self._define(module, name, definition)

    def _define(self, module: str, name: str, definition: ast.stmt) -> None:
        where = (module, name)
        if self._taken.setdefault(name, where) == where and f"\0{name}" not in self._taken:
            self._taken[f"\0{name}"] = where  # also where it uses itself
            if isinstance(definition, ast.ClassDef) and registered(module, name):
                self._managers.append(where)
                return
            if instead := _alone(definition):
                self.definitions.append(instead)
                return
            pruned = _pruned(copy.deepcopy(definition), self.case)
            if isinstance(pruned, ast.ClassDef):
                pruned.bases = [_of_the_implementation(each, module) for each in pruned.bases]
            if self._sparing and isinstance(pruned, ast.ClassDef):
                pruned.body = [each for each in pruned.body if _is_spoken_of(each, self._words)]
            self._add(pruned, module)
        elif self._taken[name] != where:
            raise NeedsEngine(f"two things are called {name}")


def _alone(definition: ast.stmt) -> str:
    """What a script has in the place of a definition that is marked so, or nothing."""
    for decorator in getattr(definition, "decorator_list", ()):
        match decorator:
            case ast.Call(func=ast.Name(id=alone.__name__), args=[ast.Constant(value=str(instead))]):
                return instead
    return ""


def _words(tree: ast.AST) -> set[str]:
    """The names of attributes that the tree speaks of, and its texts, which may be such names."""
    return {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)} | {
        node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def _of_the_implementation(base: ast.expr, module: str) -> ast.expr:
    """A base class that the module names after one of the implementation's, as that."""
    match names(module).get(base.id) if isinstance(base, ast.Name) else None:
        case ast.AnnAssign(value=ast.Attribute(value=ast.Call(func=ast.Name(id="under_test"))) as there):
            return copy.deepcopy(there)
    return base


def _typeid(call: ast.Call) -> str:
    given = argument(call, "typeid", 0)
    return str(given.value) if isinstance(given, ast.Constant) else ""


def _proxies(call: ast.Call, module: str) -> list[ast.ClassDef]:
    """The classes of the module that the call names: what they call is spoken of."""
    found = [names(module).get(node.id) for node in ast.walk(call) if isinstance(node, ast.Name)]
    return [one for one in found if isinstance(one, ast.ClassDef) and not registered(module, one.name)]


def _is_spoken_of(one: ast.stmt, words: set[str]) -> bool:
    """Whether a class needs this of its body: methods that nobody speaks of are left out."""
    return not isinstance(one, ast.FunctionDef) or one.name in words or one.name.startswith("__")


def _pruned(definition: ast.stmt, case: str | None) -> ast.stmt:
    """A long table with the case among its keys is cut down to that entry."""
    match definition:
        case ast.Assign(value=ast.Dict() as table) | ast.AnnAssign(value=ast.Dict() as table):
            entries = list(zip(table.keys, table.values, strict=True))
            kept = [(k, v) for k, v in entries if isinstance(k, ast.Constant) and k.value == case]
            if kept and len(ast.unparse(definition)) > WIDTH:
                table.keys, table.values = [k for k, _ in kept], [v for _, v in kept]
    return definition
