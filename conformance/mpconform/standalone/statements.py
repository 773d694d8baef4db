"""The words of `see` that are statements of their own, each as a person would write it."""

from __future__ import annotations

import ast
from collections.abc import Callable

from mpspec.observation.see import See

from mpconform.standalone.rewriting import ROOM, Rewriting, asserted
from mpconform.standalone.stand_ins import SETTLED
from mpconform.standalone.syntax import NeedsEngine, argument, lines, required


def _equal(rewriting: Rewriting, call: ast.Call) -> list[ast.stmt]:
    variable = rewriting.seen
    seen = rewriting.text(required(call, "seen", 0))
    promised = rewriting.text(required(call, "promised", 1), comparing=True)
    what = argument(call, "what", 2)
    told = str(what.value).replace("{", "{{").replace("}", "}}") if isinstance(what, ast.Constant) else ""
    if seen.isidentifier():
        return asserted(f"{seen} == {promised}", f"{told}: {{{seen}!r}}" if told else "", seen)
    if len(f"assert (seen := {seen}) == {promised}, seen") > ROOM:
        return [*lines(f"{variable} = {seen}"), *asserted(f"{variable} == {promised}", "", variable)]
    told = f"{told}: {{{variable}!r}}" if told else ""
    return asserted(f"({variable} := {seen}) == {promised}", told, variable)


def _true(rewriting: Rewriting, call: ast.Call) -> list[ast.stmt]:
    promised = rewriting.text(required(call, "promised", 1))
    return lines(f"assert {rewriting.text(required(call, 'condition', 0))}, {promised}")


def _returns(rewriting: Rewriting, call: ast.Call) -> list[ast.stmt]:
    promised, function, *args = call.args
    inner = rewriting.text(ast.Call(func=function, args=args, keywords=call.keywords))
    variable = rewriting.seen
    return asserted(f"({variable} := {inner}) == {rewriting.text(promised, comparing=True)}", "", variable)


def _exits(rewriting: Rewriting, call: ast.Call) -> list[ast.stmt]:
    process, status = rewriting.text(required(call, "process", 0)), rewriting.text(required(call, "status", 1))
    return lines(f"{process}.join()", f"assert {process}.exitcode == {status}, {process}.exitcode")


def _signature(rewriting: Rewriting, call: ast.Call) -> list[ast.stmt]:
    function, promised = call.args
    if not isinstance(promised, ast.Constant):
        raise NeedsEngine("a signature that is computed")
    rewriting.needs.imports.add("inspect")
    return lines(
        f"def documented{promised.value!s}: pass",
        f"given = inspect.signature({rewriting.text(function)}).parameters.values()",
        "given = [p.replace(annotation=p.empty) for p in given if p.name != 'self']",
        "assert given == [*inspect.signature(documented).parameters.values()], given",
    )


def _eventually(rewriting: Rewriting, call: ast.Call) -> list[ast.stmt]:
    holds = required(call, "holds", 0)
    if isinstance(holds, ast.Lambda) and not holds.args.args:
        test = rewriting.text(holds.body)
    else:
        test = f"({rewriting.text(holds)})()"
    rewriting.needs.imports.add("time")
    return lines(f"while not ({test}): time.sleep(0.01)")


def _settles(rewriting: Rewriting, call: ast.Call) -> list[ast.stmt]:
    rewriting.needs.imports.add("time")
    return lines(f"time.sleep({SETTLED})")


def _gone(rewriting: Rewriting, call: ast.Call) -> list[ast.stmt]:
    rewriting.needs.stand_ins.add("state")
    rewriting.needs.imports.add("time")
    return lines(f"while state({rewriting.text(call.args[0])}) not in (None, 'Z', 'X'): time.sleep(0.01)")


def _records(rewriting: Rewriting, call: ast.Call) -> list[ast.stmt]:
    pairs = ", ".join(f"{k.arg!r}: {rewriting.text(k.value)}" for k in call.keywords if k.arg)
    return lines(f"print({{{pairs}}})")


STATEMENTS: dict[str, Callable[[Rewriting, ast.Call], list[ast.stmt]]] = {
    See.equal.__name__: _equal,
    See.true.__name__: _true,
    See.returns.__name__: _returns,
    See.exits.__name__: _exits,
    See.signature.__name__: _signature,
    See.eventually.__name__: _eventually,
    See.settles.__name__: _settles,
    See.gone.__name__: _gone,
    See.records.__name__: _records,
}
"""Word -> how it is said."""
