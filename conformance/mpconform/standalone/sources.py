"""The modules of the spec as text: what each of their names means."""

from __future__ import annotations

import ast
import builtins
import importlib.util
from functools import cache
from pathlib import Path

from mpspec import observation


@cache
def names(module: str) -> dict[str, ast.stmt]:
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
            case ast.Import(names=imported):
                found |= {(each.asname or each.name).split(".")[0]: ast.Import([each]) for each in imported}
            case ast.ImportFrom(names=imported):
                found |= {each.asname or each.name: ast.ImportFrom(one.module, [each], 0) for each in imported}
    return {name: one for name, one in found.items() if not hasattr(builtins, name)}


def registered(module: str, name: str) -> list[ast.Call]:
    """The calls at the top of the module that register types with the manager class of this name."""
    spec = importlib.util.find_spec(module)
    assert spec is not None
    assert spec.origin is not None
    found = []
    for one in ast.parse(Path(spec.origin).read_text(encoding="utf-8")).body:
        match one:
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=owner), attr="register")) as call):
                found += [call] if owner == name else []
    return found


def part(module: str, name: str) -> str:
    """The module of the spec that the module knows by this name, or nothing."""
    match names(module).get(name):
        case ast.ImportFrom(module=observation.__name__, names=[ast.alias(name=part)]):
            return f"{observation.__name__}.{part}"
    return ""


def tidies(module: str, name: str) -> bool:
    """Whether the function that the module knows by this name is given `see` alone, and asks for its folder alone."""
    match names(module).get(name):
        case ast.ImportFrom(module=str(origin), names=[ast.alias(name=there)]) if origin.startswith("mpspec."):
            return tidies(origin, there)
        case ast.FunctionDef(args=ast.arguments(args=[ast.arg(arg="see")])) as function:
            asked = [
                node.attr
                for node in ast.walk(function)
                if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "see"
            ]
            return set(asked) == {"folder"}
    return False
