"""Lock: who gets it, for how long one waits for it, who may release it."""

from __future__ import annotations

import os
import signal
import threading
from typing import Any

from mpspec.chapters.synchronize.chapter import EXCLUSIVE, Held, cases, chapter, exactly, interrupted, signalled
from mpspec.chapters.synchronize.targets import (
    acquire_and_end,
    acquire_and_post,
    acquire_twice,
    add_to_file,
    hold,
    post_outcome,
    try_to_acquire,
)
from mpspec.clause import ANY_METHOD, NO_METHOD
from mpspec.observation.see import See
from mpspec.observation.waits import LONG, SMALL, YIELD

LOCK = "multiprocessing.Lock"
ACQUIRE = "multiprocessing.Lock.acquire"
RELEASE = "multiprocessing.Lock.release"


# What it is


@chapter.clause("synchronize.lock.factory", source=LOCK, methods=NO_METHOD)
def lock_is_a_factory(mp: Any, see: See) -> None:
    """Lock() returns an instance of multiprocessing.synchronize.Lock, a new one at each call."""
    first, second = mp.Lock(), mp.Lock()
    see.true(isinstance(first, mp.synchronize.Lock), "an instance of synchronize.Lock", type(first))
    see.true(first.acquire(False) and second.acquire(False), "both can be acquired")
    first.release()
    second.release()


@chapter.clause(
    "synchronize.lock.of-context", source=LOCK, methods=NO_METHOD, cases=cases("fork", "spawn", "forkserver")
)
def a_context_makes_locks(mp: Any, see: See, method: str) -> None:
    """A context object has a Lock() too, which returns an instance of synchronize.Lock."""
    lock = mp.get_context(method).Lock()
    see.true(isinstance(lock, mp.synchronize.Lock), "an instance of synchronize.Lock", type(lock))


@chapter.clause("synchronize.lock.begins-free", source=LOCK, methods=NO_METHOD, cases=cases(*EXCLUSIVE))
def a_new_one_is_free(mp: Any, see: See, name: str) -> None:
    """A new lock is not locked: the first acquire() returns True without waiting."""
    lock = getattr(mp, name)()
    see.true(see.comes_back(lock.acquire) is True, "acquire() returns True")


@chapter.clause("synchronize.lock.no-argument", source=LOCK, methods=NO_METHOD, cases=cases("Lock", "RLock", "Event"))
def it_takes_no_argument(mp: Any, see: See, name: str) -> None:
    """Lock, RLock and Event are made without an argument; one raises TypeError."""
    with see.raises(TypeError):
        getattr(mp, name)(1)


@chapter.clause("synchronize.lock.locked", source=LOCK, methods=NO_METHOD, since="3.14", cases=cases("Lock", "RLock"))
def locked_tells_whether_it_is_locked(mp: Any, see: See, name: str) -> None:
    """locked() tells whether the lock is locked."""
    lock = getattr(mp, name)()
    before = lock.locked()
    lock.acquire()
    see.equal((before, lock.locked()), (False, True), "locked() before and after acquire()")
    lock.release()
    see.equal(lock.locked(), False, "locked() after release()")


# acquire


@chapter.clause("synchronize.lock.acquire.blocks", source=ACQUIRE, methods=NO_METHOD)
def acquire_blocks_until_release(mp: Any, see: See) -> None:
    """acquire() of a locked lock blocks until it is released, then locks it and returns True."""
    lock = mp.Lock()
    lock.acquire()
    blocked = see.blocks(lock.acquire)
    lock.release()
    see.equal(blocked.ends(), True, "what acquire() returns")
    see.equal(lock.acquire(False), False, "acquire(False) afterwards")


@chapter.clause(
    "synchronize.lock.acquire.block-true",
    source=ACQUIRE,
    methods=NO_METHOD,
    cases={
        "positional": ((True,), {}),
        "keyword": ((), {"block": True}),
        "without timeout": ((True, None), {}),
        "timeout None": ((), {"timeout": None}),
        "one": ((1,), {}),
    },
)
def acquire_blocks_in_every_spelling(mp: Any, see: See, case: Any) -> None:
    """acquire() blocks without end where block is true and timeout is None or left out."""
    args, kwargs = case
    lock = mp.Lock()
    lock.acquire()
    blocked = see.blocks(lock.acquire, *args, **kwargs)
    blocked.still()
    lock.release()
    see.equal(blocked.ends(), True, "what acquire() returns")


