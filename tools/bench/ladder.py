"""What messages cost by their size: there and back over a pipe and over queues, and one way through a queue.

Run it as it is and with `--pin`: two cores show the wake-ups as well, one core what a message takes.
"""

from __future__ import annotations

from typing import Any

import clock
from floors import messages_of
from paired import BESIDE, FLOOR, MEASURES, Run, implementation, main, measure
from sizes import SIZES, repetitions

WARM = 5
"""Messages that do not count."""

FORK = "fork"
EXACT = ("stdlib", "reference")


def send_back(end: Any, count: int) -> None:
    """Send so many objects back."""
    for _ in range(count):
        end.send(end.recv())


def send_bytes_back(end: Any, count: int) -> None:
    """Send so many messages of bytes back."""
    for _ in range(count):
        end.send_bytes(end.recv_bytes())


def put_back(there: Any, back: Any, count: int) -> None:
    """Put so many items into the other queue."""
    for _ in range(count):
        back.put(there.get())


def get_all(there: Any, back: Any, count: int) -> None:
    """Get so many items, and say when the first and the last ones have come."""
    for _ in range(WARM):
        there.get()
    back.put(None)
    for _ in range(count - WARM):
        there.get()
    back.put(None)


def round_trips(child: Any, send: Any, receive: Any, thing: object, count: int) -> float:
    """Microseconds for each of so many round trips."""
    for _ in range(WARM):
        send(thing)
        receive()
    began = clock.now(child.pid)
    for _ in range(count):
        send(thing)
        receive()
    return (clock.now(child.pid) - began) / count * 1e6


def pipe(module: str, size: int, count: int) -> float:
    """Objects there and back over a Pipe()."""
    mp = implementation(module, FORK)
    here, there = mp.Pipe()
    child = mp.Process(target=send_back, args=(there, WARM + count))
    child.start()
    spent = round_trips(child, here.send, here.recv, b"x" * size, count)
    child.join()
    return spent


def pipe_of_bytes(module: str, size: int, count: int) -> float:
    """Bytes there and back over a Pipe()."""
    mp = implementation(module, FORK)
    here, there = mp.Pipe()
    child = mp.Process(target=send_bytes_back, args=(there, WARM + count))
    child.start()
    spent = round_trips(child, here.send_bytes, here.recv_bytes, b"x" * size, count)
    child.join()
    return spent


def queue_round_trip(module: str, size: int, count: int) -> float:
    """Items there and back over two queues."""
    mp = implementation(module, FORK)
    there, back = mp.Queue(), mp.Queue()
    child = mp.Process(target=put_back, args=(there, back, WARM + count))
    child.start()
    spent = round_trips(child, there.put, back.get, b"x" * size, count)
    child.join()
    return spent


def queue_stream(module: str, size: int, count: int) -> float:
    """Items one way, until the last one is got."""
    mp = implementation(module, FORK)
    there, back = mp.Queue(), mp.Queue()
    child = mp.Process(target=get_all, args=(there, back, WARM + count))
    child.start()
    item = b"x" * size
    for _ in range(WARM):
        there.put(item)
    back.get()
    began = clock.now(child.pid)
    for _ in range(count):
        there.put(item)
    back.get()
    spent = (clock.now(child.pid) - began) / count * 1e6
    child.join()
    return spent


KINDS = {"pipe": pipe, "bytes": pipe_of_bytes, "queue": queue_round_trip, "stream": queue_stream}
GOALS = {"pipe": 0.80, "bytes": 0.80, "queue": 0.60, "stream": 0.60}
"""On one core, below 64 KB."""
MOST_ALLOWED = 1.0
"""From 64 KB on."""


def _enter(kind: str, size: int) -> None:
    goal = GOALS[kind] if size < 1 << 16 else MOST_ALLOWED
    floor = messages_of(size, back=kind != "stream", pipes=kind in ("queue", "stream"))

    @measure(f"{kind} {size}", unit="us", count=repetitions(size), goal=goal, floor=floor, only=EXACT)
    def take(module: str, count: int) -> float:
        return KINDS[kind](module, size, count)


for _kind in KINDS:
    for _size in SIZES:
        _enter(_kind, _size)


def grid(python: str, run: Run) -> None:
    """Print a line for each size, as Markdown. A cell: ratio to the stdlib [lowest, highest], the floor's behind it."""
    known = run.known(python)
    columns = [i for i in (BESIDE, "reference", FLOOR) if i in known or i == FLOOR]
    print(f"\n{run.headline(python)}; ratio to the stdlib: {', '.join(columns)}; stdlib in us\n")
    print("| bytes |" + "".join(f" {kind} |" for kind in KINDS))
    print("|---:|" + "---|" * len(KINDS))
    for size in SIZES:
        cells = []
        for kind in KINDS:
            taken = MEASURES[f"{kind} {size}"]
            cells.append(_cell(run, run.figures(python, taken, known), columns) if taken in run.measures else "")
        if any(cells):
            print(f"| {size} | " + " | ".join(cells) + " |", flush=True)


def _cell(run: Run, figures: dict[str, list[float]], columns: list[str]) -> str:
    import statistics

    parts = []
    for column in columns:
        ratio = run.ratio(figures, column)
        if ratio is None:
            parts.append("-")
        elif column == FLOOR:
            parts.append(f"({ratio[0]:.2f})")
        else:
            parts.append(f"{ratio[0]:.2f} [{ratio[1]:.2f}, {ratio[2]:.2f}]")
    stdlib = f"{statistics.median(figures['stdlib']):.0f}" if figures["stdlib"] else "-"
    return f"{' → '.join(parts[:-1])} {parts[-1]} {stdlib}"


main(__name__, __file__, grid)
