"""What is submitted to a pool: a function, and what it is to be called with, in one task or many."""

from __future__ import annotations

from _thread import allocate_lock, start_new_thread
from collections import deque
from itertools import islice

from .failures import represented
from .packets import CALL, EACH, ITEM, UNPACKED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any, Protocol

    class Receiver(Protocol):
        """What takes the results of a job."""

        def _put(self, index: int, success: bool, value: Any) -> None: ...

    class Employer(Protocol):
        """What takes jobs: the workers of a pool."""

        def require_here(self) -> None:
            """Raise unless this process has made the pool."""

        def handler(self) -> int:
            """Return the ident of the thread that handles results."""

        def begin(self, job: Job) -> None:
            """Take a job. ValueError: the pool is closed. BrokenPool: it is broken."""

        def forget(self, job: Job) -> None:
            """Do nothing more of a job."""

        def submit(self, job: Job) -> None:
            """Have a job done, or more of one."""

        def ahead(self) -> int:
            """Return how many chunks of an imap() may be begun before their results are wanted."""

        def settle(self, job: Job, index: int, error: BaseException) -> None:
            """Have a task fail, by the thread that handles results."""

        def fed(self, job: Job) -> None:
            """Take note that an iterator is read to its end."""


OPEN, CLOSED, ENDED = range(3)
"""The stages of a pool: it takes tasks; it does those that it has; it does nothing any more."""

NOTHING = object()
"""What a job gives that has no task at the moment."""

AHEAD = 64
"""Chunks of an imap() for each worker that are begun before their results are wanted, while the pool is open."""

_ENDLESS = 1 << 62


class Job:
    """A function and its tasks. pool: the workers. how: see packets."""

    def __init__(self, pool: Employer, function: Callable[..., Any], how: int) -> None:
        self.pool = pool
        self.function = function
        self.how = how
        self.pickled: bytes | None = None
        """The pickled function, once it was needed."""
        self.kept = 0
        """KEPT where it is a function that a worker may keep."""
        self.bulky = False
        """Whether the last task was large."""
        self.receiver: Any = None
        self.keeps: object = None
        """What is kept as long as this is not complete: the pool itself."""
        self.over = False
        """Whether every task was taken, and there will be no more."""
        self.complete = False
        """Whether it is known what has become of every task."""
        self.done = 0

    def take_note(self) -> None:
        """Find out whether the job is complete."""

    def take(self) -> Any:
        """Return the next task, (index, what the function is called with), or NOTHING."""
        raise NotImplementedError

    def put(self, index: int, success: bool, value: Any) -> None:
        """Take note of what has become of a task."""
        self.receiver._put(index, success, value)
        self.done += 1
        self.take_note()

    def given(self, count: int) -> None:
        """Take note of how many results were given out; of an imap() as many more may be begun."""

    def hurry(self) -> None:
        """Begin everything, whether results are wanted or not: the pool is closed."""

    def stop(self) -> None:
        """Read no more items."""

    @property
    def called(self) -> str:
        """What it is called in messages."""
        name = getattr(self.function, "__qualname__", None)
        return f"{name if isinstance(name, str) else represented(self.function)}()"

    def name(self, index: int) -> str:
        """Return what a task is called in messages."""
        return self.called


class Call(Job):
    """One call, of apply() or apply_async()."""

    def __init__(self, pool: Employer, function: Callable[..., Any], args: Any, kwds: Any) -> None:
        super().__init__(pool, function, CALL)
        self._given = args, kwds

    def take(self) -> Any:
        """Return the task."""
        self.over = True
        return 0, self._given

    def put(self, index: int, success: bool, value: Any) -> None:
        """Take note of what has become of it."""
        self.receiver._settle(success, value)
        self.complete = True


