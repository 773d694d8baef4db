"""A dummy.Process has of a process what a thread can have."""

from __future__ import annotations

import os
import threading

import mpref
import pytest
from mpref import connection, dummy

pytestmark = pytest.mark.timeout(60, method="signal")


def test_its_names_are_those_of_the_package() -> None:
    assert sorted(dummy.__all__) == sorted([*mpref.__all__, "connection"])


def test_its_sentinel_becomes_readable_at_the_end() -> None:
    gate = threading.Event()
    process = dummy.Process(target=gate.wait)
    with pytest.raises(ValueError, match="sentinel"):
        _ = process.sentinel
    process.start()
    sentinel = process.sentinel
    assert connection.wait([sentinel], 0.05) == []
    gate.set()
    assert connection.wait([sentinel], 20) == [sentinel]
    process.join()
    process.close()
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(sentinel)


def test_a_sentinel_that_is_asked_for_after_the_end_is_readable() -> None:
    process = dummy.Process()
    process.start()
    process.join()
    assert connection.wait([process.sentinel], 0) == [process.sentinel]
    process.close()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize(("code", "exitcode"), [(None, 0), (0, 0), (3, 3), ("why", 1)])
def test_the_exitcode_is_that_of_sys_exit(code: object, exitcode: int) -> None:
    def leave() -> None:
        raise SystemExit(code)

    process = dummy.Process(target=leave)
    process.start()
    process.join()
    assert process.exitcode == exitcode


def test_it_knows_its_parent_and_its_own_children() -> None:
    seen: list[object] = []

    def parent() -> None:
        child = dummy.Process(target=lambda: seen.append(dummy.parent_process()))
        child.start()
        child.join()
        seen.append(dummy.parent_process())

    process = dummy.Process(target=parent)
    process.start()
    process.join()
    assert seen == [process, dummy.current_process()]
    assert dummy.parent_process() is mpref.parent_process()


def test_a_thread_that_cannot_be_started_is_no_child(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", fail)
    with pytest.raises(RuntimeError, match="new thread"):
        dummy.Process().start()
    assert dummy.active_children() == []
    assert not dummy.process._living
