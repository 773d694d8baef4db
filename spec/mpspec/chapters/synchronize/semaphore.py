"""Semaphore and BoundedSemaphore: how often they can be acquired."""

from __future__ import annotations

import os
import signal
from typing import Any

from mpspec.chapters.synchronize.chapter import chapter, exactly, posted_by_a_child
from mpspec.chapters.synchronize.targets import acquire_and_end, acquire_and_post, hold, post_outcome, release_times
from mpspec.clause import ANY_METHOD, MAY, NO_METHOD, SHOULD, UNSPECIFIED, cases
from mpspec.observation.see import See

BOTH = cases("Semaphore", "BoundedSemaphore")
SEMAPHORE = "multiprocessing.Semaphore"
BOUNDED = "multiprocessing.BoundedSemaphore"


def free(semaphore: Any, most: int = 9) -> int:
    """How often the semaphore can be acquired without blocking; it is put back."""
    taken = 0
    while taken < most and semaphore.acquire(False):
        taken += 1
    for _ in range(taken):
        semaphore.release()
    return taken


@chapter.clause("synchronize.semaphore.factory", source=SEMAPHORE, level=UNSPECIFIED, methods=NO_METHOD, cases=BOTH)
def of_which_class_they_are(mp: Any, see: See, name: str) -> None:
    """Whether Semaphore() and BoundedSemaphore() make instances of classes in synchronize, as Lock() does, is open."""
    kind = getattr(mp.synchronize, name, None)
    see.records(instance=isinstance(kind, type) and isinstance(getattr(mp, name)(), kind))


@chapter.clause(
    "synchronize.semaphore.value.default", passage=(f"{SEMAPHORE}/2,1", f"{BOUNDED}/2"), methods=NO_METHOD, cases=BOTH
)
def the_value_is_one_by_default(mp: Any, see: See, name: str) -> None:
    """A semaphore made without a value can be acquired once."""
    see.equal(free(getattr(mp, name)()), 1, "how often it can be acquired")


@chapter.clause(
    "synchronize.semaphore.value.given", passage=(f"{SEMAPHORE}/1,2", f"{BOUNDED}/1"), methods=NO_METHOD, cases=BOTH
)
def the_value_says_how_often(mp: Any, see: See, name: str) -> None:
    """A semaphore made with the value n, by position or name, can be acquired n times."""
    see.equal(free(getattr(mp, name)(3)), 3, "how often it can be acquired")
    see.equal(free(getattr(mp, name)(value=5)), 5, "how often it can be acquired")


@chapter.clause(
    "synchronize.semaphore.get-value",
    passage=f"{SEMAPHORE}.get_value/1-2",
    methods=NO_METHOD,
    since="3.14",
    platforms=("linux",),
)
def get_value_gives_the_value(mp: Any, see: See) -> None:
    """get_value() returns the value, which acquire() and release() change."""
    semaphore = mp.Semaphore(3)
    first = semaphore.get_value()
    semaphore.acquire()
    second = semaphore.get_value()
    semaphore.release()
    semaphore.release()
    see.equal((first, second, semaphore.get_value()), (3, 2, 4), "the value at first, after acquire() and two releases")


@chapter.clause(
    "synchronize.semaphore.get-value-unknown",
    passage=f"{SEMAPHORE}.get_value/3",
    level=MAY,
    methods=NO_METHOD,
    since="3.14",
)
def get_value_may_be_unknown(mp: Any, see: See) -> None:
    """get_value() returns the value, or raises NotImplementedError where the platform cannot tell it."""
    try:
        value = mp.Semaphore(2).get_value()
    except NotImplementedError:
        see.records(value=None)
    else:
        see.equal(value, 2, "the value")
        see.records(value=value)


@chapter.clause("synchronize.semaphore.value.zero", passage=f"{SEMAPHORE}/2", methods=NO_METHOD)
def a_value_of_zero_blocks_at_once(mp: Any, see: See) -> None:
    """acquire() of a semaphore made with the value 0 blocks until release() is called."""
    semaphore = mp.Semaphore(0)
    blocked = see.blocks(semaphore.acquire)
    semaphore.release()
    see.equal(blocked.ends(), True, "what acquire() returns")


@chapter.clause(
    "synchronize.semaphore.value.negative", passage=(f"{SEMAPHORE}/2,5", f"{BOUNDED}/5"), methods=NO_METHOD, cases=BOTH
)
def a_negative_value_raises(mp: Any, see: See, name: str) -> None:
    """A negative value raises ValueError."""
    with see.raises(ValueError):
        getattr(mp, name)(-1)


