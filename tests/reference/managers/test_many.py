"""Many clients, many proxies, many threads, and calls that never end: everybody is served, and nothing piles up."""

from __future__ import annotations

import gc
import os
import re
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import mpref
import pytest
from mpref.managers import started

from .kitchen import KEY, LONG, SOON, Kitchen, at_once, client, connected, kitchen, server_of, until

pytestmark = [
    pytest.mark.timeout(120, method="signal"),
    pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning"),
]


@pytest.fixture
def manager() -> Iterator[Kitchen]:
    """A started one."""
    with kitchen() as one:
        yield one


def resident(process: int) -> int:
    """The bytes of memory that a process has."""
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{process}/status").read_text())
    assert found is not None
    return int(found[1]) << 10


def connections(process: int) -> int:
    """The sockets that a process has open."""
    number = 0
    for one in os.listdir(f"/proc/{process}/fd"):
        try:
            number += os.readlink(f"/proc/{process}/fd/{one}").startswith("socket:")
        except FileNotFoundError:
            continue
    return number


def in_threads(count: int, act: Callable[[int], object]) -> None:
    """Each of so many threads does this; none fails."""
    failed: list[BaseException] = []

    def guarded(number: int) -> None:
        try:
            act(number)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=guarded, args=(number,), daemon=True) for number in range(count)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(LONG * 2)
        assert not one.is_alive(), "a thread does not come to its end"
    assert failed == []


def test_ten_thousand_proxies_leave_nothing(manager: Kitchen) -> None:
    watched = manager.Pot()

    def use(count: int) -> None:
        for number in range(count):
            pot = manager.Pot(number)
            if number % 100 == 0:
                assert pot.another().echo(number) == number
        del pot

    use(1000)
    assert watched.alive() == 1
    process = server_of(manager)
    before = resident(process), resident(os.getpid()), connections(process), connections(os.getpid())
    use(10_000)
    assert watched.alive() == 1
    assert resident(process) - before[0] < 2 << 20
    assert resident(os.getpid()) - before[1] < 2 << 20
    assert connections(process) <= before[2]
    assert connections(os.getpid()) <= before[3]  # what an earlier test has left may go meanwhile
    assert watched.threads() < 6


def test_a_thousand_proxies_at_once_take_one_connection(manager: Kitchen) -> None:
    watched = manager.Pot()
    before = connections(os.getpid()), connections(server_of(manager))
    pots = [manager.Pot(number) for number in range(1000)]
    some = manager.list(pots)
    again = list(some)
    assert sum(one.echo(1) for one in again) == 1000
    assert connections(os.getpid()) <= before[0]
    assert connections(server_of(manager)) <= before[1]
    del pots, again
    assert watched.alive() == 1001
    del some
    until(lambda: watched.alive() == 1, watched.alive)


def test_two_hundred_clients_at_once(manager: Kitchen) -> None:
    total, lock, ready = manager.Value("i", 0), manager.Lock(), manager.Event()
    watched = manager.Pot()
    here = threading.Barrier(201)

    def act(number: int) -> None:
        own = connected(manager)
        pot = own.Pot(number)
        assert ready.is_set() is False
        here.wait(LONG)
        assert ready.wait(LONG) is True
        assert pot.echo(number) == number
        with lock:
            total.value += 1

    def open_up() -> None:
        here.wait(LONG)
        assert watched.alive() == 201
        ready.set()

    before = watched.descriptors()
    opening = threading.Thread(target=open_up)
    opening.start()
    in_threads(200, act)
    opening.join()
    assert total.value == 200
    until(lambda: watched.alive() == 1 and watched.descriptors() <= before + 1)


def test_processes_at_once(manager: Kitchen) -> None:
    counted = manager.dict()

    def act(number: int) -> None:
        own = connected(manager)
        counted[number] = own.list([number])
        for _ in range(5):
            counted[number].append(own.Pot().echo(number))

    started = [client(act, number) for number in range(24)]
    assert [one.__enter__().ends() for one in started] == [0] * 24
    assert [list(counted[number]) for number in range(24)] == [[number] * 6 for number in range(24)]


def test_a_backlog_that_is_full_of_silent_callers() -> None:
    with kitchen(("127.0.0.1", 0)) as manager:
        pot = manager.Pot()
        lines = []
        for _ in range(300):
            one = socket.socket()
            one.setblocking(False)
            one.connect_ex(manager.address)
            lines.append(one)
        with at_once():
            assert pot.echo(1) == 1
        in_threads(5, lambda number: connected(manager).Pot().echo(number))
        for one in lines:
            one.close()
        assert manager.Pot().echo(1) == 1


def test_many_threads_share_a_proxy(manager: Kitchen) -> None:
    shared, lock, total = manager.list(), manager.Lock(), manager.Namespace(count=0)

    def act(number: int) -> None:
        for _ in range(20):
            shared.append(number)
            shared.count(number)
            with lock:
                total.count += 1

    in_threads(20, act)
    assert total.count == 400
    assert sorted(shared) == sorted(list(range(20)) * 20)


