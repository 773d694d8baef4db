"""Condition, Event and Barrier survive those who die in them, and nothing is left of any primitive after any death."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mpref
import pytest
from mpref import waiting

LONG = 20.0
END = (
    "return",
    "raise",
    "exit",
    "SIGTERM child",
    "SIGKILL child",
    "SIGTERM",
    "SIGKILL",
    "tracker",
    "tracker, then all",
)


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
    monkeypatch.setattr(waiting, "RECHECK", 0.05)
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
    monkeypatch.setattr(waiting, "CAPACITY", 2)
    lot = waiting.Lot()
    lot.enter()
    lot.enter()
    with pytest.raises(RuntimeError, match="no more than 2"):
        lot.enter()


def test_the_error_of_a_condition_is_that_of_threading_and_of_the_standard_library() -> None:
    for kind in (RuntimeError, AssertionError):
        with pytest.raises(kind, match="acquire it first"):
            mpref.Condition().notify()


PROGRAM = """
import os, signal, sys, time
import mpref

def work(things, gate):
    for thing in things[:4]:
        with thing:
            pass
    with things[4]:
        things[4].notify_all()
    print("child", os.getpid(), sum("/dev/shm" in line for line in open("/proc/self/maps")), flush=True)
    things[6].wait()
    things[5].wait()

if __name__ == "__main__":
    method, end = sys.argv[1:]
    mp = mpref.get_context(method)
    things = [mp.Lock(), mp.RLock(), mp.Semaphore(), mp.BoundedSemaphore(), mp.Condition(), mp.Event(), mp.Barrier(2)]
    things += [mp.RawArray("b", 10), mp.RawArray("b", 5000000), mp.Value("d", 1.5)]
    child = mp.Process(target=work, args=(things, None))
    child.start()
    things[6].wait()
    from mpref.launch import tracker
    handle = tracker._handle
    print("tracker", handle.pid if handle else 0, flush=True)
    if "tracker" in end:
        print("ready", flush=True)
        sys.stdin.readline()
    if end in ("SIGTERM child", "SIGKILL child"):
        os.kill(child.pid, getattr(signal, end.split()[0]))
    elif end in ("SIGTERM", "SIGKILL"):
        os.kill(os.getpid(), getattr(signal, end))
        time.sleep(60)
    elif end == "tracker, then all":
        os.kill(child.pid, signal.SIGKILL)
        os.kill(os.getpid(), signal.SIGKILL)
    things[5].set()
    child.join()
    if end == "raise":
        raise LookupError("the end")
    if end == "exit":
        os._exit(3)
"""


@pytest.mark.parametrize("end", END)
def test_nothing_is_left(method: str, end: str, save: Any, tmp_path: Path, environment: dict[str, str]) -> None:
    before = set(os.listdir("/dev/shm"))
    folder = tmp_path / "temporary"
    folder.mkdir()
    environment["TMPDIR"] = str(folder)
    program = subprocess.Popen(
        [sys.executable, str(save(PROGRAM)), method, end],
        env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert program.stdin is not None
    assert program.stdout is not None
    told: dict[str, list[int]] = {}
    while len(told) < (3 if "tracker" in end else 2):
        name, *numbers = program.stdout.readline().split()
        told[name] = [int(number) for number in numbers]
    child, files = told["child"]
    tracker = told["tracker"][0]
    if "tracker" in end:
        if tracker:
            os.kill(tracker, signal.SIGKILL)
        program.stdin.write("\n")
    program.stdin.close()
    try:
        program.wait(LONG)
    finally:
        if end in ("SIGTERM", "SIGKILL") and Path(f"/proc/{child}").exists():
            os.kill(child, signal.SIGKILL)
    until(lambda: not any(Path(f"/proc/{pid}/fd").is_dir() and os.path.exists(f"/proc/{pid}/exe") for pid in (child,)))
    assert files == 0, "no primitive has a file with a name, not even for a moment"
    assert not [name for name in set(os.listdir("/dev/shm")) - before if "mpref" in name]
    assert list(folder.iterdir()) == []
    if tracker:
        until(lambda: not os.path.exists(f"/proc/{tracker}/exe"))
    program.stdout.close()
    assert program.stderr is not None
    program.stderr.close()
