"""Eight processes on each synchronization primitive, some of them killed while they wait; nobody else may notice.

Run `python tools/stress.py [--minutes M] [--impl mpref] [--method fork] [--seed N] [PRIMITIVE ...]`. Each primitive
gets its share of the time. A line for each; exit status 1 where somebody hung, a wake-up was lost or a count is wrong.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mpconform import ending

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "reference"))

PATIENCE = 15.0
"""Seconds after which one who should have come back counts as hung."""
WORKERS = 4
VICTIMS = 4


class Wrong(Exception):
    """What must not happen; the text says what was seen."""


def kill(process: Any) -> None:
    """Kill a child and wait for its end."""
    os.kill(process.pid, signal.SIGKILL)
    process.join()


def start(mp: Any, target: Callable[..., None], *args: Any) -> Any:
    """Start a daemonic child."""
    process = mp.Process(target=with_this, args=(target, *args), daemon=True)
    process.start()
    return process


def with_this(target: Callable[..., None], *args: Any) -> None:
    """What a child does, for as long as this process lives."""
    ending.with_parent()
    target(*args)


def until(holds: Callable[[], object], what: str) -> None:
    """Wait for a state of shared memory; Wrong where it does not come."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > deadline:
            raise Wrong(f"hung: {what}")
        time.sleep(0.0005)


def asleep(process: Any) -> bool:
    """Whether the process sleeps in the kernel, or has ended."""
    try:
        with open(f"/proc/{process.pid}/stat", encoding="utf-8") as file:
            return file.read().rpartition(")")[2].split()[0] in "SZX"
    except OSError:
        return True


def finish(workers: list[Any], end: Any) -> None:
    """Tell the workers to end and see that they do."""
    end.value = 1
    for worker in workers:
        worker.join(PATIENCE)
        if worker.exitcode != 0:
            raise Wrong(f"a worker did not end: exitcode {worker.exitcode}")


# Lock, RLock, Semaphore, BoundedSemaphore


def enter_often(lock: Any, most: int, counting: Any, inside: Any, total: Any, own: Any, place: int, end: Any) -> None:
    """Enter and leave, counting; a count that is not exact shows that too many were inside.

    counting: excludes those who count, where several may be inside; who counts one after another sees no one moment.
    """
    while not end.value:
        with lock:
            with counting:
                inside.value += 1
                if inside.value > most:
                    os._exit(7)
            if most == 1:
                total.value += 1
            with counting:
                inside.value -= 1
        own[place] += 1


def wait_forever(lock: Any) -> None:
    """Wait for a lock that is not released before this process is killed."""
    lock.acquire()
    os._exit(8)


def exclusion(mp: Any, rng: random.Random, seconds: float, make: Callable[[], Any], most: int) -> str:
    """Workers enter and leave; while this process holds everything, others begin to wait and are killed."""
    lock = make()
    inside, own = mp.RawValue("i", 0), mp.RawArray("q", WORKERS)
    counting = contextlib.nullcontext() if most == 1 else mp.Lock()
    total, end = mp.RawValue("q", 0), mp.RawValue("i", 0)
    workers = [start(mp, enter_often, lock, most, counting, inside, total, own, n, end) for n in range(WORKERS)]
    killed, deadline = 0, time.monotonic() + seconds
    while time.monotonic() < deadline:
        for _ in range(most):
            before = sum(own)
            while not lock.acquire(True, PATIENCE):  # it goes to whom the machine lets run: no turns are promised
                if sum(own) == before:
                    raise Wrong(f"hung: nobody acquires {lock!r}; exitcodes {[one.exitcode for one in workers]}")
                before = sum(own)
        victims = [start(mp, wait_forever, lock) for _ in range(rng.randint(1, VICTIMS))]
        for victim in victims:
            if rng.random() < 0.7:
                until(lambda victim=victim: asleep(victim), "a victim does not come to wait")
            kill(victim)
        if inside.value:
            raise Wrong("somebody is inside beside the owner")
        for _ in range(most):
            lock.release()
        killed += len(victims)
        before = sum(own)
        until(lambda before=before: sum(own) > before, "nobody enters any more")
    finish(workers, end)
    if most == 1 and total.value != sum(own):
        raise Wrong(f"{sum(own)} entries, but {total.value} were counted")
    taken = 0
    while lock.acquire(False) and taken < most + 1 and most > 1:
        taken += 1
    if most > 1 and taken != most:
        raise Wrong(f"{taken} of {most} are free at the end")
    return f"{sum(own)} entries, {killed} killed"


