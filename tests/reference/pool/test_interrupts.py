"""Ctrl-C, which goes to every process of a program: it ends with one traceback, its workers are silent, nothing stays.

It may come at any moment of what the program does: none of these is waited for.
"""

from __future__ import annotations

import _thread
import gc
import os
import signal
import subprocess
import time
import weakref
from pathlib import Path
from typing import Any

import mpref
import pytest
from mpref.connection import descriptor_server
from mpref.joinable_thread import JoinableThread
from mpref.pool import pool

from .programs import METHODS, assert_nothing_is_left, begun, run

pytestmark = pytest.mark.timeout(120, method="signal")

READY = "print('ready', flush=True)"

PHASES = {
    "start": "{ready}; workers = pool(4); time.sleep(1000)",
    "start and end": "{ready}\nwhile True:\n    with pool(2): pass",
    "map": "workers = pool(); {ready}; workers.map(time.sleep, [1000] * 4, 1)",
    "map of many": "workers = pool(); {ready}; workers.map(square, range(10**7), 1)",
    "apply": "workers = pool(); {ready}\nwhile True: workers.apply(square, (3,))",
    "apply_async": "workers = pool(); {ready}\nwhile True: workers.apply_async(square, (3,))",
    "imap": "workers = pool(); {ready}\nfor _ in workers.imap(square, iter(int, 1)): pass",
    "imap_unordered": "workers = pool(); {ready}\nfor _ in workers.imap_unordered(time.sleep, [1000] * 10): pass",
    "with": "with pool() as workers: {ready}; workers.map(square, range(10**7), 1)",
    "idle": "workers = pool(); workers.map(square, range(10), 1); {ready}; time.sleep(1000)",
    "wait": "workers = pool(); result = workers.map_async(time.sleep, [1000] * 4, 1); {ready}; result.wait()",
    "join": "workers = pool(); workers.map_async(time.sleep, [1000] * 4, 1); workers.close(); {ready}; workers.join()",
    "terminate": "{ready}\nwhile True: workers = pool(); workers.map_async(square, range(100), 1); workers.terminate()",
    "finally": "workers = pool()\ntry: {ready}; workers.map(time.sleep, [1000] * 4, 1)\n"
    "finally: workers.terminate(); workers.join()",
    "large arguments": "workers = pool(); {ready}\nwhile True: workers.map(len, [b'x' * 3_000_000] * 4, 1)",
    "large results": "workers = pool(); {ready}\nwhile True: workers.map(bytes, [3_000_000] * 4, 1)",
    "replacement": "workers = pool(2, maxtasksperchild=1); {ready}; workers.map(square, range(10**6), 1)",
}


def program(phase: str) -> str:
    """Return the source of a program that says when it begins with what a phase is about."""
    lines = PHASES[phase].format(ready=READY).splitlines()
    return "\n".join(["def main():", *(f"    {line}" for line in lines)])


def interrupted(one: subprocess.Popen[str]) -> str:
    """Press Ctrl-C, and once more where Python drops what the first raises, in a finalizer: what the program prints."""
    os.killpg(one.pid, signal.SIGINT)
    try:
        return one.communicate(timeout=15)[1]
    except subprocess.TimeoutExpired:
        os.killpg(one.pid, signal.SIGINT)
        return told_at_the_end(one)


def told_at_the_end(one: subprocess.Popen[str]) -> str:
    """What the program has printed at its end, which comes soon; else it is killed, with all its processes."""
    try:
        return one.communicate(timeout=60)[1]
    except subprocess.TimeoutExpired:
        os.killpg(one.pid, signal.SIGKILL)
        raise AssertionError(f"it goes on: {one.communicate()[1]}") from None


@METHODS
@pytest.mark.parametrize("pause", [0, 0.1])
@pytest.mark.parametrize("phase", PHASES)
def test_once(tmp_path: Path, method: str, phase: str, pause: float) -> None:
    one = begun(tmp_path, program(phase), method)
    time.sleep(pause)
    told = interrupted(one)
    assert one.returncode == -signal.SIGINT, told
    assert told.count("Traceback") == 1 + told.count("Exception ignored"), told
    assert told.rstrip().endswith("KeyboardInterrupt"), told
    assert_nothing_is_left(tmp_path)


@METHODS
@pytest.mark.parametrize("phase", ["map", "imap", "apply", "join", "wait", "with"])
def test_twice(tmp_path: Path, method: str, phase: str) -> None:
    one = begun(tmp_path, program(phase), method)
    for pause in (0.05, 0.01):
        time.sleep(pause)
        os.killpg(one.pid, signal.SIGINT)
    told = told_at_the_end(one)
    assert one.returncode == -signal.SIGINT, told
    assert "PoolWorker" not in told, told
    assert_nothing_is_left(tmp_path)


