"""Statements as text, in as few lines as a person would still read."""

from __future__ import annotations

import ast

WIDTH = 120
"""Columns of a line."""

_COMPOUND = ("if ", "for ", "while ", "with ", "try:", "def ", "class ", "async ", "@", "match ")


def code(statements: list[ast.stmt], indent: str = "") -> str:
    """The statements as text; a block of one short statement stands behind its head."""
    lines = ast.unparse(ast.fix_missing_locations(ast.Module(body=statements, type_ignores=[]))).splitlines()
    return "".join(f"{indent}{line}\n" for line in _folded([line for line in lines if line.strip()]))


def _folded(lines: list[str]) -> list[str]:
    """The lines with single statements behind the head of their block, and in one line what a reader takes as one.

    That is a join() and what is said of the end, and what is set before anything begins.
    """
    found: list[str] = []
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        depth, text = _depth(line), line.strip()
        head = found[-1] if found else ""
        opened = head.endswith(":") and _depth(head) == depth - 4 and _depth(following) < depth
        joined = head.endswith(".join()") and text.startswith(f"assert {head.strip().removesuffix('join()')}exitcode")
        joined |= head.strip().startswith("faulthandler.") and text.startswith("mp.set_start_method(")
        if len(head) + 2 + len(text) > WIDTH or text.startswith(_COMPOUND) or not (opened or joined):
            found.append(line)
        else:
            found[-1] = f"{head}{'' if opened else ';'} {text}"
    return found


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())