# Condition


def take_items(condition: Any, items: Any, waiting: Any, taken: Any, place: int, end: Any) -> None:
    """Take items that are announced by one notification each."""
    while True:
        with condition:
            while not items.value:
                if end.value:
                    return
                waiting.value += 1
                notified = condition.wait()
                waiting.value -= 1
                if not notified:
                    os._exit(7)
            items.value -= 1
            taken[place] += 1


def wait_in_vain(condition: Any, inside: Any) -> None:
    """Wait for a notification that never comes."""
    with condition:
        inside.value += 1
        condition.wait()
    os._exit(8)


def condition(mp: Any, rng: random.Random, seconds: float) -> str:
    """Each item is announced by notify(1); those who were killed while they waited must not get the notification."""
    cond = mp.Condition(mp.Lock() if rng.random() < 0.5 else None)
    items, waiting, inside, end = (mp.RawValue("q", 0) for _ in range(4))
    taken = mp.RawArray("q", WORKERS)
    workers = [start(mp, take_items, cond, items, waiting, taken, n, end) for n in range(WORKERS)]
    rounds, killed, deadline = 0, 0, time.monotonic() + seconds
    while time.monotonic() < deadline:
        inside.value = 0
        victims = [start(mp, wait_in_vain, cond, inside) for _ in range(rng.randint(0, VICTIMS))]
        until(lambda victims=victims: inside.value == len(victims), "a victim does not come to wait")
        until(lambda: waiting.value == WORKERS, "a worker does not wait")
        with cond:
            for victim in victims:
                kill(victim)
            number = rng.randint(1, WORKERS)
            items.value = number
            cond.notify(number)
        until(lambda: items.value == 0, f"a wake-up is lost: {number} were notified, {items.value} items are left")
        rounds, killed = rounds + number, killed + len(victims)
    with cond:
        end.value = 1
        cond.notify_all()
    finish(workers, end)
    if sum(taken) != rounds:
        raise Wrong(f"{rounds} items, {sum(taken)} taken")
    return f"{rounds} notifications, {killed} killed"


# Event


def answer_event(event: Any, again: Any, seen: Any, place: int, end: Any) -> None:
    """Answer each time that the event is set."""
    while not end.value:
        if event.wait() is not True:
            os._exit(7)
        seen[place] += 1
        if again.wait() is not True:
            os._exit(7)
        seen[place] += 1


def wait_for_event(event: Any) -> None:
    """Wait for the event again and again."""
    while True:
        event.wait()


def event(mp: Any, rng: random.Random, seconds: float) -> str:
    """Two events are set in turn; the workers see each, whoever is killed beside them at any moment."""
    events = [mp.Event(), mp.Event()]
    seen, end = mp.RawArray("q", WORKERS), mp.RawValue("i", 0)
    workers = [start(mp, answer_event, *events, seen, n, end) for n in range(WORKERS)]
    victims = [start(mp, wait_for_event, rng.choice(events)) for _ in range(VICTIMS)]
    rounds, killed, deadline = 0, 0, time.monotonic() + seconds
    while time.monotonic() < deadline or rounds % 2:
        for _ in range(rng.randint(0, 2)):
            victim = victims.pop(rng.randrange(len(victims)))
            kill(victim)
            killed += 1
            victims.append(start(mp, wait_for_event, rng.choice(events)))
        events[(rounds + 1) % 2].clear()
        if rounds % 2 and time.monotonic() >= deadline:
            end.value = 1
        events[rounds % 2].set()
        rounds += 1
        until(lambda rounds=rounds: min(seen) >= rounds, f"a worker does not see round {rounds}: {list(seen)}")
    for victim in victims:
        kill(victim)
    for one in events:
        one.set()
    finish(workers, end)
    return f"{rounds} rounds, {killed} killed"


