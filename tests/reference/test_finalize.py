"""Finalizers: when they run, in which order, in which process."""

from __future__ import annotations

import os
from typing import Any

import pytest
from mpref.finalize import Finalizer


class Owner:
    """Something that can be collected."""


def test_a_finalizer_runs_when_its_owner_is_collected() -> None:
    seen: list[str] = []
    owner = Owner()
    finalizer = Finalizer(seen.append, "gone", owner=owner)
    assert finalizer.alive
    del owner
    assert seen == ["gone"]
    assert not finalizer.alive


def test_a_finalizer_runs_once() -> None:
    seen: list[str] = []
    finalizer = Finalizer(seen.append, "called", owner=Owner)
    finalizer()
    finalizer()
    assert seen == ["called"]


def test_a_cancelled_finalizer_does_not_run() -> None:
    seen: list[str] = []
    owner = Owner()
    finalizer = Finalizer(seen.append, "gone", owner=owner)
    assert finalizer.cancel()
    assert not finalizer.cancel()
    del owner
    finalizer()
    assert seen == []


def test_a_finalizer_that_would_never_run_is_refused() -> None:
    with pytest.raises(ValueError, match="owner, a priority"):
        Finalizer(print)


def test_a_forked_process_does_not_run_the_finalizers_of_its_parent() -> None:
    reading, writing = os.pipe()
    finalizer = Finalizer(os.write, writing, b"ran", owner=Owner)
    pid = os.fork()
    if pid == 0:
        finalizer()
        os._exit(0)
    os.waitpid(pid, 0)
    finalizer.cancel()
    os.close(writing)
    assert os.read(reading, 10) == b""
    os.close(reading)


def test_at_exit_the_highest_priority_comes_first_and_the_youngest_among_equals(run: Any) -> None:
    ended = run("""
        from mpref.finalize import Finalizer

        class Owner: pass

        owner = Owner()
        Finalizer(print, "low", priority=-5)
        Finalizer(print, "never", owner=owner)
        Finalizer(print, "high, older", priority=10)
        Finalizer(print, "high, younger", priority=10)
        Finalizer(print, "zero", priority=0)
        print("main is over")
    """)
    assert ended.stdout.splitlines() == ["main is over", "high, younger", "high, older", "zero", "low", "never"]


def test_a_finalizer_that_raises_is_reported_and_the_others_run(run: Any) -> None:
    ended = run("""
        from mpref.finalize import Finalizer

        Finalizer(print, "the last", priority=1)
        Finalizer(lambda: 1 / 0, priority=2)
    """)
    assert ended.stdout == "the last\n"
    assert "ZeroDivisionError" in ended.stderr


def test_a_child_runs_its_own_finalizers_and_exit_handlers_only(run: Any, method: str) -> None:
    ended = run(
        """
        import atexit, sys
        import mpref
        from mpref.finalize import Finalizer

        def work():
            Finalizer(print, "child's finalizer", priority=0)
            atexit.register(print, "child's handler")

        if __name__ == "__main__":
            Finalizer(print, "parent's finalizer", priority=0)
            atexit.register(print, "parent's handler")
            child = mpref.get_context(sys.argv[1]).Process(target=work)
            child.start()
            child.join()
            print("joined", child.exitcode)
        """,
        method,
    )
    assert ended.stderr == ""
    assert ended.stdout.splitlines() == [
        "child's handler",
        "child's finalizer",
        "joined 0",
        "parent's handler",
        "parent's finalizer",
    ]


def test_exit_handlers_of_the_program_run_before_its_children_are_joined(run: Any, method: str) -> None:
    ended = run(
        """
        import atexit, sys
        import mpref

        def wait(event):
            print("told in time" if event.wait(20) else "never told", flush=True)

        if __name__ == "__main__":
            context = mpref.get_context(sys.argv[1])
            event = context.Event()
            atexit.register(event.set)
            context.Process(target=wait, args=(event,)).start()
        """,
        method,
    )
    assert (ended.stdout, ended.stderr) == ("told in time\n", "")
