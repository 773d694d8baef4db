"""Steps of a client's tour: each type of SyncManager. See `manager_tours`."""

from __future__ import annotations

import queue
import threading
from typing import Any

LONG = 60.0


def lists(peer: Any, m: Any) -> None:
    """A list."""
    one = m.list([3, 1, 2])
    one.append(5)
    one.extend([4, 4])
    one.insert(0, 9)
    peer.equal((len(one), one.count(4), one.index(5), one.pop(), one.pop(0)), (7, 2, 4, 4, 9))
    one.sort()
    peer.equal(one[:], [1, 2, 3, 4, 5])
    one.reverse()
    one.remove(3)
    one[0] = 50
    one[1:2] = [40, 41]
    del one[3]
    peer.equal((one[:], one[-1], one[1:], 41 in one), ([50, 40, 41, 1], 1, [40, 41, 1], True))
    peer.equal((one + [7], one * 2), ([50, 40, 41, 1, 7], [50, 40, 41, 1] * 2))  # noqa: RUF005
    same = one
    one += [6]
    one *= 2
    peer.equal((one is same, list(one)), (True, [50, 40, 41, 1, 6] * 2))
    peer.equal(one._getvalue(), [50, 40, 41, 1, 6] * 2)
    peer.equal(m.list()[:], [])


def dicts(peer: Any, m: Any) -> None:
    """A dictionary."""
    one = m.dict({"a": 1}, b=2)
    one["c"] = None
    peer.equal((one["a"], "b" in one, one.get("z", 5), one.setdefault("d", 4), len(one)), (1, True, 5, 4, 4))
    one.update({"e": 5}, f=6)
    del one["c"]
    peer.equal((sorted(one.keys()), sorted(one.values())), (["a", "b", "d", "e", "f"], [1, 2, 4, 5, 6]))
    peer.equal(sorted(one.items())[0], ("a", 1))
    peer.equal((one.pop("f"), one.pop("f", "none"), one.popitem()), (6, "none", ("e", 5)))
    peer.equal(one.copy(), {"a": 1, "b": 2, "d": 4})
    peer.equal(m.dict([("k", (1, 2))]).copy(), {"k": (1, 2)})
    one.clear()
    peer.equal(len(one), 0)


def iteration_over_dicts(peer: Any, m: Any) -> None:
    """A dictionary, key by key."""
    one = m.dict(dict.fromkeys("abcde", 0))
    peer.equal(list(one), list("abcde"))
    iterator = iter(one)
    peer.equal((next(iterator), next(iterator)), ("a", "b"))
    one["f"] = 5
    with peer.raises(RuntimeError):
        next(iterator)


def namespaces(peer: Any, m: Any) -> None:
    """A namespace."""
    one = m.Namespace(x=1)
    one.y = ["hello"]
    one._z = 12.3
    peer.equal((one.x, one.y, one._z), (1, ["hello"], 12.3))
    peer.equal(str(one), "Namespace(x=1, y=['hello'])")
    del one.x
    with peer.raises(AttributeError):
        one.x  # noqa: B018


def values_and_arrays(peer: Any, m: Any) -> None:
    """A value and an array."""
    value = m.Value("i", 5)
    value.value += 2
    peer.equal(value.value, 7)
    array = m.Array("d", [1.5, 2.5, 3.5])
    array[1] = 9.5
    peer.equal((len(array), array[0], array[1], array[1:]), (3, 1.5, 9.5, type(array[1:])("d", [9.5, 3.5])))


def _elsewhere(call: Any, *args: Any) -> Any:
    """What a call gives in another thread: there is another owner of locks."""
    results: list[Any] = []

    def act() -> None:
        try:
            results.append(call(*args))
        except BaseException as error:
            results.append(error)

    thread = threading.Thread(target=act)
    thread.start()
    thread.join(LONG)
    return results[0]


