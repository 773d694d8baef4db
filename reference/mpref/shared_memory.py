"""Blocks of memory that processes share by name. Beside it the tracker sees to what nobody unlinks.

Unlike those of `heap`, a block lives until unlink() is called for it, or until the last process of the program ends.
"""

from __future__ import annotations

import os
from _posixshmem import shm_open, shm_unlink  # type: ignore[import-not-found]
from contextlib import suppress
from mmap import mmap

from .launch import tracker

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["SharedMemory"]


class SharedMemory:
    """A block of memory with a name, mapped into this process.

    name: that of the block; None for a new one that nobody uses. create: make the block, rather than find it.
    size: bytes of a new block; the system may give more. track: have the tracker unlink it if the program does not;
    False where another program looks after the block.

    FileExistsError, FileNotFoundError: there is, or is no, block of that name. ValueError: no size, or no name.
    OSError: the system has no room for the block; nothing is left then.
    """

    def __init__(self, name: str | None = None, create: bool = False, size: int = 0, *, track: bool = True) -> None:
        self._memory: mmap | None = None
        self._buf: memoryview | None = None
        self._track = track
        if create and size <= 0:
            raise ValueError(f"the size of a new block is a positive number of bytes, not {size!r}")
        if not create and name is None:
            raise ValueError("a block is found by its name: give it, or create=True for a new one")
        descriptor = self._make(name) if create else self._find(str(name))
        try:
            if create:
                _reserve(descriptor, size)
            self._memory = mmap(descriptor, os.fstat(descriptor).st_size)
            if not create:  # it may be somebody else's: nothing of what fails before is ours to unlink
                self._tell(descriptor)
        except BaseException:
            self.close()
            if create:
                self._undo()
            raise
        finally:
            os.close(descriptor)
        self._buf = memoryview(self._memory)
        self._size = len(self._memory)

    def _make(self, name: str | None) -> int:
        flags = os.O_CREAT | os.O_EXCL | os.O_RDWR
        while True:
            self._path = f"/{os.urandom(8).hex()}-mpref" if name is None else f"/{name.lstrip('/')}"
            try:
                descriptor: int = shm_open(self._path, flags, mode=0o600)
                break
            except FileExistsError:
                if name is not None:
                    raise
        try:
            self._tell(descriptor)  # before the block is of any use: a kill from here on leaves nothing
        except BaseException:
            os.close(descriptor)
            self._undo()
            raise
        return descriptor

    def _find(self, name: str) -> int:
        self._path = f"/{name.lstrip('/')}"
        descriptor: int = shm_open(self._path, os.O_RDWR)
        return descriptor

    def _undo(self) -> None:
        """Leave nothing of a block that could not be made."""
        with suppress(OSError):
            shm_unlink(self._path)
        if self._track:
            tracker.forget(self._path)

    def _tell(self, descriptor: int) -> None:
        if self._track:
            tracker.register(self._path, os.fstat(descriptor).st_ino)

    @property
    def name(self) -> str:
        """The name by which other processes find the block."""
        return self._path[1:]

    @property
    def size(self) -> int:
        """How many bytes the block has."""
        return self._size

    @property
    def buf(self) -> memoryview | None:
        """The bytes of the block; None after close()."""
        return self._buf

    def close(self) -> None:
        """Give up this process's access to the block, which goes on to exist.

        BufferError: something made of `buf` is still in use.
        """
        if self._buf is not None:
            self._buf.release()
            self._buf = None
        if self._memory is not None:
            self._memory.close()
            self._memory = None

    def unlink(self) -> None:
        """Have the block destroyed once no process has it mapped; to be called once, by one process.

        FileNotFoundError: that has happened already.
        """
        try:
            shm_unlink(self._path)
        finally:
            if self._track:
                tracker.unregister(self._path)

    def __del__(self) -> None:
        try:
            self.close()
        except (BufferError, AttributeError):  # a view outlives this object, or the constructor has failed
            return

    def __reduce__(self) -> tuple[Callable[[str, bool], SharedMemory], tuple[str, bool]]:
        return _found, (self.name, self._track)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name!r} size={self.size}>"


def _found(name: str, track: bool) -> SharedMemory:
    return SharedMemory(name, track=track)


def _reserve(descriptor: int, size: int) -> None:
    """Give a new block its size, and its memory: with less of it, whoever writes there is killed by a signal."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(descriptor, 0, size)
    else:
        os.truncate(descriptor, size)
