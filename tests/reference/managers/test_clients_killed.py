"""A client that is killed: the server goes on, others go on, and what the client has referred to is released."""

from __future__ import annotations

import os
import pickle
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import mpref
import pytest
from mpref.managers import referents

from .kitchen import SOON, Kitchen, Pot, at_once, client, connected, kitchen, server_of, until
from .relay import Relay

pytestmark = [
    pytest.mark.timeout(60, method="signal"),
    pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning"),
]
BULK = 32 << 20
"""Bytes that do not fit into any buffer on the way."""


@pytest.fixture
def manager() -> Iterator[Kitchen]:
    """A started one."""
    with kitchen() as one:
        yield one


@pytest.fixture
def watched(manager: Kitchen) -> Iterator[Any]:
    """A pot, by which the server is observed: nothing is left of clients in the end."""
    pot = manager.Pot("watched")
    pot.echo("the connection of this thread is there")
    before = pot.descriptors(), pot.threads(), pot.alive()
    yield pot

    def left() -> tuple[int, int, int]:
        return pot.descriptors(), pot.threads(), pot.alive()

    until(lambda: all(now <= then for now, then in zip(left(), before, strict=True)), lambda: (before, left()))


def serves(manager: Kitchen) -> None:
    """Everybody else is served at once, by old proxies and new ones."""
    with at_once():
        assert manager.Pot().echo([1]) == [1]
        assert connected(manager).list([1])[0] == 1


def told(count: int = 1) -> tuple[Callable[[], None], Callable[[], None]]:
    """What forked clients call to tell that they have got there, and what waits for so many of them."""
    reading, writing = os.pipe()

    def tell() -> None:
        os.write(writing, b".")

    def heard() -> None:
        for _ in range(count):
            assert os.read(reading, 1) == b"."
        os.close(reading)
        os.close(writing)

    return tell, heard


def pause() -> None:
    """Go no further."""
    while True:
        signal.pause()


def test_one_that_holds_a_lock(manager: Kitchen, watched: Any) -> None:
    for kind in ("Lock", "RLock", "Semaphore", "BoundedSemaphore"):
        lock = getattr(manager, kind)()
        tell, heard = told()

        def hold(lock: Any = lock, tell: Any = tell) -> None:
            assert lock.acquire() is True
            tell()
            pause()

        with client(hold) as one:
            heard()
            assert lock.acquire(False) is False
            one.kill()
            serves(manager)
            began = time.monotonic()
            got = lock.acquire(True, 0.1)
            assert time.monotonic() - began < SOON
            if kind != "RLock" and not got:
                lock.release()
                got = lock.acquire(True, SOON)
            if got:
                lock.release()


def test_ones_that_wait_for_a_lock_do_not_get_it_afterwards(manager: Kitchen, watched: Any) -> None:
    lock = manager.Lock()
    lock.acquire()
    before = watched.threads()
    waiting = [client(lock.acquire) for _ in range(5)]
    entered = [one.__enter__() for one in waiting]
    until(lambda: watched.threads() >= before + 5)
    for one in entered:
        one.kill()
    serves(manager)
    lock.release()
    until(lambda: watched.threads() <= before, "threads of clients that were killed")
    assert lock.acquire(True, SOON) is True, "a client that was killed has got the lock"
    lock.release()


def test_one_that_holds_proxies_and_containers_of_proxies(manager: Kitchen, watched: Any) -> None:
    tell, heard = told()

    def hold() -> None:
        own = connected(manager)
        pots = [own.Pot() for _ in range(20)]
        some = own.list(pots[:5])
        some.append(own.dict(inner=own.Pot()))
        more = [one.another() for one in pots[:3]]
        assert watched.alive() == 25, watched.alive()
        tell()
        pause()
        del more

    with client(hold) as one:
        heard()
        assert watched.alive() == 25
        one.kill()
        with at_once():
            until(lambda: watched.alive() == 1, watched.alive)


def test_one_that_is_not_alone_to_hold_a_proxy(manager: Kitchen, watched: Any) -> None:
    shared = manager.list()
    tell, heard = told()

    def hold() -> None:
        for _ in range(3):
            shared.append(connected(manager).Pot("left there"))
        tell()
        pause()

    with client(hold) as one:
        heard()
        mine = shared[0]
        one.kill()
        serves(manager)
    assert watched.alive() == 4
    assert mine.echo(5) == shared[1].echo(5) == 5
    del shared[:], mine
    until(lambda: watched.alive() == 1, watched.alive)


@pytest.mark.parametrize("after", [0, 2, 5, 1 << 20])
@pytest.mark.parametrize("direction", ["request", "reply"])
def test_in_the_middle_of_a_message(manager: Kitchen, watched: Any, direction: str, after: int) -> None:
    relay = Relay(manager.address)

    def call() -> None:
        pot = connected(manager, relay.address).Pot()
        pot.echo("a call that is served")
        relay_told()
        hear()
        pot.size(bytes(BULK)) if direction == "request" else pot.large(BULK)

    relay_told, hold = told()
    go, hear = told()
    with client(call) as one:
        hold()
        relay.hold(direction, after)
        go()
        assert relay.held.wait(SOON)
        one.kill()
        relay.over.set()
        serves(manager)
        until(lambda: watched.alive() == 1, watched.alive)
    relay.close()


