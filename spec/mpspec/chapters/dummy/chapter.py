"""multiprocessing.dummy: the API of the package, on threads.

What "replicates the API" demands is that a documented name is there and is of use in the same way. It is a MUST for
what `threading` and `queue` have, for shared values and pipes; a SHOULD for what threads could have as well, and for
what of an object goes beyond the thing that it wraps. What is promised of processes as such (a process id, a signal, an
exit status, start methods) has no meaning for a thread, and is UNSPECIFIED.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Callable

from mpspec.clause import Chapter

if TYPE_CHECKING:
    from collections.abc import Iterator

chapter = Chapter(
    "dummy",
    section="The multiprocessing.dummy module",
    source="module-multiprocessing.dummy",
    subjects=("names", "processes", "synchronize", "queues", "connections", "shared", "pools", "misuse"),
)

API = "module-multiprocessing.dummy/1"
POOL = "module-multiprocessing.dummy/2"


@contextmanager
def started(mp: Any, target: Callable[..., object], *args: Any, **options: Any) -> Iterator[Any]:
    """A started dummy.Process, which is joined after the block, unless that has failed: then it may wait for it."""
    process = mp.dummy.Process(target=target, args=args, **options)
    process.start()
    yield process
    process.join()