@chapter.clause("synchronize.lock.acquire.non-recursive", source=LOCK, methods=ANY_METHOD)
def it_is_not_recursive(mp: Any, see: See) -> None:
    """A thread that has acquired a lock blocks when it acquires it again, until somebody releases it."""
    box, lock = see.mailbox(), mp.Lock()
    child = mp.Process(target=acquire_twice, args=(box, lock))
    child.start()
    see.equal(box.take(), "once", "the first letter")
    see.sleeps(child.pid)
    see.true(box.empty(), "no second letter")
    lock.release()
    see.equal(box.take(), "twice", "the second letter")
    see.exits(child, 0)


@chapter.clause(
    "synchronize.lock.acquire.non-blocking-free", source=ACQUIRE, methods=NO_METHOD, cases=cases(*EXCLUSIVE)
)
def without_blocking_a_free_lock_is_taken(mp: Any, see: See, name: str) -> None:
    """acquire(False) of a free lock locks it and returns True."""
    lock = getattr(mp, name)()
    see.true(see.comes_back(lock.acquire, False) is True, "acquire(False) returns True")
    see.equal(lock.acquire(False), False, "acquire(False) of another thread")


@chapter.clause(
    "synchronize.lock.acquire.non-blocking-taken", source=ACQUIRE, methods=NO_METHOD, cases=cases(*EXCLUSIVE)
)
def without_blocking_a_locked_lock_is_left(mp: Any, see: See, name: str) -> None:
    """acquire(False) of a lock that another thread has returns False at once, and the lock stays as it is."""
    lock = getattr(mp, name)()
    with Held(lock):
        see.true(see.comes_back(lock.acquire, False) is False, "acquire(False) returns False")
        see.equal(lock.acquire(block=False), False, "acquire(block=False)")
    see.equal(lock.acquire(False), True, "acquire(False) once it is free")


@chapter.clause("synchronize.lock.acquire.name-of-block", source=ACQUIRE, methods=NO_METHOD, cases=cases(*EXCLUSIVE))
def the_first_argument_is_named_block(mp: Any, see: See, name: str) -> None:
    """The first argument of acquire() is named block, not blocking as in threading."""
    lock = getattr(mp, name)()
    with see.raises(TypeError):
        lock.acquire(blocking=True)
    see.returns(True, lock.acquire, block=True)


@chapter.clause("synchronize.lock.acquire.timeout-over", source=ACQUIRE, methods=NO_METHOD, cases=cases(*EXCLUSIVE))
def a_timeout_that_is_over_returns_false(mp: Any, see: See, name: str) -> None:
    """acquire(timeout=t) of a lock that stays locked blocks t seconds and returns False."""
    lock = getattr(mp, name)()
    with Held(lock), see.takes(at_least=SMALL):
        see.true(lock.acquire(timeout=SMALL) is False, "acquire() returns False")


@chapter.clause("synchronize.lock.acquire.timeout-second", source=ACQUIRE, methods=NO_METHOD)
def timeout_is_the_second_argument(mp: Any, see: See) -> None:
    """timeout is the second positional argument of acquire()."""
    lock = mp.Lock()
    lock.acquire()
    with see.takes(at_least=SMALL):
        see.returns(False, lock.acquire, True, SMALL)


@chapter.clause("synchronize.lock.acquire.timeout-whole", source=ACQUIRE, methods=NO_METHOD)
def a_timeout_may_be_an_integer(mp: Any, see: See) -> None:
    """timeout may be an int, and blocks for so many seconds."""
    lock = mp.Lock()
    lock.acquire()
    with see.takes(at_least=1.0):
        see.returns(False, lock.acquire, timeout=1)


@chapter.clause("synchronize.lock.acquire.timeout-in-time", source=ACQUIRE, methods=NO_METHOD, cases=cases(*EXCLUSIVE))
def released_in_time_it_is_acquired(mp: Any, see: See, name: str) -> None:
    """acquire() with a timeout returns True as soon as the lock is released within it."""
    lock = getattr(mp, name)()
    with Held(lock) as holder:
        blocked = see.blocks(lock.acquire, timeout=LONG * 100)
        holder.let_go()
        see.true(blocked.ends() is True, "acquire() returns True")


