"""Condition, Event and Barrier survive those who die in them."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from typing import Any

import mpref
import pytest
from mpref.memory import parking_lot
from mpspec.observation import procfs

LONG = 20.0


def until(holds: Callable[[], object]) -> None:
    """Wait for a state that no event tells."""
    deadline = time.monotonic() + LONG
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def started(target: Callable[..., None], *args: Any) -> Any:
    """A child by fork that runs the target."""
    child = mpref.get_context("fork").Process(target=target, args=args, daemon=True)
    child.start()
    return child


class Interrupted:
    """The lock of a condition, with an interrupt at the moment at which it has become free."""

    def __init__(self, lock: Any) -> None:
        self._lock = lock

    def __getattr__(self, name: str) -> Any:
        return getattr(self._lock, name)

    def release(self) -> None:
        """Release it and raise KeyboardInterrupt."""
        self._lock.release()
        raise KeyboardInterrupt


def wait_on(condition: Any, done: Any) -> None:
    """Wait to be notified and count it."""
    with condition:
        if condition.wait(LONG):
            done.value += 1


def wait_for(event: Any, done: Any) -> None:
    """Wait for the event and count it."""
    if event.wait(LONG):
        done.release()


def kill(process: Any) -> None:
    """Kill a child and leave it a zombie, so that its id still exists."""
    os.kill(process.pid, signal.SIGKILL)
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)


def number_waiting(primitive: Any) -> int:
    """How many are in the primitive, dead or alive."""
    return len(primitive._lot.waiting())


def test_a_notification_does_not_go_to_the_dead() -> None:
    condition, done = mpref.Condition(), mpref.RawValue("i", 0)
    waiters = []
    for number in range(4):
        waiters.append(started(wait_on, condition, done))
        until(lambda number=number: number_waiting(condition) == number + 1)
    for dead in waiters[:2]:
        kill(dead)
    with condition:
        condition.notify(2)
    for waiter in waiters:
        waiter.join(LONG)
    assert done.value == 2


def test_an_event_wakes_the_living_beside_the_dead() -> None:
    event, done = mpref.Event(), mpref.Semaphore(0)
    waiters = [started(wait_for, event, done) for _ in range(4)]
    until(lambda: number_waiting(event) == 4)
    for dead in waiters[:2]:
        kill(dead)
    event.set()
    assert done.acquire(True, LONG)
    assert done.acquire(True, LONG)
    for waiter in waiters:
        waiter.join(LONG)
    assert not done.acquire(False)


def test_one_that_died_at_a_barrier_no_longer_counts() -> None:
    barrier = mpref.Barrier(2)
    dead = started(barrier.wait)
    until(lambda: barrier.n_waiting == 1)
    kill(dead)
    assert barrier.n_waiting == 0
    living = started(barrier.wait)
    until(lambda: barrier.n_waiting == 1)
    assert barrier.wait(LONG) in (0, 1)
    living.join(LONG)
    assert living.exitcode == 0
    dead.join()


def test_the_guard_of_a_killed_process_is_free() -> None:
    event = mpref.Event()

    def hold() -> None:
        with event._guard:
            entered.release()
            time.sleep(LONG)

    entered = mpref.Semaphore(0)
    holder = started(hold)
    assert entered.acquire(True, LONG)
    kill(holder)
    event.set()
    assert event.is_set()
    holder.join()


def test_a_signal_handler_may_set_the_event_that_it_interrupts() -> None:
    event = mpref.Event()
    before = signal.signal(signal.SIGUSR1, lambda *_: event.set())
    try:
        with event._guard:
            signal.raise_signal(signal.SIGUSR1)
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert event.is_set()
    child = started(event.set)
    child.join(LONG)
    assert child.exitcode == 0, "the guard is free again"


def test_who_waits_for_the_guard_can_be_interrupted() -> None:
    event, entered = mpref.Event(), mpref.Semaphore(0)

    def hold() -> None:
        with event._guard:
            entered.release()
            time.sleep(LONG)

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    holder = started(hold)
    assert entered.acquire(True, LONG)
    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        with pytest.raises(KeyboardInterrupt):  # noqa: PT012 - it comes while set() waits
            signal.setitimer(signal.ITIMER_REAL, 0.1)
            event.set()
    finally:
        signal.signal(signal.SIGALRM, before)
        kill(holder)
        holder.join()


def test_a_barrier_whose_last_party_is_killed_in_its_action_waits_for_another() -> None:
    home = os.getpid()

    def die() -> None:
        if os.getpid() != home:
            os.kill(os.getpid(), signal.SIGKILL)

    barrier = mpref.Barrier(2, die)
    first = started(wait_three_times, barrier)
    until(lambda: barrier.n_waiting == 1)
    started(barrier.wait).join(LONG)
    assert barrier.wait(LONG) == 1
    first.join(LONG)
    assert first.exitcode == 0


def wait_three_times(barrier: Any) -> None:
    """Pass once."""
    barrier.wait()


def test_what_was_decided_is_done_although_he_who_decided_was_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parking_lot, "RECHECK", 0.05)
    barrier, done = mpref.Barrier(3), mpref.Semaphore(0)

    def pass_it() -> None:
        barrier.wait()
        done.release()

    def decide_and_die() -> None:
        barrier._finish = lambda: None
        try:
            barrier.wait()
        finally:
            os.kill(os.getpid(), signal.SIGKILL)

    waiters = [started(pass_it) for _ in range(2)]
    until(lambda: barrier.n_waiting == 2)
    started(decide_and_die).join(LONG)
    assert done.acquire(True, LONG)
    assert done.acquire(True, LONG)
    for waiter in waiters:
        waiter.join(LONG)


def test_a_place_of_the_dead_is_given_to_another() -> None:
    event = mpref.Event()
    for _ in range(3):
        waiters = [started(event.wait) for _ in range(5)]
        until(lambda: number_waiting(event) >= 5)
        for waiter in waiters:
            kill(waiter)
            waiter.join()
        event.set()
        event.clear()
    assert event._lot.words[0] <= 10


def test_too_many_waiters_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parking_lot, "CAPACITY", 2)
    lot = parking_lot.ParkingLot()
    lot.enter()
    lot.enter()
    with pytest.raises(RuntimeError, match="no more than 2"):
        lot.enter()


def test_the_error_of_a_condition_is_that_of_threading_and_of_the_standard_library() -> None:
    for kind in (RuntimeError, AssertionError):
        with pytest.raises(kind, match="acquire it first"):
            mpref.Condition().notify()


def test_whom_a_notifier_has_called_wakes_though_an_interrupt_strikes_as_the_lock_is_freed() -> None:
    condition, done = mpref.Condition(), mpref.RawValue("i", 0)
    waiter = threading.Thread(target=wait_on, args=(condition, done), daemon=True)
    waiter.start()
    until(condition._lot.waiting)
    until(lambda: procfs.thread_sleeps(os.getpid(), waiter.native_id or 0, 0.01))
    condition.acquire()
    condition.notify()
    lock, condition._lock = condition._lock, Interrupted(condition._lock)
    with pytest.raises(KeyboardInterrupt):
        condition.release()
    condition._lock = lock
    waiter.join(LONG / 2)
    assert done.value == 1