def locks(peer: Any, m: Any) -> None:
    """A lock."""
    one = m.Lock()
    peer.equal((one.acquire(), one.acquire(False), _elsewhere(one.acquire, True, 0.01)), (True, False, False))
    one.release()
    with one:
        peer.equal(_elsewhere(one.acquire, False), False)
    peer.equal(_elsewhere(one.acquire), True)
    one.release()
    with peer.raises(RuntimeError):
        one.release()


def rlocks(peer: Any, m: Any) -> None:
    """A lock with an owner."""
    one = m.RLock()
    with one, one:
        peer.equal(_elsewhere(one.acquire, False), False)
        peer.equal(type(_elsewhere(one.release)), RuntimeError)
    peer.equal(_elsewhere(one.acquire, False), True)


def semaphores(peer: Any, m: Any) -> None:
    """Semaphores."""
    one = m.Semaphore(2)
    peer.equal((one.acquire(), one.acquire(), one.acquire(False)), (True, True, False))
    for _ in range(3):
        one.release()
    bounded = m.BoundedSemaphore(1)
    with bounded:
        peer.equal(bounded.acquire(False), False)
    with peer.raises(ValueError):
        bounded.release()


def events(peer: Any, m: Any) -> None:
    """An event."""
    one = m.Event()
    peer.equal((one.is_set(), one.wait(0.01)), (False, False))
    setting = threading.Thread(target=one.set)
    setting.start()
    peer.equal(one.wait(LONG), True)
    setting.join()
    one.clear()
    peer.equal(one.is_set(), False)


def conditions(peer: Any, m: Any) -> None:
    """A condition."""
    _condition(peer, m, m.Condition())


def conditions_with_a_lock(peer: Any, m: Any) -> None:
    """A condition whose lock is the referent of a proxy."""
    lock = m.Lock()
    one = m.Condition(lock)
    _condition(peer, m, one)
    with one:
        peer.equal(_elsewhere(lock.acquire, False), False)
    with lock:
        peer.equal(_elsewhere(one.acquire, False), False)


def conditions_with_an_rlock(peer: Any, m: Any) -> None:
    """A condition whose lock is the referent of a proxy, and has an owner."""
    _condition(peer, m, m.Condition(m.RLock()))


def _condition(peer: Any, m: Any, one: Any) -> None:
    state = m.list()

    def act() -> None:
        with one:
            state.append("changed")
            one.notify_all()

    acting = threading.Thread(target=act, daemon=True)
    with one:
        peer.equal(one.wait(0.01), False)
        acting.start()
        peer.equal(one.wait_for(lambda: len(state) == 1, LONG), True)
    acting.join(LONG)


def barriers(peer: Any, m: Any) -> None:
    """A barrier."""
    one = m.Barrier(2)
    peer.equal((one.parties, one.n_waiting, one.broken), (2, 0, False))
    others: list[int] = []
    waiting = threading.Thread(target=lambda: others.append(one.wait(LONG)))
    waiting.start()
    others.append(one.wait(LONG))
    waiting.join(LONG)
    peer.equal(sorted(others), [0, 1])
    one.abort()
    peer.equal(one.broken, True)
    with peer.raises(threading.BrokenBarrierError):
        one.wait()
    one.reset()
    peer.equal(one.broken, False)


def queues(peer: Any, m: Any) -> None:
    """A queue."""
    one = m.Queue(2)
    peer.equal((one.empty(), one.full(), one.qsize()), (True, False, 0))
    one.put({"a": 1})
    one.put(None, timeout=LONG)
    with peer.raises(queue.Full):
        one.put(3, False)
    peer.equal((one.get(), one.get_nowait()), ({"a": 1}, None))
    with peer.raises(queue.Empty):
        one.get(timeout=0.01)
    one.task_done()
    one.task_done()
    one.join()


EVERY = (
    lists, dicts, iteration_over_dicts, namespaces, values_and_arrays, locks, rlocks, semaphores, events, conditions,
    conditions_with_a_lock, conditions_with_an_rlock, barriers, queues,
)  # fmt: skip