def test_at_any_moment_of_what_clients_do(manager: Kitchen, watched: Any) -> None:
    shared, content = manager.list(), bytes(1 << 20)

    def use() -> None:
        own = connected(manager)
        while True:
            pot = own.Pot(content)
            shared.append(pot.another())
            shared[0].echo(content)
            with own.Lock():
                shared.pop(0)

    for number in range(12):
        with client(use) as one:
            time.sleep(0.01 + number * 0.006)  # any moment will do
            one.kill()
        serves(manager)
    del shared[:]
    until(lambda: watched.alive() == 1, watched.alive)


def test_while_a_method_runs_for_it(manager: Kitchen, watched: Any, tmp_path: Path) -> None:
    pot, entered, go = manager.Pot(), tmp_path / "entered", tmp_path / "go"
    with client(pot.until, str(entered), str(go)) as one:
        until(entered.exists)
        one.kill()
        serves(manager)
        go.touch()
    assert pot.process() == server_of(manager)


def test_while_its_parent_goes_on_with_the_same_proxies(manager: Kitchen, watched: Any) -> None:
    pots = [manager.Pot(number) for number in range(5)]

    def use() -> None:
        for one in pots:
            one.echo("used by the child")
        tell()
        pause()

    tell, heard = told()
    with client(use) as one:
        heard()
        one.kill()
        until(lambda: watched.alive() == 6)
        assert [one.echo(number) for number, one in enumerate(pots)] == list(range(5))
    del pots[:]
    until(lambda: watched.alive() == 1, watched.alive)


def test_a_child_may_keep_what_its_parent_drops(manager: Kitchen, watched: Any, tmp_path: Path) -> None:
    pots = [manager.Pot(number) for number in range(3)]
    kept = tmp_path / "go"

    def use() -> None:
        mine = pots[:]
        mine[0].echo("the child refers to them by now")
        tell()
        until(kept.exists)
        assert [one.echo(number) for number, one in enumerate(mine)] == [0, 1, 2]

    tell, heard = told()
    with client(use) as one:
        heard()
        del pots[:]
        assert watched.alive() == 4
        kept.touch()
        assert one.ends() == 0
    until(lambda: watched.alive() == 1, watched.alive)


def test_ones_that_stop_reading_hold_up_nobody(manager: Kitchen, watched: Any) -> None:
    pot = manager.Pot()
    tell, heard = told(4)

    def call() -> None:
        pot.echo("a call that is served")
        tell()
        while True:
            pot.large(BULK)

    before = watched.threads()
    stopped = [client(call) for _ in range(4)]
    entered = [one.__enter__() for one in stopped]
    heard()
    for one in entered:
        os.kill(one.process, signal.SIGSTOP)
    for _ in range(5):
        serves(manager)
    for one in entered:
        one.kill()
    until(lambda: watched.threads() <= before)


def test_a_stopped_server_ends_all_the_same() -> None:
    with kitchen(shutdown_timeout=0.2) as manager:
        pot: Pot = manager.Pot()
        assert pot.process() == server_of(manager)
        os.kill(server_of(manager), signal.SIGSTOP)
        with at_once():
            manager.shutdown()
        assert manager._process is not None
        assert manager._process.exitcode in (-signal.SIGKILL, -signal.SIGTERM)


def test_proxies_that_it_has_sent_off_before_it_ended_arrive(manager: Kitchen, watched: Any) -> None:
    before = watched.alive()
    queue, (near, far) = mpref.SimpleQueue(), mpref.Pipe()

    def send() -> None:
        queue.put(manager.Pot(1))
        far.send(manager.list([manager.Pot(2), manager.Pot(3)]))

    with client(send) as one:
        assert one.ends() == 0
    serves(manager)
    until(lambda: watched.alive() <= before + 3)
    pot, some = queue.get(), near.recv()
    assert pot.echo(1) == some[0].echo(1) == some[1].echo(1) == 1
    assert watched.alive() == before + 3
    del pot, some
    until(lambda: watched.alive() <= before, "what has arrived is kept")


def test_proxies_that_never_arrive_are_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(referents, "GRACE", 0.0)
    with kitchen() as manager:
        watched = manager.Pot()

        def send() -> None:
            pickle.dumps([manager.Pot(), manager.Pot()])

        for _ in range(2):
            with client(send) as one:
                assert one.ends() == 0
            until(lambda: watched.alive() <= 1, "what was sent off is kept")


@pytest.mark.parametrize("kind", ["Queue", "LifoQueue", "PriorityQueue"])
def test_ones_that_wait_for_an_item_do_not_get_it_afterwards(kind: str, manager: Kitchen, watched: Any) -> None:
    items = getattr(manager, kind)()
    before = watched.threads()
    waiting = [client(items.get) for _ in range(3)]
    entered = [one.__enter__() for one in waiting]
    until(lambda: watched.threads() >= before + 3)
    for one in entered:
        one.kill()
    for number in range(5):
        items.put(number)
    # Each of their threads in the server gets one, sees that it waits for nobody, and puts it back.
    until(lambda: watched.threads() <= before, "threads of clients that were killed")
    assert sorted(items.get(True, SOON) for _ in range(5)) == list(range(5))
    assert items.empty()
    for _ in range(5):
        items.task_done()
    items.join()
