"""Shared memory for this process and its children: blocks in arenas without a name, gone with the last process.

`allocate()` returns a `Block` of zeroed memory; the block is given back when the object is collected. What
another process may still look at is never handed out a second time: neither a block that existed when this
process forked, nor one that was pickled for a child. Such memory returns to the system with its whole arena.
"""

from __future__ import annotations

import os
import sys
from _thread import allocate_lock
from mmap import PAGESIZE

from .. import finalize
from ..descriptors import lift
from ..transfer import handover

try:
    from .libc import map_file
except ImportError:
    from .without_ctypes import map_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

ARENA = 1 << 23
"""Bytes of an arena for many blocks. It is sparse: pages that nobody touches cost nothing."""

LARGEST = ARENA >> 3
"""A larger block gets an arena of its own."""

SMALLEST = 64
"""The smallest block: a cache line, so that neighbours do not slow each other down."""


class Arena:
    """A piece of anonymous shared memory, mapped into this process.

    descriptor: stands for it when it is handed over. memory: the mapping. address: where it begins.
    """

    __slots__ = ("__weakref__", "address", "descriptor", "free", "live", "memory", "shared", "size", "top")

    def __init__(self, descriptor: int, size: int) -> None:
        self.descriptor = descriptor
        self.size = size
        self.memory, self.address = map_file(descriptor, size, _UNTRACKED)
        self.top = 0
        self.live = 0
        self.free: dict[int, list[int]] = {}
        self.shared = False

    def __reduce__(self) -> tuple[Callable[[int, int], Arena], tuple[Any, int]]:
        return Arena, (handover.require(self).give(self.descriptor), self.size)

    def __del__(self) -> None:
        self._close(self.descriptor)

    @staticmethod
    def _close(descriptor: int, close: Callable[[int], None] = os.close) -> None:
        # A parameter: at the exit of the interpreter this module may be torn down already.
        try:
            close(descriptor)
        except OSError:  # somebody closed what was not theirs
            return

    def take(self, size: int) -> tuple[int, bool] | None:
        """Take a place for `size` bytes, a power of two: its offset, and whether it was used before."""
        used = self.free.get(size)
        if used:
            return used.pop(), True
        offset = self.top
        if offset + size > self.size:
            return None
        self.top = offset + size
        return offset, False


class Block:
    """A piece of an arena. address: where it begins in this process; size: in bytes, at least what was asked for."""

    __slots__ = ("__weakref__", "_epoch", "_heap", "arena", "offset", "size")

    def __init__(self, arena: Arena, offset: int, size: int, heap: Heap | None = None, epoch: int = 0) -> None:
        self.arena = arena
        self.offset = offset
        self.size = size
        self._heap = heap
        self._epoch = epoch

    @property
    def address(self) -> int:
        """Where it begins in this process."""
        return self.arena.address + self.offset

    def view(self) -> memoryview:
        """Return its bytes, to be read and written. The view does not keep the block: hold both."""
        return memoryview(self.arena.memory)[self.offset : self.offset + self.size]

    def __reduce__(self) -> tuple[type[Block], tuple[Arena, int, int]]:
        handover.require(self)
        self._epoch = _TRAVELLED
        return Block, (self.arena, self.offset, self.size)

    def __del__(self) -> None:
        if self._heap is not None:
            self._heap.give_back(self.arena, self.offset, self.size, self._epoch)


class Heap:
    """The blocks of this process, and the arenas that it shares out. A forked child begins with one of its own."""

    def __init__(self) -> None:
        self.epoch = 1
        """Counts the forks; a block that was made before one of them may be known to another process."""
        self.arenas: list[Arena] = []
        self._returned: list[tuple[Arena, int, int, int]] = []
        self._lock = allocate_lock()

    def allocate(self, size: int) -> tuple[Block, bool]:
        """Allocate a block of at least `size` bytes, and say whether the memory was used before."""
        rounded = max(SMALLEST, 1 << (size - 1).bit_length())
        with self._lock:
            arena, place = self._take(rounded) or self._take_anew(rounded)
            arena.live += 1
            return Block(arena, place[0], rounded, self, self.epoch), place[1]

    def _take(self, size: int) -> tuple[Arena, tuple[int, bool]] | None:
        self._put_back()
        for arena in self.arenas:
            place = arena.take(size)
            if place is not None:
                return arena, place
        return None

    def _take_anew(self, size: int) -> tuple[Arena, tuple[int, bool]]:
        """Take a place in a new arena, unless there is room of what nobody refers to any more."""
        if finalize.collect() and (taken := self._take(size)):
            return taken
        arena = _new_arena(size)
        self.arenas.insert(0, arena)
        return arena, arena.take(size) or (0, False)

    def give_back(self, arena: Arena, offset: int, size: int, epoch: int) -> None:
        """Take a block back. This may be called at any moment, amid an allocation, too: then it waits in a tray."""
        self._returned.append((arena, offset, size, epoch))
        if self._lock.acquire(False):
            try:
                self._put_back()
            finally:
                self._lock.release()

    def _put_back(self) -> None:
        """Make what was returned available again, and let go of arenas that are of no use any more."""
        while self._returned:
            arena, offset, size, epoch = self._returned.pop()
            arena.live -= 1
            if epoch == self.epoch:
                arena.free.setdefault(size, []).append(offset)
            else:
                arena.shared = True
            if arena.live == 0 and (arena.shared or len(self.arenas) > 1) and arena in self.arenas:
                self.arenas.remove(arena)


def _new_arena(least: int) -> Arena:
    """Make an arena for many blocks, or for one of `least` bytes where a limit of the system allows no more."""
    try:
        return Arena(anonymous_file(ARENA), ARENA)
    except OSError:
        pages = -(-least // PAGESIZE) * PAGESIZE
        return Arena(anonymous_file(pages), pages)


def allocate(size: int, *, zeroed: bool = True) -> Block:
    """Allocate a block of at least `size` bytes, at an address that is a multiple of 64.

    zeroed: False where the caller initialises the block itself. OSError: the system has no memory left.
    """
    if size < 0:
        raise ValueError(f"the size of a block is a number of bytes, not {size}")
    if size > LARGEST:
        whole = -(-size // PAGESIZE) * PAGESIZE
        return Block(Arena(anonymous_file(whole), whole), 0, size)
    block, used = _heap.allocate(size)
    if used and zeroed:
        block.arena.memory[block.offset : block.offset + block.size] = bytes(block.size)
    return block


def anonymous_file(size: int) -> int:
    """Open a file of `size` zeroes that has no name; returns its descriptor."""
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("mpref")
    else:
        import tempfile

        descriptor, path = tempfile.mkstemp(prefix="mpref-")
        os.unlink(path)
    descriptor = lift(descriptor)
    try:
        os.truncate(descriptor, size)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


_UNTRACKED: dict[str, Any] = {"trackfd": False} if sys.version_info >= (3, 13) else {}
"""From Python 3.13 on a mapping need not keep a second descriptor of its own."""

_TRAVELLED = 0
"""The epoch of a block that went to another process by other means than a fork."""

_heap = Heap()


def _new_epoch() -> None:
    _heap.epoch += 1


def _after_fork() -> None:
    """Leave the arenas to the parent: what is inherited stays mapped as long as it is used, and is not returned."""
    global _heap
    _heap.arenas.clear()
    _heap = Heap()


# Other threads go on allocating while one forks, hence a new epoch after it, too.
os.register_at_fork(before=_new_epoch, after_in_parent=_new_epoch, after_in_child=_after_fork)
