"""acquire() of locks and semaphores: how long it waits, and what ends the wait."""

from __future__ import annotations

import threading
from typing import Any

from mpspec.chapters.synchronize.chapter import EXCLUSIVE, chapter, interrupted, signalled
from mpspec.chapters.synchronize.targets import acquire_twice
from mpspec.clause import ANY_METHOD, NO_METHOD, SHOULD, UNSPECIFIED, cases
from mpspec.observation.see import See
from mpspec.observation.sharing import Held
from mpspec.observation.waits import LONG, SMALL, YIELD

LOCK = "multiprocessing.Lock"
ACQUIRE = "multiprocessing.Lock.acquire"


@chapter.clause("synchronize.lock.acquire.blocks", passage=f"{ACQUIRE}/3,2", methods=NO_METHOD)
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
    passage=(f"{ACQUIRE}/9,3,1", "multiprocessing.RLock.acquire/3,9,1"),
    methods=NO_METHOD,
    cases={
        f"{name}, {label}": (name, args, kwargs)
        for name in ("Lock", "RLock")
        for label, args, kwargs in (
            ("positional", (True,), {}),
            ("keyword", (), {"block": True}),
            ("without timeout", (True, None), {}),
            ("timeout None", (), {"timeout": None}),
        )
    },
)
def acquire_blocks_in_every_spelling(mp: Any, see: See, case: Any) -> None:
    """acquire() blocks without end where block is true and timeout is None or left out."""
    name, args, kwargs = case
    lock = getattr(mp, name)()
    with Held(lock) as holder:
        blocked = see.blocks(lock.acquire, *args, **kwargs)
        blocked.still()
        holder.release()
        see.equal(blocked.ends(), True, "what acquire() returns")


@chapter.clause(
    "synchronize.lock.acquire.endless",
    passage=(
        f"{ACQUIRE}/9,3",
        "multiprocessing.RLock.acquire/9,3",
        "multiprocessing.Semaphore/2",
        "multiprocessing.BoundedSemaphore/2",
    ),
    methods=NO_METHOD,
)
def acquire_does_not_give_up(mp: Any, see: See) -> None:
    """acquire() without a timeout goes on waiting for a lock or semaphore that is locked for seconds."""
    locks = [getattr(mp, name)() for name in EXCLUSIVE]
    with Held(locks[0]) as a, Held(locks[1]) as b, Held(locks[2]) as c, Held(locks[3]) as d:
        blocked = [see.blocks(lock.acquire) for lock in locks]
        blocked[0].goes_on()
        for call in blocked:
            call.still()
        for holder in (a, b, c, d):
            holder.release()
        see.equal([call.ends() for call in blocked], [True] * 4, "what acquire() returns")


@chapter.clause("synchronize.lock.acquire.non-recursive", passage=f"{LOCK}/3,2", methods=ANY_METHOD)
def it_is_not_recursive(mp: Any, see: See) -> None:
    """A thread that has acquired a lock blocks when it acquires it again, until somebody releases it."""
    box, lock = see.mailbox(), mp.Lock()
    child = mp.Process(target=acquire_twice, args=(box, lock))
    child.start()
    see.equal(box.take(), "once", "the first message")
    see.settles(child.pid)
    see.true(box.empty(), "no second message")
    lock.release()
    see.equal(box.take(), "twice", "the second message")
    see.exits(child, 0)


@chapter.clause(
    "synchronize.lock.acquire.non-blocking-free",
    passage=(
        f"{ACQUIRE}/6,5,2",
        "multiprocessing.RLock.acquire/6,8",
        "multiprocessing.Semaphore/2",
        "multiprocessing.BoundedSemaphore/2",
    ),
    methods=NO_METHOD,
    cases=cases(*EXCLUSIVE),
)
def without_blocking_a_free_lock_is_taken(mp: Any, see: See, name: str) -> None:
    """acquire(False) of a free lock locks it and returns True."""
    lock = getattr(mp, name)()
    see.true(see.comes_back(lock.acquire, False) is True, "acquire(False) returns True")
    see.equal(lock.acquire(False), False, "acquire(False) of another thread")


@chapter.clause(
    "synchronize.lock.acquire.non-blocking-taken",
    passage=(
        f"{ACQUIRE}/6,5,2",
        "multiprocessing.RLock.acquire/6,7",
        "multiprocessing.Semaphore/2",
        "multiprocessing.BoundedSemaphore/2",
    ),
    methods=NO_METHOD,
    cases=cases(*EXCLUSIVE),
)
def without_blocking_a_locked_lock_is_left(mp: Any, see: See, name: str) -> None:
    """acquire(False) of a lock that another thread has returns False at once, and the lock stays as it is."""
    lock = getattr(mp, name)()
    with Held(lock):
        see.true(see.comes_back(lock.acquire, False) is False, "acquire(False) returns False")
        see.equal(lock.acquire(block=False), False, "acquire(block=False)")
    see.equal(lock.acquire(False), True, "acquire(False) once it is free")


