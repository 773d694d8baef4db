"""Proxies among the arguments of their own referents, and what proxies do for the sake of their users."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import pytest
from mpref.managers import MakeProxyType

from .kitchen import LONG, Kitchen, kitchen

pytestmark = [
    pytest.mark.timeout(LONG, method="signal"),
    pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning"),
]


class Raising:
    """A referent with properties that raise, as those do that need a connection, or what is not there yet."""

    @property
    def early(self) -> Any:
        """Something that is not there yet."""
        raise ValueError("it is too early")

    @property
    def wrong(self) -> Any:
        """Something with a mistake in it."""
        raise AttributeError("no")

    def here(self) -> bool:
        """Tell that it is here."""
        return True


class Door:
    """A context manager."""

    log: ClassVar[list[Any]] = []

    def __enter__(self) -> str:
        return "open"

    def __exit__(self, *error: Any) -> bool:
        self.seen = error
        return error[0] is KeyError

    def last(self) -> Any:
        """What it was left with."""
        return self.seen


class House(Kitchen):
    """A manager of those."""


House.register("Raising", Raising)
House.register("Door", Door, MakeProxyType("DoorProxy", ("__enter__", "__exit__", "last")))


@pytest.fixture
def manager() -> Iterator[Kitchen]:
    """A started one."""
    with kitchen() as one:
        yield one


@pytest.fixture
def house() -> Iterator[Any]:
    """A started one of the others."""
    with kitchen(kind=House) as one:
        yield one


@pytest.mark.parametrize(
    "extend", [lambda some, with_: some.extend(with_), lambda some, with_: some.__iadd__(with_)], ids=["extend", "+="]
)
def test_a_list_is_extended_by_itself(manager: Kitchen, extend: Callable[[Any, Any], Any]) -> None:
    some, nested = manager.list([1, 2]), manager.list()
    extend(some, some)
    assert list(some) == [1, 2, 1, 2]
    nested.append(some)
    extend(some, nested[0])
    assert len(some) == 8
    extend(some, manager.list([5]))
    assert some[-1] == 5


def test_a_set_is_changed_by_itself(manager: Kitchen) -> None:
    def made() -> Any:
        return manager.set({1, 2})

    some = made()
    some.difference_update(some)
    assert set(some) == set()
    some = made()
    some.difference_update({1}, some)
    assert set(some) == set()
    for change, left in (("__isub__", set()), ("__ixor__", set()), ("__iand__", {1, 2}), ("__ior__", {1, 2})):
        some = made()
        assert getattr(some, change)(some) is some
        assert set(some) == left, change


def test_a_property_that_raises_is_no_method_and_does_not_keep_its_object_from_being_made(house: Any) -> None:
    raising = house.Raising()
    assert raising.here() is True
    assert not hasattr(raising, "early")


def test_a_body_that_raises_leaves_a_context_manager_behind_a_proxy(house: Any) -> None:
    door = house.Door()
    with pytest.raises(ValueError, match="inside"), door as it:  # noqa: PT012
        assert it == "open"
        raise ValueError("inside")
    kind, error, trace = door.last()
    assert (kind, str(error), trace) == (ValueError, "inside", None)
    with contextlib.suppress(TypeError), door:
        raise KeyError("is suppressed")
    with door:
        pass
    assert door.last() == (None, None, None)


def test_values_and_arrays_take_the_lock_that_those_of_the_package_take(manager: Kitchen) -> None:
    assert manager.Value("i", 5, lock=False).value == 5
    assert list(manager.Array("i", [1, 2], lock=True)) == [1, 2]
