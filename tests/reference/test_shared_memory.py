"""Blocks of memory that are shared by name: found, resized by nobody, closed, unlinked, and left to the tracker."""

from __future__ import annotations

import os
import pickle
from collections.abc import Iterator
from typing import Any

import pytest
from mpref.shared_memory import SharedMemory


@pytest.fixture
def block() -> Iterator[SharedMemory]:
    """A block of ten bytes."""
    made = SharedMemory(create=True, size=10)
    yield made
    made.close()
    if made.name in os.listdir("/dev/shm"):
        made.unlink()


def test_a_new_block_is_zeroed_and_has_the_size_asked_for(block: SharedMemory) -> None:
    assert block.buf is not None
    assert block.size == len(block.buf) == 10
    assert bytes(block.buf) == bytes(10)


def test_what_one_writes_another_reads_under_the_same_name(block: SharedMemory) -> None:
    found, sent = SharedMemory(block.name), pickle.loads(pickle.dumps(block))
    assert block.buf is not None
    block.buf[:5] = b"hello"
    for other in (found, sent):
        assert bytes(other.buf[:5]) == b"hello"
        other.close()


def test_a_closed_block_lives_on_and_an_unlinked_one_cannot_be_found(block: SharedMemory) -> None:
    block.close()
    assert block.buf is None
    SharedMemory(block.name).close()
    block.unlink()
    with pytest.raises(FileNotFoundError):
        SharedMemory(block.name)
    with pytest.raises(FileNotFoundError):
        block.unlink()


def test_a_name_that_is_taken_is_refused_and_its_block_left_alone(block: SharedMemory) -> None:
    with pytest.raises(FileExistsError):
        SharedMemory(block.name, create=True, size=1)
    SharedMemory(block.name).close()


@pytest.mark.parametrize("given", [{"create": True}, {"create": True, "size": -1}, {}, {"size": 10}])
def test_a_block_without_size_or_name_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"a block is found by its name|the size of a new block"):
        SharedMemory(**given)


def test_a_block_of_which_a_view_is_used_is_not_closed(block: SharedMemory) -> None:
    assert block.buf is not None
    with memoryview(block.buf), pytest.raises(BufferError):
        block.close()


@pytest.mark.parametrize(("track", "left"), [(True, False), (False, True)])
def test_the_tracker_unlinks_what_is_tracked_only(run: Any, track: bool, left: bool) -> None:
    ended = run(
        f"""
from mpref.shared_memory import SharedMemory
print(SharedMemory(create=True, size=10, track={track}).name)
"""
    )
    name = ended.stdout.strip()
    assert (name in os.listdir("/dev/shm")) == left
    if left:
        os.unlink(f"/dev/shm/{name}")
    else:
        assert f"unlinked: /{name}" in ended.stderr
