"""What children of the clauses on proxies run. Imported by every spawned child, hence next to no imports."""

from __future__ import annotations

from mpspec.chapters.managers.shared_objects import Slow, Tells
from mpspec.observation.witness import target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from mpspec.observation.mailbox import Gate, Mailbox


def outcome(function: Any, *args: Any) -> str:
    """What comes of the call: the name of its exception, or 'returned' and what."""
    try:
        return f"returned {function(*args)!r}"
    except Exception as error:
        return type(error).__name__


# Children


@target
def nothing(*args: Any) -> None:
    """Return at once, whatever the arguments."""


@target
def post_text(box: Mailbox, proxy: Any) -> None:
    """Post what str() gives for the proxy."""
    box.post(str(proxy))


@target
def post_outcome(box: Mailbox, proxy: Any, method: str, *args: Any) -> None:
    """Call the method of the proxy, and post what comes of it."""
    box.post(outcome(getattr(proxy, method), *args))


@target
def call_and_post(box: Mailbox, proxy: Any, method: str, *args: Any) -> None:
    """Post 'begin', call the method of the proxy, however long that takes, and post what comes of it."""
    box.post("begin")
    box.post(outcome(getattr(proxy, method), *args))


@target
def fill(mapping: Any, sequence: Any) -> None:
    """Store in the one, append to the other and turn it around."""
    mapping["one"] = 1
    mapping[2] = "two"
    sequence.append("last")
    sequence.reverse()


@target
def append_all(sequence: Any, items: Iterable[Any]) -> None:
    """Append the items, one after the other."""
    for item in items:
        sequence.append(item)


@target
def append_slowly(box: Mailbox, gate: Gate, sequence: Any, item: Any) -> None:
    """Append the item, which posts 'sending' and waits at the gate on its way, and append it once more."""
    sequence.append(Slow(box, gate, item))
    sequence.append(item)


@target
def put_all(queue: Any, items: Iterable[Any]) -> None:
    """Put the items, one after the other."""
    for item in items:
        queue.put(item)


@target
def put_all_and_say_so(box: Mailbox, queue: Any, items: Iterable[Any]) -> None:
    """Post 'begin', and put the items, one after the other."""
    box.post("begin")
    put_all(queue, items)


@target
def get_all(box: Mailbox, queue: Any) -> None:
    """Get items until None comes, and post them."""
    items = []
    while (item := queue.get()) is not None:
        items.append(item)
    box.post(items)


@target
def hold(box: Mailbox, lock: Any, gate: Gate) -> None:
    """Acquire the lock, post what acquire() returns, wait at the gate, release it, post 'released'."""
    box.post(lock.acquire())
    gate.wait()
    lock.release()
    box.post("released")


@target
def hold_often(box: Mailbox, lock: Any, gates: list[Gate]) -> None:
    """Acquire the lock as often as there are gates, post that; as each opens, release it once and post 'released'."""
    box.post([lock.acquire() for _ in gates])
    for gate in gates:
        gate.wait()
        lock.release()
        box.post("released")


@target
def add_to_file(box: Mailbox, gate: Gate, lock: Any, path: str) -> None:
    """Post 'begin'; with the lock read a number in the file, post it, wait at the gate, and write the next one."""
    box.post("begin")
    with lock, open(path, "r+", encoding="utf-8") as file:
        number = int(file.read())
        box.post(number)
        gate.wait()
        file.seek(0)
        file.write(str(number + 1))


@target
def wait_and_post(box: Mailbox, condition: Any) -> None:
    """Wait on the condition: post 'waiting' while the lock is held, then what wait() returns."""
    with condition:
        box.post("waiting")
        box.post(condition.wait())


@target
def wait_for_event_under_a_lock(box: Mailbox, condition: Any, event: Any) -> None:
    """Wait on the condition until the event is set: post 'waiting' while the lock is held, and what comes back."""
    with condition:
        box.post("waiting")
        box.post(condition.wait_for(event.is_set))


@target
def set_attribute(proxy: Any, name: str, value: Any) -> None:
    """Set an attribute of the proxy."""
    setattr(proxy, name, value)


@target
def post_keys(box: Mailbox, mapping: Any) -> None:
    """Iterate over the mapping, and post its keys, sorted."""
    box.post(sorted(mapping))


@target
def append_to_the_result(box: Mailbox, proxy: Any, method: str) -> None:
    """Call the method of the proxy, append to what it returns, and post its representation."""
    result = getattr(proxy, method)()
    result.append("child")
    box.post(str(result))


@target
def post_attribute(box: Mailbox, proxy: Any, name: str) -> None:
    """Post what comes of reading the attribute of the proxy."""
    box.post(outcome(getattr, proxy, name))


@target
def multiply_items(sequence: Any, factor: int) -> None:
    """Multiply each item of the sequence, in place."""
    for index in range(len(sequence)):
        sequence[index] = sequence[index] * factor


@target
def add_item(shared: Any, item: Any) -> None:
    """Add the item to the set."""
    shared.add(item)


@target
def append_at_depth(proxy: Any, depth: int, item: Any) -> None:
    """Follow the first items that deep, and append the item there."""
    for _ in range(depth):
        proxy = proxy[0]
    proxy.append(item)


@target
def hand_on(mp: Any, sequence: Any) -> None:
    """Have a child of one's own append to the sequence, and append to it afterwards."""
    child = mp.Process(target=append_all, args=(sequence, ["grandchild"]))
    child.start()
    child.join()
    sequence.append("child")


@target
def append_to_what_comes(channel: Any, method: str) -> None:
    """Take a proxy out of a channel, by get() or recv(), and append to what it refers to."""
    getattr(channel, method)().append("child")


@target
def keep(box: Mailbox, gate: Gate, proxy: Any) -> None:
    """Post 'kept', wait at the gate with the proxy, and post what its method touch() returns."""
    box.post("kept")
    gate.wait()
    box.post(proxy.touch())


INHERITED: list[Any] = []
"""The proxy that children inherit by fork."""


@target
def get_from_the_inherited(box: Mailbox) -> None:
    """Get from the queue in a global variable and post that, post 'waits', and do so once more."""
    box.post(INHERITED[0].get())
    box.post("waits")
    box.post(INHERITED[0].get())


@target
def append_to_each(sequences: list[Any]) -> None:
    """Append to each sequence its number."""
    for number, sequence in enumerate(sequences):
        sequence.append(number)


@target
def post_outcome_of_item(box: Mailbox, mapping: Any, key: str, method: str, *args: Any) -> None:
    """Call the method of an item of the mapping, and post what comes of it."""
    box.post(outcome(getattr(mapping[key], method), *args))


@target
def manage(mp: Any, box: Mailbox, gate: Gate) -> None:
    """Make a manager, post the id of its server process, and end without a word once the gate opens."""
    manager = mp.Manager()
    manager.Barrier(1, Tells(box)).wait()
    gate.wait()
