"""Starting processes: what is left of a start that failed, and of many."""

from __future__ import annotations

from typing import Any

import pytest


def test_two_hundred_starts_leave_no_descriptor(run: Any, method: str) -> None:
    ended = run(
        """
        import os, sys
        import mpref

        def nothing(): pass

        def count():
            return len(os.listdir("/proc/self/fd"))

        if __name__ == "__main__":
            context = mpref.get_context(sys.argv[1])
            starts = 25 if sys.argv[1] == "spawn" else 200
            for number in range(starts):
                child = context.Process(target=nothing, daemon=number % 2 == 0)
                child.start()
                child.join()
                assert child.exitcode == 0
                if number == 0:
                    before = count()
            print(count() - before)
        """,
        method,
        options=("-W", "error", "-X", "dev"),
    )
    assert (ended.stdout, ended.stderr) == ("0\n", "")


def test_a_child_has_no_descriptor_that_it_was_not_given(run: Any) -> None:
    ended = run("""
        import os, stat
        import mpref

        def show():
            kinds = []
            for name in os.listdir("/proc/self/fd"):
                try:
                    kinds.append((int(name), os.readlink(f"/proc/self/fd/{name}"), os.get_inheritable(int(name))))
                except OSError:
                    pass
            print([target for number, target, _ in kinds if "secret" in target],
                  [number for number, _, inheritable in kinds if inheritable and number > 2], flush=True)

        if __name__ == "__main__":
            secret = open("secret", "w")
            os.set_inheritable(secret.fileno(), True)
            for method in ("spawn", "forkserver"):
                child = mpref.get_context(method).Process(target=show)
                child.start()
                child.join()
    """)
    assert (ended.stdout, ended.stderr) == ("[] []\n[] []\n", "")


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_what_cannot_be_pickled_leaves_nothing_behind_and_can_be_mended(run: Any, method: str) -> None:
    ended = run(
        """
        import os, sys
        import mpref

        def nothing(): pass

        def children():
            with open(f"/proc/self/task/{os.getpid()}/children") as listed:
                return listed.read().split()

        if __name__ == "__main__":
            context = mpref.get_context(sys.argv[1])
            first = context.Process(target=nothing)
            first.start(); first.join()
            before = len(os.listdir("/proc/self/fd")), children()
            child = context.Process(target=nothing)
            child.hook = lambda: None
            try:
                child.start()
            except Exception as error:
                print(type(error).__name__, error.__notes__)
            print(before == (len(os.listdir("/proc/self/fd")), children()), child.pid, mpref.active_children())
            del child.hook
            child.start()
            child.join()
            print(child.exitcode)
        """,
        method,
    )
    lines = ended.stdout.splitlines()
    assert "picklable" in lines[0]
    assert "'Process-2'" in lines[0]
    assert lines[1:] == ["True None []", "0"]


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_an_interpreter_that_does_not_exist_is_named_and_leaves_nothing_behind(run: Any, method: str) -> None:
    ended = run(
        """
        import os, sys
        import mpref

        def nothing(): pass

        if __name__ == "__main__":
            mpref.set_executable("/nowhere/python")
            child = mpref.get_context(sys.argv[1]).Process(target=nothing)
            try:
                child.start()
            except OSError as error:
                print(error.filename)
            mpref.set_executable(sys.executable.encode())
            child.start()
            child.join()
            print(child.exitcode, mpref.active_children())
        """,
        method,
    )
    assert (ended.stdout, ended.stderr) == ("/nowhere/python\n0 []\n", "")


def test_arguments_larger_than_any_buffer_arrive(run: Any, method: str) -> None:
    ended = run(
        """
        import sys
        import mpref

        def check(big):
            sys.exit(7 if big == b"x" * 20_000_000 else 8)

        if __name__ == "__main__":
            child = mpref.get_context(sys.argv[1]).Process(target=check, args=(b"x" * 20_000_000,))
            child.start()
            child.join()
            print(child.exitcode)
        """,
        method,
    )
    assert (ended.stdout, ended.stderr) == ("7\n", "")


def test_processes_nest_whatever_their_start_methods(run: Any) -> None:
    ended = run(
        """
        import sys
        import mpref

        def nest(methods):
            here = mpref.current_process()
            assert here.name == mpref.current_process().name
            if not methods:
                print(here.name, mpref.parent_process().name)
                return
            child = mpref.get_context(methods[0]).Process(target=nest, args=(methods[1:],))
            child.start()
            child.join()
            sys.exit(child.exitcode)

        if __name__ == "__main__":
            for first in ("fork", "spawn", "forkserver"):
                for second in ("fork", "spawn", "forkserver"):
                    for third in ("fork", "spawn", "forkserver"):
                        child = mpref.Process(target=nest, args=((first, second, third),))
                        child.start()
                        child.join()
                        assert child.exitcode == 0, (first, second, third)
        """,
        options=("-W", "error", "-X", "dev"),
    )
    assert ended.stderr == ""
    assert ended.stdout.splitlines() == [f"Process-{n}:1:1:1 Process-{n}:1:1" for n in range(1, 28)]


