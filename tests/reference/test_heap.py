"""Memory that another process may look at is never handed out a second time, and returns to the system in the end."""

from __future__ import annotations

import gc
import os
from typing import TYPE_CHECKING

import pytest
from mpref.memory import heap

if TYPE_CHECKING:
    from conftest import OpenFiles


def test_what_was_never_shared_is_used_again_and_zeroed() -> None:
    block = heap.allocate(100)
    block.view()[:] = b"\xff" * block.size
    place = block.arena, block.offset
    del block
    again = heap.allocate(100)
    assert (again.arena, again.offset) == place
    assert bytes(again.view()) == bytes(again.size)


def test_blocks_do_not_overlap() -> None:
    blocks = [heap.allocate(size) for size in (1, 64, 65, 4096, 1000, heap.LARGEST, heap.LARGEST + 1)]
    for number, block in enumerate(blocks):
        block.view()[:] = bytes([number]) * block.size
    for number, block in enumerate(blocks):
        assert set(bytes(block.view())) == {number}
        assert block.address % 64 == 0


def test_a_block_that_a_fork_has_seen_is_not_used_again() -> None:
    old = heap.allocate(64)
    place = old.arena.address, old.offset
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
    keep = heap.allocate(64)
    del old
    later = [heap.allocate(64) for _ in range(50)]
    assert place not in [(block.arena.address, block.offset) for block in later]
    assert keep.offset != place[1]


def test_a_child_does_not_give_back_what_it_inherited() -> None:
    block = heap.allocate(64)
    block.view()[:4] = b"mine"
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        mine = bytes(block.view()[:4])
        del block
        others = [heap.allocate(64) for _ in range(10)]
        for other in others:
            other.view()[:4] = b"else"
        os.write(writing, mine)
        os._exit(0)
    os.waitpid(pid, 0)
    assert os.read(reading, 4) == b"mine"
    assert bytes(block.view()[:4]) == b"mine"
    os.close(reading)
    os.close(writing)


def test_a_large_block_goes_with_its_object(open_files: OpenFiles) -> None:
    before = open_files()
    for _ in range(20):
        heap.allocate(heap.ARENA)
    assert open_files() <= before


def test_an_arena_that_was_shared_goes_with_its_last_block() -> None:
    blocks = [heap.allocate(1000) for _ in range(20)]
    arenas = {id(block.arena) for block in blocks}
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
    blocks.clear()
    gc.collect()
    assert not arenas & {id(arena) for arena in heap._heap.arenas}


def test_a_collection_amid_an_allocation_waits_in_the_tray() -> None:
    block = heap.allocate(64)
    with heap._heap._lock:
        del block
        assert heap._heap._returned
    heap.allocate(64)
    assert not heap._heap._returned


def test_a_negative_size_is_refused() -> None:
    with pytest.raises(ValueError, match="number of bytes"):
        heap.allocate(-1)
