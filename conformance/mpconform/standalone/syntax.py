"""Pieces of Python's syntax: made of text, and looked into."""

from __future__ import annotations

import ast


class NeedsEngine(Exception):
    """Something of a clause that cannot be said without the engine; the text says what."""


def lines(*text: str) -> list[ast.stmt]:
    """The statements that these lines are."""
    return ast.parse("\n".join(text)).body


def expression(text: str) -> ast.expr:
    """The expression that the text is."""
    return ast.parse(text, mode="eval").body


def argument(call: ast.Call, name: str, place: int) -> ast.expr | None:
    """What the call gives by this name or at this place, or None."""
    if place < len(call.args):
        return call.args[place]
    return next((each.value for each in call.keywords if each.arg == name), None)


def required(call: ast.Call, name: str, place: int) -> ast.expr:
    """What the call gives by this name or at this place."""
    found = argument(call, name, place)
    assert found is not None, name
    return found


def word(node: ast.AST) -> str | None:
    """The word of `see` that the node is a call of, or None."""
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id="see"), attr=name)):
            return name
    return None
