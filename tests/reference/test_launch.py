"""Starting processes: what is left of a start that failed, of many, and of a parent or server that is killed."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
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


def test_another_fork_server_takes_the_place_of_one_that_was_killed(run: Any) -> None:
    ended = run("""
        import os, signal, sys
        import mpref
        from mpref.launch.forkserver import client as forkserver

        def wait(): sys.stdin.read(); sys.exit(5)
        def sleep(reading): os.read(reading, 1)

        if __name__ == "__main__":
            context = mpref.get_context("forkserver")
            reading, writing = os.pipe()
            first = context.Process(target=signal.pause, daemon=True)
            first.start()
            os.kill(forkserver._handle.pid, signal.SIGKILL)
            assert first.is_alive()
            second = context.Process(target=wait)
            second.start()
            second.join()
            first.kill()
            first.join()
            print(second.exitcode, first.exitcode)
    """)
    assert (ended.stdout, ended.stderr) == ("5 255\n", "")


ENDLESS = """
import os, signal, sys
import mpref

def wait(writing):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.write(writing, f"{os.getpid()}\\n".encode())
    while True:
        signal.pause()

class Given:
    "A descriptor among the arguments of a child."
    def __init__(self, descriptor): self.descriptor = descriptor
    def __reduce__(self):
        from mpref.transfer import handover
        return Given, (handover.require(self).give(self.descriptor),)

def start(given):
    wait(given.descriptor)

if __name__ == "__main__":
    child = mpref.get_context(sys.argv[1]).Process(target=start, args=(Given(1),), daemon=True)
    child.start()
    if sys.argv[2] == "stay":
        signal.pause()
"""


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="watches a stranger's end by its pidfd")
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_a_daemonic_child_ends_with_a_parent_that_is_killed(
    save: Callable[..., Path], environment: dict[str, str], method: str, end: int
) -> None:
    command = [sys.executable, str(save(ENDLESS)), method, "stay"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = os.pidfd_open(int(parent.stdout.readline()))
        parent.send_signal(end)
        assert select.select([child], [], [], 10)[0]
        os.close(child)
        # Every process of the program holds the writing end: the fork server is gone as well.
        assert parent.stdout.read() == ""


def test_a_daemonic_child_that_ignores_sigterm_ends_at_the_exit_of_its_parent(run: Any, method: str) -> None:
    ended = run(ENDLESS, method, "leave")
    assert ended.stderr == ""
    for line in ended.stdout.splitlines():
        assert not Path(f"/proc/{line}").exists()


def test_no_process_of_the_program_outlives_it(run: Any, method: str) -> None:
    ended = run(
        """
        import os, sys
        import mpref

        def nothing(): pass

        if __name__ == "__main__":
            child = mpref.get_context(sys.argv[1]).Process(target=nothing)
            child.start()
            child.join()
            with open(f"/proc/self/task/{os.getpid()}/children") as listed:
                print(listed.read())
        """,
        method,
    )
    assert not [pid for pid in ended.stdout.split() if Path(f"/proc/{pid}").exists()]


def test_a_forked_stranger_keeps_nobody_alive_and_ends_nobody(run: Any) -> None:
    ended = run("""
        import os, sys
        import mpref

        def wait(reading): os.read(reading, 1)

        if __name__ == "__main__":
            reading, writing = os.pipe()
            child = mpref.get_context("fork").Process(target=wait, args=(reading,), daemon=True)
            child.start()
            if os.fork() == 0:
                sys.exit(0)
            os.wait()
            print(child.is_alive())
    """)
    assert (ended.stdout, ended.stderr) == ("True\n", "")


def test_a_forked_stranger_does_not_end_the_children_of_its_parent(run: Any, method: str) -> None:
    ended = run(
        """
        import os, signal, sys
        import mpref

        def nothing(): pass

        if __name__ == "__main__":
            child = mpref.get_context(sys.argv[1]).Process(target=signal.pause, daemon=True)
            child.start()
            if os.fork() == 0:
                other = mpref.get_context("fork").Process(target=nothing)
                other.start()
                assert mpref.active_children() in ([other], [])
                sys.exit(0)
            print(os.wait()[1], child.is_alive())
        """,
        method,
    )
    assert (ended.stdout, ended.stderr) == ("0 True\n", "")


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


def test_threads_that_find_the_fork_server_killed_share_the_next(run: Any) -> None:
    ended = run(
        """
        import os, signal, sys, threading
        import mpref
        from mpref.launch.forkserver import client as forkserver

        def end(): sys.exit(5)

        def start(seen):
            child = mpref.get_context("forkserver").Process(target=end)
            child.start()
            child.join()
            seen.append(child.exitcode)

        if __name__ == "__main__":
            for _ in range(3):
                seen = []
                start(seen)
                os.kill(forkserver._handle.pid, signal.SIGKILL)
                threads = [threading.Thread(target=start, args=(seen,)) for _ in range(8)]
                for thread in threads: thread.start()
                for thread in threads: thread.join()
                print(seen == [5] * 9)
        """
    )
    assert (ended.stdout, ended.stderr) == ("True\n" * 3, "")


def test_a_request_never_goes_to_what_another_thread_has_opened_in_the_place_of_a_killed_server(run: Any) -> None:
    ended = run(
        """
        import os, select, signal, socket, sys
        import mpref
        from mpref import descriptors
        from mpref.launch.forkserver import client as forkserver

        def end(): sys.exit(5)

        def start():
            child = mpref.get_context("forkserver").Process(target=end)
            child.start()
            child.join()
            print(child.exitcode)

        send = descriptors.send

        def send_after_another_thread(channel, data, sent):
            # What another thread may do just before: it finds the server killed, and opens sockets of its own.
            descriptors.send = send
            os.kill(forkserver._handle.pid, signal.SIGKILL)
            forkserver._forget_server(forkserver._handle)
            decoys.extend(end for _ in range(20) for end in socket.socketpair())
            send(channel, data, sent)

        if __name__ == "__main__":
            decoys = []
            start()
            descriptors.send = send_after_another_thread
            start()
            print(len(decoys), len(select.select(decoys, [], [], 0)[0]))
        """
    )
    assert (ended.stdout, ended.stderr) == ("5\n5\n40 0\n", "")


def test_a_signal_to_a_child_that_the_fork_server_has_reaped_and_not_told_of_yet_does_nothing(run: Any) -> None:
    ended = run(
        """
        import _socket, os, signal
        from mpref.launch.forkserver.client import ServedHandle

        if __name__ == "__main__":
            ours, theirs = _socket.socketpair()
            pid = os.fork()
            if pid == 0:
                os._exit(0)
            os.waitpid(pid, 0)
            handle = ServedHandle(pid, ours)
            print(handle.poll(), handle.signal(signal.SIGTERM))
        """
    )
    assert (ended.stdout, ended.stderr) == ("None None\n", "")
