"""A clause says which start methods it uses, so that an implementation without one of them is not judged by it."""

from __future__ import annotations

import inspect
import re
import types
from collections.abc import Iterator
from typing import Any

import pytest
from mpconform import checks
from mpconform.checks import Check
from mpspec.clause import ANY_METHOD, METHODS, NO_METHOD, Chapter, Clause, IllFormed

CLAUSES = list(checks.known().values())
QUOTED = re.compile(r"""["'](fork|spawn|forkserver)["']""")

ONLY_NAMED = {
    "context.methods.possible-names",
    "context.get.unavailable-on-windows",
    "context.children.grandchild",
    "process.join.reaps",
    "context.methods.default-not-fork",
}
"""Clauses in which the name of a start method stands and none is used: a name to compare with, or one to be refused."""


def texts(thing: Any, names: set[int]) -> Iterator[str]:
    """The source of a function, and of what it names in its module: programs, tables, other functions."""
    if id(thing) in names:
        return
    names.add(id(thing))
    if isinstance(thing, str):
        yield thing
    elif isinstance(thing, (tuple, list, set, frozenset)):
        for part in thing:
            yield from texts(part, names)
    elif isinstance(thing, dict):
        yield from texts([*thing.keys(), *thing.values()], names)
    elif isinstance(thing, types.FunctionType) and "chapters" in thing.__code__.co_filename:
        body = inspect.getsource(thing)
        yield body[max(body.find("def "), 0) :]  # without the decorator
        for name in thing.__code__.co_names:
            if name in thing.__globals__ and name not in ("origin", "prints"):
                yield from texts(thing.__globals__[name], names)


def named(clause: Clause) -> set[str]:
    """The start methods that the body names, itself or in its programs."""
    return {
        method for text in texts(clause.body, set()) for method in ([text] if text in METHODS else QUOTED.findall(text))
    }


def of_case(label: str, value: Any) -> set[str]:
    """The start methods that a case consists of, or contains."""
    words = value if isinstance(value, (tuple, list)) else [value]
    return {label, *(word for word in words if isinstance(word, str))} & set(METHODS)


@pytest.mark.parametrize("clause", CLAUSES, ids=[clause.id for clause in CLAUSES])
def test_a_clause_declares_the_start_methods_that_it_uses(clause: Clause) -> None:
    if clause.id in ONLY_NAMED:
        return
    bound = set() if clause.once else set(clause.methods)
    cases = clause.cases or {"": None}
    for label, value in cases.items():
        assert of_case(label, value) <= bound | set(clause.used(label)), label
    assert named(clause) <= bound | {method for label in cases for method in clause.used(label)}


def test_a_case_with_a_start_method_that_is_not_there_is_known_by_its_label() -> None:
    chapter = Chapter("sample", section="", source="sample")

    @chapter.clause("sample.one", methods=NO_METHOD, cases={"a": 1, "b": 2}, uses={"a": ("fork",)})
    def body(mp: object, see: object, case: int) -> None:
        """A sentence."""

    clause = chapter.clauses["sample.one"]
    assert (clause.used("a"), clause.used("b")) == (("fork",), ())
    for wrong in ({"c": ("fork",)}, ("thread",), {"a": ("thread",)}):
        with pytest.raises(IllFormed):
            chapter.clause("sample.two", methods=NO_METHOD, cases={"a": 1}, uses=wrong)(body)


def test_one_method_of_those_there_stands_for_all() -> None:
    chapter = Chapter("sample", section="", source="sample")

    @chapter.clause("sample.any", methods=ANY_METHOD)
    def body(mp: object, see: object) -> None:
        """A sentence."""

    clause = chapter.clauses["sample.any"]
    for there, ids in ((METHODS, ["sample.any[fork]"]), (("spawn",), ["sample.any[spawn]"])):
        assert [check.id for check in checks.checks([clause], there)] == ids


def test_a_selection_of_methods_leaves_out_what_only_others_matter_to() -> None:
    chapter = Chapter("sample", section="", source="sample")

    @chapter.clause("sample.fork", methods=("fork",))
    def body(mp: object, see: object) -> None:
        """A sentence."""

    clause = chapter.clauses["sample.fork"]
    assert list(checks.checks([clause], ["spawn"], METHODS)) == []
    assert list(checks.checks([clause], ["spawn"], ["spawn"])) == [Check(clause, "fork", None)], "it is counted"
