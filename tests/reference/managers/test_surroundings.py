"""Managers in a program that forks, has several of them, changes its folder, or has run out of descriptors."""

from __future__ import annotations

import contextlib
import os
import resource
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mpref
import pytest

from .kitchen import KEY, SOON, Kitchen, at_once, client, connected, kitchen, server_of, until

pytestmark = [
    pytest.mark.timeout(60, method="signal"),
    pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning"),
]


@pytest.fixture
def manager() -> Iterator[Kitchen]:
    """A started one."""
    with kitchen() as one:
        yield one


def test_a_forked_child_uses_what_it_has_inherited_beside_its_parent(manager: Kitchen) -> None:
    pot, total, lock = manager.Pot(), manager.Value("i", 0), manager.Lock()

    def use() -> None:
        for number in range(40):
            assert pot.echo(number) == number
            with lock:
                total.value += 1

    started = [client(use) for _ in range(3)]
    entered = [one.__enter__() for one in started]
    use()
    assert [one.ends() for one in entered] == [0, 0, 0]
    assert total.value == 160


def test_a_process_that_is_forked_during_a_call_of_another_thread(manager: Kitchen, tmp_path: Path) -> None:
    pot, entered, go = manager.Pot(), tmp_path / "entered", tmp_path / "go"
    got: list[str] = []
    calling = threading.Thread(target=lambda: got.append(pot.until(str(entered), str(go))))
    calling.start()
    until(entered.exists)
    with client(lambda: [pot.echo(number) for number in range(20)]) as one:
        assert one.ends() == 0
    go.touch()
    calling.join(SOON)
    assert got == ["it is there"]


def test_children_that_are_forked_one_after_another_each_keep_what_they_were_given(manager: Kitchen) -> None:
    context, done = mpref.get_context("fork"), manager.Queue()
    watched = manager.Pot()
    before = watched.alive()

    def act(pot: Any, go: Any) -> None:
        go.recv()
        done.put(pot.echo(1))

    def start() -> Any:
        near, far = context.Pipe()
        context.Process(target=act, args=(manager.Pot(), far)).start()
        return near

    started = [start() for _ in range(4)]  # each child is a copy of what holds for the others what they were given
    for near in started:
        near.send("go")
    assert [done.get(timeout=SOON) for _ in started] == [1] * 4
    for child in mpref.active_children():
        if child.name.startswith("Process"):
            child.join()
    until(lambda: watched.alive() <= before, watched.alive)


def test_what_a_forked_child_uses_and_drops_at_once_stays_its_parents(run: Any) -> None:
    ended = run(
        """
        import os

        def act():
            if len(pots) == 2:
                pots.pop()
                assert pots[0].append(1) is None

        os.register_at_fork(after_in_child=act)  # before the package does so
        pots = []

        import mpref

        with mpref.get_context("fork").Manager() as manager:
            pots += [manager.list(), manager.list()]
            for _ in range(3):
                child = os.fork()
                if child == 0:
                    os._exit(0)
                os.waitpid(child, 0)
            print(*pots)
        """
    )
    assert (ended.stdout, ended.stderr) == ("[1, 1, 1] []\n", "")


def test_a_child_of_a_child(manager: Kitchen) -> None:
    some = manager.list()

    def outer() -> None:
        some.append("child")
        with client(inner) as one:
            assert one.ends() == 0
        some.append("child again")

    def inner() -> None:
        some.append("grandchild")

    with client(outer) as one:
        assert one.ends() == 0
    assert list(some) == ["child", "grandchild", "child again"]


def test_a_child_neither_shuts_the_server_down_nor_ends_it_by_its_own_end(manager: Kitchen) -> None:
    pot = manager.Pot()

    def act() -> None:
        with contextlib.suppress(AssertionError):
            manager.shutdown()
        assert pot.echo(1) == 1

    with client(act) as one:
        assert one.ends() == 0
    assert pot.echo(2) == 2


@pytest.mark.parametrize("family", ["AF_UNIX", "AF_INET"])
@pytest.mark.parametrize("timeout", [0.0, 0.001])
def test_a_default_timeout_of_sockets_is_none_of_calls(timeout: float, family: str, tmp_path: Path) -> None:
    socket.setdefaulttimeout(timeout)
    try:
        with kitchen(None if family == "AF_UNIX" else ("127.0.0.1", 0)) as manager:
            pot, entered, go = connected(manager).Pot(), tmp_path / "entered", tmp_path / "go"
            waiting = threading.Thread(target=lambda: (until(entered.exists), time.sleep(0.1), go.touch()))
            waiting.start()
            assert pot.until(str(entered), str(go)) == "it is there"
            waiting.join()
            assert len(pot.large(5_000_000)) == 5_000_000
            assert pot.size(bytes(5_000_000)) == 5_000_000
    finally:
        socket.setdefaulttimeout(None)


def test_another_working_directory_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "other").mkdir()
    monkeypatch.chdir(tmp_path / "one")
    for address in (None, "socket"):
        with kitchen(address) as manager:
            pot = manager.Pot()
            monkeypatch.chdir(tmp_path / "other")
            assert manager.Pot().echo(1) == pot.echo(1) == 1
            if address is None:  # else it is the program that has given a relative name
                in_a_thread = threading.Thread(target=pot.echo, args=(2,))
                in_a_thread.start()
                in_a_thread.join()
                assert connected(manager).Pot().echo(3) == 3
            monkeypatch.chdir(tmp_path / "one")
        assert os.listdir(tmp_path / "one") == os.listdir(tmp_path / "other") == []


