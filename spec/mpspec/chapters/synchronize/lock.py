"""Lock: what it is, who may release it, and whom it excludes."""

from __future__ import annotations

import os
import signal
import threading
from typing import Any

from mpspec.chapters.synchronize.chapter import (
    EXCLUSIVE,
    chapter,
    exactly,
    posted_by_a_child,
    refuses_release_while_free,
)
from mpspec.chapters.synchronize.targets import (
    acquire_and_end,
    acquire_and_post,
    add_to_file,
    hold,
    post_outcome,
    try_to_acquire,
)
from mpspec.clause import ANY_METHOD, ITS_CASE, NO_METHOD, SHOULD, UNSPECIFIED, cases
from mpspec.observation.see import See
from mpspec.observation.sharing import Held
from mpspec.observation.waits import LONG, YIELD

LOCK = "multiprocessing.Lock"
RELEASE = "multiprocessing.Lock.release"


# What it is


@chapter.clause("synchronize.lock.factory", passage=f"{LOCK}/5,1", methods=NO_METHOD)
def lock_is_a_factory(mp: Any, see: See) -> None:
    """Lock() returns an instance of multiprocessing.synchronize.Lock, a new one at each call."""
    first, second = mp.Lock(), mp.Lock()
    see.true(isinstance(first, mp.synchronize.Lock), "an instance of synchronize.Lock", type(first))
    see.true(first.acquire(False) and second.acquire(False), "both can be acquired")
    first.release()
    second.release()


@chapter.clause(
    "synchronize.lock.of-context",
    passage="contexts-and-start-methods/15",
    methods=NO_METHOD,
    cases=cases("fork", "spawn", "forkserver"),
    uses=ITS_CASE,
)
def a_context_makes_locks(mp: Any, see: See, method: str) -> None:
    """A context object has a Lock() too, which returns an instance of synchronize.Lock."""
    lock = mp.get_context(method).Lock()
    see.true(isinstance(lock, mp.synchronize.Lock), "an instance of synchronize.Lock", type(lock))


@chapter.clause(
    "synchronize.lock.begins-free",
    passage=(
        "multiprocessing.Lock.acquire/3",
        "multiprocessing.RLock.acquire/8",
        "multiprocessing.Semaphore/2",
        "multiprocessing.BoundedSemaphore/2",
    ),
    methods=NO_METHOD,
    cases=cases(*EXCLUSIVE),
)
def a_new_one_is_free(mp: Any, see: See, name: str) -> None:
    """A new lock is not locked: the first acquire() returns True without waiting."""
    lock = getattr(mp, name)()
    see.true(see.comes_back(lock.acquire) is True, "acquire() returns True")


@chapter.clause(
    "synchronize.lock.no-argument",
    passage=(f"{LOCK}/1", "multiprocessing.Event/1"),
    level=SHOULD,
    methods=NO_METHOD,
    cases=cases("Lock", "RLock", "Event"),
)
def it_takes_no_argument(mp: Any, see: See, name: str) -> None:
    """Lock, RLock and Event are made without an argument; one raises TypeError."""
    with see.raises(TypeError):
        getattr(mp, name)(1)


# release


@chapter.clause(
    "synchronize.lock.release.frees",
    passage=(
        f"{RELEASE}/2,1",
        "multiprocessing.RLock.release/3",
        "multiprocessing.Semaphore/2",
        "multiprocessing.BoundedSemaphore/2",
    ),
    methods=NO_METHOD,
    cases=cases(*EXCLUSIVE),
)
def release_frees_it(mp: Any, see: See, name: str) -> None:
    """release() makes the lock free for another thread."""
    lock = getattr(mp, name)()
    lock.acquire()
    lock.release()
    see.equal(see.comes_back(lock.acquire, False), True, "acquire(False) of another thread")


@chapter.clause("synchronize.lock.release.one-waiter", passage=f"{RELEASE}/4", methods=NO_METHOD)
def one_release_lets_one_in(mp: Any, see: See) -> None:
    """Of several threads that wait for a lock, each release() lets exactly one in."""
    lock = mp.Lock()
    lock.acquire()
    waiters = [see.blocks(lock.acquire) for _ in range(3)]
    for number in (1, 2, 3):
        lock.release()
        exactly(see, waiters, number)


@chapter.clause("synchronize.lock.release.other-thread", passage=f"{RELEASE}/3", methods=NO_METHOD)
def another_thread_may_release(mp: Any, see: See) -> None:
    """A thread may release a lock that another thread has acquired."""
    lock = mp.Lock()
    lock.acquire()
    see.equal(see.comes_back(lock.release), None, "what release() returns")
    see.equal(lock.acquire(False), True, "acquire(False) afterwards")