@chapter.clause(
    "synchronize.lock.acquire.name-of-block",
    passage=(
        f"{ACQUIRE}/4,1",
        "multiprocessing.RLock.acquire/1,5",
        "multiprocessing.Semaphore/5",
        "multiprocessing.BoundedSemaphore/5",
    ),
    methods=NO_METHOD,
    cases=cases(*EXCLUSIVE),
)
def the_first_argument_is_named_block(mp: Any, see: See, name: str) -> None:
    """The first argument of acquire() is named block."""
    lock = getattr(mp, name)()
    see.returns(True, lock.acquire, block=True)


@chapter.clause(
    "synchronize.lock.acquire.timeout-over",
    passage=(
        f"{ACQUIRE}/12,7",
        "multiprocessing.RLock.acquire/9",
        "multiprocessing.Semaphore/2",
        "multiprocessing.BoundedSemaphore/2",
    ),
    methods=NO_METHOD,
    cases=cases(*EXCLUSIVE),
)
def a_timeout_that_is_over_returns_false(mp: Any, see: See, name: str) -> None:
    """acquire(timeout=t) of a lock that stays locked returns False after t seconds, not before and not long after."""
    lock = getattr(mp, name)()
    with Held(lock):
        see.true(see.expires(SMALL, lock.acquire, timeout=SMALL) is False, "acquire() returns False")


@chapter.clause("synchronize.lock.acquire.timeout-second", passage=f"{ACQUIRE}/1,12", methods=NO_METHOD)
def timeout_is_the_second_argument(mp: Any, see: See) -> None:
    """timeout is the second positional argument of acquire()."""
    lock = mp.Lock()
    lock.acquire()
    see.equal(see.expires(SMALL, lock.acquire, True, SMALL), False, "what acquire() returns")


@chapter.clause("synchronize.lock.acquire.timeout-whole", passage=f"{ACQUIRE}/7", level=SHOULD, methods=NO_METHOD)
def a_timeout_may_be_an_integer(mp: Any, see: See) -> None:
    """timeout may be an int, and blocks for so many seconds."""
    lock = mp.Lock()
    lock.acquire()
    see.equal(see.expires(1, lock.acquire, timeout=1), False, "what acquire() returns")


@chapter.clause(
    "synchronize.lock.acquire.timeout-in-time",
    passage=(
        f"{ACQUIRE}/12,7",
        "multiprocessing.RLock.acquire/9",
        "multiprocessing.Semaphore/2",
        "multiprocessing.BoundedSemaphore/2",
    ),
    methods=NO_METHOD,
    cases=cases(*EXCLUSIVE),
)
def released_in_time_it_is_acquired(mp: Any, see: See, name: str) -> None:
    """acquire() with a timeout returns True as soon as the lock is released within it."""
    lock = getattr(mp, name)()
    with Held(lock) as holder:
        blocked = see.blocks(lock.acquire, timeout=LONG * 100)
        holder.release()
        see.true(blocked.ends() is True, "acquire() returns True")


@chapter.clause(
    "synchronize.lock.acquire.long-timeout",
    passage=(
        f"{ACQUIRE}/7,12",
        "multiprocessing.RLock.acquire/9",
        "multiprocessing.Semaphore/2",
        "multiprocessing.BoundedSemaphore/2",
    ),
    methods=NO_METHOD,
    cases=cases(*EXCLUSIVE),
)
def a_timeout_may_be_very_long(mp: Any, see: See, name: str) -> None:
    """acquire() takes a timeout of days, and of threading.TIMEOUT_MAX, and waits until the lock is released."""
    for timeout in (1e6, threading.TIMEOUT_MAX):
        lock = getattr(mp, name)()
        with Held(lock) as holder:
            blocked = see.blocks(lock.acquire, timeout=timeout)
            holder.release()
            see.true(blocked.ends() is True, "acquire() returns True")


@chapter.clause(
    "synchronize.lock.acquire.timeout-not-positive",
    passage=(
        f"{ACQUIRE}/8,12",
        "multiprocessing.RLock.acquire/9",
        "multiprocessing.Semaphore/2",
        "multiprocessing.BoundedSemaphore/2",
    ),
    methods=NO_METHOD,
    cases={
        f"{name}, {label}": (name, timeout)
        for name in EXCLUSIVE
        for label, timeout in {"0": 0, "-1": -1, "far": -LONG * 100}.items()
        if timeout == 0 or name in ("Lock", "RLock")
    },
)
def a_negative_timeout_is_zero(mp: Any, see: See, case: Any) -> None:
    """acquire() with a timeout of zero or below does not block: False where the lock is locked, True where not."""
    name, timeout = case
    lock = getattr(mp, name)()
    with Held(lock):
        see.true(see.comes_back(lock.acquire, True, timeout) is False, "False while it is locked")
    see.true(see.comes_back(lock.acquire, True, timeout) is True, "True once it is free")


