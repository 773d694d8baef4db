"""Lock and RLock of a manager: exclusion between processes and threads, as of those of threading."""

from __future__ import annotations

import os
from typing import Any

from mpspec.chapters.managers.chapter import another, chapter, posted_by_a_child
from mpspec.chapters.managers.targets import add_to_file, hold, hold_often, outcome, post_outcome
from mpspec.clause import ANY_METHOD, SHOULD, UNSPECIFIED, cases
from mpspec.observation.see import See
from mpspec.observation.waits import LONG, SMALL

LOCK = "multiprocessing.managers.SyncManager.Lock"

RLOCK = "multiprocessing.managers.SyncManager.RLock"

PROXY = "proxy-objects"

BOTH = cases("Lock", "RLock")

EITHER = (f"{LOCK}/2", f"{RLOCK}/2")


@chapter.clause("manager.lock.arguments", passage=(f"{LOCK}/1", f"{RLOCK}/1"), methods=ANY_METHOD, cases=BOTH)
def both_are_made_without_arguments(mp: Any, see: See, name: str) -> None:
    """Lock() and RLock() need no argument, and what they make is free."""
    with mp.Manager() as manager:
        see.true(getattr(manager, name)().acquire(False) is True, "acquire(False) returns True")


@chapter.clause("manager.lock.excludes", passage=EITHER, cases=BOTH)
def one_process_at_a_time_has_it(mp: Any, see: See, name: str) -> None:
    """While a process has the lock, acquire(False) of another returns False; once it is released, True."""
    box, gate = see.mailbox(), see.gate()
    with mp.Manager() as manager:
        lock = getattr(manager, name)()
        child = mp.Process(target=hold, args=(box, lock, gate))
        child.start()
        see.equal(box.take(), True, "what acquire() returns in the child")
        see.true(lock.acquire(False) is False, "acquire(False) returns False while the child has it")
        gate.open()
        see.equal(box.take(), "released", "what the child posts")
        see.true(lock.acquire(False) is True, "acquire(False) returns True afterwards")
        see.exits(child, 0)


@chapter.clause("manager.lock.blocks", passage=EITHER, methods=ANY_METHOD, cases=BOTH)
def acquire_blocks_until_it_is_released(mp: Any, see: See, name: str) -> None:
    """acquire() blocks while another process has the lock, and returns True once that has released it."""
    box, gate = see.mailbox(), see.gate()
    with mp.Manager() as manager:
        lock = getattr(manager, name)()
        child = mp.Process(target=hold, args=(box, lock, gate))
        child.start()
        box.take()
        waiter = see.blocks(another(lock).acquire)
        waiter.still()
        gate.open()
        see.true(waiter.ends() is True, "acquire() returns True")
        see.exits(child, 0)


@chapter.clause("manager.lock.no-loss", passage=EITHER, methods=ANY_METHOD, cases=BOTH)
def what_it_guards_is_never_done_twice_at_once(mp: Any, see: See, name: str) -> None:
    """Processes that read and write with the lock, in a with statement, do so one after the other."""
    box, gate, path = see.mailbox(), see.gate(), os.path.join(see.folder, "number")
    with open(path, "w", encoding="utf-8") as file:
        file.write("0")
    with mp.Manager() as manager:
        lock = getattr(manager, name)()
        children = [mp.Process(target=add_to_file, args=(box, gate, lock, path)) for _ in range(3)]
        for child in children:
            child.start()
            see.equal(box.take(), "begin", "what the child posts")
            if child is children[0]:
                see.equal(box.take(), 0, "what the first child reads, and has not written yet")
            see.settles(child.pid)
        see.true(box.empty(), "the others wait for the first one")
        gate.open()
        see.equal(box.take_all(2), [1, 2], "what the others read")
        for child in children:
            see.exits(child, 0)
    with open(path, encoding="utf-8") as file:
        see.equal(file.read(), "3", "the number in the file")
    os.unlink(path)