@chapter.clause("synchronize.lock.release.by-child", passage=f"{RELEASE}/3")
def a_child_may_release(mp: Any, see: See) -> None:
    """A child may release a lock that its parent has acquired."""
    lock = mp.Lock()
    lock.acquire()
    released = posted_by_a_child(mp, see, post_outcome, lock, "release")
    see.equal(released, "returned None", "release() in the child")
    see.equal(lock.acquire(False), True, "acquire(False) in the parent")


@chapter.clause("synchronize.lock.release.by-parent", passage=f"{RELEASE}/3")
def a_parent_may_release(mp: Any, see: See) -> None:
    """A parent may release a lock that a child, which has ended since, has acquired."""
    lock = mp.Lock()
    see.equal(posted_by_a_child(mp, see, acquire_and_end, lock), True, "acquire() in the child")
    see.equal(lock.acquire(False), False, "acquire(False) before release()")
    see.returns(None, lock.release)
    see.equal(lock.acquire(False), True, "acquire(False) after release()")


@chapter.clause("synchronize.lock.release.free-raises", passage=f"{RELEASE}/4", methods=NO_METHOD)
def a_free_lock_is_not_released(mp: Any, see: See) -> None:
    """release() of a lock that is not locked raises ValueError, not RuntimeError as in threading."""
    refuses_release_while_free(see, mp.Lock(), ValueError)


@chapter.clause("synchronize.lock.release.free-keeps", passage=f"{LOCK}/3", methods=NO_METHOD)
def a_release_too_many_changes_nothing(mp: Any, see: See) -> None:
    """After a release() that raised, the lock can be acquired once, not twice."""
    lock = mp.Lock()
    with see.raises(ValueError):
        lock.release()
    see.equal((lock.acquire(False), lock.acquire(False)), (True, False), "two attempts")


# Between processes


@chapter.clause(
    "synchronize.lock.shared.excludes-child",
    passage=(f"{LOCK}/3", "multiprocessing.Semaphore/2"),
    cases=cases("Lock", "Semaphore"),
)
def a_child_finds_it_locked(mp: Any, see: See, name: str) -> None:
    """A lock that the parent has acquired is locked for a child, too."""
    lock = getattr(mp, name)()
    lock.acquire()
    see.equal(posted_by_a_child(mp, see, try_to_acquire, lock), False, "acquire(False) in the child")
    lock.release()


@chapter.clause(
    "synchronize.lock.shared.excludes-parent",
    passage=(
        f"{LOCK}/3",
        "multiprocessing.RLock.acquire/3",
        "multiprocessing.Semaphore/2",
        "multiprocessing.BoundedSemaphore/2",
    ),
    methods=ANY_METHOD,
    cases=cases(*EXCLUSIVE),
)
def a_parent_finds_it_locked(mp: Any, see: See, name: str) -> None:
    """A lock that a child has acquired is locked for its parent until the child releases it."""
    box, gate, lock = see.mailbox(), see.gate(), getattr(mp, name)()
    child = mp.Process(target=hold, args=(box, lock, gate))
    child.start()
    see.equal(box.take(), "held", "the message of the child")
    see.equal(lock.acquire(False), False, "acquire(False) while the child has it")
    gate.open()
    see.equal(lock.acquire(timeout=LONG), True, "acquire() once the child releases it")
    see.exits(child, 0)


@chapter.clause("synchronize.lock.shared.blocks-child", passage=f"{LOCK}/3")
def a_child_waits_for_its_parent(mp: Any, see: See) -> None:
    """acquire() in a child blocks until the parent releases the lock."""
    box, lock = see.mailbox(), mp.Lock()
    lock.acquire()
    child = mp.Process(target=acquire_and_post, args=(box, lock))
    child.start()
    see.equal(box.take(), "begin", "the first message")
    see.settles(child.pid)
    see.true(box.empty(), "no second message")
    lock.release()
    see.equal(box.take(), "acquired", "the second message")
    see.exits(child, 0)


@chapter.clause("synchronize.lock.shared.siblings", passage=f"{LOCK}/3")
def siblings_exclude_each_other(mp: Any, see: See) -> None:
    """A lock that one child has acquired is locked for another child."""
    box, gate, lock = see.mailbox(), see.gate(), mp.Lock()
    holder = mp.Process(target=hold, args=(box, lock, gate))
    holder.start()
    see.equal(box.take(), "held", "the message of the first child")
    other = mp.Process(target=try_to_acquire, args=(box, lock))
    other.start()
    see.equal(box.take(), False, "acquire(False) in the second child")
    gate.open()
    see.exits(other, 0)
    see.exits(holder, 0)