class Many(Job):
    """Items in chunks. size: of how many items. method: what was called."""

    def __init__(self, pool: Employer, function: Callable[..., Any], size: int, unpacked: bool, method: str) -> None:
        how = UNPACKED if unpacked else EACH if size > 1 else ITEM
        super().__init__(pool, function, how)
        self._method = method
        self.size = size
        self._next = 0

    @property
    def called(self) -> str:
        """What it is called in messages."""
        return f"{self._method}() of {super().called}"

    def name(self, index: int) -> str:
        """Return what a chunk is called in messages."""
        if self.how == ITEM:
            return f"item {index} of {self.called}"
        return f"items {index * self.size} to {self._end_of(index) - 1} of {self.called}"

    def _end_of(self, index: int) -> int:
        return (index + 1) * self.size


class Chunks(Many):
    """The items of a sequence. lazy: for imap(), which begins no more than AHEAD chunks before they are wanted."""

    def __init__(self, items: Sequence[Any], lazy: bool, *job: Any) -> None:
        super().__init__(*job)
        self._items = items
        self.chunks = -(-len(items) // self.size)
        self.over = self.complete = not self.chunks
        self._room = self.pool.ahead() if lazy else _ENDLESS
        self._paused = False

    def take(self) -> Any:
        """Return the next chunk."""
        index = self._next
        if index >= self._room:
            self._paused = True
            if index >= self._room:  # it has not changed meanwhile
                return NOTHING
            self._paused = False
        self._next = index + 1
        if index + 1 >= self.chunks:
            self.over = True
        if self.how == ITEM:
            return index, self._items[index]
        return index, self._items[index * self.size : (index + 1) * self.size]

    def _end_of(self, index: int) -> int:
        return min(super()._end_of(index), len(self._items))

    def take_note(self) -> None:
        """Find out whether the job is complete."""
        self.complete = self.done == self.chunks

    def given(self, count: int) -> None:
        """Take note of how many results were given out."""
        self._room = max(self._room, count + self.pool.ahead())
        if self._paused and 2 * (self._room - self._next) >= self.pool.ahead():
            self._go_on()

    def hurry(self) -> None:
        """Begin everything."""
        self._room = _ENDLESS
        if self._paused:
            self._go_on()

    def _go_on(self) -> None:
        self._paused = False
        try:
            self.pool.submit(self)
        except BaseException:  # such as a KeyboardInterrupt: whoever wants the next result tries again
            self._paused = True
            raise


class Fed(Many):
    """The items of any iterable, which a thread of its own reads: nobody knows how long that takes."""

    def __init__(self, items: Iterable[Any], *job: Any) -> None:
        super().__init__(*job)
        self._iterator = iter(items)
        self._ready: deque[tuple[int, Any]] = deque()
        self._queued = False
        self._wanted = self.pool.ahead()
        self._signal = allocate_lock()
        self._stopped = False
        self._read = False

    def feed(self) -> None:
        """Begin to read."""
        self._signal.acquire()
        start_new_thread(self._feed, ())

    def take(self) -> Any:
        """Return the next chunk."""
        if not self._ready:
            self._queued = False
            if not self._ready:
                return NOTHING
        return self._ready.popleft()

    def take_note(self) -> None:
        """Find out whether the job is complete."""
        self.complete = self._read and self.done == self._next

    def given(self, count: int) -> None:
        """Take note of how many results were given out."""
        self._wanted = max(self._wanted, count + self.pool.ahead())
        if 2 * (self._wanted - self._next) >= self.pool.ahead():
            self._wake()

    def hurry(self) -> None:
        """Begin everything."""
        self._wanted = _ENDLESS
        self._wake()

    def stop(self) -> None:
        """Read no more."""
        self._stopped = True
        self._wake()

    def _feed(self) -> None:
        try:
            while not self._stopped:
                while self._next >= self._wanted and not self._stopped:
                    self._signal.acquire()
                chunk = list(islice(self._iterator, self.size))
                if not chunk:
                    break
                self._ready.append((self._next, chunk[0] if self.how == ITEM else chunk))
                self._next += 1
                if not self._queued:
                    self._queued = True
                    self.pool.submit(self)
        except BaseException as error:
            index = self._next
            self._next += 1
            self.pool.settle(self, index, error)
        self._read = True
        self.receiver._end(self._next)
        self.pool.fed(self)

    def _wake(self) -> None:
        try:  # noqa: SIM105
            self._signal.release()
        except RuntimeError:  # it does not wait
            pass