@chapter.clause(
    "synchronize.semaphore.acquire.negative-timeout",
    passage=("multiprocessing.Semaphore/2", "multiprocessing.BoundedSemaphore/2"),
    level=SHOULD,
    methods=NO_METHOD,
    cases=cases("Semaphore", "BoundedSemaphore"),
)
def a_negative_timeout_of_a_semaphore_is_over(mp: Any, see: See, name: str) -> None:
    """acquire() of a semaphore with a timeout below zero does not block: False where it is at zero, True where not."""
    semaphore = getattr(mp, name)()
    see.true(see.comes_back(semaphore.acquire, True, -1) is True, "True while it is above zero")
    see.true(see.comes_back(semaphore.acquire, True, -1) is False, "False once it is at zero")


@chapter.clause(
    "synchronize.lock.acquire.timeout-ignored",
    passage=(f"{ACQUIRE}/11", "multiprocessing.RLock.acquire/9"),
    methods=NO_METHOD,
    cases=cases("Lock", "RLock"),
)
def without_blocking_the_timeout_is_ignored(mp: Any, see: See, name: str) -> None:
    """acquire(False, t) ignores the timeout: whatever t is, it returns at once, True where it was free, else False."""
    lock = getattr(mp, name)()
    with Held(lock):
        for timeout in (LONG * 100, 0, -1, None):
            see.equal(see.comes_back(lock.acquire, False, timeout), False, f"acquire(False, {timeout})")
    for timeout in (LONG * 100, 0, -1, None):
        see.equal(lock.acquire(False, timeout), True, f"acquire(False, {timeout}) of the free lock")
        lock.release()


@chapter.clause(
    "synchronize.semaphore.acquire.timeout-unblocked",
    source="multiprocessing.Semaphore",
    level=UNSPECIFIED,
    methods=NO_METHOD,
    cases=cases("Semaphore", "BoundedSemaphore"),
)
def a_semaphore_that_does_not_block_and_a_timeout(mp: Any, see: See, name: str) -> None:
    """Whether a semaphore's acquire(False, t) ignores the timeout, or refuses it as that of threading, is left open."""
    semaphore = getattr(mp, name)()
    try:
        see.records(returns=see.comes_back(semaphore.acquire, False, SMALL))
    except Exception as error:
        see.records(error=type(error).__name__)


@chapter.clause(
    "synchronize.lock.acquire.timeout-wrong",
    source=ACQUIRE,
    level=UNSPECIFIED,
    methods=NO_METHOD,
    cases=cases(*EXCLUSIVE),
)
def a_timeout_that_is_no_number(mp: Any, see: See, name: str) -> None:
    """What acquire() does with a timeout that is not a number is left open."""
    lock = getattr(mp, name)()
    try:
        see.records(returns=see.comes_back(lock.acquire, True, "soon"))
    except Exception as error:
        see.records(error=type(error).__name__)


@chapter.clause("synchronize.lock.acquire.signal", passage=f"{ACQUIRE}/3", level=SHOULD, methods=NO_METHOD)
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
    "synchronize.lock.acquire.signal-timeout",
    passage=(f"{ACQUIRE}/12,7", "multiprocessing.Semaphore/2"),
    level=SHOULD,
    methods=NO_METHOD,
    cases=cases("Lock", "Semaphore"),
)
def a_signal_does_not_shorten_the_timeout(mp: Any, see: See, name: str) -> None:
    """acquire() with a timeout takes that long although signals arrive whose handlers return."""
    lock = getattr(mp, name)()
    lock.acquire()
    with see.takes(at_least=SMALL), signalled(lambda: None, SMALL / 8):
        see.returns(False, lock.acquire, True, SMALL)


@chapter.clause(
    "synchronize.lock.acquire.signal-raises",
    passage=(f"{LOCK}/4", "multiprocessing.Semaphore/2"),
    level=SHOULD,
    methods=NO_METHOD,
    cases=cases("Lock", "Semaphore"),
)
def a_signal_whose_handler_raises_ends_the_wait(mp: Any, see: See, name: str) -> None:
    """acquire() is ended by a signal whose handler raises: the exception comes out, and the lock is not acquired."""
    lock = getattr(mp, name)()
    lock.acquire()
    with see.raises(LookupError), interrupted(LookupError):
        lock.acquire()
    lock.release()
    see.equal((lock.acquire(False), lock.acquire(False)), (True, False), "two attempts after one release()")
