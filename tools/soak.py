"""Let a queue run for long: `python tools/soak.py [--minutes N] [--impl MODULE] [--method METHOD]`.

Four producers put items of mixed sizes, four consumers get them and tell each one; all the time one consumer or
another is killed between two items and replaced. In the end every item was got once and in the order of its
producer, and neither memory nor descriptors have grown. Exit status 0; 1 where that does not hold.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import importlib
import os
import random
import selectors
import signal
import sys
import time
from dataclasses import dataclass, field
from typing import Any

from mpconform import ending

PRODUCERS = CONSUMERS = 4
SIZES = [0, 10, 100, 1_000, 4_080, 5_000, 65_536, 300_000]
GROWTH = 4 << 20
"""Bytes by which the least memory of a process may be more towards the end than in the middle.

Allocators settle within this; one byte kept for each item would exceed it in ten minutes."""


def produce(queue: Any, name: int, until: float) -> None:
    """Put numbered items of random sizes, and in the end one that says how many there were."""
    ending.with_parent()
    sizes = random.Random(name)
    number = 0
    while time.time() < until:
        queue.put((name, number, b"x" * sizes.choice(SIZES)))
        number += 1
    queue.put((name, -1, number))
    queue.close()
    queue.join_thread()


def consume(queue: Any, tell: int) -> None:
    """Get items and tell each; on SIGUSR1 tell that none is in hand, and use the queue no more."""
    ending.with_parent()
    asked = []
    signal.signal(signal.SIGUSR1, lambda *_: asked.append(True))
    os.write(tell, b"ready\n")
    while True:
        item = queue.get()
        if item is None:
            return
        name, number, filler = item
        os.write(tell, b"%d %d %d\n" % (name, number, filler if number < 0 else len(filler)))
        if asked:
            os.write(tell, b"idle\n")
            signal.pause()


@dataclass
class Account:
    """What was got of one producer: everything below `next`, and `ahead`, which overtook on its way to us."""

    next: int = 0
    total: int | None = None
    ahead: set[int] = field(default_factory=set)

    def enter(self, number: int) -> None:
        """Note an item. ValueError: it was got before."""
        if number < self.next or number in self.ahead:
            raise ValueError(f"item {number} was got twice")
        self.ahead.add(number)
        while self.next in self.ahead:
            self.ahead.remove(self.next)
            self.next += 1


class Consumer:
    """A consumer and the pipe on which it tells what it got."""

    def __init__(self, context: Any, queue: Any) -> None:
        self.reading, writing = os.pipe()
        os.set_inheritable(writing, True)
        self.process = context.Process(target=consume, args=(queue, writing), daemon=True)
        self.process.start()
        os.close(writing)
        self.rest = b""
        self.last: dict[int, int] = {}
        self.state = "new"

    def lines(self) -> list[bytes]:
        """What it has told since."""
        data = os.read(self.reading, 1 << 16)
        if not data:
            self.state = "gone"
        *lines, self.rest = (self.rest + data).split(b"\n")
        return lines

    def end(self) -> None:
        """Reap it and give up the pipe."""
        self.process.join()
        os.close(self.reading)


class Soak:
    """One run."""

    def __init__(self, module: str, method: str, minutes: float) -> None:
        self.context = importlib.import_module(module).get_context(method)
        self.until = time.time() + minutes * 60
        self.queue = self.context.Queue(200)
        self.accounts = [Account() for _ in range(PRODUCERS)]
        self.producers = [
            self.context.Process(target=produce, args=(self.queue, n, self.until), daemon=True)
            for n in range(PRODUCERS)
        ]
        self.watched = selectors.DefaultSelector()
        self.kills = 0
        self.chance = random.Random(1)

    def run(self) -> list[str]:
        """Run to the end: what does not hold."""
        for producer in self.producers:
            producer.start()
        for _ in range(CONSUMERS):
            self._hire()
        began = time.time()
        first: dict[str, tuple[int, int]] = {}
        last: dict[str, tuple[int, int]] = {}
        next_kill = next_look = began
        while any(a.total is None or a.next < a.total for a in self.accounts):
            now = time.time()
            if now > self.until + 60:
                return [f"items are missing: {self.accounts}"]
            if now > next_kill and now < self.until:
                self._ask_one()
                next_kill = now + self.chance.uniform(0.02, 0.3)
            for key, _ in self.watched.select(0.1):
                self._hear(key.data)
            span = (now - began) / (self.until - began)
            if now > next_look and (0.4 < span < 0.6 or 0.8 < span < 1):
                next_look = now + (self.until - began) / 60
                self._look(first if span < 0.6 else last)
        self._dismiss()
        faults = [
            f"{who} grew from {first[who]} to {last[who]} (bytes, descriptors)"
            for who in first.keys() & last.keys()
            if last[who][0] - first[who][0] > GROWTH or last[who][1] > first[who][1]
        ]
        total = sum(a.total or 0 for a in self.accounts)
        print(f"{total} items, {self.kills} consumers killed, {time.time() - began:.0f} s")
        return faults

    def _hire(self) -> None:
        consumer = Consumer(self.context, self.queue)
        self.watched.register(consumer.reading, selectors.EVENT_READ, consumer)

    def _ask_one(self) -> None:
        """Ask one of the consumers to stop between two items; one is on its way to that at a time."""
        states = [key.data for key in self.watched.get_map().values()]
        if not any(c.state == "asked" for c in states):
            ready = [c for c in states if c.state == "ready"]
            if ready:
                chosen = self.chance.choice(ready)
                chosen.state = "asked"
                os.kill(chosen.process.pid, signal.SIGUSR1)

    def _hear(self, consumer: Consumer) -> None:
        for line in consumer.lines():
            if line == b"ready":
                consumer.state = "ready"
            elif line == b"idle":
                consumer.process.kill()
                self.kills += 1
                self.watched.unregister(consumer.reading)
                consumer.end()
                self._hire()
                return
            else:
                self._enter(consumer, *map(int, line.split()))

    def _enter(self, consumer: Consumer, name: int, number: int, size: int) -> None:
        if number < 0:
            self.accounts[name].total = size
            return
        if number <= consumer.last.get(name, -1):
            raise ValueError(f"item {number} of producer {name} came after {consumer.last[name]}")
        consumer.last[name] = number
        self.accounts[name].enter(number)

    def _dismiss(self) -> None:
        for _ in range(len(self.watched.get_map())):
            self.queue.put(None)
        for producer in self.producers:
            producer.join()
        for key in list(self.watched.get_map().values()):
            self.watched.unregister(key.fd)
            key.data.end()

    def _look(self, lowest: dict[str, tuple[int, int]]) -> None:
        """Keep the lowest of what this process and the producers have: what waits to be written comes and goes."""
        gc.collect()
        pids = {"the driver": os.getpid(), **{f"producer {n}": p.pid for n, p in enumerate(self.producers)}}
        for who, pid in pids.items():
            with contextlib.suppress(OSError):  # it has just ended
                seen = _private(pid), len(os.listdir(f"/proc/{pid}/fd"))
                before = lowest.get(who, seen)
                lowest[who] = min(seen[0], before[0]), min(seen[1], before[1])


def _private(pid: int) -> int:
    with open(f"/proc/{pid}/smaps_rollup", encoding="utf-8") as lines:
        return sum(int(line.split()[1]) << 10 for line in lines if line.startswith("Private_"))


def main() -> int:
    """Run, and say what does not hold."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--impl", default="mpref", help="the module (default mpref)")
    parser.add_argument("--method", default="fork")
    options = parser.parse_args()
    ending.in_order()
    try:
        faults = Soak(options.impl, options.method, options.minutes).run()
    except ValueError as error:
        faults = [str(error)]
    for fault in faults:
        print(fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
