"""The standard library's package without Barrier, RLock and the method close of a queue, as its adapter declares."""

import multiprocessing
from multiprocessing import *  # noqa: F403

del Barrier, RLock  # noqa: F821


class Queue:
    """A queue that cannot be closed."""

    def __init__(self, maxsize=0):
        self._queue = multiprocessing.Queue(maxsize)

    def put(self, obj, block=True, timeout=None):
        self._queue.put(obj, block, timeout)

    def get(self, block=True, timeout=None):
        return self._queue.get(block, timeout)

    def join_thread(self):
        self._queue.join_thread()