@chapter.clause(
    "synchronize.semaphore.acquire.same-thread",
    passage=(f"{SEMAPHORE}/2", f"{BOUNDED}/2"),
    methods=NO_METHOD,
    cases=BOTH,
)
def the_same_thread_counts_as_any(mp: Any, see: See, name: str) -> None:
    """A thread that has acquired a semaphore of value 1 blocks when it acquires it again."""
    semaphore = getattr(mp, name)()
    semaphore.acquire()
    see.equal(semaphore.acquire(False), False, "acquire(False) of the same thread")
    blocked = see.blocks(semaphore.acquire)
    semaphore.release()
    see.equal(blocked.ends(), True, "what acquire() returns")


@chapter.clause(
    "synchronize.semaphore.acquire.counts-down",
    passage=(f"{SEMAPHORE}/2", f"{BOUNDED}/2"),
    methods=NO_METHOD,
    cases=BOTH,
)
def each_acquire_takes_one(mp: Any, see: See, name: str) -> None:
    """Each acquire() takes one away; the one after the last blocks."""
    semaphore = getattr(mp, name)(2)
    see.equal([semaphore.acquire(), free(semaphore), semaphore.acquire()], [True, 1, True], "acquire, left, acquire")
    blocked = see.blocks(semaphore.acquire)
    semaphore.release()
    see.equal(blocked.ends(), True, "what acquire() returns")


@chapter.clause("synchronize.semaphore.release.above", passage=f"{SEMAPHORE}/2", methods=NO_METHOD)
def a_semaphore_may_exceed_its_value(mp: Any, see: See) -> None:
    """release() of a Semaphore adds one, also above the value that it was made with."""
    semaphore = mp.Semaphore(1)
    semaphore.release()
    semaphore.release()
    see.equal(free(semaphore), 3, "how often it can be acquired")


@chapter.clause(
    "synchronize.semaphore.release.one-each", passage=(f"{SEMAPHORE}/2", f"{BOUNDED}/2"), methods=NO_METHOD, cases=BOTH
)
def each_release_lets_one_in(mp: Any, see: See, name: str) -> None:
    """Of several waiters, as many come in as release() is called, and no more."""
    semaphore = getattr(mp, name)(4)
    for _ in range(4):
        semaphore.acquire()
    waiters = [see.blocks(semaphore.acquire) for _ in range(4)]
    semaphore.release()
    semaphore.release()
    exactly(see, waiters, 2)
    semaphore.release()
    semaphore.release()
    exactly(see, waiters, 4)


@chapter.clause("synchronize.semaphore.release.before", passage=f"{SEMAPHORE}/2", methods=NO_METHOD)
def a_release_is_remembered(mp: Any, see: See) -> None:
    """A release() before anybody waits is not lost: that many acquire() calls do not block."""
    semaphore = mp.Semaphore(0)
    for _ in range(3):
        semaphore.release()
    see.equal([see.comes_back(semaphore.acquire) for _ in range(3)], [True] * 3, "what acquire() returns")
    see.equal(semaphore.acquire(False), False, "a fourth acquire(False)")


@chapter.clause("synchronize.semaphore.release.several", source=SEMAPHORE, level=UNSPECIFIED, methods=NO_METHOD)
def release_of_several_at_once(mp: Any, see: See) -> None:
    """Whether release(n) releases n at once, as in threading, is left open: a close analog is not the same."""
    semaphore = mp.Semaphore(0)
    try:
        semaphore.release(3)
    except TypeError:
        see.records(released=None)
    else:
        see.records(released=free(semaphore))


@chapter.clause(
    "synchronize.semaphore.shared.release", passage=(f"{SEMAPHORE}/2", "synchronization-between-processes/1")
)
def a_child_releases_for_its_parent(mp: Any, see: See) -> None:
    """What a child releases, its parent can acquire, as often and not more."""
    semaphore = mp.Semaphore(0)
    child = mp.Process(target=release_times, args=(semaphore, 3))
    child.start()
    see.equal([see.comes_back(semaphore.acquire) for _ in range(3)], [True] * 3, "what acquire() returns")
    see.exits(child, 0)
    see.equal(semaphore.acquire(False), False, "a fourth acquire(False)")


@chapter.clause("synchronize.semaphore.shared.count", passage=(f"{SEMAPHORE}/2", f"{BOUNDED}/2"), cases=BOTH)
def processes_share_the_count(mp: Any, see: See, name: str) -> None:
    """A semaphore of value 2 is held by two processes at once, and not by a third."""
    box, gate, semaphore = see.mailbox(), see.gate(), getattr(mp, name)(2)
    children = [mp.Process(target=hold, args=(box, semaphore, gate)) for _ in range(2)]
    for child in children:
        child.start()
    see.equal(box.take_all(2), ["held", "held"], "the messages")
    see.equal(semaphore.acquire(False), False, "acquire(False) in the parent")
    gate.open()
    for child in children:
        see.exits(child, 0)
    see.equal(free(semaphore), 2, "how often it can be acquired")