def enter_and_leave(lock: Any) -> None:
    """A with statement that does nothing."""
    with lock:
        pass


@chapter.clause("manager.lock.with", passage=(*EITHER, f"{PROXY}/5"), methods=ANY_METHOD, cases=BOTH)
def with_holds_it(mp: Any, see: See, name: str) -> None:
    """In a with statement the lock is held, and released afterwards, also after an exception."""
    with mp.Manager() as manager:
        lock = getattr(manager, name)()
        other = another(lock)
        with see.raises(LookupError), lock:
            see.equal(see.comes_back(other.acquire, False), False, "acquire(False) of another thread in the block")
            waiter = see.blocks(enter_and_leave, another(lock))
            waiter.still()
            raise LookupError("from the block")
        waiter.ends()
        see.equal(see.comes_back(other.acquire, False), True, "acquire(False) of another thread after the block")


@chapter.clause("manager.lock.timeout", passage=(*EITHER, f"{PROXY}/4"), methods=ANY_METHOD, cases=BOTH)
def acquire_takes_a_timeout(mp: Any, see: See, name: str) -> None:
    """acquire(True, t), by position or name, returns False after t seconds, and True where it is free by then."""
    with mp.Manager() as manager:
        lock = getattr(manager, name)()
        other = another(lock)
        with lock:
            see.true(see.expires(SMALL, other.acquire, True, SMALL) is False, "acquire(True, t) returns False")
            see.true(see.expires(SMALL, other.acquire, timeout=SMALL) is False, "acquire(timeout=t) returns False")
            waiter = see.blocks(another(lock).acquire, True, LONG * 100)
        see.true(waiter.ends() is True, "acquire(True, t) returns True once it is released")


@chapter.clause("manager.lock.name-of-blocking", passage=(*EITHER, f"{PROXY}/4"), methods=ANY_METHOD, cases=BOTH)
def the_argument_is_called_blocking(mp: Any, see: See, name: str) -> None:
    """The first argument of acquire() is called blocking, as in threading."""
    with mp.Manager() as manager:
        lock = getattr(manager, name)()
        other = another(lock)
        with lock:
            see.equal(see.comes_back(lambda: other.acquire(blocking=False)), False, "acquire(blocking=False)")


@chapter.clause(
    "manager.lock.release-free",
    passage=(f"{LOCK}/2", f"{RLOCK}/2", "multiprocessing.managers.BaseProxy._callmethod/9"),
    methods=ANY_METHOD,
    cases=BOTH,
)
def a_free_one_is_not_released(mp: Any, see: See, name: str) -> None:
    """release() of a free lock raises RuntimeError, as in threading; it can be acquired afterwards."""
    with mp.Manager() as manager:
        lock = getattr(manager, name)()
        with see.raises(RuntimeError):
            lock.release()
        see.equal(lock.acquire(False), True, "acquire(False)")


@chapter.clause("manager.lock.non-recursive", passage=f"{LOCK}/2", methods=ANY_METHOD)
def a_lock_is_not_recursive(mp: Any, see: See) -> None:
    """Who has acquired a Lock cannot acquire it once more."""
    with mp.Manager() as manager:
        lock = manager.Lock()
        see.equal([lock.acquire(), lock.acquire(False)], [True, False], "acquire() and acquire(False)")


@chapter.clause("manager.lock.release-anywhere", passage=f"{LOCK}/2")
def any_process_releases_a_lock(mp: Any, see: See) -> None:
    """A Lock that one process has acquired can be released by another."""
    with mp.Manager() as manager:
        lock = manager.Lock()
        lock.acquire()
        told = posted_by_a_child(mp, see, post_outcome, lock, "release")
        see.equal(told, "returned None", "what comes of release() in the child")
        see.equal(lock.acquire(False), True, "acquire(False) afterwards")


