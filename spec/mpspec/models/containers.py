"""Containers that a manager shares, as plain objects: what an operation on a proxy returns and does to the referent.

A referent that lies in another one stands there itself, where the implementation has a proxy. All that is plain is
copied on its way in and out. The table of operations is the same for proxies and for plain objects.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from mpspec.models.primitives import Impossible, Model

KINDS: dict[str, Callable[..., Any]] = {"list": list, "dict": dict, "set": set, "Namespace": SimpleNamespace}
"""By typeid, what the plain object is."""


def _reassign(target: Any, key: Any, new: Any) -> None:
    """Change a mutable value that lies in a container, and assign it again."""
    value = target[key]
    value.append(new)
    target[key] = value


def _hide(target: Any, value: Any) -> Any:
    """Give a name with an underscore, which is the proxy's own, a value, and read it."""
    target._hidden = value
    return target._hidden


OPERATIONS: dict[str, Callable[..., Any]] = {
    "[]": operator.getitem,
    "[]=": operator.setitem,
    "del []": operator.delitem,
    "+": operator.add,
    "*": operator.mul,
    "+=": operator.iadd,
    "*=": operator.imul,
    "|": operator.or_,
    "&": operator.and_,
    "-": operator.sub,
    "^": operator.xor,
    "|=": operator.ior,
    "&=": operator.iand,
    "-=": operator.isub,
    "^=": operator.ixor,
    "in": operator.contains,
    "len": len,
    "list": list,
    "set": set,
    "number *": lambda target, number: number * target,
    "set |": lambda target, other: other | target,
    "set -": lambda target, other: other - target,
    "reversed": lambda target: list(reversed(target)),
    "keys": lambda target: list(target.keys()),
    "values": lambda target: list(target.values()),
    "items": lambda target: list(target.items()),
    "sort": lambda target, reverse: target.sort(reverse=reverse),
    "update by name": lambda target, items: target.update(**items),
    "reassign": _reassign,
    "hide": _hide,
    "getattr": getattr,
    "setattr": setattr,
    "delattr": delattr,
    "str": str,
}
"""What has no method's name; every other operation is a call of the method of its name."""


def apply(target: Any, what: str, *arguments: Any) -> Any:
    """Do one operation to a proxy or a plain object."""
    known = OPERATIONS.get(what)
    return known(target, *arguments) if known else getattr(target, what)(*arguments)


@dataclass(frozen=True)
class Raised:
    """The outcome of an operation that raises: the name of the exception's type."""

    name: str


class Referent:
    """A shared object. number: tells it from others; value: the plain object."""

    def __init__(self, number: int, kind: str, *content: Any) -> None:
        self.number, self.kind = number, kind
        self.value = KINDS[kind](*deepcopy(content))

    def __repr__(self) -> str:
        return f"<{self.kind} {self.number}>"

    def __deepcopy__(self, memo: object) -> Referent:
        return self  # what refers to it goes on to do so

    def __reduce__(self) -> Any:
        raise TypeError("a model of a referent stays where it is")

    def operate(self, what: str, *arguments: Any) -> Any:
        """The outcome of an operation: a copy of its result, or Raised. What is changed in place is itself."""
        arguments = deepcopy(arguments)
        try:
            special = SPECIAL.get(what)
            result = special(self, *arguments) if special else apply(self.value, what, *arguments)
        except Exception as error:
            return Raised(type(error).__name__)
        return self if result is self.value else deepcopy(result)

    def copied(self) -> Any:
        """A copy of it."""
        return deepcopy(self.value)

    def reassigned(self, key: Any, new: Any) -> None:
        """Do it to a copy, as it comes from a proxy: the value may lie at another place as well."""
        value = deepcopy(self.value[key])
        value.append(new)
        self.value[key] = value

    def hidden(self, value: Any) -> Any:
        """Nothing to the referent."""
        return value

    def took(self, item: Any) -> None:
        """A set has given up an item, whichever it liked."""
        self.value.remove(item)

    @property
    def is_leaf(self) -> bool:
        """Whether no other one lies in it."""
        return not any(True for _ in inside(self.value))

    def reachable(self) -> list[Referent]:
        """Itself and whatever lies in it, at any depth."""
        found = [self]
        for one in found:
            found += [other for other in inside(one.value) if other not in found]
        return found

    def depth(self) -> int:
        """How many lie in each other from here on, itself included."""
        return 1 + max((one.depth() for one in inside(self.value)), default=0)


SPECIAL: dict[str, Callable[..., Any]] = {
    "_getvalue": Referent.copied,
    "reassign": Referent.reassigned,
    "hide": Referent.hidden,
}
"""What a proxy does otherwise than a plain object."""


def inside(value: Any) -> Iterator[Referent]:
    """The referents in a plain object, not those in them."""
    if isinstance(value, Referent):
        yield value
    elif isinstance(value, Mapping):
        yield from inside(list(value.values()))
    elif isinstance(value, SimpleNamespace):
        yield from inside(vars(value))
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from inside(item)


def pairs(expected: Any, came: Any) -> Iterator[tuple[Referent, Any]]:
    """What stands in `came` where a referent is expected. ValueError: the rest is not the same, types included."""
    if isinstance(expected, Referent):
        yield expected, came
        return
    if type(expected) is not type(came):
        raise ValueError(f"{came!r} in place of {expected!r}")
    if isinstance(expected, SimpleNamespace):
        expected, came = sorted(vars(expected).items()), sorted(vars(came).items())
    if isinstance(expected, dict):
        expected, came = list(expected.items()), list(came.items())  # in their order
    if not isinstance(expected, (list, tuple)):
        if expected != came:
            raise ValueError(f"{came!r} in place of {expected!r}")
        return
    if len(expected) != len(came):
        raise ValueError(f"{came!r} in place of {expected!r}")
    for one, other in zip(expected, came):
        yield from pairs(one, other)


@dataclass(frozen=True)
class ListModel(Model):
    """A list of hashable items that several callers use at once; each operation happens at one moment."""

    content: tuple[Any, ...] = ()

    def call(self, caller: int, what: str, *arguments: Any) -> Any:
        """The model after the caller has begun the operation, which has its outcome and effect at once."""
        if self.find(caller) is not None:
            raise Impossible(f"caller {caller} begins {what} while it is in another operation")
        referent = Referent(0, "list", self.content)
        outcome = referent.operate(what, *arguments)
        return self.decide(caller, what, outcome, content=tuple(referent.value))
