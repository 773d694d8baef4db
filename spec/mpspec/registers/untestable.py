"""The register of what the page promises and no clause can test, each with its reason. Nothing else is left out."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Untestable:
    """One promise without a clause: the promise in our words, why nothing can show it, and where it stands."""

    promise: str
    reason: str
    passages: tuple[str, ...] = ()


UNTESTABLE: tuple[Untestable, ...] = (
    Untestable(
        "a program frozen into a Windows executable that leaves freeze_support() out fails with RuntimeError",
        "It takes a freezing tool and Windows; outside Windows the page promises no effect, which has clauses.",
        passages=("multiprocessing.freeze_support/2", "multiprocessing.freeze_support/7"),
    ),
    Untestable(
        "a pipe or queue in use may be corrupted, and a lock that is held may never be released, by terminate()",
        "A warning of what may happen: no outcome is promised that could fail to come.",
        passages=("multiprocessing.Process.terminate/6", "multiprocessing.Process.terminate/7"),
    ),
    Untestable(
        "a file-like sys.stdin with a cache of its own may flush it once in each forked child",
        "A warning about the object of a user; that the child closes that object has a clause.",
        passages=("all-start-methods/47",),
    ),
    Untestable(
        "spawn and forkserver can generally not be used in frozen executables on POSIX, fork may work",
        "It takes a freezing tool, and nothing is promised that could fail to come.",
        passages=("contexts-and-start-methods/22", "contexts-and-start-methods/23"),
    ),
    Untestable(
        "the start of a process by spawn is slower than by fork or forkserver",
        "A comparison of durations: the benchmark measures it; a check that asserts it fails on a busy machine.",
        passages=("multiprocessing-start-method-spawn/4",),
    ),
    Untestable(
        "a fork of a process with several threads is not safe, on macOS a fork may crash the child",
        "A warning of what may happen: no outcome is promised. That a fork of several threads warns has a clause.",
        passages=("multiprocessing-start-method-fork/4", "contexts-and-start-methods/4"),
    ),
    Untestable(
        "the logging package has no locks that processes share, so that lines of several may come mixed",
        "What may happen and seldom does: neither mixed nor unmixed lines would break the promise.",
        passages=("logging/2",),
    ),
    Untestable(
        "ImportError is raised by a queue's construction where the system has no working shared semaphores",
        "no platform on which this runs is without them",
        passages=("multiprocessing.Queue/10", "multiprocessing.Queue/11", "multiprocessing.Queue/13"),
    ),
    Untestable(
        "importing the module synchronize raises ImportError where the system has no working shared semaphores",
        "no platform on which this runs is without them, and hiding the module that CPython takes them from says "
        "nothing of an implementation that has its own",
        passages=("synchronization-primitives/5", "synchronization-primitives/6"),
    ),
    Untestable(
        "without a task_done() for each item the count of unfinished tasks overflows some day, with an exception",
        "it counts to more than two thousand million",
        passages=("pipes-and-queues/5",),
    ),
    Untestable(
        "a process killed while it uses a queue may corrupt it, so that others get an exception",
        "it may as well leave it whole; the clauses of kills between uses and while waiting say what can be said",
        passages=("pipes-and-queues/16",),
    ),
    Untestable(
        "a pointer in shared memory is an address of one process, and following it in another is likely to crash",
        "what follows is a matter of chance: the address may happen to be mapped",
        passages=("module-multiprocessing.sharedctypes/2", "module-multiprocessing.sharedctypes/3"),
    ),
    Untestable(
        "access through a wrapper can be a lot slower than to the object itself",
        "a matter of speed, which the benchmarks show",
        passages=("multiprocessing.sharedctypes.synchronized/8",),
    ),
    Untestable(
        "reading and assigning an item may be non-atomic",
        "it may as well be atomic: nothing could break it",
        passages=("multiprocessing.sharedctypes.RawArray/6", "multiprocessing.sharedctypes.RawValue/5"),
    ),
    Untestable(
        "what is in a pipe may be corrupted where two processes or threads use the same end at once",
        "A warning of what may happen; that different ends do not disturb each other has a clause.",
        passages=("exchanging-objects-between-processes/14",),
    ),
    Untestable(
        "the named pipe of another machine is reached by an address with the name of that machine in place of the dot",
        "It takes two machines with Windows, or one whose name for itself goes over the network.",
        passages=("address-formats/4",),
    ),
    Untestable(
        "on Windows the address '0.0.0.0' of a listener is none that a client could connect to",
        "It takes Windows, and a port that is open to the network, which no check opens.",
        passages=("multiprocessing.connection.Listener/4",),
    ),
    Untestable(
        "map() may use much memory for a very long iterable",
        "A warning of what may happen: one that does with little would break nothing.",
        passages=("multiprocessing.pool.Pool.map/6",),
    ),
    Untestable(
        "imap() can be much faster for very long iterables by large chunks than by the default",
        "A comparison of durations: the benchmarks measure it, and one that is fast by small ones would break nothing.",
        passages=("multiprocessing.pool.Pool.imap/4",),
    ),
    Untestable(
        "server process managers are slower than shared memory",
        "A comparison of durations: the benchmarks measure it, and a fast one would break nothing.",
        passages=("sharing-state-between-processes/22",),
    ),
    Untestable(
        "the package runs on POSIX and on Windows",
        "Every check shows it for the platform that it runs on, and none for another one.",
        passages=("introduction/4",),
    ),
)