def test_threads_can_start_and_join_at_the_same_time(run: Any, method: str) -> None:
    ended = run(
        """
        import sys, threading
        import mpref

        def end(code):
            sys.exit(code)

        def start_some(context, code, seen):
            for _ in range(3):
                child = context.Process(target=end, args=(code,))
                child.start()
                waiting = threading.Thread(target=child.join)
                waiting.start()
                child.join()
                waiting.join()
                seen.append(child.exitcode == code)

        if __name__ == "__main__":
            context, seen = mpref.get_context(sys.argv[1]), []
            threads = [threading.Thread(target=start_some, args=(context, n, seen)) for n in range(1, 9)]
            for thread in threads: thread.start()
            for thread in threads: thread.join()
            print(len(seen), all(seen), mpref.active_children())
        """,
        method,
    )
    assert (ended.stdout, ended.stderr) == ("24 True []\n", "")


def test_a_child_waits_for_its_threads_its_children_and_flushes(run: Any, method: str) -> None:
    ended = run(
        """
        import sys, threading
        import mpref

        def grandchild(go):
            import os
            os.read(go, 1)
            sys.stdout.write("grandchild ")

        def late(go):
            import os
            threading.main_thread().join(0.05)
            sys.stdout.write("thread ")
            os.write(go, b".")

        def work():
            import os
            reading, writing = os.pipe()
            mpref.get_context("fork").Process(target=grandchild, args=(reading,)).start()
            threading.Thread(target=late, args=(writing,)).start()
            sys.stdout.write("work ")

        if __name__ == "__main__":
            sys.stdout.write("before ")
            child = mpref.get_context(sys.argv[1]).Process(target=work)
            child.start()
            child.join()
            print("joined", child.exitcode)
        """,
        method,
    )
    words = ended.stdout.split()
    assert sorted(words) == sorted(["before", "work", "thread", "grandchild", "joined", "0"])
    assert words[-2:] == ["joined", "0"]


def test_a_process_can_be_started_by_a_thread_and_with_closed_standard_streams(run: Any, method: str) -> None:
    ended = run(
        """
        import os, sys, threading
        import mpref

        def check():
            sys.exit(3 if sys.stdin.read() == "" else 4)

        def start():
            child = mpref.get_context(sys.argv[1]).Process(target=check, daemon=True)
            child.start()
            child.join()
            os.write(kept, str(child.exitcode).encode())

        if __name__ == "__main__":
            kept = os.dup(1)
            for stream in (0, 1):
                os.close(stream)
            thread = threading.Thread(target=start)
            thread.start()
            thread.join()
        """,
        method,
    )
    assert (ended.stdout, ended.stderr) == ("3", "")


def test_the_exit_status_is_told_even_where_somebody_else_has_taken_it(run: Any) -> None:
    ended = run("""
        import os
        import mpref

        def nothing(): pass

        if __name__ == "__main__":
            child = mpref.get_context("fork").Process(target=nothing)
            child.start()
            os.waitpid(child.pid, 0)
            child.join()
            print(child.exitcode, child.is_alive(), mpref.active_children())
    """)
    assert (ended.stdout, ended.stderr) == ("255 False []\n", "")


def test_a_system_without_pidfd_and_proc_will_do(run: Any, method: str) -> None:
    ended = run(
        """
        import os, signal, sys
        if hasattr(os, "pidfd_open"):
            del os.pidfd_open
        if hasattr(os, "waitid"):
            del os.waitid
        import fcntl
        if hasattr(fcntl, "F_SETSIG"):
            del fcntl.F_SETSIG
        import select
        import mpref

        def begin():
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            mpref.get_context("fork").Process(target=signal.pause, daemon=True).start()
            os._exit(4)

        def work():
            sys.exit(3)

        if __name__ == "__main__":
            context = mpref.get_context(sys.argv[1])
            for _ in range(3):
                child = context.Process(target=work, daemon=True)
                child.start()
                assert select.select([child.sentinel], [], [], 20)[0]
                child.join()
                print(child.exitcode)
            asleep = context.Process(target=signal.pause)
            asleep.start()
            asleep.join(0.01)
            print(asleep.is_alive(), select.select([asleep.sentinel], [], [], 0)[0])
            asleep.terminate()
            asleep.join(20)
            print(asleep.exitcode)
            parent = context.Process(target=begin)
            parent.start()
            parent.join()
            print(parent.exitcode)
        """,
        method,
    )
    assert ended.stderr == ""
    assert ended.stdout.splitlines() == ["3", "3", "3", "True []", "-15", "4"]
