"""What managers are given and cannot use: an error that names it, says what may be there, and leaves nothing behind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import mpref
import pytest
from mpref.managers import BaseManager

from .kitchen import KEY, Kitchen, at_once

WRONG: dict[str, tuple[Any, ...]] = {
    "address": (5000, ["localhost", 0], ("localhost", "x"), ("localhost",), ("localhost", 0, 0, 0), (5, 0), b"/a", ""),
    "authkey": ("key", bytearray(b"key"), 5),
    "serializer": ("json", 5),
    "ctx": ("spawn", 5),
    "shutdown_timeout": ("x", None, float("nan")),
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG.items() for value in values])
def test_of_a_manager(name: str, value: Any) -> None:
    rule = {"address": r"address.*\(host, port\)", "authkey": "key must be a byte string"}.get(name, f"^{name} must be")
    told = "NaN" if value != value else type(value).__name__ if name == "authkey" else repr(value)
    for use in (BaseManager.start, BaseManager.get_server, BaseManager.connect):
        given: dict[str, Any] = {"address": "/tmp/none", "authkey": KEY, "ctx": mpref.get_context("fork"), name: value}
        with at_once(), pytest.raises((TypeError, ValueError), match=rule) as raised:
            use(BaseManager(**given))
        assert told in str(raised.value)
    assert mpref.active_children() == []


@pytest.mark.parametrize("port", [-1, 65536])
def test_a_port_that_there_cannot_be(port: int) -> None:
    for use in (Kitchen.start, Kitchen.get_server, Kitchen.connect):
        with at_once(), pytest.raises(OverflowError, match=rf"0-65535.*\('localhost', {port}\)"):
            use(Kitchen(("localhost", port), KEY, ctx=mpref.get_context("fork")))


def test_a_name_that_is_too_long(tmp_path: Path) -> None:
    name = str(tmp_path / ("x" * 200))
    for use in (Kitchen.start, Kitchen.get_server, Kitchen.connect):
        with at_once(), pytest.raises(OSError, match=r"^[^N]*/x{200}': .*too long$"):
            use(Kitchen(name, KEY, ctx=mpref.get_context("fork")))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"initializer": 5}, "initializer must be callable or None, not 5"),
        ({"initializer": print, "initargs": 5}, "initargs must be .*, not 5"),
        ({"initargs": 5}, "initargs must be .*, not 5"),
    ],
)
def test_of_start(given: dict[str, Any], message: str) -> None:
    manager = Kitchen(None, KEY, ctx=mpref.get_context("fork"))
    with pytest.raises(TypeError, match=message):
        manager.start(**given)
    manager.start()
    manager.shutdown()


@pytest.mark.parametrize(
    "given",
    [
        {"typeid": 5}, {"callable": 5}, {"proxytype": 5}, {"exposed": 5}, {"exposed": "ab"}, {"exposed": [5]},
        {"method_to_typeid": 5}, {"method_to_typeid": {"a": 5}},
    ],
)  # fmt: skip
def test_of_register(given: dict[str, Any]) -> None:
    class Manager(BaseManager):
        """With no types yet."""

    (name,) = given
    with pytest.raises(TypeError, match=f"{name} must .*5|exposed must .*'ab'"):
        Manager.register(**{"typeid": "Some", **given})
    assert not hasattr(Manager, "Some")


class NotToUnpickle(Exception):
    """An exception that takes two arguments, and keeps one."""

    def __init__(self, one: int, two: int) -> None:
        super().__init__(one)


def fail() -> None:
    """Raise it."""
    raise NotToUnpickle(1, 2)


def test_an_initializer_whose_exception_cannot_travel_is_told_of_all_the_same() -> None:
    with at_once(), pytest.raises(mpref.managers.RemoteError, match="NotToUnpickle: 1"):
        Kitchen(None, KEY, ctx=mpref.get_context("fork")).start(fail)
