"""The work of the children of the chapter queues. Imported by every spawned child, hence next to no imports."""

from __future__ import annotations

import os
import sys
import time

from mpspec.observation.witness import target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from mpspec.observation.mailbox import Gate, Mailbox

Row = tuple[str, int, float, float]
"""One item as its user saw it: producer, number, and the clock before and after the call."""


class Word:
    """An object of the user's, equal to another of the same text."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Word) and other.text == self.text

    __hash__ = None  # type: ignore[assignment]


def threads() -> int:
    """How many threads run in this process: as the kernel tells, or else those that have run Python."""
    try:
        return len(os.listdir("/proc/self/task"))
    except FileNotFoundError:
        return len(sys._current_frames())


@target
def put_all(queue: Any, items: Iterable[Any]) -> None:
    """Put the items, one after the other."""
    for item in items:
        queue.put(item)


@target
def put_all_at(gate: Gate, queue: Any, items: Iterable[Any]) -> None:
    """Wait for the gate, then put the items."""
    gate.wait()
    for item in items:
        queue.put(item)


@target
def put_and_tell(box: Mailbox, queue: Any, items: Iterable[Any]) -> None:
    """Put the items and post how many were put after each of them."""
    for number, item in enumerate(items):
        queue.put(item)
        box.post(number + 1)


@target
def put_and_stay(box: Mailbox, gate: Gate, queue: Any, items: Iterable[Any]) -> None:
    """Put the items, post a message, and wait for the gate before ending."""
    for item in items:
        queue.put(item)
    box.post("put")
    gate.wait()


@target
def put_and_leave(box: Mailbox, queue: Any, items: Iterable[Any], way: str) -> None:
    """Put the items, post "put", and end at once: "return", "exit" or "error"."""
    for item in items:
        queue.put(item)
    box.post("put")
    if way == "exit":
        sys.exit(3)
    if way == "error":
        raise ArithmeticError("a child that ends by an exception")


@target
def put_without_flushing(queue: Any, item: Any) -> None:
    """Put an item and end without waiting for it to be written."""
    queue.cancel_join_thread()
    queue.put(item)


@target
def put_and_give_up_flushing(queue: Any, item: Any) -> None:
    """Put an item, and only then say that nobody waits for it to be written."""
    queue.put(item)
    queue.cancel_join_thread()


@target
def put_join_and_vanish(box: Mailbox, queue: Any, items: Iterable[Any]) -> None:
    """Put the items, post "put", wait until they are written, and end by os._exit()."""
    for item in items:
        queue.put(item)
    queue.close()
    box.post("put")
    queue.join_thread()
    os._exit(0)


@target
def get_and_post(box: Mailbox, queue: Any, count: int) -> None:
    """Get so many items and post each."""
    for _ in range(count):
        box.post(queue.get())


@target
def tell_get_and_post(box: Mailbox, queue: Any) -> None:
    """Post a message, then get one item and post it."""
    box.post("getting")
    box.post(queue.get())


@target
def get_and_post_at(gate: Gate, box: Mailbox, queue: Any, count: int) -> None:
    """Wait for the gate, then get so many items and post the length of each that has one, else the item."""
    gate.wait()
    for _ in range(count):
        item = queue.get()
        box.post(len(item) if isinstance(item, (str, bytes)) else item)


@target
def get_and_stay(box: Mailbox, gate: Gate, queue: Any) -> None:
    """Get one item, post it, and wait for the gate."""
    box.post(queue.get())
    gate.wait()


@target
def get_finish_and_post(box: Mailbox, queue: Any, count: int) -> None:
    """Get so many items of a joinable queue, each finished at once and posted."""
    for _ in range(count):
        item = queue.get()
        queue.task_done()
        box.post(item)


@target
def wait_then_get_finish_and_post(gate: Gate, box: Mailbox, queue: Any, count: int) -> None:
    """The same once the gate is open."""
    gate.wait()
    for _ in range(count):
        item = queue.get()
        queue.task_done()
        box.post(item)


@target
def get_then_finish_at(box: Mailbox, gate: Gate, queue: Any) -> None:
    """Get one item of a joinable queue, post it, and finish it once the gate is open."""
    box.post(queue.get())
    gate.wait()
    queue.task_done()


@target
def join_and_post(box: Mailbox, queue: Any) -> None:
    """Join a joinable queue and tell before and after."""
    box.post("joining")
    queue.join()
    box.post("joined")


@target
def echo(inward: Any, outward: Any) -> None:
    """Hand every item on, until None comes."""
    while True:
        item = inward.get()
        outward.put(item)
        if item is None:
            return


@target
def close_it(queue: Any) -> None:
    """Close the queue in this process."""
    queue.close()


@target
def post_reports(box: Mailbox, queue: Any) -> None:
    """Post what the queue says of itself: qsize, empty, full."""
    box.post((queue.qsize(), queue.empty(), queue.full()))


@target
def post_threads(box: Mailbox, queue: Any) -> None:
    """Ask the queue, if there is one, and post how many threads there are."""
    if queue is not None:
        queue.empty(), queue.full()
    box.post(threads())


@target
def put_by_a_child_of_mine(mp: Any, queue: Any, item: Any) -> None:
    """Start a child that puts the item, and join it."""
    child = mp.Process(target=put_all, args=(queue, [item]))
    child.start()
    child.join()


INHERITED: list[Any] = []
"""The queue that children inherit by fork."""


@target
def put_into_the_inherited(item: Any) -> None:
    """Put an item into the queue that this process finds in a global variable."""
    INHERITED[0].put(item)


def put_rows(queue: Any, producer: str, sizes: Iterable[int]) -> list[Row]:
    """Put one numbered item for each size, and return what was seen."""
    rows: list[Row] = []
    for number, size in enumerate(sizes):
        began = time.monotonic()
        queue.put((producer, number, b"x" * size))
        rows.append((producer, number, began, time.monotonic()))
    return rows


def got_rows(queue: Any) -> list[Row]:
    """Get numbered items until None comes, and return what was seen."""
    rows: list[Row] = []
    while True:
        began = time.monotonic()
        item = queue.get()
        if item is None:
            return rows
        rows.append((item[0], item[1], began, time.monotonic()))


@target
def produce(box: Mailbox, queue: Any, producer: str, sizes: list[int]) -> None:
    """Put numbered items and post what was seen."""
    box.post(("put", producer, put_rows(queue, producer, sizes)))


@target
def consume(box: Mailbox, queue: Any, consumer: str) -> None:
    """Get numbered items until None comes and post what was seen."""
    box.post(("got", consumer, got_rows(queue)))
