"""The surroundings of a program: a bare system, folders and descriptors that are not there, a strange state."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Everything

WITHOUT_PROC = ["unshare", "--mount", "sh", "-c", 'mount -t tmpfs none /proc && exec "$@"', "sh"]


def test_locks_conditions_and_queues_need_no_ctypes(run: Any, method: str) -> None:
    ended = run(f"""
        import os, sys
        sys.modules["_ctypes"] = sys.modules["ctypes"] = None    # as where the interpreter was built without libffi
        import mpref

        def work(lock, condition, barrier, semaphore, joinable, simple, event):
            with lock, lock:
                semaphore.acquire()
            for _ in range(3):
                assert joinable.get() is not None
                joinable.task_done()
            simple.put("simple")
            barrier.wait()
            with condition:
                condition.notify_all()
            assert event.wait()
            barrier.wait()

        if __name__ == "__main__":
            context = mpref.get_context("{method}")
            lock, condition, barrier = context.RLock(), context.Condition(), context.Barrier(3)
            semaphore, joinable, simple = context.Semaphore(2), context.JoinableQueue(), context.SimpleQueue()
            event, bounded = context.Event(), context.BoundedSemaphore(2)
            shared = lock, condition, barrier, semaphore, joinable, simple, event
            children = [context.Process(target=work, args=shared) for _ in range(2)]
            for child in children: child.start()
            for number in range(6): joinable.put(number)
            joinable.join()
            with condition:
                barrier.wait()
                assert condition.wait(60)
            assert not event.wait(0.01)
            event.set()
            barrier.wait()
            for child in children: child.join()
            print(simple.get(), simple.get(), [child.exitcode for child in children], semaphore.get_value())
            bounded.acquire()
            bounded.release()
            try: bounded.release()
            except ValueError: print("bounded")
            try: context.Value("i")
            except ImportError: print("a value needs it")
    """)
    assert (ended.stdout, ended.stderr) == ("simple simple [0, 0] 0\nbounded\na value needs it\n", "")


def test_it_works_where_proc_is_not_mounted(
    save: Callable[..., Path], environment: dict[str, str], method: str, everything: Everything
) -> None:
    if not shutil.which("unshare") or subprocess.run([*WITHOUT_PROC, "true"], capture_output=True).returncode:
        pytest.skip("the right to make a mount namespace is needed")
    program = save(
        everything.source
        + f"""
from mpref.shared_memory import SharedMemory    # which has a tracker

if __name__ == "__main__":
    left = os.dup(1)
    os.set_inheritable(left, True)
    main({method!r})
    SharedMemory(create=True, size=9).unlink()
"""
    )
    ended = subprocess.run(
        [*WITHOUT_PROC, sys.executable, str(program)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert (ended.stdout, ended.stderr) == (everything.output, "")


def test_a_listener_finds_a_place_where_temporary_files_have_long_paths(run: Any, tmp_path: Path, method: str) -> None:
    ended = run(f"""
        import os
        import mpref
        from mpref.connection import Client, Listener

        def work(address):
            with Client(address) as client: client.send("hello")

        if __name__ == "__main__":
            os.environ["TMPDIR"] = os.path.join({str(tmp_path)!r}, "long" * 30)
            os.mkdir(os.environ["TMPDIR"])
            with Listener() as listener:
                child = mpref.get_context("{method}").Process(target=work, args=(listener.address,))
                child.start()
                with listener.accept() as connection: print(connection.recv())
                child.join()
                folder = os.path.dirname(listener.address)
                print(oct(os.stat(folder).st_mode & 0o777))
            print(os.path.exists(folder), os.listdir(os.environ["TMPDIR"]))
    """)
    assert (ended.stdout, ended.stderr) == ("hello\n0o700\nFalse []\n", "")


def test_a_listener_is_where_temporary_files_are_if_it_can_be(run: Any, tmp_path: Path) -> None:
    ended = run(
        """
        import os, sys, tempfile
        from mpref.connection import Listener
        short = tempfile.mkdtemp(prefix="s", dir="/tmp")
        tempfile.tempdir = short
        with Listener() as listener: print(listener.address.startswith(short + "/"))
        os.rmdir(short)
        """
    )
    assert (ended.stdout, ended.stderr) == ("True\n", "")


def test_it_works_in_a_folder_that_was_removed_or_cannot_be_written_and_without_any_variable(
    run: Any, tmp_path: Path, method: str, everything: Everything
) -> None:
    ended = run(
        everything.source
        + f"""
