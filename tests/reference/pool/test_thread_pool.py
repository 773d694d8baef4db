"""A ThreadPool: its threads end when they are told to, and what they cannot do is said."""

from __future__ import annotations

import threading

import pytest
from mpref.errors import ProcessError
from mpref.pool import BrokenPool, ThreadPool
from mpref.pool.threads import Threads

pytestmark = pytest.mark.timeout(60, method="signal")


def threads() -> set[threading.Thread]:
    return set(threading.enumerate())


def test_the_threads_have_ended_when_join_returns() -> None:
    before = threads()
    for _ in range(50):
        pool = ThreadPool(3)
        assert pool.map(abs, range(-3, 0)) == [3, 2, 1]
        pool.close()
        pool.join()
        assert threads() == before


def test_the_threads_that_have_nothing_to_do_have_ended_when_terminate_returns() -> None:
    before = threads()
    for _ in range(50):
        with ThreadPool(3) as pool:
            assert pool.map(abs, range(-3, 0)) == [3, 2, 1]
        assert len(threads() - before) <= 3  # one that has just given its result may still be about to look for more
        pool.join()
        assert threads() == before
    with ThreadPool(3, threading.Event().set) as pool:
        assert pool.apply(abs, (-1,)) == 1
    pool.join()


def test_a_call_that_goes_on_holds_up_join_and_not_terminate() -> None:
    begun, gate = threading.Event(), threading.Event()

    def wait_there() -> None:
        begun.set()
        gate.wait()

    pool = ThreadPool(2)
    result = pool.apply_async(wait_there)
    begun.wait()
    pool.terminate()
    with pytest.raises(BrokenPool, match="terminated"):
        result.get(10)
    joining = threading.Thread(target=pool.join)
    joining.start()
    joining.join(0.1)
    assert joining.is_alive()
    gate.set()
    joining.join(10)
    assert not joining.is_alive()


def test_a_task_may_end_and_join_its_own_pool() -> None:
    pool = ThreadPool(2)

    def end() -> None:
        pool.terminate()
        pool.join()

    with pytest.raises(BrokenPool):
        pool.apply(end)
    pool.join()


def test_a_pool_whose_threads_cannot_be_started_leaves_none(monkeypatch: pytest.MonkeyPatch) -> None:
    before = threads()
    started: list[threading.Thread] = []
    start = threading.Thread.start

    def third_fails(thread: threading.Thread) -> None:
        if len(started) == 2:
            raise RuntimeError("can't start new thread")
        started.append(thread)
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", third_fails)
    with pytest.raises(RuntimeError, match="new thread"):
        Threads(4, None, ())
    for thread in started:
        thread.join(10)
    assert threads() == before


def test_a_callback_that_goes_on_does_not_hold_up_terminate() -> None:
    begun, gate = threading.Event(), threading.Event()

    def stay(_: object) -> None:
        begun.set()
        gate.wait()

    pool = ThreadPool(2)
    stuck = pool.apply_async(abs, (-1,), callback=stay)
    begun.wait()
    other = pool.apply_async(abs, (-2,))
    pool.terminate()
    assert not stuck.ready()
    gate.set()
    assert stuck.get(10) == 1
    with pytest.raises(BrokenPool, match="terminated"):
        other.get(10)
    pool.join()


def test_a_callback_may_terminate_its_pool() -> None:
    pool = ThreadPool(2)
    gate = threading.Event()
    other = pool.apply_async(gate.wait)
    result = pool.apply_async(abs, (-1,), callback=lambda _: pool.terminate())
    for one in (result, other):
        with pytest.raises(BrokenPool, match="terminated"):
            one.get(10)
    gate.set()
    pool.join()


def test_who_leaves_a_task_by_an_exit_leaves_the_task_alone() -> None:
    with ThreadPool(1) as pool:
        for error in (SystemExit(3), KeyboardInterrupt(), GeneratorExit()):

            def leave(error: BaseException = error) -> None:
                raise error

            with pytest.raises(ProcessError, match=type(error).__name__) as caught:
                pool.apply(leave)
            assert caught.value.__cause__ is error
        assert pool.apply(abs, (-1,)) == 1
    pool.join()
