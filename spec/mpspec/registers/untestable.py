"""The register of what the page promises and no clause can test, each with its reason. Nothing else is left out."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Untestable:
    """One promise without a clause. promise: in our words; reason: why nothing can show it; passages: where it stands."""

    promise: str
    reason: str
    passages: tuple[str, ...] = ()


UNTESTABLE: tuple[Untestable, ...] = (
    Untestable(
        "multiprocessing.freeze_support",
        "a program frozen into a Windows executable that leaves freeze_support() out fails with RuntimeError",
        "It takes a freezing tool and Windows; outside Windows the page promises no effect, which has clauses.",
    ),
    Untestable(
        "multiprocessing.Process.terminate",
        "a pipe or queue in use may be corrupted, and a lock that is held may never be released, by terminate()",
        "A warning of what may happen: no outcome is promised that could fail to come.",
    ),
    Untestable(
        "multiprocessing-programming",
        "a file-like sys.stdin with a cache of its own may flush it once in each forked child",
        "A warning about the object of a user; that the child closes that object has a clause.",
    ),
    Untestable(
        "multiprocessing-start-methods",
        "spawn and forkserver can generally not be used in frozen executables on POSIX, fork may work",
        "It takes a freezing tool, and nothing is promised that could fail to come.",
    ),
    Untestable(
        "multiprocessing-start-method-spawn",
        "the start of a process by spawn is slower than by fork or forkserver",
        "A comparison of durations: the benchmark measures it; a check that asserts it fails on a busy machine.",
    ),
    Untestable(
        "multiprocessing-start-method-fork",
        "a fork of a process with several threads is not safe, on macOS a fork may crash the child",
        "A warning of what may happen: no outcome is promised. That a fork of several threads warns has a clause.",
    ),
    Untestable(
        "logging",
        "the logging package has no locks that processes share, so that lines of several may come mixed",
        "What may happen and seldom does: neither mixed nor unmixed lines would break the promise.",
    ),
    Untestable(
        "multiprocessing.Queue",
        "ImportError is raised by a queue's construction where the system has no working shared semaphores",
        "no platform on which this runs is without them",
    ),
    Untestable(
        "pipes-and-queues",
        "without a task_done() for each item the count of unfinished tasks overflows some day, with an exception",
        "it counts to more than two thousand million",
    ),
    Untestable(
        "pipes-and-queues",
        "a process killed while it uses a queue may corrupt it, so that others get an exception",
        "it may as well leave it whole; the clauses of kills between uses and while waiting say what can be said",
    ),
    Untestable(
        "module-multiprocessing.sharedctypes",
        "a pointer in shared memory is an address of one process, and following it in another is likely to crash",
        "what follows is a matter of chance: the address may happen to be mapped",
    ),
    Untestable(
        "multiprocessing.sharedctypes.synchronized",
        "access through a wrapper can be a lot slower than to the object itself",
        "a matter of speed, which the benchmarks show",
    ),
    Untestable(
        "multiprocessing.sharedctypes.RawArray",
        "reading and assigning an item may be non-atomic",
        "it may as well be atomic: nothing could break it",
    ),
)
