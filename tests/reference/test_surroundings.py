"""The surroundings of a program: options of the interpreter, a bare system, streams and folders that are not there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

EVERYTHING = """
import os, sys
import mpref

def work(lock, queue, event, end):
    with lock:
        queue.put(end.recv())
    event.set()

def main(method):
    context = mpref.get_context(method)
    lock, queue, event = context.Lock(), context.Queue(), context.Event()
    for daemon in (False, True):
        near, far = context.Pipe()
        child = context.Process(target=work, args=(lock, queue, event, far), daemon=daemon)
        child.start()
        far.close()
        near.send(daemon)
        near.close()
        got = queue.get()
        event.wait()
        child.join()
        os.write(OUTPUT, f"{got} {child.exitcode}\\n".encode())
        child.close()
    queue.close()
    queue.join_thread()

OUTPUT = 1
"""

WORKED = "False 0\nTrue 0\n"

MAIN = "\nif __name__ == '__main__':\n    main({method!r})\n"

OPTIONS = [
    ("-X", "warn_default_encoding", "-W", "error"),
    ("-O", "-X", "warn_default_encoding", "-W", "error::EncodingWarning"),
    ("-X", "dev", "-W", "error"),
    ("-b", "-W", "error"),
    ("-bb",),
    ("-E", "-s", "-X", "utf8=0"),
    ("-I",),
    ("-S", "-P"),
    ("-u", "-B", "-X", "faulthandler"),
    ("-X", "tracemalloc=3", "-X", "no_debug_ranges", "-X", "utf8"),
]


@pytest.mark.parametrize("options", OPTIONS, ids=" ".join)
def test_it_works_without_a_word_under_the_options_of_the_interpreter(
    run: Any, method: str, options: tuple[str, ...], environment: dict[str, str]
) -> None:
    find = f"import sys; sys.path.append({environment['PYTHONPATH']!r})\n"  # some ignore PYTHONPATH
    ended = run(find + EVERYTHING + MAIN.format(method=method), options=options)
    assert (ended.stdout, ended.stderr) == (WORKED, "")


@pytest.mark.parametrize("warnings", ["error", "error::DeprecationWarning,error::EncodingWarning", "always"])
def test_it_works_without_a_word_whatever_warnings_the_environment_asks_for(
    save: Callable[..., Path], environment: dict[str, str], method: str, warnings: str
) -> None:
    program = save(EVERYTHING + MAIN.format(method=method))
    ended = subprocess.run(
        [sys.executable, str(program)],
        env={**environment, "PYTHONWARNINGS": warnings, "PYTHONWARNDEFAULTENCODING": "1", "PYTHONDEVMODE": "1"},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert (ended.stdout, ended.stderr) == (WORKED, "")


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


WITHOUT_PROC = ["unshare", "--mount", "sh", "-c", 'mount -t tmpfs none /proc && exec "$@"', "sh"]


def test_it_works_where_proc_is_not_mounted(
    save: Callable[..., Path], environment: dict[str, str], method: str
) -> None:
    if not shutil.which("unshare") or subprocess.run([*WITHOUT_PROC, "true"], capture_output=True).returncode:
        pytest.skip("the right to make a mount namespace is needed")
    program = save(
        EVERYTHING
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
    assert (ended.stdout, ended.stderr) == (WORKED, "")


@pytest.mark.parametrize("closed", ["0", "1", "2", "0 1", "0 2", "1 2", "0 1 2"])
def test_it_works_where_standard_descriptors_are_closed(run: Any, method: str, closed: str) -> None:
    numbers = [int(number) for number in closed.split()]
    ended = run(
        EVERYTHING.replace("OUTPUT = 1", "OUTPUT = int(sys.argv[-1]) if len(sys.argv) > 1 else 1")
        + f"""
if __name__ == "__main__":
    if len(sys.argv) < 2:    # once more, and closed from the beginning
        output = os.dup(1)
        os.set_inheritable(output, True)
        for number in {numbers}: os.close(number)
        os.execv(sys.executable, [sys.executable, sys.argv[0], str(output)])
    main({method!r})
