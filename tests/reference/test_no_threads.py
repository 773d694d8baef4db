"""Where no thread can be started, what needs one says so, and nothing is left of it."""

from __future__ import annotations

import os
import pickle
import queue
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import mpref
import pytest
from mpref.connection import descriptor_server
from mpref.queues import feeder

if TYPE_CHECKING:
    from conftest import OpenFiles

LARGE = 3_000_000
LONG = 30.0


def refuse(*_: object) -> int:
    """Start no thread, as the system does that has none left."""
    raise RuntimeError("can't start new thread")


@pytest.fixture
def no_threads(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """None can be started, until undo() is called."""
    with monkeypatch.context() as patch:
        patch.setattr(feeder, "start_new_thread", refuse)
        patch.setattr(descriptor_server, "start_new_thread", refuse)
        yield patch


def fill(one: Any, size: int, items: list[bytes]) -> None:
    """Put items until that fails; those that were put are in the list."""
    while True:
        item = os.urandom(8) + bytes(size)
        one.put(item)
        items.append(item)


def everything(one: Any) -> list[Any]:
    """All that is in a queue."""
    found = []
    while not one.empty():
        found.append(one.get(timeout=LONG))
    return found


@pytest.mark.parametrize("size", [5_000, 50_000, LARGE])
@pytest.mark.parametrize("kind", ["Queue", "JoinableQueue"])
def test_a_put_that_the_pipe_does_not_take_is_refused_and_the_items_before_it_stay(
    no_threads: pytest.MonkeyPatch, kind: str, size: int
) -> None:
    one = getattr(mpref, kind)(1000)
    items: list[bytes] = []
    with pytest.raises(RuntimeError, match="nothing is put into the queue"):
        fill(one, size, items)
    assert one.qsize() == len(items)
    assert everything(one) == items
    if kind == "JoinableQueue":
        for _ in items:
            one.task_done()
        one.join()
        with pytest.raises(ValueError, match="task_done"):
            one.task_done()
    no_threads.undo()
    one.put(items)
    assert one.get(timeout=LONG) == items


def test_other_processes_go_on_to_use_a_queue_after_a_put_that_was_refused(no_threads: pytest.MonkeyPatch) -> None:
    one = mpref.get_context("fork").Queue()
    with pytest.raises(RuntimeError):
        one.put(bytes(LARGE))
    child = mpref.get_context("fork").Process(target=one.put, args=("of a child",))
    child.start()
    assert one.get(timeout=LONG) == "of a child"
    child.join(LONG)
    assert child.exitcode == 0
    with pytest.raises(queue.Empty):
        one.get(False)


def test_a_connection_cannot_be_sent_and_nothing_of_it_is_left(
    no_threads: pytest.MonkeyPatch, open_files: OpenFiles
) -> None:
    near, far = mpref.Pipe()
    with near, far:
        before = open_files()
        with pytest.raises(RuntimeError, match="thread"):
            near.send(far)
        assert open_files() <= before
        assert not far.poll()
        no_threads.undo()
        near.send(far)
        far.recv().close()


def test_what_is_not_sent_leaves_no_copy_of_the_connections_in_it() -> None:
    near, far = mpref.Pipe()
    items = mpref.Queue(1)
    items.put("full")
    with near, far:
        near.send(pickle.dumps)  # what is needed for that is open now
        far.recv()
        kept = pickle.dumps(far)
        before = len(descriptor_server._server.offered)  # type: ignore[union-attr]
        for _ in range(5):
            for message in ([far, lambda: None], [far, iter(range(3)), (x for x in ())]):
                with pytest.raises((TypeError, AttributeError, pickle.PicklingError)):
                    near.send(message)
                with pytest.raises((TypeError, AttributeError, pickle.PicklingError)):
                    items.put(message)
            with pytest.raises(queue.Full):
                items.put(far, block=False)
        assert len(descriptor_server._server.offered) == before  # type: ignore[union-attr]
        pickle.loads(kept).close()