# Barrier


def pass_often(barrier: Any, passed: Any, place: int, end: Any) -> None:
    """Pass the barrier until the end."""
    while not end.value:
        barrier.wait()
        passed[place] += 1


def pass_once(barrier: Any) -> None:
    """Pass the barrier."""
    barrier.wait()


def barrier(mp: Any, rng: random.Random, seconds: float) -> str:
    """One party is killed again and again while it waits, and replaced; every round takes all living parties."""
    meeting = mp.Barrier(WORKERS + 2)
    passed, end = mp.RawArray("q", WORKERS), mp.RawValue("i", 0)
    workers = [start(mp, pass_often, meeting, passed, n, end) for n in range(WORKERS)]
    rounds, killed, deadline = 0, 0, time.monotonic() + seconds
    while not end.value:
        for _ in range(rng.randint(0, 3)):
            victim = start(mp, pass_once, meeting)
            time.sleep(rng.random() * 0.004)
            kill(victim)
            killed += 1
        sixth = start(mp, pass_once, meeting)
        if min(passed) < rounds or max(passed) > rounds:
            until(lambda rounds=rounds: min(passed) == rounds, f"round {rounds} is not complete: {list(passed)}")
        if time.monotonic() > deadline:
            end.value = 1
        meeting.wait(PATIENCE)
        rounds += 1
        until(lambda rounds=rounds: min(passed) == rounds == max(passed), f"round {rounds}: {list(passed)}")
        sixth.join(PATIENCE)
        if sixth.exitcode != 0:
            raise Wrong(f"the sixth party did not pass: exitcode {sixth.exitcode}")
    finish(workers, end)
    return f"{rounds} rounds, {killed} killed"


def scenarios(mp: Any) -> dict[str, Callable[[random.Random, float], str]]:
    """By primitive: (random numbers, seconds) -> what happened, in a line."""
    return {
        "Lock": lambda rng, seconds: exclusion(mp, rng, seconds, mp.Lock, 1),
        "RLock": lambda rng, seconds: exclusion(mp, rng, seconds, mp.RLock, 1),
        "Semaphore": lambda rng, seconds: exclusion(mp, rng, seconds, lambda: mp.Semaphore(3), 3),
        "BoundedSemaphore": lambda rng, seconds: exclusion(mp, rng, seconds, lambda: mp.BoundedSemaphore(3), 3),
        "Condition": lambda rng, seconds: condition(mp, rng, seconds),
        "Event": lambda rng, seconds: event(mp, rng, seconds),
        "Barrier": lambda rng, seconds: barrier(mp, rng, seconds),
    }


def main() -> int:
    """Stress the primitives one after another."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("primitives", nargs="*", metavar="PRIMITIVE")
    parser.add_argument("--minutes", type=float, default=2.0, help="for each primitive")
    parser.add_argument("--impl", default="mpref", help="the module")
    parser.add_argument("--method", default="fork", choices=["fork", "spawn", "forkserver"])
    parser.add_argument("--seed", type=int, default=None)
    options = parser.parse_args()
    ending.in_order()
    mp = importlib.import_module(options.impl).get_context(options.method)
    every = scenarios(mp)
    unknown = set(options.primitives) - set(every)
    if unknown:
        parser.error(f"no such primitive: {', '.join(sorted(unknown))}; there are {', '.join(every)}")
    seed = options.seed if options.seed is not None else random.randrange(1 << 32)
    failed = 0
    for name in options.primitives or every:
        try:
            result = every[name](random.Random(f"{seed} {name}"), options.minutes * 60)
        except Exception as error:
            failed += 1
            result = f"WRONG: {error!r} (--seed {seed})"
            for process in mp.active_children():
                kill(process)
        print(f"{name}: {result}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
