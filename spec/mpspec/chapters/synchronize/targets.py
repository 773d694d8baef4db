"""The work of the children of the chapter synchronize. Imported by every spawned child, hence next to no imports."""

from __future__ import annotations

from mpspec.observation.witness import target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from mpspec.observation.mailbox import Gate, Mailbox


def notify(condition: Any, *args: int) -> None:
    """notify() of the condition, with its lock."""
    with condition:
        condition.notify(*args)


def outcome(function: Any, *args: Any) -> str:
    """What comes of the call: the name of its exception, or 'returned' and what."""
    try:
        return f"returned {function(*args)!r}"
    except Exception as error:
        return type(error).__name__


@target
def nothing(*args: Any) -> None:
    """Return at once, whatever the arguments."""


@target
def post_outcome(box: Mailbox, thing: Any, method: str, *args: Any) -> None:
    """Call the method of the thing, and post what comes of it."""
    box.post(outcome(getattr(thing, method), *args))


@target
def try_to_acquire(box: Mailbox, lock: Any) -> None:
    """Post whether the lock can be acquired without blocking; release it then."""
    taken = lock.acquire(False)
    if taken:
        lock.release()
    box.post(taken)


@target
def acquire_and_post(box: Mailbox, lock: Any) -> None:
    """Post 'begin', acquire the lock, however long that takes, post 'acquired', release it."""
    box.post("begin")
    with lock:
        box.post("acquired")


@target
def hold(box: Mailbox, lock: Any, gate: Gate) -> None:
    """Acquire the lock, post 'held', wait at the gate, release it, post 'released'."""
    lock.acquire()
    box.post("held")
    gate.wait()
    lock.release()
    box.post("released")


@target
def acquire_and_end(box: Mailbox, lock: Any) -> None:
    """Acquire the lock and end without releasing it."""
    box.post(lock.acquire())


# Lock, RLock, Semaphore


@target
def add_to_file(lock: Any, path: str, times: int) -> None:
    """Add one to the number in the file that often, each time by reading and writing, with the lock."""
    for _ in range(times):
        with lock, open(path, "r+", encoding="utf-8") as file:
            number = int(file.read())
            file.seek(0)
            file.write(str(number + 1))


@target
def acquire_twice(box: Mailbox, lock: Any) -> None:
    """Acquire the lock, post 'once', acquire it again, post 'twice'."""
    lock.acquire()
    box.post("once")
    lock.acquire()
    box.post("twice")


@target
def hold_twice(box: Mailbox, lock: Any, first: Gate, second: Gate) -> None:
    """Acquire the lock twice, post 'held'; at each gate that opens, release it once and post 'released'."""
    lock.acquire()
    lock.acquire()
    box.post("held")
    for gate in (first, second):
        gate.wait()
        lock.release()
        box.post("released")


@target
def acquire_again(box: Mailbox, lock: Any) -> None:
    """Acquire the lock three times, release it three times, and post what each call returns and a fourth raises."""
    acquired = [lock.acquire(), lock.acquire(False), lock.acquire(True, 0)]
    box.post([*acquired, *(lock.release() for _ in range(3)), outcome(lock.release)])


@target
def release_times(semaphore: Any, times: int) -> None:
    """Release the semaphore that often."""
    for _ in range(times):
        semaphore.release()


# Condition, Event, Barrier


@target
def wait_and_post(box: Mailbox, condition: Any) -> None:
    """Wait on the condition: post 'waiting' while the lock is held, then what wait() returns."""
    with condition:
        box.post("waiting")
        box.post(condition.wait())


@target
def notify_there(condition: Any) -> None:
    """Notify one waiter of the condition."""
    notify(condition)


@target
def fetch(box: Mailbox, condition: Any, stock: Any) -> None:
    """Wait until the stock, a shared number, is positive; take one and post it. A message before says that it waits."""
    with condition:
        box.post("waiting")
        condition.wait_for(lambda: stock.value > 0)
        stock.value -= 1
        box.post(stock.value)


@target
def wait_for_event(box: Mailbox, event: Any) -> None:
    """Post 'begin', wait for the event, post what wait() returns."""
    box.post("begin")
    box.post(event.wait())


@target
def wait_on_and_on(box: Mailbox, event: Any) -> None:
    """Wait for the event again and again, and post what wait() returns."""
    while True:
        box.post(event.wait())


@target
def pass_and_post(box: Mailbox, barrier: Any) -> None:
    """Wait at the barrier, and post what comes of it."""
    box.post(outcome(barrier.wait))


@target
def pass_often(box: Mailbox, barrier: Any, times: int) -> None:
    """Pass the barrier that often and post the numbers that wait() returns."""
    box.post([barrier.wait() for _ in range(times)])


def post_action(box: Mailbox) -> None:
    """An action that a pickled barrier can carry: post 'action'."""
    box.post("action")


class ActionFor:
    """An action that posts into a mailbox."""

    def __init__(self, box: Mailbox) -> None:
        self._box = box

    def __call__(self) -> None:
        post_action(self._box)


# Inheritance


INHERITED: list[Any] = []
"""The primitive that children inherit by fork."""


def use(thing: Any) -> str:
    """Do with a primitive, of whatever kind, what shows that it works."""
    if hasattr(thing, "n_waiting"):
        return f"{thing.n_waiting} of {thing.parties}"
    if hasattr(thing, "is_set"):
        return f"{thing.is_set()}"
    if hasattr(thing, "notify"):
        with thing:
            thing.notify_all()
        return "notified"
    with thing:
        return "acquired"


@target
def use_and_post(box: Mailbox, thing: Any) -> None:
    """Use the thing, and post what comes of it."""
    box.post(use(thing))


@target
def use_each(box: Mailbox, things: dict[str, list[Any]]) -> None:
    """Use each thing, and post what comes of them."""
    box.post([use(thing) for thing in things["all"]])


@target
def use_inherited(box: Mailbox) -> None:
    """Use what lies in a global variable, and post what comes of it."""
    box.post(use(INHERITED[0]))


@target
def both_are_one(box: Mailbox, first: Any, second: Any) -> None:
    """Acquire the first, and post whether the second can be acquired then."""
    with first:
        box.post(second.acquire(False))


@target
def hand_on(mp: Any, box: Mailbox, lock: Any) -> None:
    """Start a child that tries to acquire the lock."""
    child = mp.Process(target=try_to_acquire, args=(box, lock))
    child.start()
    child.join()


@target
def wait_then_use(box: Mailbox, gate: Gate | GateWhileUnpickling, thing: Any) -> None:
    """Post 'begin', wait at the gate, use the thing, post what comes of it."""
    box.post("begin")
    gate.wait()
    box.post(use(thing))


class GateWhileUnpickling:
    """A gate at which the process already waits while it unpickles it: what follows in the pickle is not there yet."""

    def __init__(self, gate: Gate) -> None:
        self.gate = gate

    def wait(self) -> None:
        """Wait at the gate."""
        self.gate.wait()

    def __getstate__(self) -> Gate:
        return self.gate

    def __setstate__(self, gate: Gate) -> None:
        self.gate = gate
        gate.wait()