def test_threads_that_come_and_go_leave_no_connection(manager: Kitchen) -> None:
    pot = manager.Pot()
    pot.process()
    before = connections(os.getpid()), connections(server_of(manager))
    for _ in range(20):
        in_threads(5, pot.echo)
    until(lambda: connections(os.getpid()) <= before[0] and connections(server_of(manager)) <= before[1])
    assert pot.threads() < 6


def test_proxies_are_collected_during_calls_in_other_threads(manager: Kitchen) -> None:
    watched, over = manager.Pot(), threading.Event()

    class Cycle:
        def __init__(self, pot: Any) -> None:
            self.pot, self.itself = pot, self

    def collect() -> None:
        while not over.is_set():
            gc.collect(0)

    collecting = threading.Thread(target=collect)
    collecting.start()
    before = gc.get_threshold()
    gc.set_threshold(20)
    try:
        in_threads(8, lambda number: [Cycle(manager.Pot(n)).pot.another().echo(n) for n in range(25)])
    finally:
        gc.set_threshold(*before)
        over.set()
        collecting.join()
    gc.collect()
    until(lambda: watched.alive() == 1, watched.alive)


def ends_with_its_server(pot: Any, file: Path) -> None:
    """A call that does not return before."""
    with pytest.raises(EOFError):
        pot.never(str(file))


def test_a_method_that_never_returns_holds_up_nobody_but_its_caller(tmp_path: Path) -> None:
    with kitchen(shutdown_timeout=0.3) as manager:
        pot, file = manager.Pot(), tmp_path / "entered"
        calling = threading.Thread(target=ends_with_its_server, args=(pot, file), daemon=True)
        calling.start()
        until(file.exists)
        in_threads(3, lambda number: [pot.echo(number) for _ in range(20)])
        dropped = [manager.Pot(number) for number in range(50)]
        del dropped
        assert pot.alive() == 1
        with at_once():
            manager.shutdown()
        calling.join(SOON)
        assert not calling.is_alive()
        assert manager._process is not None
        assert manager._process.exitcode is not None


def test_a_server_that_heeds_nothing_is_killed_within_its_timeouts() -> None:
    def deafen() -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        threading.Thread(target=threading.Event().wait).start()

    manager = Kitchen(None, KEY, ctx=mpref.get_context("fork"), shutdown_timeout=0.3)
    manager.start(deafen)
    assert manager.Pot().process() == server_of(manager)
    began = time.monotonic()
    manager.shutdown()
    assert 0.6 <= time.monotonic() - began < SOON
    assert manager._process is not None
    assert manager._process.exitcode == -signal.SIGKILL


def test_a_container_that_others_change_meanwhile(manager: Kitchen) -> None:
    outer = manager.dict()
    for number in range(5):
        outer[number] = manager.list([manager.Pot(number)])
    watched, over = manager.Pot(), threading.Event()

    def change() -> None:
        own = connected(manager)
        count = 0
        while not over.is_set():
            count += 1
            outer[count % 5] = own.list([own.Pot(count), own.dict(deep=own.Pot(count))])

    def read(number: int) -> None:
        for count in range(60):
            seen = outer[count % 5]
            assert seen[0].echo(number) == number
            for one in outer.values():
                assert one[0].echo(number) == number

    changing = [threading.Thread(target=change) for _ in range(2)]
    for one in changing:
        one.start()
    try:
        in_threads(4, read)
    finally:
        over.set()
        for one in changing:
            one.join()
    outer.clear()
    until(lambda: watched.alive() == 1, watched.alive)


def test_a_referent_that_is_replaced_while_somebody_calls_it(manager: Kitchen, tmp_path: Path) -> None:
    outer = manager.list([manager.Pot()])
    entered, go, got = tmp_path / "entered", tmp_path / "go", []
    calling = threading.Thread(target=lambda: got.append(outer[0].until(str(entered), str(go))))
    calling.start()
    until(entered.exists)
    outer[0] = None
    go.touch()
    calling.join(SOON)
    assert got == ["it is there"]


def test_a_server_that_needs_time_has_that_of_its_manager(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(started, "GRACE", 0.0)
    reading, writing = os.pipe()

    def linger() -> None:
        threading.Thread(target=os.read, args=(reading, 1)).start()

    manager = Kitchen(None, KEY, ctx=mpref.get_context("fork"), shutdown_timeout=LONG)
    manager.start(linger)
    ending = threading.Thread(target=manager.shutdown)
    ending.start()
    ending.join(0.5)
    assert ending.is_alive(), "the server has ended by itself"
    os.write(writing, b".")
    ending.join(SOON)
    assert manager._process is not None
    assert manager._process.exitcode == 0
    for end in (reading, writing):
        os.close(end)
