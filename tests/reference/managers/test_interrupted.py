"""Calls that a signal interrupts, Ctrl-C above all, and those that its handler makes."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import mpref
import pytest

from .kitchen import KEY, LONG, SOON, Kitchen, at_once, kitchen, signalled

pytestmark = [
    pytest.mark.timeout(60, method="signal"),
    pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning"),
]


@pytest.fixture
def manager() -> Iterator[Kitchen]:
    """A started one."""
    with kitchen() as one:
        yield one


def interrupted_in(act: Callable[[], object], when: Callable[[], object]) -> None:
    """The main thread gets a SIGINT in the middle of this, and a KeyboardInterrupt comes out of it."""
    with at_once(), pytest.raises(KeyboardInterrupt), signalled(signal.SIGINT, signal.default_int_handler, when):
        act()


def test_ctrl_c_during_a_call_and_further_calls(manager: Kitchen, tmp_path: Path) -> None:
    pot, lock, queue = manager.Pot(), manager.Lock(), manager.Queue()
    for number in range(3):
        file = tmp_path / str(number)
        interrupted_in(lambda file=file: pot.never(str(file)), file.exists)  # type: ignore[misc]
        assert [pot.echo(one) for one in range(5)] == list(range(5)), "an answer is taken for that of another call"
    interrupted_in(queue.get, lambda: True)
    queue.put(1)
    queue.put(2)
    assert sorted(queue.get(True, SOON) for _ in range(2)) == [1, 2], "a call that was interrupted has taken something"
    with lock:
        interrupted_in(lambda: pot.never(str(tmp_path / "again")), (tmp_path / "again").exists)
        assert lock.acquire(False) is False, "the lock was released by the end of a connection"


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_ctrl_c_at_any_moment(manager: Kitchen) -> None:
    watched, me = manager.Pot(), threading.main_thread().ident
    assert me is not None
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        for number in range(40):
            over = threading.Event()

            def interrupt(pause: float = 0.0005 * number, over: threading.Event = over) -> None:
                while not over.wait(pause):  # one that comes in the middle of a finalizer is lost
                    signal.pthread_kill(me, signal.SIGINT)
                    pause = 1.0

            interrupting = threading.Thread(target=interrupt)
            with pytest.raises(KeyboardInterrupt):  # noqa: PT012  # which may come before the first call
                interrupting.start()
                use_until_interrupted(manager)
            over.set()
            interrupting.join()
            for one in range(3):
                assert watched.echo(one) == one
    finally:
        signal.signal(signal.SIGINT, before)
    gc.collect()
    assert watched.alive() <= 41  # what was made in the moment of an interruption may be nobody's


def use_until_interrupted(manager: Kitchen) -> None:
    """Make proxies, use and drop them."""
    while True:
        for number in range(10):
            pot = manager.Pot(number)
            assert pot.echo(number) == number
            del pot


def test_a_signal_to_the_whole_group_leaves_the_server_to_its_program(tmp_path: Path) -> None:
    reference = str(Path(mpref.__file__).parents[1])
    ended = subprocess.run(
        [sys.executable, "-c", GROUP], env={**os.environ, "PYTHONPATH": reference}, capture_output=True, text=True,
        start_new_session=True, timeout=LONG, check=False,
    )  # fmt: skip
    assert (ended.stdout, ended.stderr, ended.returncode) == ("interrupted\n[1, 2]\n", "", 0)


GROUP = """
import os, signal, time
import mpref
with mpref.get_context("fork").Manager() as manager:
    some = manager.list([1])
    try:
        os.killpg(0, signal.SIGINT)
        time.sleep(30)
    except KeyboardInterrupt:
        print("interrupted")
    some.append(2)
    print(some)