@chapter.clause("manager.lock.locked", source=LOCK, level=UNSPECIFIED, methods=ANY_METHOD, cases=BOTH)
def whether_locked_is_there(mp: Any, see: See, name: str) -> None:
    """Whether the proxy of a lock has locked() is left open: a proxy need not have every method of its referent."""
    with mp.Manager() as manager:
        see.records(there=outcome(lambda: getattr(manager, name)().locked()))


@chapter.clause("manager.rlock.recursive", passage=f"{RLOCK}/2")
def it_is_released_as_often_as_acquired(mp: Any, see: See) -> None:
    """A process that has an RLock acquires it again without blocking, and others wait for as many releases."""
    box, gates = see.mailbox(), [see.gate() for _ in range(3)]
    with mp.Manager() as manager:
        lock = manager.RLock()
        child = mp.Process(target=hold_often, args=(box, lock, gates))
        child.start()
        see.equal(box.take(), [True] * 3, "what acquire() returns in the child, three times")
        seen = []
        for gate in gates:
            seen.append(lock.acquire(False))
            gate.open()
            see.equal(box.take(), "released", "what the child posts")
        see.equal(seen, [False] * 3, "acquire(False) before each release")
        see.equal(lock.acquire(False), True, "acquire(False) after the last")
        see.exits(child, 0)


@chapter.clause("manager.rlock.owner", passage=f"{RLOCK}/2")
def another_process_does_not_release_an_rlock(mp: Any, see: See) -> None:
    """release() of an RLock that another process has raises an exception, and the owner keeps it."""
    with mp.Manager() as manager:
        lock = manager.RLock()
        lock.acquire()
        told = posted_by_a_child(mp, see, post_outcome, lock, "release")
        see.true(not told.startswith("returned"), "release() in a child raises", told)
        told = posted_by_a_child(mp, see, post_outcome, lock, "acquire", False)
        see.equal(told, "returned False", "what comes of acquire(False) in another")
        see.returns(None, lock.release)


@chapter.clause("manager.rlock.thread", passage=f"{RLOCK}/2", methods=ANY_METHOD)
def another_thread_is_another_owner(mp: Any, see: See) -> None:
    """An RLock is owned by one thread: another thread of the same process neither acquires nor releases it."""
    with mp.Manager() as manager:
        lock = manager.RLock()
        lock.acquire()
        other = another(lock)
        see.equal(see.comes_back(other.acquire, False), False, "acquire(False) of another thread")
        with see.raises(Exception):
            see.comes_back(other.release)
        see.equal([lock.acquire(False), lock.release(), lock.release()], [True, None, None], "those of the owner")
        see.equal(see.comes_back(other.acquire, False), True, "acquire(False) of another thread afterwards")


@chapter.clause("manager.rlock.same-thread", passage=(f"{RLOCK}/2", f"{PROXY}/3"), level=SHOULD, methods=ANY_METHOD)
def a_thread_owns_it_by_every_proxy(mp: Any, see: See) -> None:
    """A thread that has acquired an RLock by one proxy acquires and releases it by another one for it."""
    with mp.Manager() as manager:
        lock = manager.RLock()
        other = another(lock)
        see.equal([lock.acquire(), other.acquire(False)], [True, True], "acquire() by one proxy and by the other")
        see.equal([other.release(), other.release()], [None, None], "two releases by the other")
        see.equal(see.comes_back(another(lock).acquire, False), True, "acquire(False) of another thread afterwards")


@chapter.clause("manager.lock.end-of-owner", source=LOCK, level=UNSPECIFIED, methods=ANY_METHOD, cases=BOTH)
def a_child_that_ends_with_the_lock(mp: Any, see: See, name: str) -> None:
    """Whether a lock is free again once the process that had it has ended is left open."""
    with mp.Manager() as manager:
        lock = getattr(manager, name)()
        posted_by_a_child(mp, see, post_outcome, lock, "acquire")
        see.records(acquired=lock.acquire(True, SMALL))