@chapter.clause(
    "synchronize.semaphore.shared.kept-by-the-dead",
    passage=(f"{SEMAPHORE}/2", f"{BOUNDED}/2"),
    methods=ANY_METHOD,
    cases=BOTH,
)
def what_a_process_has_acquired_outlives_it(mp: Any, see: See, name: str) -> None:
    """What a process has acquired and not released stays acquired after its end; any process may release it."""
    box, semaphore = see.mailbox(), getattr(mp, name)(2)
    child = mp.Process(target=acquire_and_end, args=(box, semaphore))
    child.start()
    see.exits(child, 0)
    see.equal(free(semaphore), 1, "how often it can be acquired after the end")
    semaphore.release()
    see.equal(free(semaphore), 2, "how often it can be acquired after release()")


@chapter.clause("synchronize.semaphore.shared.dead-waiters", passage=f"{SEMAPHORE}/2", level=SHOULD, methods=ANY_METHOD)
def killed_waiters_count_for_nothing(mp: Any, see: See) -> None:
    """Processes killed while they wait for a semaphore take none of what is released later."""
    box, semaphore = see.mailbox(), mp.Semaphore(0)
    children = [mp.Process(target=acquire_and_post, args=(box, semaphore)) for _ in range(2)]
    for child in children:
        child.start()
    see.equal(box.take_all(2), ["begin", "begin"], "the messages")
    for child in children:
        see.settles(child.pid)
        os.kill(child.pid, signal.SIGKILL)
        see.exits(child, -signal.SIGKILL)
    semaphore.release()
    semaphore.release()
    see.equal((free(semaphore), box.empty()), (2, True), "what is left, and no message")


@chapter.clause("synchronize.bounded.over", passage=f"{BOUNDED}/2", methods=NO_METHOD, platforms=("linux", "freebsd"))
def a_bounded_semaphore_does_not_exceed_its_value(mp: Any, see: See) -> None:
    """release() of a BoundedSemaphore that has its first value raises ValueError."""
    semaphore = mp.BoundedSemaphore(2)
    with see.raises(ValueError):
        semaphore.release()
    semaphore.acquire()
    semaphore.release()
    with see.raises(ValueError):
        semaphore.release()


@chapter.clause("synchronize.bounded.keeps", passage=f"{BOUNDED}/2", methods=NO_METHOD, platforms=("linux", "freebsd"))
def a_release_too_many_adds_nothing(mp: Any, see: See) -> None:
    """A release() of a BoundedSemaphore that raised has added nothing."""
    semaphore = mp.BoundedSemaphore(2)
    for _ in range(2):
        with see.raises(ValueError):
            semaphore.release()
    see.equal(free(semaphore), 2, "how often it can be acquired")


@chapter.clause("synchronize.bounded.shared", passage=f"{BOUNDED}/2", platforms=("linux", "freebsd"))
def the_bound_holds_in_a_child(mp: Any, see: See) -> None:
    """In a child, too, a release() too many of a BoundedSemaphore raises ValueError."""
    released = posted_by_a_child(mp, see, post_outcome, mp.BoundedSemaphore(2), "release")
    see.equal(released, "ValueError", "release() in the child")


@chapter.clause("synchronize.bounded.macos", passage=f"{BOUNDED}/6", methods=NO_METHOD, platforms=("darwin",))
def macos_knows_no_bound(mp: Any, see: See) -> None:
    """On macOS a BoundedSemaphore behaves as a Semaphore: release() above the first value does not raise."""
    semaphore = mp.BoundedSemaphore(2)
    semaphore.release()
    see.equal(free(semaphore), 3, "how often it can be acquired")


@chapter.clause(
    "synchronize.semaphore.macos-timeout",
    passage="synchronization-primitives/4",
    methods=NO_METHOD,
    platforms=("darwin",),
)
def macos_has_timeouts_too(mp: Any, see: See) -> None:
    """On macOS acquire() with a timeout works as elsewhere, although it sleeps in a loop."""
    semaphore = mp.Semaphore(0)
    with see.takes(at_least=0.1):
        see.returns(False, semaphore.acquire, True, 0.1)
    semaphore.release()
    see.returns(True, semaphore.acquire, True, 0.1)
