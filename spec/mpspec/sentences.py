"""The sentence of a clause, which is the docstring of its body: also where -OO has taken docstrings away."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Callable


def sentence(body: Callable[..., Any]) -> str:
    """The docstring of a function on one line; read from its source where the interpreter has dropped it."""
    if body.__doc__ is None and not __debug__:
        code = body.__code__
        return _of_file(code.co_filename).get((code.co_name, code.co_firstlineno), "")
    return " ".join((body.__doc__ or "").split())


@lru_cache(4)
def _of_file(path: str) -> dict[tuple[str, int], str]:
    """(name, first line) -> docstring of each function in a file. The first line is that of the first decorator."""
    import ast  # costs every host its import, and only -OO asks for it
    import tokenize

    with tokenize.open(path) as source:
        tree = ast.parse(source.read())
    return {
        (node.name, min([node.lineno, *(each.lineno for each in node.decorator_list)])): " ".join(
            (ast.get_docstring(node) or "").split()
        )
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
    }
