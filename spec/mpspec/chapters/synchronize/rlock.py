"""RLock: its owner acquires it again and again, and nobody else releases it."""

from __future__ import annotations

import threading
from typing import Any

from mpspec.chapters.synchronize.chapter import chapter, posted_by_a_child, refuses_release_while_free
from mpspec.chapters.synchronize.targets import acquire_again, hold_twice, post_outcome, try_to_acquire
from mpspec.clause import NO_METHOD
from mpspec.observation.see import See
from mpspec.observation.sharing import Held
from mpspec.observation.waits import LONG, SMALL

RLOCK = "multiprocessing.RLock"
ACQUIRE = "multiprocessing.RLock.acquire"
RELEASE = "multiprocessing.RLock.release"


@chapter.clause("synchronize.rlock.factory", passage=f"{RLOCK}/5,1", methods=NO_METHOD)
def rlock_is_a_factory(mp: Any, see: See) -> None:
    """RLock() returns an instance of multiprocessing.synchronize.RLock, a new one at each call."""
    first, second = mp.RLock(), mp.RLock()
    see.true(isinstance(first, mp.synchronize.RLock), "an instance of synchronize.RLock", type(first))
    with Held(first):
        see.equal(second.acquire(False), True, "acquire(False) of the other")


@chapter.clause(
    "synchronize.rlock.acquire.again",
    passage=(f"{RLOCK}/4,2", f"{ACQUIRE}/2"),
    methods=NO_METHOD,
    cases={"plain": (), "block": (True,), "no block": (False,), "timeout": (True, LONG), "zero": (True, 0)},
)
def its_owner_acquires_it_again(mp: Any, see: See, args: Any) -> None:
    """acquire() by the thread that owns the lock returns True at once, however it is called."""
    lock = mp.RLock()

    def three_times() -> list[Any]:
        return [lock.acquire(*args) for _ in range(3)]

    see.equal(see.comes_back(three_times), [True, True, True], "what the calls return")


@chapter.clause("synchronize.rlock.acquire.other-thread", passage=f"{ACQUIRE}/3,4", methods=NO_METHOD)
def another_thread_waits(mp: Any, see: See) -> None:
    """acquire() blocks while another thread of the same process owns the lock, then returns True."""
    lock = mp.RLock()
    with Held(lock, times=2) as holder:
        blocked = see.blocks(lock.acquire)
        holder.release()
        see.equal(blocked.ends(), True, "what acquire() returns")


@chapter.clause("synchronize.rlock.acquire.other-process", passage=f"{ACQUIRE}/3,4,9")
def another_process_waits(mp: Any, see: See) -> None:
    """acquire() blocks while another process owns the lock, however often it has acquired it; a timeout is over."""
    box, first, second, lock = see.mailbox(), see.gate(), see.gate(), mp.RLock()
    child = mp.Process(target=hold_twice, args=(box, lock, first, second))
    child.start()
    see.equal(box.take(), "held", "the first message")
    see.equal(see.expires(SMALL, lock.acquire, True, SMALL), False, "what acquire() with a timeout returns")
    blocked = see.blocks(lock.acquire)
    first.open()
    see.equal(box.take(), "released", "the second message")
    blocked.still()
    second.open()
    see.equal(blocked.ends(), True, "what acquire() returns")
    see.exits(child, 0)


@chapter.clause("synchronize.rlock.acquire.level-unchanged", passage=f"{ACQUIRE}/7,9", methods=NO_METHOD)
def a_failed_attempt_changes_nothing(mp: Any, see: See) -> None:
    """An acquire() that returns False leaves owner and recursion level as they are."""
    lock = mp.RLock()
    lock.acquire()
    see.equal(see.comes_back(lock.acquire, False), False, "acquire(False) of another thread")
    see.equal(see.comes_back(lock.acquire, True, SMALL), False, "acquire(True, SMALL) of another thread")
    see.returns(None, lock.release)
    with see.raises(AssertionError):
        lock.release()


@chapter.clause("synchronize.rlock.acquire.in-child", passage=f"{RLOCK}/4")
def a_child_acquires_it_again(mp: Any, see: See) -> None:
    """In a child, too, the owner acquires the lock again and releases it as many times, and no more."""
    lock = mp.RLock()
    seen = posted_by_a_child(mp, see, acquire_again, lock)
    see.equal(seen, [True] * 3 + [None] * 3 + ["AssertionError"], "the results")
    see.equal(lock.acquire(False), True, "acquire(False) in the parent")


