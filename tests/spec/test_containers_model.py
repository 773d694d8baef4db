"""The model of a manager's containers does as proxies do, and tells what is not the same."""

from __future__ import annotations

from typing import Any

import pytest
from mpspec.models.containers import ListModel, Raised, Referent, inside, pairs
from mpspec.models.primitives import Call, explains

INNER = Referent(1, "list", [])


def test_what_is_returned_is_a_copy() -> None:
    outer = Referent(0, "list", [[1]])
    outer.operate("[]", 0).append(2)
    assert outer.operate("_getvalue") == [[1]]


def test_what_is_put_is_a_copy() -> None:
    outer, item = Referent(0, "list"), [1]
    outer.operate("append", item)
    item.append(2)
    assert outer.operate("[]", 0) == [1]


def test_what_was_changed_is_there_once_it_is_assigned_again() -> None:
    outer = Referent(0, "list", [[1]])
    outer.operate("*=", 2)
    outer.operate("reassign", 0, 2)
    assert outer.operate("list") == [[1, 2], [1]]


def test_a_referent_in_a_referent_stays_itself() -> None:
    outer = Referent(0, "dict", {"a": [INNER]})
    assert outer.operate("[]", "a") == [INNER]
    assert list(inside(outer.operate("copy"))) == [INNER]
    assert outer.depth() == 2


def test_what_is_done_in_place_gives_the_referent() -> None:
    outer = Referent(0, "list")
    assert outer.operate("+=", [1]) is outer
    assert outer.operate("+", [2]) == [1, 2]


def test_an_error_is_its_type() -> None:
    assert Referent(0, "list").operate("pop") == Raised("IndexError")


@pytest.mark.parametrize(
    ("expected", "came"),
    [([1], [2]), ([1], (1,)), ([1], [1, 1]), ({"a": 1, "b": 2}, {"b": 2, "a": 1}), ({1: 2}, {1: 3}), ([True], [1])],
)
def test_what_is_not_the_same_is_told(expected: Any, came: Any) -> None:
    with pytest.raises(ValueError, match="in place of"):
        list(pairs(expected, came))


def test_what_stands_for_a_referent_is_given() -> None:
    assert list(pairs({"a": [INNER, 1]}, {"a": ["proxy", 1]})) == [(INNER, "proxy")]


def test_an_append_that_is_lost_has_no_explanation() -> None:
    appends = [[Call("append", (1,), None, 0.0, 1.0)], [Call("append", (2,), None, 0.0, 1.0)]]
    assert explains(ListModel(), [*appends, [Call("len", (), 2, 2.0, 3.0)]])
    assert not explains(ListModel(), [*appends, [Call("len", (), 1, 2.0, 3.0)]])
