"""A queue as a sequential model: which outcomes of an operation are possible after those before it."""

from __future__ import annotations

from collections import deque
from typing import Any


class QueueModel:
    """What a queue holds that threads of several processes put into and get from, one operation at a time.

    maxsize: its bound, 0 for none. Each process's items keep their order; between processes the order is open.
    """

    def __init__(self, maxsize: int) -> None:
        self.maxsize = maxsize
        self.unfinished = 0
        self._items: dict[int, deque[Any]] = {}

    def __len__(self) -> int:
        return sum(map(len, self._items.values()))

    @property
    def full(self) -> bool:
        """Whether a put would have to wait."""
        return 0 < self.maxsize <= len(self)

    def put(self, process: int, item: Any) -> str:
        """Put the item, if there is room: the outcome of a put that has no time to wait."""
        if self.full:
            return "Full"
        self._items.setdefault(process, deque()).append(item)
        self.unfinished += 1
        return "done"

    def may_come(self) -> list[Any]:
        """The items of which a get can return one; none where it has to wait."""
        return [items[0] for items in self._items.values() if items]

    def got(self, item: Any) -> None:
        """Take out the item that a get has returned, one of may_come()."""
        for items in self._items.values():
            if items and items[0] == item:
                items.popleft()
                return
        raise ValueError(f"{item!r} cannot come now")

    def task_done(self) -> str:
        """The outcome of task_done()."""
        if self.unfinished == 0:
            return "ValueError"
        self.unfinished -= 1
        return "done"