@chapter.clause("synchronize.rlock.release.as-often", passage=f"{RELEASE}/3,4,2,1", methods=NO_METHOD)
def it_is_released_as_often(mp: Any, see: See) -> None:
    """A lock acquired three times is free for others after the third release(), not before."""
    lock, seen = mp.RLock(), []
    for _ in range(3):
        lock.acquire()
    for _ in range(3):
        seen.append(see.comes_back(lock.acquire, False))
        lock.release()
    see.equal(seen, [False] * 3, "acquire(False) of another thread before each release()")
    see.equal(see.comes_back(lock.acquire, False), True, "acquire(False) of another thread afterwards")


@chapter.clause("synchronize.rlock.release.as-often-across", passage=f"{RELEASE}/3,4,2")
def a_child_releases_it_as_often(mp: Any, see: See) -> None:
    """A lock that a child has acquired twice is free for the parent after the child's second release()."""
    box, first, second, lock = see.mailbox(), see.gate(), see.gate(), mp.RLock()
    child = mp.Process(target=hold_twice, args=(box, lock, first, second))
    child.start()
    see.equal(box.take(), "held", "the first message")
    first.open()
    see.equal((box.take(), lock.acquire(False)), ("released", False), "after the first release()")
    second.open()
    see.equal((box.take(), lock.acquire(False)), ("released", True), "after the second release()")
    see.exits(child, 0)


@chapter.clause("synchronize.rlock.release.one-waiter", passage=f"{RELEASE}/3,4", methods=NO_METHOD)
def the_last_release_lets_one_in(mp: Any, see: See) -> None:
    """The release() that makes the lock free lets exactly one of several waiters in."""
    lock, inside, leave = mp.RLock(), [], threading.Event()

    def enter() -> None:
        with lock:
            inside.append(True)
            leave.wait()

    lock.acquire()
    lock.acquire()
    waiters = [see.blocks(enter) for _ in range(3)]
    for inside_then in (0, 1):
        lock.release()
        see.eventually(lambda: len(inside) >= inside_then, "one waiter comes in")  # noqa: B023 - called at once
        waiters[0].still()
        see.equal(len(inside), inside_then, "how many are in")
    leave.set()
    for waiter in waiters:
        waiter.ends()


@chapter.clause("synchronize.rlock.release.not-owned", passage=f"{RELEASE}/6,7", methods=NO_METHOD)
def a_free_one_is_not_released(mp: Any, see: See) -> None:
    """release() of a lock that nobody owns raises AssertionError, not RuntimeError as in threading."""
    refuses_release_while_free(see, mp.RLock(), AssertionError)


@chapter.clause("synchronize.rlock.release.other-thread", passage=(f"{RELEASE}/6,5", f"{RLOCK}/3"), methods=NO_METHOD)
def another_thread_may_not_release_it(mp: Any, see: See) -> None:
    """release() by a thread that does not own the lock raises AssertionError, and its owner keeps it."""
    lock = mp.RLock()
    lock.acquire()
    with see.raises(AssertionError):
        see.comes_back(lock.release)
    see.equal(see.comes_back(lock.acquire, False), False, "acquire(False) of another thread")
    see.returns(None, lock.release)


@chapter.clause("synchronize.rlock.release.other-process", passage=f"{RELEASE}/6,5")
def another_process_may_not_release_it(mp: Any, see: See) -> None:
    """release() by a process that does not own the lock raises AssertionError, and its owner keeps it."""
    lock = mp.RLock()
    lock.acquire()
    see.equal(posted_by_a_child(mp, see, post_outcome, lock, "release"), "AssertionError", "release() in the child")
    see.equal(see.comes_back(lock.acquire, False), False, "acquire(False) of another thread")
    see.returns(None, lock.release)


@chapter.clause("synchronize.rlock.owner.not-inherited", passage=f"{ACQUIRE}/7")
def a_child_does_not_inherit_ownership(mp: Any, see: See) -> None:
    """A child does not own the lock that its parent owned when it was started: acquire(False) returns False."""
    lock = mp.RLock()
    lock.acquire()
    lock.acquire()
    see.equal(posted_by_a_child(mp, see, try_to_acquire, lock), False, "acquire(False) in the child")
    lock.release()
    see.returns(None, lock.release)


@chapter.clause("synchronize.rlock.with.nested", passage=f"{RLOCK}/8,4", methods=NO_METHOD)
def with_statements_nest(mp: Any, see: See) -> None:
    """With statements on the same lock nest; the lock is free for others after the outermost."""
    lock = mp.RLock()
    with lock:
        with lock:
            see.equal(see.comes_back(lock.acquire, False), False, "acquire(False) of another thread, within")
        see.equal(see.comes_back(lock.acquire, False), False, "acquire(False) of another thread, between")
    see.equal(see.comes_back(lock.acquire, False), True, "acquire(False) of another thread, after")