@chapter.clause(
    "synchronize.lock.acquire.timeout-not-positive",
    source=ACQUIRE,
    methods=NO_METHOD,
    cases={
        f"{name}, {label}": (name, timeout)
        for name in EXCLUSIVE
        for label, timeout in {"0": 0, "-1": -1, "far": -LONG * 100}.items()
    },
)
def a_negative_timeout_is_zero(mp: Any, see: See, case: Any) -> None:
    """acquire() with a timeout of zero or below does not block: False where the lock is locked, True where not."""
    name, timeout = case
    lock = getattr(mp, name)()
    with Held(lock):
        see.true(see.comes_back(lock.acquire, True, timeout) is False, "False while it is locked")
    see.true(see.comes_back(lock.acquire, True, timeout) is True, "True once it is free")


@chapter.clause("synchronize.lock.acquire.timeout-ignored", source=ACQUIRE, methods=NO_METHOD, cases=cases(*EXCLUSIVE))
def without_blocking_the_timeout_is_ignored(mp: Any, see: See, name: str) -> None:
    """acquire(False, t) ignores the timeout: it returns at once, whatever t is, and raises nothing."""
    lock = getattr(mp, name)()
    with Held(lock):
        for timeout in (LONG * 100, 0, -1, None):
            see.equal(see.comes_back(lock.acquire, False, timeout), False, f"acquire(False, {timeout})")


@chapter.clause("synchronize.lock.acquire.timeout-wrong", source=ACQUIRE, methods=NO_METHOD, cases=cases(*EXCLUSIVE))
def a_timeout_is_a_number(mp: Any, see: See, name: str) -> None:
    """A timeout that is not a number raises TypeError, and the lock stays free."""
    lock = getattr(mp, name)()
    with see.raises(TypeError):
        lock.acquire(True, "soon")
    see.equal(lock.acquire(False), True, "acquire(False) afterwards")


@chapter.clause("synchronize.lock.acquire.signal", source=LOCK, methods=NO_METHOD)
def a_signal_does_not_end_the_wait(mp: Any, see: See) -> None:
    """acquire() goes on waiting after a signal whose handler returns, until the lock is released."""
    lock, seen = mp.Lock(), []

    def handler() -> None:
        seen.append(lock.acquire(False))
        if len(seen) == 3:
            lock.release()

    lock.acquire()
    with signalled(handler, YIELD):
        see.equal(lock.acquire(), True, "what acquire() returns")
    see.equal(seen[:3], [False] * 3, "the lock, at each signal")


@chapter.clause(
    "synchronize.lock.acquire.signal-timeout", source=LOCK, methods=NO_METHOD, cases=cases("Lock", "Semaphore")
)
def a_signal_does_not_shorten_the_timeout(mp: Any, see: See, name: str) -> None:
    """acquire() with a timeout takes that long although signals arrive whose handlers return."""
    lock = getattr(mp, name)()
    lock.acquire()
    with see.takes(at_least=SMALL), signalled(lambda: None, SMALL / 8):
        see.returns(False, lock.acquire, True, SMALL)


@chapter.clause(
    "synchronize.lock.acquire.signal-raises", source=LOCK, methods=NO_METHOD, cases=cases("Lock", "Semaphore")
)
def a_signal_whose_handler_raises_ends_the_wait(mp: Any, see: See, name: str) -> None:
    """acquire() is ended by a signal whose handler raises: the exception comes out, and the lock is not acquired."""
    lock = getattr(mp, name)()
    lock.acquire()
    with see.raises(LookupError), interrupted(LookupError):
        lock.acquire()
    lock.release()
    see.equal((lock.acquire(False), lock.acquire(False)), (True, False), "two attempts after one release()")


# release


@chapter.clause("synchronize.lock.release.frees", source=RELEASE, methods=NO_METHOD, cases=cases(*EXCLUSIVE))
def release_frees_it(mp: Any, see: See, name: str) -> None:
    """release() makes the lock free for another thread and returns None."""
    lock = getattr(mp, name)()
    lock.acquire()
    see.returns(None, lock.release)
    see.equal(see.comes_back(lock.acquire, False), True, "acquire(False) of another thread")


@chapter.clause("synchronize.lock.release.one-waiter", source=RELEASE, methods=NO_METHOD)
def one_release_lets_one_in(mp: Any, see: See) -> None:
    """Of several who wait for a lock, each release() lets exactly one in."""
    lock = mp.Lock()
    lock.acquire()
    waiters = [see.blocks(lock.acquire) for _ in range(3)]
    for number in (1, 2, 3):
        lock.release()
        exactly(see, waiters, number)


