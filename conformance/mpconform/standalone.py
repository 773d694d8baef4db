"""A check as a stand-alone script, for a report or an issue elsewhere: only the implementation, and at most 20 lines.

The script is written from the clause's own source: its body and what it uses of its chapter's modules, in plain
Python. What cannot be said so briefly, or not without the engine, has no script, and the reason is told instead. It
ends with status 0 where the promise is kept; it is ended where it hangs.
"""

from __future__ import annotations

import ast
import builtins
import copy
import importlib.util
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Never

from mpspec.clause import Clause
from mpspec.implementation import SUBMODULES, Implementation
from mpspec.observation.program import for_implementation

from mpconform.adapters import Adapter
from mpconform.checks import Check
from mpconform.plain import NotPlain, Plain
from mpconform.stand_ins import STAND_INS

LINES = 20
"""A longer script is not shown: nobody would read it."""
WIDTH = 120
"""Columns of a line."""
PATIENCE = 60
"""Seconds after which a script is ended, with the stack of where it hangs."""

_PICKLED_MODULE = "copyreg.pickle(type(mp), lambda module: (importlib.import_module, (module.__name__,)))"


@dataclass(frozen=True)
class Script:
    """text: the script, or empty; reason: why there is none, or empty."""

    text: str = ""
    reason: str = ""


def script(check: Check, adapter: Adapter) -> Script:
    """The check as a script for the implementation, or why it has none."""
    try:
        text = _written(check, adapter)
    except NotPlain as error:
        return Script(reason=f"it needs the engine: {error}")
    lines = text.count("\n")
    if lines > LINES:
        return Script(reason=f"it would have {lines} lines")
    if any(len(line) > WIDTH for line in text.splitlines()):
        return Script(reason=f"it would have lines of more than {WIDTH} columns")
    return Script(text)


def _written(check: Check, adapter: Adapter) -> str:
    clause = check.clause
    function = _function(clause)
    decorators, function.decorator_list = function.decorator_list, []
    parameter = function.args.args[-1].arg
    if _runs_a_program(function):
        return _program(check, adapter)
    plain = Plain([name for name in SUBMODULES if f"multiprocessing.{name}" in adapter.modules])
    used = _Used(plain, check.case)
    plain.definition(function)
    body = function.body
    main = [*_case(check, parameter, decorators, used), *body]
    used.follow(ast.Module(body=main, type_ignores=[]), clause.body.__module__)
    if any(isinstance(node, (ast.Return, ast.Nonlocal, ast.Yield)) for one in main for node in _outside(one)):
        main = [ast.FunctionDef("main", _NO_ARGUMENTS, main, [], lineno=0), *ast.parse("main()").body]
    if check.method is not None:
        main.insert(0, *ast.parse(f"mp.set_start_method({check.method!r})").body)
        plain.imports.add("faulthandler")
    if check.method not in (None, "fork") and _hands_on_the_module(main):
        used.before.append(_PICKLED_MODULE)
        plain.imports |= {"copyreg", "importlib"}
    watched = "faulthandler" in plain.imports or "concurrent.futures" in plain.imports or clause.hanging
    if watched:
        plain.imports.add("faulthandler")
        main = [*ast.parse(f"faulthandler.dump_traceback_later({PATIENCE}, exit=True)").body, *main]
    parts = [
        *_imports(plain, used, adapter),
        *used.before,
        *(_code(ast.parse(STAND_INS[name]).body) for name in sorted(plain.stand_ins)),
    ]
    parts += [*used.definitions, "if __name__ == '__main__':\n" + _code(main, "    ")]
    return "".join(part.rstrip() + "\n" for part in parts)


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
        raise NotPlain(f"{name}, and a program")


def _runs_a_program(function: ast.FunctionDef) -> bool:
    return any(
        isinstance(node, ast.Attribute) and node.attr in ("program", "start_program") for node in ast.walk(function)
    )


def _program(check: Check, adapter: Adapter) -> str:
    """The program that the clause runs, under the implementation's name; a person compares what it writes."""
    asking: Any = _Asking(check.method)
    arguments = () if check.case is None else (check.clause.cases[check.case],)
    try:
        check.clause.body(asking, asking, *arguments)
    except _Asked as asked:
        source, words, options = asked.args
    except Exception as error:
        raise NotPlain(f"a program that is made of what a host finds ({error!r})") from None
    else:
        raise NotPlain("a program that is not run")
    unsaid = sorted(set(options) - {"name"})
    if unsaid:
        raise NotPlain(f"a program with {', '.join(unsaid)}")
    if "from mpspec" in source:
        raise NotPlain("a program that looks into the kernel as a clause does")
    text = for_implementation(source, Implementation(adapter.subject()))
    given = f"import sys; sys.argv[1:] = {list(words)!r}\n" if words else ""
    return given + "".join(f"{line}\n" for line in text.splitlines() if line.strip())


