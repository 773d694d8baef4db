"""What Hypothesis does to containers, and what it puts into them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as some
from hypothesis.stateful import Bundle

from .driver import WORKERS

workers = some.integers(0, WORKERS - 1)
places = some.integers(-3, 3)
scalars = some.integers(-2, 3) | some.sampled_from(["", "a", "b", "\xe9"]) | some.none()
plain = scalars | some.recursive(
    scalars,
    lambda inner: (
        some.lists(inner, max_size=2) | some.tuples(inner) | some.dictionaries(some.sampled_from("ab"), inner)
    ),
    max_leaves=4,
)
keys = some.sampled_from([0, "a", ("a", 0)])
slices = some.builds(slice, some.none() | places, some.none() | places, some.sampled_from([None, 1, 2, -1]))
names = some.sampled_from(["x", "y"])
some_scalars = some.lists(scalars, max_size=3)
sets = some.sets(scalars, max_size=3)

shared, lists, dicts, set_proxies, spaces = (
    Bundle(name) for name in ("shared", "lists", "dicts", "set_proxies", "namespaces")
)
items = plain | shared | some.lists(plain | shared, max_size=2)
many = some.lists(items, max_size=4)


def one_of(*operations: tuple[Any, ...]) -> Any:
    """One of these operations, each a name with what it can be given."""
    return some.one_of([some.tuples(some.just(what), *given) for what, *given in operations])


def some_of(*operations: tuple[Any, ...]) -> Any:
    """A few of these operations, one after the other."""
    return some.lists(one_of(*operations), min_size=1, max_size=12)


list_operations = some_of(
    ("append", items),
    ("extend", many),
    ("insert", places, items),
    ("pop",),
    ("pop", places),
    ("remove", scalars),
    ("reverse",),
    ("sort", some.booleans()),
    ("index", scalars),
    ("index", scalars, places),
    ("count", scalars),
    ("[]", places | slices),
    ("[]=", places, items),
    ("[]=", slices, many),
    ("del []", places | slices),
    ("in", scalars),
    ("len",),
    ("list",),
    ("reversed",),
    ("+", many),
    ("*", some.integers(-1, 2)),
    ("number *", some.integers(-1, 2)),
    ("+=", many),
    ("*=", some.integers(-1, 2)),
    ("reassign", places, scalars),
)
dict_operations = some_of(
    ("[]=", keys, items),
    ("[]", keys),
    ("del []", keys),
    ("in", keys),
    ("len",),
    ("list",),
    ("keys",),
    ("values",),
    ("items",),
    ("clear",),
    ("copy",),
    ("get", keys),
    ("get", keys, items),
    ("pop", keys),
    ("pop", keys, items),
    ("popitem",),
    ("setdefault", keys, items),
    ("update", some.dictionaries(keys, items, max_size=3)),
    ("update by name", some.dictionaries(some.sampled_from("ab"), items, max_size=2)),
    ("reassign", keys, scalars),
)
set_operations = some_of(
    *((what, scalars) for what in ("add", "discard", "remove", "in")),
    *((what,) for what in ("clear", "copy", "len", "set")),
    *((what, sets) for what in ("|", "&", "-", "^", "|=", "&=", "-=", "^=", "set |", "set -")),
    *((what, sets) for what in ("isdisjoint", "issubset", "issuperset")),
    *((what, some_scalars) for what in ("union", "difference", "intersection", "symmetric_difference")),
    *((f"{what}update", some_scalars) for what in ("", "difference_", "intersection_", "symmetric_difference_")),
)
namespace_operations = some_of(("getattr", names), ("setattr", names, items), ("delattr", names), ("hide", scalars))