"""


def test_handlers_of_signals_use_proxies_in_the_middle_of_calls(manager: Kitchen) -> None:
    pot, seen = manager.Pot(), manager.list()
    got: list[object] = []
    seen_here: list[object] = []

    def handle(*_: object) -> None:
        got.append(pot.echo("by a handler"))
        seen.append(1)
        seen_here.append(1)

    before = signal.signal(signal.SIGUSR1, handle)
    me, over = threading.main_thread().ident, threading.Event()
    assert me is not None

    def send() -> None:
        sent = 0
        while not over.wait(0.003):
            if len(seen_here) == sent:  # the handler is over: on a busy machine they would be piled up
                sent += 1
                signal.pthread_kill(me, signal.SIGUSR1)

    sending = threading.Thread(target=send)
    sending.start()
    try:
        end = time.monotonic() + 1.0
        while time.monotonic() < end or len(got) < 10:
            assert pot.echo("a call") == "a call"
            assert len(pot.large(200_000)) == 200_000
    finally:
        over.set()
        sending.join()
        signal.signal(signal.SIGUSR1, before)
    assert set(got) == {"by a handler"}
    assert len(seen) == len(got)


class Interrupted(Exception):
    """What a handler raises."""


def test_a_call_in_a_handler_that_is_interrupted_leaves_the_call_behind_it(manager: Kitchen, tmp_path: Path) -> None:
    pot, entered, go, inner = manager.Pot(), tmp_path / "entered", tmp_path / "go", tmp_path / "inner"
    seen = []

    def interrupt(*_: object) -> None:
        raise Interrupted

    def handle(*_: object) -> None:
        try:
            pot.never(str(inner))
        except Interrupted:
            seen.append(pot.echo("a call after that"))
        go.touch()

    with signalled(signal.SIGUSR1, handle, entered.exists), signalled(signal.SIGUSR2, interrupt, inner.exists):
        assert pot.until(str(entered), str(go)) == "it is there"
        assert [pot.echo(number) for number in range(5)] == list(range(5))
    assert seen == ["a call after that"]


@contextlib.contextmanager
def alarm(when: Callable[[], object], error: BaseException) -> Iterator[None]:
    """The main thread gets a signal in the middle of the body, whose handler raises this, and it comes out as it is."""

    def ring(*_: object) -> None:
        raise error

    with at_once(), pytest.raises(type(error)) as raised, signalled(signal.SIGALRM, ring, when):
        yield
    assert raised.value is error


ALARMS = pytest.mark.parametrize(
    "error", [TimeoutError("an alarm"), ConnectionError("an alarm"), EOFError("an alarm")], ids=lambda one: type(one)
)


def asleep() -> bool:
    """Whether the main thread of this process waits for something."""
    return Path(f"/proc/{os.getpid()}/stat").read_text().rpartition(")")[2].split()[0] == "S"


@ALARMS
def test_what_a_handler_raises_during_a_call_is_no_end_of_the_server(
    error: BaseException, manager: Kitchen, tmp_path: Path
) -> None:
    pot = manager.Pot()
    for number in range(3):
        file = tmp_path / str(number)
        with alarm(file.exists, error):
            pot.never(str(file))
        assert pot.echo(number) == number


@ALARMS
def test_what_a_handler_raises_during_a_start_ends_the_start(error: BaseException, tmp_path: Path) -> None:
    file = tmp_path / "entered"

    def linger() -> None:
        file.touch()
        time.sleep(LONG)

    manager = Kitchen(None, KEY, ctx=mpref.get_context("fork"), shutdown_timeout=0.1)
    with alarm(file.exists, error):
        manager.start(linger)
    assert mpref.active_children() == []
    manager.start()
    manager.shutdown()


@ALARMS
def test_what_a_handler_raises_while_nobody_answers_is_no_refusal(error: BaseException) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        manager = Kitchen(silent.getsockname(), KEY)
        with alarm(asleep, error):
            manager.connect()


@ALARMS
def test_what_a_handler_raises_ends_a_server_in_this_process(error: BaseException) -> None:
    server = Kitchen(None, KEY).get_server()
    with alarm(asleep, error):
        server.serve_forever()


def test_what_a_handler_raises_ends_a_wait_for_the_server(manager: Kitchen) -> None:
    for timeout in (None, LONG):
        with alarm(asleep, TimeoutError("an alarm")):
            manager.join(timeout)
    assert manager.Pot().echo(1) == 1