@chapter.clause("synchronize.lock.release.other-thread", source=RELEASE, methods=NO_METHOD)
def another_thread_may_release(mp: Any, see: See) -> None:
    """A thread may release a lock that another thread has acquired."""
    lock = mp.Lock()
    lock.acquire()
    see.equal(see.comes_back(lock.release), None, "what release() returns")
    see.equal(lock.acquire(False), True, "acquire(False) afterwards")


@chapter.clause("synchronize.lock.release.by-child", source=RELEASE)
def a_child_may_release(mp: Any, see: See) -> None:
    """A child may release a lock that its parent has acquired."""
    box, lock = see.mailbox(), mp.Lock()
    lock.acquire()
    child = mp.Process(target=post_outcome, args=(box, lock, "release"))
    child.start()
    see.equal(box.take(), "returned None", "release() in the child")
    see.exits(child, 0)
    see.equal(lock.acquire(False), True, "acquire(False) in the parent")


@chapter.clause("synchronize.lock.release.by-parent", source=RELEASE)
def a_parent_may_release(mp: Any, see: See) -> None:
    """A parent may release a lock that a child, which has ended since, has acquired."""
    box, lock = see.mailbox(), mp.Lock()
    child = mp.Process(target=acquire_and_end, args=(box, lock))
    child.start()
    see.equal(box.take(), True, "acquire() in the child")
    see.exits(child, 0)
    see.equal(lock.acquire(False), False, "acquire(False) before release()")
    see.returns(None, lock.release)
    see.equal(lock.acquire(False), True, "acquire(False) after release()")


@chapter.clause("synchronize.lock.release.free-raises", source=RELEASE, methods=NO_METHOD)
def a_free_lock_is_not_released(mp: Any, see: See) -> None:
    """release() of a lock that is not locked raises ValueError, not RuntimeError as in threading."""
    lock = mp.Lock()
    with see.raises(ValueError):
        lock.release()
    lock.acquire()
    lock.release()
    with see.raises(ValueError):
        lock.release()


@chapter.clause("synchronize.lock.release.free-keeps", source=RELEASE, methods=NO_METHOD)
def a_release_too_many_changes_nothing(mp: Any, see: See) -> None:
    """After a release() that raised, the lock can be acquired once, not twice."""
    lock = mp.Lock()
    with see.raises(ValueError):
        lock.release()
    see.equal((lock.acquire(False), lock.acquire(False)), (True, False), "two attempts")


# Between processes


@chapter.clause("synchronize.lock.shared.excludes-child", source=LOCK, cases=cases("Lock", "Semaphore"))
def a_child_finds_it_locked(mp: Any, see: See, name: str) -> None:
    """A lock that the parent has acquired is locked for a child, too."""
    box, lock = see.mailbox(), getattr(mp, name)()
    lock.acquire()
    child = mp.Process(target=try_to_acquire, args=(box, lock))
    child.start()
    see.equal(box.take(), False, "acquire(False) in the child")
    see.exits(child, 0)
    lock.release()


@chapter.clause("synchronize.lock.shared.excludes-parent", source=LOCK, methods=ANY_METHOD, cases=cases(*EXCLUSIVE))
def a_parent_finds_it_locked(mp: Any, see: See, name: str) -> None:
    """A lock that a child has acquired is locked for its parent until the child releases it."""
    box, gate, lock = see.mailbox(), see.gate(), getattr(mp, name)()
    child = mp.Process(target=hold, args=(box, lock, gate))
    child.start()
    see.equal(box.take(), "held", "the letter of the child")
    see.equal(lock.acquire(False), False, "acquire(False) while the child has it")
    gate.open()
    see.equal(lock.acquire(timeout=LONG), True, "acquire() once the child releases it")
    see.exits(child, 0)


@chapter.clause("synchronize.lock.shared.blocks-child", source=LOCK)
def a_child_waits_for_its_parent(mp: Any, see: See) -> None:
    """acquire() in a child sleeps until the parent releases the lock."""
    box, lock = see.mailbox(), mp.Lock()
    lock.acquire()
    child = mp.Process(target=acquire_and_post, args=(box, lock))
    child.start()
    see.equal(box.take(), "begin", "the first letter")
    see.sleeps(child.pid)
    see.true(box.empty(), "no second letter")
    lock.release()
    see.equal(box.take(), "acquired", "the second letter")
    see.exits(child, 0)


