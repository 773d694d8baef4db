"""What runs beside: threads of the parent that read, write, log, and change things while processes are started."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


def test_a_thread_that_waits_for_input_holds_up_no_child(
    save: Callable[..., Path], environment: dict[str, str], method: str
) -> None:
    program = save(f"""
        import sys, threading
        import mpref

        def work():
            print(repr(sys.stdin.read()), sys.__stdin__ is None or sys.__stdin__.closed)

        def read(begun):
            begun.set()
            sys.stdin.readline()

        if __name__ == "__main__":
            import os, time
            begun = threading.Event()
            reader = threading.Thread(target=read, args=(begun,), daemon=True)
            reader.start()
            begun.wait()
            while open(f"/proc/self/task/{{reader.native_id}}/stat").read().rpartition(")")[2].split()[0] != "S":
                time.sleep(0.001)
            child = mpref.get_context("{method}").Process(target=work)
            child.start()
            child.join()
            print(child.exitcode)
            sys.stdout.flush()
            os._exit(0)
    """)
    reading, writing = os.pipe()
    try:
        command = [sys.executable, "-W", "ignore", str(program)]
        ended = subprocess.run(
            command, env=environment, stdin=reading, capture_output=True, text=True, timeout=240, check=False
        )
    finally:
        os.close(reading)
        os.close(writing)
    assert (ended.stdout, ended.stderr) == ("'' True\n0\n", "")


def test_a_thread_that_writes_to_a_standard_stream_holds_up_no_child(run: Any, method: str) -> None:
    ended = run(
        f"""
        import os, sys, threading, time
        import mpref

        def work():
            for stream in (sys.stdout, sys.stderr, sys.__stdout__):
                print("child", file=stream, flush=True)

        def fill(stream): stream.buffer.write(b"." * (1 << 20))

        def asleep(thread):
            return open(f"/proc/self/task/{{thread.native_id}}/stat").read().rpartition(")")[2].split()[0] == "S"

        if __name__ == "__main__":
            context = mpref.get_context("{method}")
            context.Process(target=os.getpid).start()    # with a fork server whose streams are those of the program
            outputs = os.dup(1), os.dup(2)
            reading, writing = os.pipe()
            threads = []
            for number, stream in enumerate((sys.stdout, sys.stderr), 1):
                os.dup2(writing, number)
                threads.append(threading.Thread(target=fill, args=(stream,), daemon=True))
                threads[-1].start()
            while not all(map(asleep, threads)):
                time.sleep(0.001)
            for number, output in enumerate(outputs, 1):
                os.dup2(output, number)
            from mpref.launch import child
            child.flush = lambda: None    # this one would have to wait
            one = context.Process(target=work)
            one.start()
            one.join()
            os.write(1, b"%d" % one.exitcode)
            os._exit(0)
        """,
        options=("-W", "ignore"),
    )
    assert (ended.stdout, ended.stderr) == ("child\nchild\n0", "child\n")


def test_a_thread_that_writes_a_log_holds_up_no_child_that_writes_it(run: Any, tmp_path: Path) -> None:
    ended = run(
        """
        import logging, os, threading, time
        import mpref

        def work(): logging.warning("child")

        def asleep(thread):
            return open(f"/proc/self/task/{thread.native_id}/stat").read().rpartition(")")[2].split()[0] == "S"

        if __name__ == "__main__":
            reading, writing = os.pipe()
            handler = logging.FileHandler(f"/proc/self/fd/{writing}")
            logging.basicConfig(handlers=[handler], format="%(message)s")
            thread = threading.Thread(target=handler.stream.write, args=("." * (1 << 20),), daemon=True)
            thread.start()
            while not asleep(thread):
                time.sleep(0.001)
            log = os.open("log", os.O_CREAT | os.O_WRONLY)
            os.dup2(log, handler.stream.fileno())
            child = mpref.get_context("fork").Process(target=work)
            child.start()
            child.join()
            print(child.exitcode, open("log").read(), flush=True)
            os._exit(0)
        """,
        options=("-W", "ignore"),
    )
    assert (ended.stdout, ended.stderr) == ("0 child\n\n", "")


def test_children_begin_and_end_while_threads_print_and_log(run: Any, method: str) -> None:
    ended = run(
        f"""
        import logging, sys, threading
        import mpref

        logging.basicConfig(stream=sys.stdout)

        def work():
            logging.error("child")
            sys.stdout.write("child\\n")

        def chatter(stop):
            while not stop.is_set():
                logging.error("parent")
                sys.stdout.write("parent\\n")

        if __name__ == "__main__":
            sys.setswitchinterval(1e-5)
            stop = threading.Event()
            threads = [threading.Thread(target=chatter, args=(stop,)) for _ in range(2)]
            for thread in threads: thread.start()
            codes = set()
            for _ in range({100 if method == "fork" else 5}):
                child = mpref.get_context("{method}").Process(target=work)
                child.start()
                child.join()
                codes.add(child.exitcode)
            stop.set()
            for thread in threads: thread.join()
            print(codes, file=sys.stderr)
        """,
        options=("-W", "ignore"),
    )
    assert ended.stderr == "{0}\n"
    assert set(ended.stdout.splitlines()) == {"ERROR:root:parent", "parent", "ERROR:root:child", "child"}


def test_processes_are_started_by_threads_of_executors(run: Any, method: str) -> None:
    ended = run(
        f"""
        import asyncio, concurrent.futures, sys, threading
        import mpref

        def double(number): return 2 * number

        def work():    # with an executor of its own, which nobody shuts down
            executor = concurrent.futures.ThreadPoolExecutor(1)
            sys.exit(executor.submit(double, 2).result())

        def start_and_join(*_):
            child = mpref.get_context("{method}").Process(target=work)
            child.start()
            child.join()
            return child.exitcode

        async def main():
            loop = asyncio.get_running_loop()
            return await asyncio.gather(*(loop.run_in_executor(None, start_and_join) for _ in range(3)))

        if __name__ == "__main__":
            with concurrent.futures.ThreadPoolExecutor(2) as executor:
                print(list(executor.map(start_and_join, range(4))))
            print(asyncio.run(main()))
            print(start_and_join())
        """,
        options=("-W", "ignore"),
    )
    assert (ended.stdout, ended.stderr) == ("[4, 4, 4, 4]\n[4, 4, 4]\n4\n", "")


def test_a_child_does_not_wait_for_the_executor_of_processes_of_its_parent(run: Any) -> None:
    ended = run(
        """
        import concurrent.futures, os, sys
        import mpref

        def work(): sys.exit(5)

        if __name__ == "__main__":
            with concurrent.futures.ProcessPoolExecutor(1) as executor:
                assert executor.submit(abs, -1).result() == 1
                child = mpref.get_context("fork").Process(target=work)
                child.start()
                child.join()
                print(child.exitcode, executor.submit(abs, -2).result())
        """,
        options=("-W", "ignore"),
    )
    assert (ended.stdout, ended.stderr) == ("5 2\n", "")


@pytest.mark.parametrize("starter", ["the main thread", "a thread", "a thread of _thread"])
def test_the_native_id_of_the_main_thread_is_that_of_this_process(run: Any, method: str, starter: str) -> None:
    ended = run(
        f"""
        import _thread, sys, threading
        import mpref

        def work():
            main = threading.main_thread()
            print(main is threading.current_thread(), main.native_id == threading.get_native_id(), main.is_alive())

        def start_and_join(done):
            child = mpref.get_context("{method}").Process(target=work)
            child.start()
            child.join()
            print(child.exitcode)
            done.release()

        if __name__ == "__main__":
            done = threading.Semaphore(0)
            if "{starter}" == "a thread": threading.Thread(target=start_and_join, args=(done,)).start()
            elif "_thread" in "{starter}": _thread.start_new_thread(start_and_join, (done,))
            else: start_and_join(done)
            done.acquire()
        """,
        options=("-W", "ignore"),
    )
    assert (ended.stdout, ended.stderr) == ("True True True\n0\n", "")


def test_a_child_of_a_running_event_loop_runs_a_loop_of_its_own(run: Any, method: str) -> None:
    ended = run(f"""
        import asyncio, sys
        import mpref

        async def answer(): return 6

        def work():
            sys.exit(asyncio.run(answer()))

        async def main():
            child = mpref.get_context("{method}").Process(target=work)
            child.start()
            await asyncio.to_thread(child.join)
            print(child.exitcode)

        if __name__ == "__main__":
            asyncio.run(main())
    """)
    assert (ended.stdout, ended.stderr) == ("6\n", "")


def test_a_thread_may_change_the_environment_while_processes_are_started(run: Any, method: str) -> None:
    ended = run(
        f"""
        import os, sys, threading
        import mpref

        def work(): sys.exit(os.environ["ALWAYS"] != "there")

        def change(stop):
            names = [f"CHANGING_{{number}}" for number in range(300)]
            while not stop.is_set():
                for name in names: os.environ[name] = "x"
                for name in names: del os.environ[name]

        if __name__ == "__main__":
            os.environ["ALWAYS"] = "there"
            sys.setswitchinterval(1e-5)
            stop = threading.Event()
            thread = threading.Thread(target=change, args=(stop,))
            thread.start()
            codes = []
            for _ in range(25):
                child = mpref.get_context("{method}").Process(target=work)
                child.start()
                child.join()
                codes.append(child.exitcode)
            stop.set()
            thread.join()
            print(set(codes))
        """,
        options=("-W", "ignore"),
    )
    assert (ended.stdout, ended.stderr) == ("{0}\n", "")


@pytest.mark.parametrize("started", ["fork", "spawn", "forkserver"])
def test_what_was_put_into_the_environment_past_os_environ_is_in_the_child(run: Any, started: str) -> None:
    ended = run(f"""
        import os, subprocess
        import mpref

        def work():
            subprocess.run(["sh", "-c", "echo $PUT ${{TAKEN-none}} $SET"])

        if __name__ == "__main__":
            os.environ["TAKEN"] = "still there"
            os.environ["SET"] = "set"
            os.putenv("PUT", "put")
            os.unsetenv("TAKEN")
            child = mpref.get_context("{started}").Process(target=work)
            child.start()
            child.join()
    """)
    assert (ended.stdout, ended.stderr) == ("put none set\n", "")


def test_a_warning_of_threads_that_is_an_error_leaves_no_child(run: Any) -> None:
    ended = run(
        """
        import os, threading
        import mpref

        def work(): os.write(1, b"child\\\\n")

        if __name__ == "__main__":
            stop = threading.Event()
            thread = threading.Thread(target=stop.wait)
            thread.start()
            child = mpref.get_context("fork").Process(target=work)
            try:
                child.start()
            except DeprecationWarning:
                print("refused", child.pid, mpref.active_children())
            else:
                child.join()
                print("refused None []")
            stop.set()
            thread.join()
        """,
        options=("-W", "error"),
    )
    assert ended.stdout in {"refused None []\n", "child\nrefused None []\n"}


@pytest.mark.parametrize("options", [("-W", "error"), ("-X", "dev")], ids=" ".join)
def test_a_thread_that_the_import_of_the_main_module_starts_is_no_matter_for_children(
    run: Any, method: str, options: tuple[str, ...]
) -> None:
    ended = run(
        f"""
        import sys, threading, warnings
        import mpref

        if __name__ != "__main__" or "{method}" != "fork":
            threading.Thread(target=threading.Event().wait, daemon=True).start()

        def work():
            print("child", flush=True)
            sys.exit(3 + any(one[0] == "ignore" and one[2] is Warning for one in warnings.filters))

        if __name__ == "__main__":
            for _ in range(5):
                child = mpref.get_context("{method}").Process(target=work)
                child.start()
                child.join()
                print(child.exitcode, flush=True)
        """,
        options=options,
    )
    assert (ended.stdout, ended.stderr) == ("child\n3\n" * 5, "")