@contextlib.contextmanager
def few_descriptors(spare: int) -> Iterator[None]:
    """This process has room for so many more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    highest = max(int(number) for number in os.listdir("/proc/self/fd"))
    held = [os.dup(0)]
    while held[-1] <= highest:
        held.append(os.dup(0))
    os.close(held.pop())
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (highest + 1 + spare, hard))
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        for one in held:
            os.close(one)


def test_a_client_without_descriptors_says_so_and_goes_on_when_there_are_some(manager: Kitchen) -> None:
    pot = manager.Pot()
    pot.process()
    for spare in range(4):
        failed: list[BaseException] = []

        def call(failed: list[BaseException] = failed) -> None:
            try:
                pot.echo(1)
            except BaseException as error:
                failed.append(error)

        with few_descriptors(spare):
            assert pot.echo(spare) == spare, "the connection of this thread is there"
            assert manager.Pot().echo(1) == 1
            thread = threading.Thread(target=call)
            thread.start()
            thread.join(SOON)
            assert not thread.is_alive()
            assert spare or failed
        assert all(isinstance(one, OSError) and not isinstance(one, EOFError) for one in failed), failed
        thread = threading.Thread(target=call, args=(after := [],))
        thread.start()
        thread.join(SOON)
        assert after == []


def test_a_server_without_descriptors_serves_those_it_has_and_others_when_there_are_some(manager: Kitchen) -> None:
    pot, process = manager.Pot(), server_of(manager)
    soft, hard = resource.prlimit(process, resource.RLIMIT_NOFILE)
    used = {int(number) for number in os.listdir(f"/proc/{process}/fd")}
    lowest_free = next(number for number in range(len(used) + 1) if number not in used)
    resource.prlimit(process, resource.RLIMIT_NOFILE, (lowest_free, hard))
    served: list[int] = []
    calling = [threading.Thread(target=lambda n=n: served.append(pot.echo(n)), daemon=True) for n in range(5)]
    for one in calling:
        one.start()
    for number in range(100):
        assert pot.echo(number) == number
        assert manager.Pot().another().echo(1) == 1
    assert served == []
    resource.prlimit(process, resource.RLIMIT_NOFILE, (soft, hard))
    for one in calling:
        one.join(SOON)
    assert sorted(served) == [0, 1, 2, 3, 4]


def test_an_address_in_use_and_other_reasons_not_to_start_are_told_at_once(tmp_path: Path) -> None:
    taken = socket.create_server(("127.0.0.1", 0))
    with taken:
        manager = Kitchen(taken.getsockname(), KEY, ctx=mpref.get_context("fork"))
        with at_once(), pytest.raises(OSError, match="in use"):
            manager.start()
        with at_once(), pytest.raises(OSError, match="in use"):
            Kitchen(taken.getsockname(), KEY).get_server()
    for address in (str(tmp_path / "none" / "socket"), ("192.0.2.1", 0)):
        with at_once(), pytest.raises(OSError):  # noqa: PT011
            Kitchen(address, KEY, ctx=mpref.get_context("fork")).start()
    with at_once(), pytest.raises(ZeroDivisionError):
        Kitchen(None, KEY, ctx=mpref.get_context("fork")).start(lambda: 1 / 0)
    with at_once(), pytest.raises(mpref.ProcessError):
        Kitchen(None, KEY, ctx=mpref.get_context("fork")).start(os._exit, (3,))
    assert mpref.active_children() == []


def test_two_managers_in_one_program_and_proxies_of_one_in_the_other() -> None:
    with kitchen(key=None) as one, kitchen(("127.0.0.1", 0), key=None) as other:
        some, watched = one.list(), other.Pot()
        some.append(other.dict(a=other.Pot()))
        assert some[0]["a"].process() == server_of(other)
        some.append(other.Pot())
        del some[0]
        until(lambda: watched.alive() == 2, watched.alive)
        kept = some[0]
        other.shutdown()
        for _ in range(2):
            with at_once(), pytest.raises(EOFError):
                kept.echo(1)
            with at_once(), pytest.raises((EOFError, mpref.managers.RemoteError)):
                some[0].echo(1)
        assert len(some) == 1
        with kitchen() as stranger, pytest.raises(mpref.managers.RemoteError, match="has not got the key"):
            some.append(stranger.Pot())
        assert len(some) == 1


def test_a_manager_of_a_thread_that_is_over(tmp_path: Path) -> None:
    made: list[Any] = []

    def make() -> None:
        manager = Kitchen(None, KEY, ctx=mpref.get_context("fork"))
        manager.start()
        made.extend([manager, manager.Pot()])

    thread = threading.Thread(target=make)
    thread.start()
    thread.join()
    manager, pot = made
    assert pot.echo(1) == 1
    assert pot.alive() == 1
    manager.shutdown()


def test_a_child_uses_proxies_of_a_manager_whose_key_is_empty() -> None:
    context = mpref.get_context("spawn")
    with mpref.managers.SyncManager(authkey=b"", ctx=context) as manager:
        items = manager.list()
        child = context.Process(target=items.append, args=(1,))
        child.start()
        child.join()
        assert (child.exitcode, items[:]) == (0, [1])
