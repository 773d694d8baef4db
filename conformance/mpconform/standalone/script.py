"""A check as a stand-alone script, for a report or an issue elsewhere: only the implementation, and at most 20 lines.

The script is written from the clause's own source: its body and what it uses of its chapter's modules, in Python that
needs no engine. What cannot be said so briefly, or not without the engine, has no script, and the reason is told
instead. It ends with status 0 where the promise is kept; it is ended where it hangs.
"""

from __future__ import annotations

import ast
import copy
from dataclasses import dataclass
from functools import partial
from typing import Any

from mpspec.clause import Clause
from mpspec.implementation import SUBMODULES

from mpconform.adapters.adapter import Adapter
from mpconform.checks import Check
from mpconform.standalone import programs, sources
from mpconform.standalone.excerpt import Excerpt
from mpconform.standalone.layout import WIDTH, code
from mpconform.standalone.rewriter import Rewriter
from mpconform.standalone.stand_ins import STAND_INS
from mpconform.standalone.syntax import NeedsEngine

LINES = 20
"""A longer script is not shown: nobody would read it."""
PATIENCE = 60
"""Seconds after which a script is ended, with the stack of where it hangs."""

_PICKLED_MODULE = "copyreg.pickle(type(mp), lambda module: (importlib.import_module, (module.__name__,)))"
_NO_ARGUMENTS = ast.arguments(posonlyargs=[], args=[], kwonlyargs=[], kw_defaults=[], defaults=[])


@dataclass(frozen=True)
class Script:
    """A script, or why there is none."""

    text: str = ""
    reason: str = ""


def script(check: Check, adapter: Adapter) -> Script:
    """The check as a script for the implementation, or why it has none."""
    try:
        text = _written(check, adapter)
    except NeedsEngine as error:
        return Script(reason=f"it needs the engine: {error}")
    lines = text.count("\n")
    if lines > LINES:
        return Script(reason=f"it would have {lines} lines")
    if any(len(line) > WIDTH for line in text.splitlines()):
        return Script(reason=f"it would have lines of more than {WIDTH} columns")
    return Script(text)


def _written(check: Check, adapter: Adapter) -> str:
    clause = check.clause
    module = clause.body.__module__
    function = _function(clause)
    decorators, function.decorator_list = function.decorator_list, []
    parameter = function.args.args[-1].arg
    if programs.runs_a_program(function):
        return programs.program(check, adapter)
    rewriter = Rewriter(list(SUBMODULES), partial(sources.tidies, module))
    needs, excerpt = rewriter.needs, Excerpt(rewriter, check.case)
    rewriter.definition(function)
    main = [*_case(check, parameter, decorators, excerpt), *function.body]
    excerpt.follow(ast.Module(body=main, type_ignores=[]), module)
    excerpt.finish()
    if any(isinstance(node, (ast.Return, ast.Nonlocal, ast.Yield)) for one in main for node in _outside(one)):
        main = [ast.FunctionDef("main", _NO_ARGUMENTS, main, [], lineno=0), *ast.parse("main()").body]
    if check.method is not None:
        main.insert(0, *ast.parse(f"mp.set_start_method({check.method!r})").body)
        needs.imports.add("faulthandler")
    before = []
    if check.method not in (None, "fork") and _hands_on_the_module(main):
        before.append(_PICKLED_MODULE)
        needs.imports |= {"copyreg", "importlib"}
    watched = "faulthandler" in needs.imports or "concurrent.futures" in needs.imports or clause.hanging
    if watched:
        needs.imports.add("faulthandler")
        main = [*ast.parse(f"faulthandler.dump_traceback_later({PATIENCE}, exit=True)").body, *main]
    parts = [
        *_imports(rewriter, excerpt, adapter),
        *before,
        *(code(ast.parse(STAND_INS[name]).body) for name in sorted(needs.stand_ins)),
        *excerpt.definitions,
        "if __name__ == '__main__':\n" + code(main, "    "),
    ]
    return "".join(part.rstrip() + "\n" for part in parts)


def _function(clause: Clause) -> ast.FunctionDef:
    tree = sources.names(clause.body.__module__)[clause.body.__name__]
    assert isinstance(tree, ast.FunctionDef)
    return copy.deepcopy(tree)


def _case(check: Check, name: str, decorators: list[ast.expr], excerpt: Excerpt) -> list[ast.stmt]:
    """The statement that gives the case its name in the body; what it is made of is taken along."""
    if check.case is None:
        return []
    value = check.clause.cases[check.case]
    if _literal(value):
        return ast.parse(f"{name} = {value!r}").body
    for decorator in decorators:
        for each in decorator.keywords if isinstance(decorator, ast.Call) else ():
            if each.arg == "cases":
                written, module = _entry(each.value, check.case, check.clause.body.__module__)
                given = ast.parse(f"{name} = {excerpt.rewriter.text(copy.deepcopy(written))}")
                excerpt.follow(given, module)
                return given.body
    raise AssertionError(f"{check.id} has a case that its clause does not name")


def _entry(table: ast.expr, key: str, module: str) -> tuple[ast.expr, str]:
    """How the case is written in a table, which the module has or imports, and the module where it is written."""
    if isinstance(table, ast.Dict):
        for name, value in zip(table.keys, table.values, strict=True):
            if isinstance(name, ast.Constant) and name.value == key:
                return value, module
    if isinstance(table, ast.Name):
        match sources.names(module).get(table.id):
            case ast.Assign(value=ast.Dict() as there) | ast.AnnAssign(value=ast.Dict() as there):
                return _entry(there, key, module)
            case ast.ImportFrom(module=str(origin), names=[ast.alias(name=there)]) if origin.startswith("mpspec."):
                return _entry(ast.Name(there, ast.Load()), key, origin)
    raise NeedsEngine(f"the case {key!r}, which is computed")


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


def _imports(rewriter: Rewriter, excerpt: Excerpt, adapter: Adapter) -> list[str]:
    """The import statements: modules in one line, then the names from modules."""
    modules = {line.removeprefix("import ") for line in excerpt.imports if line.startswith("import ")}
    modules |= rewriter.needs.imports
    names = sorted(line for line in excerpt.imports if line.startswith("from ") and "from __future__" not in line)
    if "concurrent.futures" in modules:
        modules.remove("concurrent.futures")
        names.append("from concurrent.futures import ThreadPoolExecutor")
    implementation = [f"{adapter.implementation} as mp"]
    for name in sorted(rewriter.needs.submodules):
        module = adapter.modules.get(f"multiprocessing.{name}", f"{adapter.implementation}.{name}")
        implementation.append(f"{module} as mp_{name}")
    return [*names, f"import {', '.join([*sorted(modules), *implementation])}"]
