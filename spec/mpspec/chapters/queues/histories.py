"""Histories of a queue: its producers and consumers run, and what they saw is held against the model."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from typing import Any

from mpspec.chapters.queues.targets import Row, consume, got_rows, produce, put_rows
from mpspec.models import histories
from mpspec.observation.see import See

Report = tuple[str, str, list[Row]]
"""What a producer ("put") or consumer ("got") reports in the end: which of the two, its name, what it saw."""


def observe_processes(
    mp: Any, see: See, queue: Any, producers: Sequence[list[int]], *, consumers: int, maxsize: int = 0
) -> None:
    """Let processes produce items of these sizes and consume them; what they saw is a history that a queue can have."""
    box = see.mailbox()
    getting = [mp.Process(target=consume, args=(box, queue, f"consumer {n}")) for n in range(consumers)]
    putting = [mp.Process(target=produce, args=(box, queue, f"producer {n}", s)) for n, s in enumerate(producers)]
    for child in getting + putting:
        child.start()
    reports = [box.take() for _ in putting]
    for child in putting:
        see.exits(child, 0)
    for _ in getting:
        queue.put(None)
    reports += [box.take() for _ in getting]
    for child in getting:
        see.exits(child, 0)
    _judge(see, reports, sum(map(len, producers)), maxsize)


def observe_threads(see: See, queue: Any, producers: Sequence[list[int]], *, consumers: int, maxsize: int = 0) -> None:
    """The same with threads of this process."""
    reports: list[Report] = []
    getting = [
        threading.Thread(target=lambda name: reports.append(("got", name, got_rows(queue))), args=(f"consumer {n}",))
        for n in range(consumers)
    ]
    putting = [
        threading.Thread(
            target=lambda *a: reports.append(("put", a[0], put_rows(queue, *a))), args=(f"producer {n}", s)
        )
        for n, s in enumerate(producers)
    ]
    for thread in getting + putting:
        thread.daemon = True
        thread.start()
    for thread in putting:
        see.comes_back(thread.join)
    for _ in getting:
        queue.put(None)
    for thread in getting:
        see.comes_back(thread.join)
    _judge(see, reports, sum(map(len, producers)), maxsize)


def _judge(see: See, reports: Iterable[Report], count: int, maxsize: int) -> None:
    seen: dict[str, list[histories.Event]] = {"put": [], "got": []}
    for kind, user, rows in reports:
        seen[kind] += [histories.Event(user, (row[0], row[1]), row[2], row[3]) for row in rows]
    see.equal(len(seen["put"]), count, "the number of items put")
    impossible = histories.first_impossible(seen["put"], seen["got"], maxsize=maxsize)
    see.true(impossible is None, "the history is one that a queue can have", impossible)
