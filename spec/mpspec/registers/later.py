"""What the page says since a later edition than 3.4, the first that an implementation can follow.

By passage, or by anchor for all that stands there. Where the page has no note of its own the reason is told here.
No host imports it.
"""

from __future__ import annotations

from collections.abc import Mapping

_PAGE: Mapping[str, str] = {
    "contexts-and-start-methods/4": "3.8",
    "multiprocessing-start-method-fork/9": "3.12",
    "multiprocessing.Process.kill": "3.7",
    "multiprocessing.Process.close": "3.7",
    "multiprocessing.Queue.put/6": "3.8",
    "multiprocessing.Queue.get/6": "3.8",
    "multiprocessing.SimpleQueue.close": "3.9",
    "multiprocessing.parent_process": "3.8",
    "multiprocessing.get_start_method/8": "3.8",
    "multiprocessing.set_executable/8": "3.11",
    "multiprocessing.cpu_count/7": "3.13",
    "multiprocessing.sharedctypes.synchronized/9": "3.5",
    "multiprocessing.managers.BaseManager/16": "3.11",
    "multiprocessing.managers.SyncManager/6": "3.6",
    "multiprocessing.pool.Pool/20": "3.13",
    "multiprocessing.pool.AsyncResult.successful/4": "3.7",
}
"""The version notes of the page."""

_TOLD_ELSEWHERE: Mapping[str, str] = {
    # What the notes speak of: before 3.6 a manager put the referent in the place of a proxy that it was sent.
    **{f"proxy-objects/{ordinal}": "3.6" for ordinal in range(9, 14)},
    "multiprocessing.pool.AsyncResult.successful/3": "3.7",
    # Documented at the end of 2020: https://github.com/python/cpython/pull/23812
    "multiprocessing.pool.ThreadPool": "3.9",
    "module-multiprocessing.dummy/2": "3.9",
    # Its example showed <Process(Process-1, initial)> before.
    "multiprocessing.Process/29": "3.9",
}
"""What no note tells of, by the edition of the oldest interpreter at hand where it came some time since 3.4."""

LATER: Mapping[str, str] = {**_PAGE, **_TOLD_ELSEWHERE}
"""Passage or anchor -> the first edition that has it."""


def since(passage: str) -> str | None:
    """The first edition that has the passage, as far as it is known to be later than 3.4."""
    return LATER.get(passage) or LATER.get(passage.rpartition("/")[0])
