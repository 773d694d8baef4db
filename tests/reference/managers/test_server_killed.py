"""A server that is killed: at whatever moment of a call, its clients know at once, and each further call says so."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import mpref
import pytest

from .kitchen import Kitchen, at_once, connected, kill, kitchen, server_of, until
from .relay import Relay

pytestmark = [
    pytest.mark.timeout(30, method="signal"),
    pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning"),
]
GONE = (ConnectionError, EOFError)
BULK = 32 << 20
"""Bytes that do not fit into any buffer on the way."""


@pytest.fixture(params=["AF_UNIX", "AF_INET"])
def manager(request: pytest.FixtureRequest) -> Iterator[Kitchen]:
    """A started one."""
    with kitchen(None if request.param == "AF_UNIX" else ("127.0.0.1", 0)) as one:
        yield one


def is_gone(pot: Any) -> None:
    """Each use of a proxy says so, clearly and at once, but for those that need no server."""
    for _ in range(2):
        with at_once(), pytest.raises(GONE, match=r"server of the manager"):
            pot.process()
        with at_once():
            assert repr(pot).startswith("<PotProxy object, typeid 'Pot' at ")
            assert "PotProxy" in str(pot)


def test_before_a_request(manager: Kitchen) -> None:
    pot = manager.Pot()
    kill(manager)
    is_gone(pot)
    for make in (manager.Pot, manager.list, connected_anew(manager)):
        with at_once(), pytest.raises((OSError, EOFError)):
            make()


def connected_anew(manager: Kitchen) -> Callable[[], object]:
    """A call that connects to where the server was."""
    return lambda: connected(manager)


def test_before_the_first_request_of_a_thread(manager: Kitchen) -> None:
    pot = manager.Pot()
    kill(manager)
    thread = threading.Thread(target=is_gone, args=(pot,))
    with at_once():
        thread.start()
        thread.join()
    is_gone(pot)


def killed_when(
    manager: Kitchen, holds: Callable[[], object], then: Callable[[], None] = lambda: None
) -> threading.Thread:
    """Have the server killed once something is so, and something done then."""

    def act() -> None:
        until(holds)
        kill(manager)
        then()

    thread = threading.Thread(target=act)
    thread.start()
    return thread


def test_while_a_method_runs(manager: Kitchen, tmp_path: Path) -> None:
    pot, file = manager.Pot(), tmp_path / "entered"
    killing = killed_when(manager, file.exists)
    with pytest.raises(GONE, match="server of the manager"):
        pot.never(str(file))
    killing.join()
    is_gone(pot)


def test_while_methods_run_for_several_threads(manager: Kitchen, tmp_path: Path) -> None:
    pot, outcomes = manager.Pot(), []

    def call(number: int) -> None:
        try:
            pot.never(str(tmp_path / str(number)))
        except GONE as error:
            outcomes.append(type(error))

    threads = [threading.Thread(target=call, args=(number,)) for number in range(8)]
    for one in threads:
        one.start()
    killed_when(manager, lambda: len(list(tmp_path.iterdir())) == 8).join()
    with at_once():
        for one in threads:
            one.join()
    assert len(outcomes) == 8
    is_gone(pot)


def test_while_a_lock_an_event_or_a_queue_is_waited_for(manager: Kitchen) -> None:
    lock, event, queue, condition, barrier = (
        manager.Lock(), manager.Event(), manager.Queue(), manager.Condition(), manager.Barrier(2)
    )  # fmt: skip
    lock.acquire()
    outcomes = []

    def wait() -> None:
        with condition:
            condition.wait()

    def call(act: Callable[[], object]) -> None:
        try:
            act()
        except GONE as error:
            outcomes.append(type(error))

    calls = (lock.acquire, event.wait, queue.get, wait, barrier.wait)
    threads = [threading.Thread(target=call, args=(one,)) for one in calls]
    for one in threads:
        one.start()
    until(lambda: barrier.n_waiting == 1)
    kill(manager)
    with at_once():
        for one in threads:
            one.join()
    assert len(outcomes) == 5


@pytest.mark.parametrize("direction", ["request", "reply"])
@pytest.mark.parametrize("after", [0, 2, 4, 6, 1 << 20])
def test_in_the_middle_of_a_message(manager: Kitchen, direction: str, after: int) -> None:
    relay = Relay(manager.address)
    pot = connected(manager, relay.address).Pot()
    pot.echo("a call that has been served")
    relay.hold(direction, after)
    killing = killed_when(manager, relay.held.is_set, relay.over.set)
    with pytest.raises(GONE, match="server of the manager"):
        pot.size(bytes(BULK)) if direction == "request" else pot.large(BULK)
    killing.join()
    is_gone(pot)
    relay.close()


def call_for_ever(pot: Any, content: bytes, direction: str) -> None:
    """Call after call, with a large message in one direction."""
    while True:
        assert (pot.size(content) if direction == "request" else len(pot.large(BULK))) == BULK


@pytest.mark.parametrize("direction", ["request", "reply"])
def test_at_any_moment_of_a_large_call(direction: str) -> None:
    content = bytes(BULK)
    for number in range(6):
        with kitchen() as manager:
            pot = manager.Pot()
            pid = server_of(manager)
            killing = threading.Timer(number * 0.008, os.kill, (pid, signal.SIGKILL))
            killing.start()
            with pytest.raises(GONE, match="server of the manager"):
                call_for_ever(pot, content, direction)
            killing.join()
            is_gone(pot)


def test_by_itself_in_the_middle_of_a_call(manager: Kitchen) -> None:
    pot = manager.Pot()
    with pytest.raises(GONE, match="server of the manager"):
        pot.leave()
    is_gone(pot)


def test_proxies_that_go_when_it_has_gone_are_silent(
    manager: Kitchen, capfd: pytest.CaptureFixture[str], recwarn: pytest.WarningsRecorder
) -> None:
    pots = [manager.Pot() for _ in range(20)]
    nested = manager.list([manager.dict()])
    inner = nested[0]
    kill(manager)
    with at_once():
        del pots, nested, inner
    assert capfd.readouterr() == ("", "")
    assert not [one for one in recwarn if not issubclass(one.category, DeprecationWarning)]


def test_a_new_server_at_the_same_address_is_not_taken_for_the_old_one(tmp_path: Path) -> None:
    address = str(tmp_path / "socket")
    with kitchen(address) as old:
        pot = old.Pot("old")
        kill(old)
        if os.path.exists(address):
            os.unlink(address)
        with kitchen(address) as new:
            there = new.Pot("new")
            for _ in range(3):
                with at_once(), pytest.raises(GONE):
                    pot.process()
            assert there.process() == server_of(new)
            assert connected(new).Pot().process() == server_of(new)


def test_shutdown_and_the_end_of_the_program_after_that(manager: Kitchen) -> None:
    pot = manager.Pot()
    kill(manager)
    with at_once():
        manager.shutdown()
        manager.shutdown()
        manager.join()
    is_gone(pot)
    with pytest.raises(AssertionError):
        manager.Pot()


def test_a_proxy_that_outlives_its_server_says_so_everywhere() -> None:
    with kitchen() as manager:
        pot, some, number = manager.Pot(), manager.list([1]), manager.Value("i", 1)
        lock, namespace = manager.Lock(), manager.Namespace()
    is_gone(pot)
    for use in (
        lambda: some[0], lambda: len(some), lambda: list(some), lambda: number.value, lock.acquire, lock.__enter__,
        lambda: namespace.x, lambda: setattr(namespace, "x", 1), some._getvalue, lambda: some._callmethod("append"),
    ):  # fmt: skip
        with at_once(), pytest.raises(GONE):
            use()
    assert mpref.active_children() == []


def test_a_name_that_the_program_has_chosen_is_free_after_a_kill(tmp_path: Path) -> None:
    name = str(tmp_path / "socket")
    for _ in range(3):
        with kitchen(name) as manager:
            assert manager.Pot().echo(1) == 1
            kill(manager)
            assert os.path.exists(name)
        assert os.listdir(tmp_path) == []


def test_a_file_in_the_place_of_that_name_stays(tmp_path: Path) -> None:
    name = tmp_path / "socket"
    with kitchen(str(name)) as manager:
        kill(manager)
        name.unlink()
        name.write_text("another")
    assert name.read_text() == "another"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has names without files")
def test_a_name_without_a_file() -> None:
    name = f"\0mpref-{os.getpid()}-{os.urandom(4).hex()}"
    for _ in range(2):
        with kitchen(name) as manager:
            assert manager.address == name
            assert connected(manager).Pot().echo(1) == 1


@pytest.mark.parametrize("family", ["AF_UNIX", "AF_INET"])
def test_a_connected_manager_makes_what_it_is_asked_for_in_the_next_server_at_the_address(
    family: str, tmp_path: Path
) -> None:
    address: Any = str(tmp_path / "socket") if family == "AF_UNIX" else ("127.0.0.1", 0)
    with kitchen(address) as first:
        address = first.address
        other = connected(first)
        before = other.Pot()
        kill(first)
        for _ in range(2):
            with at_once(), pytest.raises(GONE, match="server of the manager"):
                other.Pot()
    with kitchen(address) as second:
        process = server_of(second)
        assert other.Pot().process() == other.list([other.Pot()])[0].process() == process
        is_gone(before)
        is_gone(before)
        with at_once(), pytest.raises(AssertionError):
            first.Pot()
        assert other.Pot().alive() >= 1