@METHODS
def test_in_the_middle_of_the_exit(tmp_path: Path, method: str) -> None:
    source = """
        def main():
            pool().map_async(time.sleep, [1000] * 4, 1)
            print("ready", flush=True)
    """
    one = begun(tmp_path, source, method)
    os.killpg(one.pid, signal.SIGINT)
    told = told_at_the_end(one)
    assert one.returncode in (0, -signal.SIGINT), told  # a callback of atexit that is interrupted ends no interpreter
    assert told.count("Traceback") <= 1, told
    assert "PoolWorker" not in told, told
    assert_nothing_is_left(tmp_path)


def test_a_handler_that_raises_while_the_thread_is_woken_leaves_it_no_reason_to_sleep_on(tmp_path: Path) -> None:
    source = """
        import types
        import mpref.pool.crew as crew

        class Late(BaseException):
            pass

        def interrupted(descriptor, data):
            if data == b"w":
                crew.os = os
                raise Late
            return os.write(descriptor, data)

        def main():
            workers = pool(1)
            workers.apply(square, (2,))
            while not workers._mpref_crew._hungry:
                time.sleep(0.001)
            crew.os = types.SimpleNamespace(**{**vars(os), "write": interrupted})
            try:
                workers.apply_async(len, (bytes(1 << 20),))  # no worker is given it but by the thread
            except Late:
                assert workers.apply_async(square, (3,)).get(30) == 9
                workers.close()
                workers.join()
            else:
                raise AssertionError("the thread was not woken")
    """
    run(tmp_path, source, "fork")


def test_a_program_that_goes_on_uses_its_pool(tmp_path: Path) -> None:
    source = """
        import random

        class Late(BaseException):
            pass

        def late(*args):
            raise Late

        def forever(workers, how, given):
            while True:
                if how == 0:
                    workers.apply(square, (2,))
                elif how == 1:
                    given.append(workers.apply_async(square, (2,)))
                elif how == 2:
                    workers.map(square, range(20), 1)
                elif how == 3:
                    given[0].next()
                else:
                    workers.apply_async(square, (2,)).get(60)

        def main():
            signal.signal(signal.SIGALRM, late)
            chance = random.Random(1)
            workers = pool()
            for how in list(range(5)) * 40:
                given = [workers.imap(square, range(10**6))] if how == 3 else []
                try:
                    signal.setitimer(signal.ITIMER_REAL, chance.uniform(0.00005, 0.002))
                    forever(workers, how, given)
                except Late:
                    pass
                if how == 3:
                    assert isinstance(given[0].next(30), int)
                else:
                    assert [result.get(30) for result in given] == [4] * len(given)
                assert workers.apply_async(square, (3,)).get(30) == 9
            given = None
            workers.close()
            closed = threading.Thread(target=workers.join)
            closed.start()
            closed.join(0.1)
            workers.terminate()
            closed.join()
    """
    run(tmp_path, source, "fork")
    assert_nothing_is_left(tmp_path)


@pytest.mark.parametrize("pause", [0, 0.05])
def test_at_once_after_a_thread_is_started(pause: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a signal handler raises then is not taken for a thread that could not be started."""

    def raising(start: Any) -> Any:
        def start_and_raise(*given: Any, **named: Any) -> None:
            start(*given, **named)
            time.sleep(pause)
            raise KeyboardInterrupt

        return start_and_raise

    with mpref.get_context("fork").Pool(1):
        pass  # what a process keeps for life is there
    for name in ("start_new_thread", "start_joinable_thread"):
        if hasattr(_thread, name):
            monkeypatch.setattr(_thread, name, raising(getattr(_thread, name)))
    monkeypatch.setattr(descriptor_server, "start_new_thread", _thread.start_new_thread)
    with mpref.Pipe()[0] as near:
        files, running = set(os.listdir("/proc/self/fd")), len(os.listdir("/proc/self/task"))
        with pytest.raises(KeyboardInterrupt):
            mpref.get_context("fork").Pool(2)
        with pytest.raises(KeyboardInterrupt):
            descriptor_server.ticket(near.fileno())
        deadline = time.monotonic() + 30
        while set(os.listdir("/proc/self/fd")) != files or len(os.listdir("/proc/self/task")) > running:
            assert time.monotonic() < deadline, set(os.listdir("/proc/self/fd")) - files
            time.sleep(0.01)
    assert mpref.active_children() == []


def test_before_anybody_has_the_pool(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a signal handler raises then ends the workers: nobody else can."""

    def raising(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(pool, "Finalizer", raising)
    with pytest.raises(KeyboardInterrupt):
        mpref.get_context("fork").Pool(2)
    deadline = time.monotonic() + 30
    while mpref.active_children():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_what_a_thread_has_run_goes_with_its_last_name() -> None:
    class Owner:
        def __init__(self) -> None:
            self.thread = JoinableThread(self.run)

        def run(self) -> None:
            pass

    owner = Owner()
    owner.thread.start()
    owner.thread.join()
    gone = weakref.ref(owner)
    gc.disable()
    try:
        del owner
        deadline = time.monotonic() + 30
        while gone() is not None:  # the thread itself is on its way out
            assert time.monotonic() < deadline
            time.sleep(0.01)
    finally:
        gc.enable()