@dataclass
class _Used:
    """What a script takes along of the modules of the spec, in an order in which it can be executed."""

    plain: Plain
    case: str | None
    imports: set[str] = field(default_factory=set)
    before: list[str] = field(default_factory=list)
    definitions: list[str] = field(default_factory=list)
    _taken: dict[str, tuple[str, str]] = field(default_factory=dict)

    def follow(self, tree: ast.AST, module: str) -> None:
        """Take along every name that the tree uses and the module of the spec has."""
        bound = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
        bound |= {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)}
        for node in ast.walk(tree):
            match node:
                case ast.Attribute(value=ast.Name(id=owner), attr=name) if owner not in bound and _part(module, owner):
                    self.take(_part(module, owner), name)
                case ast.Name(id=name, ctx=ast.Load()) if name in self.plain.imported:
                    self.take(*self.plain.imported[name])
                case ast.Name(id=name, ctx=ast.Load()) if name not in bound:
                    self.take(module, name)

    def take(self, module: str, name: str) -> None:
        """Take along what the module calls by this name, unless it is a builtin, a stand-in or the implementation."""
        definition = _names(module).get(name)
        if definition is None or name in STAND_INS or name == "mp" or _part(module, name):
            return
        match definition:
            case ast.ImportFrom(module=str(origin), names=[ast.alias(name=there)]) if origin.startswith("mpspec"):
                if origin in _ENGINE:
                    raise NotPlain(f"{origin.rpartition('.')[2]}.{there}")
                else:
                    self.take(origin, there)
            case ast.Import() | ast.ImportFrom():
                self.imports.add(ast.unparse(definition))
            case _:
                self._own(module, name, definition)

    def _own(self, module: str, name: str, definition: ast.stmt) -> None:
        where = (module, name)
        if self._taken.setdefault(name, where) == where and f"\0{name}" not in self._taken:
            self._taken[f"\0{name}"] = where  # also where it uses itself
            tree = copy.deepcopy(definition)
            plain = self.plain.definition(_pruned(tree, self.case))
            self.follow(plain, module)
            self.definitions.append(_code([plain]))
        elif self._taken[name] != where:
            raise NotPlain(f"two things are called {name}")


def _pruned(definition: ast.stmt, case: str | None) -> ast.stmt:
    """A long table with the case among its keys is cut down to that entry."""
    match definition:
        case ast.Assign(value=ast.Dict() as table) | ast.AnnAssign(value=ast.Dict() as table):
            entries = list(zip(table.keys, table.values, strict=True))
            kept = [(k, v) for k, v in entries if isinstance(k, ast.Constant) and k.value == case]
            if kept and len(ast.unparse(definition)) > WIDTH:
                table.keys, table.values = [k for k, _ in kept], [v for _, v in kept]
    return definition


_ENGINE = (
    "mpspec.observation.see",
    "mpspec.implementation",
    "mpspec.observation.program",
    "mpspec.observation.mailbox",
    "mpspec.observation.witness",
)
"""Modules whose names mean nothing outside of a host."""
_NO_ARGUMENTS = ast.arguments(posonlyargs=[], args=[], kwonlyargs=[], kw_defaults=[], defaults=[])


def _part(module: str, name: str) -> str:
    """The module of the spec that the module knows by this name, or nothing."""
    match _names(module).get(name):
        case ast.ImportFrom(module="mpspec.observation", names=[ast.alias(name=part)]):
            return f"mpspec.observation.{part}"
    return ""


@cache
def _names(module: str) -> dict[str, ast.stmt]:
    """Every name that the module binds at its top, with the statement that does; an import is one of one name."""
    spec = importlib.util.find_spec(module)
    assert spec is not None
    assert spec.origin is not None
    found: dict[str, ast.stmt] = {}
    for one in ast.parse(Path(spec.origin).read_text(encoding="utf-8")).body:
        match one:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                found[name] = one
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                found[name] = one
            case ast.Assign(targets=[ast.Tuple(elts=several)]):
                found |= {each.id: one for each in several if isinstance(each, ast.Name)}
            case ast.Import(names=names):
                found |= {(each.asname or each.name).split(".")[0]: ast.Import([each]) for each in names}
            case ast.ImportFrom(names=names):
                found |= {each.asname or each.name: ast.ImportFrom(one.module, [each], 0) for each in names}
    return {name: one for name, one in found.items() if not hasattr(builtins, name)}


