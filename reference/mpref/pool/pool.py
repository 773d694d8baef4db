"""Pool and ThreadPool: functions are called in worker processes, or in threads. Section "Process Pools"."""

from __future__ import annotations

from _thread import get_ident
from weakref import WeakSet

from ..errors import ProcessError
from ..finalize import POOLS, Finalizer
from ..processors import usable
from ..quantities import whole
from .jobs import Call, Chunks, Fed
from .results import AsyncResult, MapResult, ResultIterator, UnorderedResultIterator

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Any, NoReturn, Self

    from .crew import Crew
    from .jobs import Job

    Callback = Callable[[Any], object]

_IMMUTABLE = (range, tuple, str, bytes)
_SEQUENCES = (list, *_IMMUTABLE)


class _Workers:
    """An attribute that has as many objects as there are workers, for the clients that mpref.util lists."""

    def __get__(self, pool: Any, kind: type) -> Any:
        return self if pool is None else range(pool._mpref_crew.count)


class Pool:
    """A pool of worker processes. Section "Process Pools".

    processes: how many, None: as many as this process may use processors. initializer, initargs: what each worker
    calls first, with what. maxtasksperchild: tasks after which a worker leaves and another one takes its place, None:
    never. context: of which the processes are, None: that of the program.

    A context manager that terminates the pool at its end. Of use in the process that has made it.
    BrokenPool, which is a ProcessError: no worker can work, or the initializer has failed.
    """

    def __init__(
        self,
        processes: int | None = None,
        initializer: Callable[..., object] | None = None,
        initargs: Iterable[Any] = (),
        maxtasksperchild: int | None = None,
        context: Any = None,
    ) -> None:
        count = _positive(usable() if processes is None else processes, "processes")
        most = None if maxtasksperchild is None else _positive(maxtasksperchild, "maxtasksperchild")
        if initializer is not None and not callable(initializer):
            raise TypeError(f"initializer must be callable or None, not {initializer!r}")
        _see_to_the_exit()
        self._mpref_crew = crew = self._mpref_made(count, initializer, tuple(initargs), most, context)
        try:
            _crews.add(crew)
            Finalizer(crew.terminate, owner=self)  # it does not wait: nobody knows what its thread holds
        except BaseException:  # of a signal handler: it would outlive the program
            crew.terminate()
            raise

    def _mpref_made(
        self, count: int, initializer: Callable[..., object] | None, initargs: Any, most: int | None, context: Any
    ) -> Any:
        """Return what does the work."""
        from .crew import Crew
        from .member import launched

        return Crew(lambda arguments: launched(arguments, context), count, initializer, initargs, most)

    _pool = _Workers()

    # One call

    def apply(self, func: Callable[..., Any], args: Iterable[Any] = (), kwds: Mapping[str, Any] = {}) -> Any:
        """Call func(*args, **kwds) in a worker, and return its result. It raises what the call raises."""
        return self.apply_async(func, args, kwds).get()

    def apply_async(
        self,
        func: Callable[..., Any],
        args: Iterable[Any] = (),
        kwds: Mapping[str, Any] = {},
        callback: Callback | None = None,
        error_callback: Callback | None = None,
    ) -> AsyncResult:
        """Have func(*args, **kwds) called in a worker, and return what stands for its result.

        callback, error_callback: called with the result, or with the exception, by the thread that handles results.
        """
        crew = self._mpref_ready(func)
        job = Call(crew, func, tuple(args), dict(kwds))
        result = AsyncResult(job, *_checked(callback, error_callback))
        self._mpref_begin(job, crew.call)
        return result

    # Many calls

    def map(self, func: Callable[[Any], Any], iterable: Iterable[Any], chunksize: int | None = None) -> list[Any]:
        """Call `func` with each item, and return the list of results. It raises what one of the calls has raised.

        chunksize: how many items a worker is given at once, None: about a quarter of its share.
        """
        return self._mpref_map("map", func, iterable, chunksize).get()  # type: ignore[no-any-return]

    def map_async(
        self,
        func: Callable[[Any], Any],
        iterable: Iterable[Any],
        chunksize: int | None = None,
        callback: Callback | None = None,
        error_callback: Callback | None = None,
    ) -> MapResult:
        """Do as map() does, and return what stands for its result. See apply_async()."""
        return self._mpref_map("map_async", func, iterable, chunksize, callback, error_callback)

    def starmap(
        self, func: Callable[..., Any], iterable: Iterable[Iterable[Any]], chunksize: int | None = None
    ) -> list[Any]:
        """Do as map() does, with each item unpacked as arguments."""
        return self._mpref_map("starmap", func, iterable, chunksize).get()  # type: ignore[no-any-return]

    def starmap_async(
        self,
        func: Callable[..., Any],
        iterable: Iterable[Iterable[Any]],
        chunksize: int | None = None,
        callback: Callback | None = None,
        error_callback: Callback | None = None,
    ) -> MapResult:
        """Do as map_async() does, with each item unpacked as arguments."""
        return self._mpref_map("starmap_async", func, iterable, chunksize, callback, error_callback)

    def imap(self, func: Callable[[Any], Any], iterable: Iterable[Any], chunksize: int = 1) -> ResultIterator:
        """Call `func` with each item, and return an iterator over the results, whose next() takes a timeout.

        No more is begun than some results in advance, as long as the pool is open. chunksize: see map().
        """
        return self._mpref_imap("imap", ResultIterator, func, iterable, chunksize)

    def imap_unordered(self, func: Callable[[Any], Any], iterable: Iterable[Any], chunksize: int = 1) -> ResultIterator:
        """Do as imap() does, with the results in the order in which they come."""
        return self._mpref_imap("imap_unordered", UnorderedResultIterator, func, iterable, chunksize)

    # The end

    def close(self) -> None:
        """Take no more tasks; the workers leave when all that were taken are done."""
        self._mpref_crew.require_here()
        self._mpref_crew.close()

    def terminate(self) -> None:
        """Stop the workers at once; what is not done fails with a ProcessError."""
        self._mpref_crew.require_here()
        _end(self._mpref_crew)

    def join(self) -> None:
        """Wait until the workers have ended. ValueError: neither close() nor terminate() was called.

        ProcessError: a callback would wait for the thread that calls it.
        """
        crew = self._mpref_crew
        crew.require_here()
        if not crew.stage:
            raise ValueError("join() is for a pool that is closed or terminated: it would wait for ever")
        if get_ident() == crew.handler():
            raise ProcessError("the end of the pool would be waited for by what has to end: a callback must not wait")
        crew.join()

    def __enter__(self) -> Self:
        self._mpref_crew.require_here()
        self._mpref_crew.require_open()
        return self

    def __exit__(self, *_: object) -> None:
        self.terminate()

    def __reduce__(self) -> NoReturn:
        raise NotImplementedError("a pool belongs to the process that has made it: it can be neither pickled nor sent")

    def __repr__(self) -> str:
        crew = self._mpref_crew
        return f"<{type(self).__module__}.{type(self).__qualname__} {crew.described()}>"

    # What these are made of

    def _mpref_ready(self, function: Callable[..., Any]) -> Crew:
        crew: Crew = self._mpref_crew
        crew.require_here()
        crew.require_open()
        if not callable(function):
            raise TypeError(f"func must be callable, not {function!r}")
        return crew

    def _mpref_map(
        self, method: str, function: Callable[..., Any], items: Iterable[Any], size: int | None, *callbacks: Any
    ) -> MapResult:
        crew = self._mpref_ready(function)
        sequence: Sequence[Any] = items if type(items) in _IMMUTABLE else list(items)  # type: ignore[assignment]
        if size is None:
            size = max(1, -(-len(sequence) // (4 * crew.count)))
        size = _positive(size, "chunksize")
        job = Chunks(sequence, False, crew, function, size, method.startswith("star"), method)
        result = MapResult(job, len(sequence), job.chunks, size, *_checked(*callbacks))
        if job.chunks:
            self._mpref_begin(job, crew.submit)
        return result

    def _mpref_imap(
        self, method: str, kind: Any, function: Callable[..., Any], items: Iterable[Any], size: int
    ) -> ResultIterator:
        crew = self._mpref_ready(function)
        size = _positive(size, "chunksize")
        if type(items) in _SEQUENCES:
            sequence: Any = list(items) if type(items) is list else items
            job: Any = Chunks(sequence, True, crew, function, size, False, method)
            begin, count = crew.submit, job.chunks
        else:
            job = Fed(items, crew, function, size, False, method)
            begin, count = crew.feed, None
        result: ResultIterator = kind(job, size, count)
        if not job.complete:
            self._mpref_begin(job, begin)
        return result

    def _mpref_begin(self, job: Job, begin: Callable[[Job], None]) -> None:
        """Have a job done; this pool is not collected before it is."""
        job.keeps = self
        try:
            job.pool.begin(job)
            begin(job)
        except BaseException:  # such as a KeyboardInterrupt: nobody will ask for its results
            job.pool.forget(job)
            raise


class ThreadPool(Pool):
    """A pool of worker threads, which has the methods of Pool. Section "Process Pools", ThreadPool.

    processes: how many threads; see Pool.
    """

    def __init__(
        self,
        processes: int | None = None,
        initializer: Callable[..., object] | None = None,
        initargs: Iterable[Any] = (),
    ) -> None:
        super().__init__(processes, initializer, initargs)

    def _mpref_made(
        self, count: int, initializer: Callable[..., object] | None, initargs: Any, most: int | None, context: Any
    ) -> Any:
        from .threads import Threads

        return Threads(count, initializer, initargs)


def _end(crew: Crew) -> None:
    """Terminate the workers, and wait for that, unless it is the thread of the pool that asks."""
    crew.terminate()
    if get_ident() != crew.handler():
        crew.settle_end()


_crews: WeakSet[Crew] = WeakSet()
"""The workers of the pools of this process."""

_exit: Finalizer | None = None


def _see_to_the_exit() -> None:
    """See to it that the workers of all pools are ended at the exit of this process."""
    global _exit
    if _exit is None or not _exit.alive:
        _crews.clear()  # a fork has the crews of its parent, but not their threads
        _exit = Finalizer(_end_all, priority=POOLS)


def _end_all() -> None:
    crews = tuple(_crews)
    for crew in crews:
        crew.terminate()
    for crew in crews:
        _end(crew)


def _positive(number: Any, name: str) -> int:
    number = whole(number, name)
    if number < 1:
        raise ValueError(f"{name} must be at least 1, not {number}")
    return number  # type: ignore[no-any-return,unused-ignore]


def _checked(callback: Any = None, error_callback: Any = None) -> tuple[Any, Any]:
    if callback is None and error_callback is None:
        return None, None
    for name, given in (("callback", callback), ("error_callback", error_callback)):
        if given is not None and not callable(given):
            raise TypeError(f"{name} must be callable or None, not {given!r}")
    return callback, error_callback
