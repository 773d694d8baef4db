"""multiprocessing.dummy: the API of the package, on threads.

What "replicates the API" demands is that a documented name is there and is of use in the same way; what is promised of
processes as such (a process id, a signal, memory of its own) has no meaning for a thread, and is UNSPECIFIED.
"""

from __future__ import annotations

from mpspec.clause import Chapter

chapter = Chapter(
    "dummy",
    section="The multiprocessing.dummy module",
    source="module-multiprocessing.dummy",
    subjects=("pools",),
)
