"""The model of containers finds the fault of a manager that is the standard library with something replaced."""

from __future__ import annotations

from pathlib import Path

import pytest
from mpspec.models.containers import ListModel
from mpspec.models.primitives import explains

from .driver import WORKERS, Implementation, Workers
from .machine import run
from .test_containers import Containers
from .test_containers_at_once import seen_at_once

PACKAGE = """
from multiprocessing import get_context, managers
from multiprocessing.managers import BaseProxy, SyncManager, DictProxy, ListProxy, NamespaceProxy
call = BaseProxy._callmethod
"""
FAULTS = {
    "what is inserted comes one place too late": """
ListProxy.insert = lambda self, at, item: call(self, "insert", (at + 1, item))
""",
    "an assignment to a slice is not made": """
def assign(self, at, item):
    if not isinstance(at, slice):
        call(self, "__setitem__", (at, item))
ListProxy.__setitem__ = assign
""",
    "what lies in a list is a copy": """
def get(self, at):
    item = call(self, "__getitem__", (at,))
    return item._getvalue() if isinstance(item, BaseProxy) else item
ListProxy.__getitem__ = get
""",
    "what lies in a dict is a copy as soon as it is put there": """
DictProxy.__setitem__ = lambda self, key, item: call(
    self, "__setitem__", (key, item._getvalue() if isinstance(item, BaseProxy) else item)
)
""",
    "what was read once is kept instead of read": """
kept = {}
def get(self, at):
    item = call(self, "__getitem__", (at,))
    return item if isinstance(at, slice) else kept.setdefault((self, at), item)
ListProxy.__getitem__ = get
""",
    "an argument is changed where it is": """
def extend(self, items):
    items.reverse()
    call(self, "extend", (items,))
ListProxy.extend = extend
""",
    "an empty list raises what a dict does": """
def pop(self, *at):
    try:
        return call(self, "pop", at)
    except IndexError:
        raise KeyError(*at) from None
ListProxy.pop = pop
""",
    "+= gives another list": """
ListProxy.__iadd__ = lambda self, items: self + items
""",
    "the text is the proxy's": """
ListProxy.__str__ = BaseProxy.__repr__
""",
    "the text of a dict is sorted": """
DictProxy.__str__ = lambda self: str(dict(sorted(self.items(), key=repr)))
""",
    "sort() goes one way": """
ListProxy.sort = lambda self, **how: call(self, "sort")
""",
    "setdefault() sets always": """
def setdefault(self, key, default=None):
    self[key] = default
    return default
DictProxy.setdefault = setdefault
""",
    "None in place of an error": """
def pop(self, key, default=None):
    return call(self, "pop", (key, default))
DictProxy.pop = pop
""",
    "an attribute that is deleted stays": """
NamespaceProxy.__delattr__ = lambda self, name: getattr(self, name) and None
""",
    "what has an underscore is shared": """
def assign(self, name, value):
    if name == "_hidden":
        call(self, "__setattr__", (name, value))
    object.__setattr__(self, name, value)
    if not name.startswith("_"):
        del self.__dict__[name]
        call(self, "__setattr__", (name, value))
NamespaceProxy.__setattr__ = assign
""",
    "of two processes each has its own": """
import os
def assign(self, name, value):
    if name == "x":
        self.__dict__[name] = value
    elif name.startswith("_"):
        object.__setattr__(self, name, value)
    else:
        call(self, "__setattr__", (name, value))
NamespaceProxy.__setattr__ = assign
""",
    "a list in a list is the other one once there are two": """
def get(self, at):
    item = call(self, "__getitem__", (at,))
    if isinstance(item, BaseProxy):
        first = next(other for other in call(self, "__getitem__", (slice(None),)) if isinstance(other, BaseProxy))
        return first
    return item
ListProxy.__getitem__ = get
""",
}
"""The fault, as it is seen -> what brings it about."""


def with_fault(folder: Path, text: str) -> Implementation:
    """The standard library with something replaced."""
    package = folder / "wrong"
    package.mkdir()
    (package / "__init__.py").write_text(PACKAGE + text, encoding="utf-8")
    (package / "managers.py").write_text(
        "from multiprocessing.managers import BaseProxy, SyncManager\n", encoding="utf-8"
    )
    known = Implementation.of_adapter("stdlib")
    return Implementation("wrong", "wrong", known.python, (str(folder),), strict=False)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_found(fault: str, tmp_path: Path) -> None:
    wrong = with_fault(tmp_path, FAULTS[fault])
    with pytest.raises(AssertionError, match=r"is due|not "):
        run(Containers, wrong, examples=400, steps=30, shrinks=False)


SLOW_APPEND = """
import time

class Slow(list):
    def append(self, item):
        length = len(self)
        time.sleep(0.001)
        self[length:] = [item]

SyncManager.register("list", Slow, ListProxy)
"""


def test_a_list_that_loses_an_item_where_two_append_at_once_is_found(tmp_path: Path) -> None:
    workers = Workers(with_fault(tmp_path, SLOW_APPEND))
    try:
        appends = [[("append", worker), ("append", worker), ("len",)] for worker in range(WORKERS)]
        assert not all(explains(ListModel(), seen_at_once(workers, appends)) for _ in range(20))
    finally:
        workers.close()