def _function(clause: Clause) -> ast.FunctionDef:
    tree = _names(clause.body.__module__)[clause.body.__name__]
    assert isinstance(tree, ast.FunctionDef)
    return copy.deepcopy(tree)


def _case(check: Check, name: str, decorators: list[ast.expr], used: _Used) -> list[ast.stmt]:
    """The statement that gives the case its name in the body."""
    if check.case is None:
        return []
    value = check.clause.cases[check.case]
    if _literal(value):
        return ast.parse(f"{name} = {value!r}").body
    for decorator in decorators:
        for each in decorator.keywords if isinstance(decorator, ast.Call) else ():
            if each.arg == "cases":
                written = _entry(each.value, check.case, check.clause.body.__module__)
                return ast.parse(f"{name} = {ast.unparse(used.plain.visit(written))}").body
    raise AssertionError(f"{check.id} has a case that its clause does not name")


def _entry(table: ast.expr, key: str, module: str) -> ast.expr:
    """How the case is written in a table, or the look-up of it in a table that the module has."""
    if isinstance(table, ast.Dict):
        for name, value in zip(table.keys, table.values, strict=True):
            if isinstance(name, ast.Constant) and name.value == key:
                return value
    if isinstance(table, ast.Name):
        match _names(module).get(table.id):
            case ast.Assign(value=ast.Dict() as there) | ast.AnnAssign(value=ast.Dict() as there):
                return _entry(there, key, module)
    raise NotPlain(f"the case {key!r}, which is computed")


def _literal(value: Any) -> bool:
    try:
        return bool(ast.literal_eval(repr(value)) == value)
    except (ValueError, SyntaxError):
        return False


def _hands_on_the_module(main: list[ast.stmt]) -> bool:
    """Whether a child gets `mp` as an argument, which has to be pickled then."""
    given = [
        node.value for one in main for node in ast.walk(one) if isinstance(node, ast.keyword) and node.arg == "args"
    ]
    return any(isinstance(node, ast.Name) and node.id == "mp" for value in given for node in ast.walk(value))


def _outside(one: ast.stmt) -> list[ast.AST]:
    """The nodes of a statement that belong to no function within it."""
    found: list[ast.AST] = []
    rest: list[ast.AST] = [one]
    while rest:
        node = rest.pop()
        if not isinstance(node, (ast.FunctionDef, ast.Lambda)):
            found.append(node)
            rest += ast.iter_child_nodes(node)
    return found


def _imports(plain: Plain, used: _Used, adapter: Adapter) -> list[str]:
    """The import statements: modules in one line, then the names from modules."""
    modules = {line.removeprefix("import ") for line in used.imports if line.startswith("import ")} | plain.imports
    names = sorted(line for line in used.imports if line.startswith("from ") and "from __future__" not in line)
    if "concurrent.futures" in modules:
        modules.remove("concurrent.futures")
        names.append("from concurrent.futures import ThreadPoolExecutor")
    implementation = [f"{adapter.implementation} as mp"]
    for name in sorted(plain.submodules):
        module = adapter.modules.get(f"multiprocessing.{name}", f"{adapter.implementation}.{name}")
        implementation.append(f"{module} as mp_{name}")
    return [*names, f"import {', '.join([*sorted(modules), *implementation])}"]


def _code(statements: list[ast.stmt], indent: str = "") -> str:
    """The statements as text; a block of one short statement stands behind its head."""
    lines = ast.unparse(ast.fix_missing_locations(ast.Module(body=statements, type_ignores=[]))).splitlines()
    return "".join(f"{indent}{line}\n" for line in _folded([line for line in lines if line.strip()]))


def _folded(lines: list[str]) -> list[str]:
    """The lines with single statements behind the head of their block, and a join() before what is said of its end."""
    found: list[str] = []
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        depth, text = _depth(line), line.strip()
        head = found[-1] if found else ""
        opened = head.endswith(":") and _depth(head) == depth - 4 and _depth(following) < depth
        joined = head.endswith(".join()") and text.startswith(f"assert {head.strip().removesuffix('join()')}exitcode")
        if len(head) + 2 + len(text) > WIDTH or text.startswith(_COMPOUND) or not (opened or joined):
            found.append(line)
        else:
            found[-1] = f"{head}{'' if opened else ';'} {text}"
    return found


_COMPOUND = ("if ", "for ", "while ", "with ", "try:", "def ", "class ", "async ", "@", "match ")


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())