"""
    )
    assert (ended.stdout, ended.stderr) == (WORKED, "")


@pytest.mark.parametrize("stream", ["None", "open(os.devnull, 'w', encoding='utf-8')", "io.StringIO()"])
def test_it_works_whatever_the_standard_streams_are(run: Any, method: str, stream: str) -> None:
    ended = run(
        f"import io, os, sys\nsys.stdin = sys.stdout = sys.stderr = {stream}\n"
        + EVERYTHING
        + MAIN.format(method=method)
    )
    assert (ended.stdout, ended.stderr) == (WORKED, "")


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
    run: Any, tmp_path: Path, method: str
) -> None:
    ended = run(
        EVERYTHING
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
    assert (ended.stdout, ended.stderr) == (WORKED * 2, "")


def test_it_works_with_a_trace_function_a_low_recursion_limit_and_no_garbage_collection(run: Any, method: str) -> None:
    ended = run(
        EVERYTHING
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
    assert (ended.stdout, ended.stderr) == (WORKED, "")


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
    run: Any, method: str, fork_first: bool
) -> None:
    ended = run(
        EVERYTHING
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
    assert (ended.stdout, ended.stderr) == (WORKED * 2 + "0\n", "")


STRANGE = """
class Strange:    # as shells and graphical programs put in the place of standard streams
    def write(self, text): raise RuntimeError("nobody sees this")
    def flush(self): raise RuntimeError("this neither")
    def close(self): raise NotImplementedError

import sys
sys.stdin = sys.stdout = sys.stderr = Strange()
"""


def test_standard_streams_that_fail_are_no_reason_to_fail(run: Any, method: str) -> None:
    leave = "\n    sys.stdout = sys.stderr = None\n"  # the interpreter itself flushes them
    ended = run(
        STRANGE
        + EVERYTHING.replace("    event.set()\n", f"    event.set(){leave if method == 'spawn' else ''}\n", 1)
        + MAIN.format(method=method)
        + leave
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, WORKED, "")


def test_standard_descriptors_that_an_exec_closes_are_missed_by_nobody(run: Any, method: str) -> None:
    ended = run(
        EVERYTHING.replace("OUTPUT = 1", "OUTPUT = 1 if __name__ != '__main__' else os.dup(1)")
        + f"""
if __name__ == "__main__":
    for number in range(3): os.set_inheritable(number, False)
    main({method!r})
"""
    )
    assert (ended.stdout, ended.stderr) == (WORKED, "")


@pytest.mark.parametrize("inspected", ["PYTHONINSPECT", "-i"])
def test_no_process_but_the_program_is_inspected_at_its_end(
    save: Callable[..., Path], environment: dict[str, str], method: str, inspected: str
) -> None:
    program = save(EVERYTHING + MAIN.format(method=method))
    ended = subprocess.run(
        [sys.executable, *(["-i"] if inspected == "-i" else []), str(program)],
        env={**environment, inspected.replace("-", "NO_"): "1"},
        input="print('inspected')\n",
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    # The variable has it done for a terminal only; a child would end with 1 and a traceback of SystemExit.
    assert ended.stdout == WORKED + ("inspected\n" if inspected == "-i" else "")
    assert ended.stderr.replace(">>>", "").strip() == ""


def test_an_environment_that_no_program_can_be_given_is_an_error_and_leaves_nothing(run: Any) -> None:
    ended = run(
        EVERYTHING
        + """
if __name__ == "__main__":
    before = len(os.listdir("/proc/self/fd"))
    for method in ("spawn", "forkserver"):
        os.environ["LARGE"] = "x" * (1 << 20)
        child = mpref.get_context(method).Process(target=print)
        try: child.start()
        except OSError as error: print(type(error).__name__, error.strerror, child.pid, flush=True)
        assert len(os.listdir("/proc/self/fd")) <= before + 2    # the ends of the lifeline
        del os.environ["LARGE"]
        main(method)
        child.start()
        child.join()
        before = len(os.listdir("/proc/self/fd"))
"""
    )
    assert ended.stdout == f"OSError Argument list too long None\n{WORKED}\n" * 2
    assert ended.stderr == ""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may change its root directory")
def test_a_program_that_has_changed_its_root_forks_children(run: Any, tmp_path: Path) -> None:
    ended = run(
        EVERYTHING
        + f"""
if __name__ == "__main__":
    main("fork")    # with every module that it needs
    os.mkdir({str(tmp_path)!r} + "/root")
    os.chroot({str(tmp_path)!r} + "/root")
    os.chdir("/")
    main("fork")
"""
    )
    assert (ended.stdout, ended.stderr) == (WORKED * 2, "")


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