@chapter.clause("synchronize.lock.shared.siblings", source=LOCK)
def siblings_exclude_each_other(mp: Any, see: See) -> None:
    """A lock that one child has acquired is locked for another child."""
    box, gate, lock = see.mailbox(), see.gate(), mp.Lock()
    holder = mp.Process(target=hold, args=(box, lock, gate))
    holder.start()
    see.equal(box.take(), "held", "the letter of the first child")
    other = mp.Process(target=try_to_acquire, args=(box, lock))
    other.start()
    see.equal(box.take(), False, "acquire(False) in the second child")
    gate.open()
    see.exits(other, 0)
    see.exits(holder, 0)


@chapter.clause(
    "synchronize.lock.shared.exclusion", source=LOCK, methods=ANY_METHOD, cases=cases(*EXCLUSIVE), patience=2
)
def nothing_is_lost_under_a_lock(mp: Any, see: See, name: str) -> None:
    """What processes read and write only while they have the lock is never changed by two of them at once."""
    lock, path = getattr(mp, name)(), os.path.join(see.folder, "number")
    with open(path, "w") as file:
        file.write("0")
    children = [mp.Process(target=add_to_file, args=(lock, path, 150)) for _ in range(4)]
    for child in children:
        child.start()
    for child in children:
        see.exits(child, 0)
    with open(path) as file:
        see.equal(file.read(), "600", "the number in the file")
    os.unlink(path)


@chapter.clause(
    "synchronize.lock.shared.dead-owner",
    source="multiprocessing.Process.terminate",
    methods=ANY_METHOD,
    cases=cases(*EXCLUSIVE),
)
def a_killed_owner_leaves_it_locked(mp: Any, see: See, name: str) -> None:
    """A lock whose owner is killed stays locked: acquire() of another process blocks."""
    box, gate, lock = see.mailbox(), see.gate(), getattr(mp, name)()
    child = mp.Process(target=hold, args=(box, lock, gate))
    child.start()
    see.equal(box.take(), "held", "the letter of the child")
    os.kill(child.pid, signal.SIGKILL)
    see.exits(child, -signal.SIGKILL)
    see.equal((lock.acquire(False), lock.acquire(True, YIELD)), (False, False), "two attempts")


@chapter.clause("synchronize.lock.shared.dead-waiter", source=LOCK, methods=ANY_METHOD, cases=cases(*EXCLUSIVE))
def a_killed_waiter_takes_nothing_along(mp: Any, see: See, name: str) -> None:
    """A process that is killed while it waits for a lock takes nothing along: the next one acquires it."""
    box, lock = see.mailbox(), getattr(mp, name)()
    lock.acquire()
    child = mp.Process(target=acquire_and_post, args=(box, lock))
    child.start()
    see.equal(box.take(), "begin", "the letter of the child")
    see.sleeps(child.pid)
    os.kill(child.pid, signal.SIGKILL)
    see.exits(child, -signal.SIGKILL)
    lock.release()
    see.equal((see.comes_back(lock.acquire, False), lock.acquire(False)), (True, False), "two attempts of two threads")


# with


@chapter.clause("synchronize.lock.with.holds", source=LOCK, methods=NO_METHOD, cases=cases(*EXCLUSIVE))
def with_holds_it(mp: Any, see: See, name: str) -> None:
    """In a with statement the lock is acquired at the beginning and released at the end of the block."""
    lock = getattr(mp, name)()
    with lock:
        see.equal(see.comes_back(lock.acquire, False), False, "acquire(False) of another thread in the block")
    see.equal(see.comes_back(lock.acquire, False), True, "acquire(False) of another thread after the block")


@chapter.clause("synchronize.lock.with.error", source=LOCK, methods=NO_METHOD, cases=cases(*EXCLUSIVE))
def with_releases_it_after_an_exception(mp: Any, see: See, name: str) -> None:
    """A with statement releases the lock when its block raises, and the exception comes out."""
    lock = getattr(mp, name)()
    with see.raises(LookupError), lock:
        raise LookupError("from the block")
    see.equal(see.comes_back(lock.acquire, False), True, "acquire(False) of another thread")


@chapter.clause("synchronize.lock.with.blocks", source=LOCK, methods=NO_METHOD, cases=cases(*EXCLUSIVE))
def with_waits_for_it(mp: Any, see: See, name: str) -> None:
    """A with statement blocks until it has acquired the lock."""
    lock, inside = getattr(mp, name)(), threading.Event()

    def enter() -> None:
        with lock:
            inside.set()

    with Held(lock) as holder:
        blocked = see.blocks(enter)
        see.equal(inside.is_set(), False, "whether the block has begun")
        holder.let_go()
        blocked.ends()
    see.equal(inside.is_set(), True, "whether the block has run")
