"""A manager of objects that threads share anyway. Section "The multiprocessing.dummy module"."""

from __future__ import annotations

import builtins
import threading

from ..managers.sync_manager import Array as _array
from ..managers.sync_manager import Namespace, Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Self


class ThreadManager:
    """Has the methods of SyncManager; what it returns are the objects themselves and no proxies."""

    address = None

    Barrier = staticmethod(threading.Barrier)
    BoundedSemaphore = staticmethod(threading.BoundedSemaphore)
    Condition = staticmethod(threading.Condition)
    Event = staticmethod(threading.Event)
    Lock = staticmethod(threading.Lock)
    Namespace = staticmethod(Namespace)
    RLock = staticmethod(threading.RLock)
    Semaphore = staticmethod(threading.Semaphore)
    Value = staticmethod(Value)
    dict: Any = staticmethod(builtins.dict)
    list: Any = staticmethod(builtins.list)
    set: Any = staticmethod(builtins.set)

    def Array(self, typecode: str, sequence: Any) -> Any:
        """Return an array."""
        return _array(typecode, sequence)

    def Queue(self, maxsize: int = 0) -> Any:
        """Return a queue.Queue."""
        from queue import Queue

        return Queue(maxsize)

    JoinableQueue = Queue

    def Pool(self, *args: Any, **kwds: Any) -> Any:
        """Return a pool of threads."""
        from ..pool import ThreadPool

        return ThreadPool(*args, **kwds)

    def start(self, initializer: Any = None, initargs: Any = ()) -> None:
        """Call the initializer."""
        if initializer is not None:
            initializer(*initargs)

    def shutdown(self) -> None:
        """Do nothing: there is no server."""

    join = connect = shutdown

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()


def Manager() -> ThreadManager:
    """Return a manager of objects that threads share anyway."""
    return ThreadManager()
