"""Passages that promise nothing: no clause has to rest on them, and no gap is listed for them.

A chapter marks what it answers for. A passage that says something new does not belong here, however hard it is to
test: that is what the register of untestables is for.
"""

from __future__ import annotations

from mpspec.clause import spread

INTRODUCTION = "introduction"
"""Says what comes next or what something is about: a title, a line before a list, a table or an example."""
REFERENCE = "cross-reference"
"""Sends the reader elsewhere."""
ADVICE = "advice"
"""Says what is good practice; nothing that could be observed follows from it, or another passage says what does."""
EXPLANATION = "explanation"
"""Gives the reason for, or the consequence of, what another passage promises."""
EXAMPLE = "example"
"""A few lines of code; what they show is promised by a sentence, or checked as a program by the chapter of examples."""
HISTORY = "history"
"""Says since when: an edition older than any that the spec knows, and what holds now stands in other passages."""
ELSEWHERE = "other platform or tool"
"""Speaks of a platform or of a tool that the specification does not cover."""

KINDS = (INTRODUCTION, REFERENCE, ADVICE, EXPLANATION, EXAMPLE, HISTORY, ELSEWHERE)

MARKS: dict[str, dict[str, tuple[str, ...]]] = {
    "process": {
        INTRODUCTION: (
            "the-process-class/3,5",
            "reference/1",
            "multiprocessing.Process/19,26,28",
            "multiprocessing.Process.run/2,6",
            "multiprocessing.freeze_support/5",
        ),
        REFERENCE: (
            "module-multiprocessing/1",
            "the-process-class/7",
            "multiprocessing.Process/21,23-24",
            "multiprocessing.Process.authkey/5",
            "multiprocessing.cpu_count/4,6",
        ),
        ADVICE: (
            "multiprocessing.Process/4",
            "multiprocessing.Process.join/5",
            "multiprocessing.Process.sentinel/4",
            "multiprocessing.freeze_support/4",
            "multiprocessing.set_executable/4,6",
        ),
        EXPLANATION: (
            "the-process-class/9",
            "multiprocessing.Process/17",
            "multiprocessing.Process.daemon/7",
            "multiprocessing.freeze_support/3",
        ),
        HISTORY: (
            "multiprocessing.Process/25",
            "multiprocessing.Process.interrupt/10",
            "multiprocessing.Process.sentinel/7",
            "multiprocessing.Process.kill/3",
            "multiprocessing.Process.close/5",
            "multiprocessing.parent_process/4",
        ),
        ELSEWHERE: ("module-multiprocessing/2-3", "multiprocessing.Process.interrupt/4"),
    },
    "contexts": {
        INTRODUCTION: (
            "contexts-and-start-methods/2,11",
            "global-start-method/1",
        ),
        REFERENCE: (
            "multiprocessing.get_all_start_methods/5",
            "multiprocessing.get_context/7",
            "multiprocessing.get_start_method/4,6",
            "multiprocessing.set_forkserver_preload/7",
            "multiprocessing.set_start_method/8",
        ),
        ADVICE: (
            "multiprocessing-start-method-fork/8",
            "contexts-and-start-methods/19-21",
        ),
        EXPLANATION: (
            "contexts-and-start-methods/8-9",
            "multiprocessing.set_forkserver_preload/4",
        ),
        HISTORY: (
            "multiprocessing.get_all_start_methods/6",
            "multiprocessing.get_context/8",
            "multiprocessing.get_start_method/7",
            "multiprocessing.set_forkserver_preload/8,11",
            "multiprocessing.set_start_method/9",
        ),
    },
    "connection": {
        INTRODUCTION: (
            "exchanging-objects-between-processes/8,10",
            "connection-objects/3-4",
            "multiprocessing.connection.wait/7",
            "module-multiprocessing.connection/11",
        ),
        REFERENCE: (
            "multiprocessing.connection.Connection.poll/6",
            "connection-objects/8",
        ),
        ADVICE: ("connection-objects/7",),
        EXPLANATION: (
            "connection-objects/6",
            "multiprocessing.connection.wait/15",
        ),
        HISTORY: (
            "multiprocessing.connection.Connection.recv_bytes/6",
            "multiprocessing.connection.wait/16",
        ),
    },
    "listeners": {
        INTRODUCTION: ("module-multiprocessing.connection/1-2,5-7,9",),
        REFERENCE: (
            "multiprocessing.connection.Client/4,8",
            "multiprocessing.connection.Listener/12,18",
        ),
        ADVICE: (
            "multiprocessing.connection.Listener.close/4",
            "authentication-keys/13",
        ),
        EXPLANATION: ("authentication-keys/2,12",),
    },
    "queues": {
        INTRODUCTION: (
            "exchanging-objects-between-processes/1-2,4",
            "pipes-and-queues/1-2",
            "multiprocessing.Queue/8-9",
        ),
        REFERENCE: (
            "pipes-and-queues/8,22-23",
            "multiprocessing.Queue/5,12",
            "multiprocessing.SimpleQueue/4",
            "multiprocessing.JoinableQueue/4",
        ),
        EXPLANATION: (
            "pipes-and-queues/12",
            "multiprocessing.Queue.qsize/3",
            "multiprocessing.Queue.full/3",
            "multiprocessing.Queue.cancel_join_thread/4,6",
            "multiprocessing.JoinableQueue.task_done/3",
        ),
        HISTORY: ("multiprocessing.SimpleQueue.close/5",),
    },
    "synchronize": {
        REFERENCE: (
            "synchronization-primitives/2-3,7",
            "multiprocessing.Barrier/4",
            "multiprocessing.BoundedSemaphore/4",
            "multiprocessing.Condition/5",
            "multiprocessing.Event/4",
            "multiprocessing.Lock/7",
            "multiprocessing.RLock/7",
            "multiprocessing.Semaphore/4",
        ),
        EXPLANATION: (
            "synchronization-between-processes/4",
            "synchronization-primitives/1",
            "multiprocessing.Lock.acquire/10",
            "multiprocessing.RLock.acquire/10",
        ),
        HISTORY: (
            "multiprocessing.Barrier/5",
            "multiprocessing.BoundedSemaphore.locked/3",
            "multiprocessing.Lock.locked/3",
            "multiprocessing.RLock.locked/3",
            "multiprocessing.Semaphore.locked/3",
        ),
    },
    "sharedctypes": {
        INTRODUCTION: (
            "sharing-state-between-processes/3-4,6,8",
            "module-multiprocessing.sharedctypes/4-6,11,13",
        ),
        REFERENCE: (
            "multiprocessing.sharedctypes.Array/8",
            "multiprocessing.sharedctypes.Value/8",
            "multiprocessing.sharedctypes.synchronized/6",
        ),
        ADVICE: ("sharing-state-between-processes/1",),
        EXPLANATION: (
            "sharing-state-between-processes/2",
            "multiprocessing.Value/11",
        ),
        EXAMPLE: ("multiprocessing.Value/12",),
    },
    "managers": {
        INTRODUCTION: (
            "sharing-state-between-processes/13,16,18",
            "customized-managers/2",
            "proxy-objects/19",
            "multiprocessing.managers.BaseProxy._callmethod/12",
        ),
        ADVICE: ("proxy-objects/17",),
        HISTORY: (
            "multiprocessing.managers.SyncManager.Barrier/3",
            "multiprocessing.managers.SyncManager.set/5",
        ),
    },
    "pool": {
        INTRODUCTION: (
            "introduction/1,7,9",
            "using-a-pool-of-workers/3,9",
            "module-multiprocessing.pool/2",
        ),
        REFERENCE: (
            "introduction/12",
            "using-a-pool-of-workers/7",
            "multiprocessing.pool.Pool/13",
        ),
        ADVICE: (
            "introduction/13",
            "multiprocessing.pool.Pool/17",
            "multiprocessing.pool.Pool.apply/4",
            "multiprocessing.pool.Pool.map/7",
            "multiprocessing.pool.ThreadPool/10",
        ),
        EXPLANATION: ("introduction/3",),
        HISTORY: (
            "multiprocessing.pool.Pool/18-19",
            "multiprocessing.pool.Pool.starmap/4",
            "multiprocessing.pool.Pool.starmap_async/4",
        ),
    },
    "log": {
        INTRODUCTION: ("logging/1,3",),
        REFERENCE: ("logging/5",),
    },
    "guidelines": {
        INTRODUCTION: (
            "programming-guidelines/1",
            "all-start-methods/1-2,5,7,10,15,19,22,31,36,38,40,49",
            "the-spawn-and-forkserver-start-methods/2,5,8",
        ),
        REFERENCE: ("all-start-methods/51",),
        ADVICE: ("all-start-methods/3-4",),
        HISTORY: ("all-start-methods/41-44",),
    },
}
"""Chapter -> kind -> passages, "anchor/2,5-7" for several under one anchor. Chapters without clauses have none yet."""


def marks() -> dict[str, str]:
    """Passage id -> why it promises nothing."""
    return {
        id: kind
        for kinds in MARKS.values()
        for kind, places in kinds.items()
        for place in places
        for id in spread(place)
    }