if __name__ == "__main__":
    os.environ.clear()
    os.umask(0o777)
    os.chdir("/proc")
    main({method!r})
    os.mkdir({str(tmp_path)!r} + "/gone", 0o700)
    os.chmod({str(tmp_path)!r} + "/gone", 0o700)
    os.chdir({str(tmp_path)!r} + "/gone")
    os.rmdir({str(tmp_path)!r} + "/gone")
    main({method!r})
"""
    )
    assert (ended.stdout, ended.stderr) == (everything.output * 2, "")


def test_it_works_with_a_trace_function_a_low_recursion_limit_and_no_garbage_collection(
    run: Any, method: str, everything: Everything
) -> None:
    ended = run(
        everything.source
        + f"""
if __name__ == "__main__":
    import faulthandler, gc, threading
    faulthandler.enable()
    faulthandler.dump_traceback_later(100)
    gc.disable()
    gc.freeze()
    sys.setrecursionlimit(120)
    sys.settrace(lambda *_: None)
    threading.settrace(lambda *_: None)
    threading.excepthook = sys.excepthook = lambda *_: os.write(2, b"an exception")
    main({method!r})
    faulthandler.cancel_dump_traceback_later()
"""
    )
    assert (ended.stdout, ended.stderr) == (everything.output, "")


def test_a_child_that_closes_every_descriptor_ends_with_its_own_status(run: Any, method: str) -> None:
    ended = run(f"""
        import os, sys
        import mpref

        def work():
            os.closerange(0, 1000)
            sys.exit(3)

        if __name__ == "__main__":
            child = mpref.get_context("{method}").Process(target=work)
            child.start()
            child.join()
            print(child.exitcode)
    """)
    assert (ended.stdout, ended.stderr) == ("3\n", "")


@pytest.mark.parametrize("fork_first", [True, False])
def test_a_program_that_becomes_a_daemon_and_closes_all_its_descriptors_goes_on(
    run: Any, method: str, fork_first: bool, everything: Everything
) -> None:
    ended = run(
        everything.source
        + f"""
from mpref.shared_memory import SharedMemory

if __name__ == "__main__":
    main({method!r})
    SharedMemory(create=True, size=9).unlink()
    if {fork_first} and (pid := os.fork()):
        os.waitpid(pid, 0)
        os._exit(0)
    os.closerange(3, 1000)
    files = [open("precious", "a+b", buffering=0) for _ in range(50)]    # with the numbers that were closed
    main({method!r})
    SharedMemory(create=True, size=9).unlink()
    os.write(OUTPUT, b"%d\\n" % os.path.getsize("precious"))
"""
    )
    assert (ended.stdout, ended.stderr) == (everything.output * 2 + "0\n", "")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may change its root directory")
def test_a_program_that_has_changed_its_root_forks_children(run: Any, tmp_path: Path, everything: Everything) -> None:
    ended = run(
        everything.source
        + f"""
if __name__ == "__main__":
    main("fork")    # with every module that it needs
    os.mkdir({str(tmp_path)!r} + "/root")
    os.chroot({str(tmp_path)!r} + "/root")
    os.chdir("/")
    main("fork")
"""
    )
    assert (ended.stdout, ended.stderr) == (everything.output * 2, "")


def test_what_a_program_has_registered_for_forks_and_exits_is_done_once(run: Any, method: str) -> None:
    ended = run(f"""
        import atexit, os
        import mpref

        def work(): pass

        if __name__ == "__main__":
            for when in ("before", "after_in_parent", "after_in_child"):
                os.register_at_fork(**{{when: lambda when=when: os.write(1, when.encode() + b"\\n")}})
            atexit.register(os.write, 1, b"exit\\n")
            child = mpref.get_context("{method}").Process(target=work)
            child.start()
            child.join()
    """)
    done = ["after_in_child", "after_in_parent", "before"] if method == "fork" else []
    assert sorted(ended.stdout.split()) == [*done, "exit"]
    assert ended.stderr == ""
