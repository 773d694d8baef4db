"""Pools of other packages under the names of ours, as far as they are measured: what each calls it otherwise."""

from __future__ import annotations

import importlib
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

FORK = "fork"


def pool_of(module: str, workers: int, method: str = FORK) -> Any:
    """A pool of the package, of so many processes that are started by the method."""
    if module in _OTHERS:
        return _OTHERS[module](workers, method)
    __import__(module)
    package: Any = sys.modules[module]
    return importlib.import_module(f"{module}.pool").Pool(workers, context=package.get_context(method))


class Futures:
    """An executor of concurrent.futures, or of who follows it."""

    def __init__(self, executor: Any) -> None:
        self._executor = executor

    def map(self, function: Callable[[Any], Any], items: Iterable[Any], chunksize: int | None = None) -> list[Any]:
        """As that of a pool."""
        return list(self.imap(function, items, chunksize))

    def imap(self, function: Callable[[Any], Any], items: Iterable[Any], chunksize: int | None = None) -> Any:
        """As that of a pool."""
        return self._executor.map(function, items, chunksize=chunksize or 1)

    def apply(self, function: Callable[..., Any], args: tuple[Any, ...]) -> Any:
        """As that of a pool."""
        return self._executor.submit(function, *args).result()

    def apply_async(self, function: Callable[..., Any], args: tuple[Any, ...]) -> Any:
        """As that of a pool."""
        future = self._executor.submit(function, *args)
        future.get = future.result
        return future

    def terminate(self) -> None:
        """End it, once all is done."""
        self._executor.shutdown()

    def join(self) -> None:
        """Nothing is left to wait for."""


def _concurrent(workers: int, method: str) -> Futures:
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    return Futures(ProcessPoolExecutor(workers, mp_context=get_context(method)))


def _loky(workers: int, method: str) -> Futures:
    loky = importlib.import_module("loky")
    return Futures(loky.ProcessPoolExecutor(workers))  # by its own method, which starts interpreters


class _Mpire:
    """A WorkerPool of mpire."""

    def __init__(self, workers: int, method: str) -> None:
        self._pool = importlib.import_module("mpire").WorkerPool(n_jobs=workers, start_method=method, keep_alive=True)

    def map(self, function: Callable[[Any], Any], items: Any, chunksize: int | None = None) -> Any:
        """As that of a pool."""
        return self._pool.map(function, items, chunk_size=chunksize)

    def imap(self, function: Callable[[Any], Any], items: Any, chunksize: int = 1) -> Any:
        """As that of a pool."""
        return self._pool.imap(function, items, iterable_len=len(items), chunk_size=chunksize)

    def imap_unordered(self, function: Callable[[Any], Any], items: Any, chunksize: int = 1) -> Any:
        """As that of a pool."""
        return self._pool.imap_unordered(function, items, iterable_len=len(items), chunk_size=chunksize)

    def apply(self, function: Callable[..., Any], args: tuple[Any, ...]) -> Any:
        """As that of a pool."""
        return self._pool.apply(function, args)

    def apply_async(self, function: Callable[..., Any], args: tuple[Any, ...]) -> Any:
        """As that of a pool."""
        return self._pool.apply_async(function, args)

    def terminate(self) -> None:
        """End it."""
        self._pool.terminate()

    def join(self) -> None:
        """Nothing is left to wait for."""


_OTHERS: dict[str, Callable[[int, str], Any]] = {"concurrent.futures": _concurrent, "loky": _loky, "mpire": _Mpire}