@chapter.clause(
    "synchronize.lock.shared.exclusion",
    passage=(
        f"{LOCK}/3",
        "synchronization-between-processes/2",
        "multiprocessing.RLock.acquire/3",
        "multiprocessing.Semaphore/2",
        "multiprocessing.BoundedSemaphore/2",
    ),
    methods=ANY_METHOD,
    cases=cases(*EXCLUSIVE),
    patience=2,
)
def nothing_is_lost_under_a_lock(mp: Any, see: See, name: str) -> None:
    """What processes read and write only while they have the lock is never changed by two of them at once."""
    lock, path = getattr(mp, name)(), os.path.join(see.folder, "number")
    with open(path, "w", encoding="utf-8") as file:
        file.write("0")
    children = [mp.Process(target=add_to_file, args=(lock, path, 150)) for _ in range(4)]
    for child in children:
        child.start()
    for child in children:
        see.exits(child, 0)
    with open(path, encoding="utf-8") as file:
        see.equal(file.read(), "600", "the number in the file")
    os.unlink(path)


@chapter.clause(
    "synchronize.lock.shared.dead-owner",
    source="multiprocessing.Process.terminate",
    level=UNSPECIFIED,
    methods=ANY_METHOD,
    cases=cases(*EXCLUSIVE),
)
def what_becomes_of_the_lock_of_a_killed_owner(mp: Any, see: See, name: str) -> None:
    """Whether a lock whose owner is killed stays locked, or is free again, is left open."""
    box, gate, lock = see.mailbox(), see.gate(), getattr(mp, name)()
    child = mp.Process(target=hold, args=(box, lock, gate))
    child.start()
    see.equal(box.take(), "held", "the message of the child")
    os.kill(child.pid, signal.SIGKILL)
    see.exits(child, -signal.SIGKILL)
    see.records(free=lock.acquire(True, YIELD))


@chapter.clause(
    "synchronize.lock.shared.dead-waiter",
    passage=(
        "multiprocessing.Lock.acquire/6",
        "multiprocessing.RLock.acquire/8",
        "multiprocessing.Semaphore/2",
        "multiprocessing.BoundedSemaphore/2",
    ),
    level=SHOULD,
    methods=ANY_METHOD,
    cases=cases(*EXCLUSIVE),
)
def a_killed_waiter_takes_nothing_along(mp: Any, see: See, name: str) -> None:
    """A process that is killed while it waits for a lock takes nothing along: the next one acquires it."""
    box, lock = see.mailbox(), getattr(mp, name)()
    lock.acquire()
    child = mp.Process(target=acquire_and_post, args=(box, lock))
    child.start()
    see.equal(box.take(), "begin", "the message of the child")
    see.settles(child.pid)
    os.kill(child.pid, signal.SIGKILL)
    see.exits(child, -signal.SIGKILL)
    lock.release()
    see.equal((see.comes_back(lock.acquire, False), lock.acquire(False)), (True, False), "two attempts of two threads")


# with


@chapter.clause(
    "synchronize.lock.with.holds",
    passage=(
        f"{LOCK}/8",
        "multiprocessing.RLock/8",
        "multiprocessing.Semaphore/2",
        "multiprocessing.BoundedSemaphore/2",
    ),
    methods=NO_METHOD,
    cases=cases(*EXCLUSIVE),
)
def with_holds_it(mp: Any, see: See, name: str) -> None:
    """In a with statement the lock is acquired at the beginning and released at the end of the block."""
    lock = getattr(mp, name)()
    with lock:
        see.equal(see.comes_back(lock.acquire, False), False, "acquire(False) of another thread in the block")
    see.equal(see.comes_back(lock.acquire, False), True, "acquire(False) of another thread after the block")


@chapter.clause(
    "synchronize.lock.with.error",
    passage=(
        f"{LOCK}/8",
        "multiprocessing.RLock/8",
        "multiprocessing.Semaphore/2",
        "multiprocessing.BoundedSemaphore/2",
    ),
    methods=NO_METHOD,
    cases=cases(*EXCLUSIVE),
)
def with_releases_it_after_an_exception(mp: Any, see: See, name: str) -> None:
    """A with statement releases the lock when its block raises, and the exception comes out."""
    lock = getattr(mp, name)()
    with see.raises(LookupError), lock:
        raise LookupError("from the block")
    see.equal(see.comes_back(lock.acquire, False), True, "acquire(False) of another thread")


@chapter.clause(
    "synchronize.lock.with.blocks",
    passage=(
        f"{LOCK}/8",
        "multiprocessing.RLock/8",
        "multiprocessing.Semaphore/2",
        "multiprocessing.BoundedSemaphore/2",
    ),
    methods=NO_METHOD,
    cases=cases(*EXCLUSIVE),
)
def with_waits_for_it(mp: Any, see: See, name: str) -> None:
    """A with statement blocks until it has acquired the lock."""
    lock, inside = getattr(mp, name)(), threading.Event()

    def enter() -> None:
        with lock:
            inside.set()

    with Held(lock) as holder:
        blocked = see.blocks(enter)
        see.equal(inside.is_set(), False, "whether the block has begun")
        holder.release()
        blocked.ends()
    see.equal(inside.is_set(), True, "whether the block has run")
