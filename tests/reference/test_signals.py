"""Signals: what a child does with them is what its main module has said, and the fork server has its own way."""

from __future__ import annotations

import os
from typing import Any

import pytest
from mpref import start_method

AT_IMPORT = {
    "handlers": """
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD, signal.SIGUSR1, signal.SIGALRM, signal.SIGHUP):
            signal.signal(number, note)
    """,
    "chained": "signal.signal(signal.SIGINT, lambda *_, before=signal.getsignal(signal.SIGINT): before(*_))",
    "SIGCHLD at its default": "signal.signal(signal.SIGCHLD, signal.SIG_DFL)",
    "SIGCHLD ignored": "signal.signal(signal.SIGCHLD, signal.SIG_IGN)",
    "all ignored": "for one in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP): signal.signal(one, signal.SIG_IGN)",
    "SIGPIPE at its default": "signal.signal(signal.SIGPIPE, signal.SIG_DFL)",
    "SIGCHLD blocked": "signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD, signal.SIGUSR2})",
    "all blocked": "signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())",
    "wake-up descriptor": """
        import socket
        near, far = socket.socketpair()
        far.setblocking(False)
        signal.set_wakeup_fd(far.fileno())
    """,
    "a timer": """
        signal.signal(signal.SIGALRM, note)
        signal.setitimer(signal.ITIMER_REAL, 0.05, 0.05)
    """,
}


@pytest.mark.parametrize("what", AT_IMPORT)
def test_a_child_of_the_fork_server_finds_signals_as_a_spawned_one_does_and_its_end_is_told(
    run: Any, what: str
) -> None:
    import textwrap

    ended = run(
        textwrap.dedent("""
            import signal
            import mpref

            def note(number, frame): noted.append(number)

            noted = []
        """)
        + textwrap.dedent(AT_IMPORT[what])
        + textwrap.dedent("""
            def tell(end):
                signal.setitimer(signal.ITIMER_REAL, 0)
                handlers = {int(one): signal.getsignal(one) for one in signal.valid_signals()}
                handlers = {one: getattr(what, "__name__", what) for one, what in handlers.items()}
                mask = {int(one) for one in signal.pthread_sigmask(signal.SIG_BLOCK, ())}
                end.send((handlers, mask, signal.set_wakeup_fd(-1) < 0))

            if __name__ == "__main__":
                signal.setitimer(signal.ITIMER_REAL, 0)
                told = []
                for method in ("spawn", "forkserver", "forkserver"):
                    near, far = mpref.Pipe()
                    child = mpref.get_context(method).Process(target=tell, args=(far,))
                    child.start()
                    told.append(near.recv())
                    child.join()
                    assert child.exitcode == (0 if signal.getsignal(signal.SIGCHLD) != signal.SIG_IGN or
                                              method == "forkserver" else 255), child.exitcode
                print(told[0] == told[1] == told[2], *(told if told[0] != told[1] else ()))
        """)
    )
    assert (ended.stdout, ended.stderr) == ("True\n", "")


@pytest.mark.parametrize("number", ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1"])
def test_what_goes_to_all_processes_of_a_program_is_handled_by_the_program_and_its_children_only(
    run: Any, number: str, method: str
) -> None:
    ended = run(f"""
        import os, signal, sys
        import mpref

        def note(number, frame): os.write(2, b"%d\\n" % os.getpid())

        signal.signal(signal.{number}, note)

        def work(end):
            end.send(None)
            end.recv()
            sys.exit(3)

        if __name__ == "__main__":
            os.setpgid(0, 0)
            for _ in range(2):    # the second needs a fork server that has survived
                near, far = mpref.Pipe()
                child = mpref.get_context("{method}").Process(target=work, args=(far,))
                child.start()
                near.recv()
                os.killpg(0, signal.{number})
                near.send(None)
                child.join()
                print(os.getpid(), child.pid, child.exitcode)
    """)
    told = [line.split() for line in ended.stdout.splitlines()]
    assert [code for _, _, code in told] == ["3", "3"]
    assert sorted(ended.stderr.split()) == sorted(pid for parent, child, _ in told for pid in (parent, child))


def test_an_interrupt_while_the_fork_server_imports_the_main_module_does_nothing_there(run: Any) -> None:
    ended = run("""
        import os, signal, sys
        import mpref

        if __name__ == "__mp_main__":
            os.kill(os.getpid(), signal.SIGINT)
            print(signal.getsignal(signal.SIGINT) is signal.default_int_handler, flush=True)

        def work(): sys.exit(3)

        if __name__ == "__main__":
            for _ in range(2):
                child = mpref.get_context("forkserver").Process(target=work)
                child.start()
                child.join()
                print(child.exitcode)
    """)
    assert (ended.stdout, ended.stderr) == ("True\n3\n3\n", "")


def test_a_child_whose_end_the_kernel_tells_nobody_can_be_started_and_joined(run: Any, method: str) -> None:
    ended = run(f"""
        import os, signal
        import mpref

        def work(): pass

        if __name__ == "__main__":
            signal.signal(signal.SIGCHLD, signal.SIG_IGN)
            for _ in range({500 if method == "fork" else 5}):
                child = mpref.get_context("{method}").Process(target=work)
                child.start()
                child.join()
                assert not child.is_alive() and child.exitcode is not None
                child.terminate()
            print(mpref.active_children())
    """)
    assert (ended.stdout, ended.stderr) == ("[]\n", "")


def test_a_child_that_has_ended_and_was_reaped_before_its_start_is_over(run: Any, method: str) -> None:
    ended = run(f"""
        import os, signal
        import mpref
        from mpref.launch import handle

        def work(): pass

        pidfd_open = os.pidfd_open

        def open_late(pid):
            if pid != os.getpid(): os.waitpid(pid, 0)
            return pidfd_open(pid)

        if __name__ == "__main__" and handle._PIDFD:
            context = mpref.get_context("{method}")
            first = context.Process(target=work)
            first.start()    # with what a program needs once
            first.join()
            os.pidfd_open = open_late
            child = context.Process(target=work)
            child.start()
            assert mpref.connection.wait([child.sentinel]) == [child.sentinel]
            child.join()
            print(child.is_alive(), child.exitcode)
            child.kill()
            child.close()
        elif __name__ == "__main__":
            print("False 255")
    """)
    assert ended.stderr == ""
    assert ended.stdout in {"False 255\n", "False 0\n"}  # the fork server has its own children


def test_a_signal_to_a_forked_child_does_not_wake_the_event_loop_of_its_parent(run: Any) -> None:
    ended = run("""
        import asyncio, os, signal, sys
        import mpref

        def work(end):
            signal.signal(signal.SIGUSR1, lambda *_: end.send(None))
            end.send(None)
            while True: signal.pause()

        async def main():
            noted = []
            asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, noted.append, 1)
            near, far = mpref.Pipe()
            child = mpref.get_context("fork").Process(target=work, args=(far,))
            child.start()
            near.recv()
            os.kill(child.pid, signal.SIGUSR1)
            near.recv()
            await asyncio.sleep(0.01)
            print(noted)
            child.kill()
            child.join()

        asyncio.run(main())
    """)
    assert (ended.stdout, ended.stderr) == ("[]\n", "")


def test_processes_are_started_and_joined_while_signals_come_all_the_time(run: Any, method: str) -> None:
    ended = run(f"""
        import os, signal, sys
        import mpref

        def work(end):
            end.send(end.recv() + 1)
            sys.exit(7)

        if __name__ == "__main__":
            signal.signal(signal.SIGALRM, lambda *_: None)
            signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
            for _ in range({30 if method == "fork" else 6}):
                near, far = mpref.Pipe()
                child = mpref.get_context("{method}").Process(target=work, args=(far,))
                child.start()
                near.send(1)
                assert near.recv() == 2
                child.join()
                assert child.exitcode == 7, child.exitcode
            signal.setitimer(signal.ITIMER_REAL, 0)
    """)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


def test_a_handler_may_start_a_process_and_end_a_join_by_an_exception(run: Any, method: str) -> None:
    ended = run(f"""
        import os, signal, sys
        import mpref

        def nothing(): sys.exit(4)
        def wait(end): end.recv()

        def handler(*_):
            child = mpref.get_context("{method}").Process(target=nothing)
            child.start()
            child.join()
            raise LookupError(child.exitcode)

        if __name__ == "__main__":
            signal.signal(signal.SIGALRM, handler)
            near, far = mpref.Pipe()
            child = mpref.get_context("{method}").Process(target=wait, args=(far,))
            child.start()
            for timeout in (None, 100):
                signal.setitimer(signal.ITIMER_REAL, 0.05)
                try:
                    child.join(timeout)
                except LookupError as error:
                    print(error, child.is_alive())
            near.send(None)
            child.join()
            print(child.exitcode)
    """)
    assert (ended.stdout, ended.stderr) == ("4 True\n4 True\n0\n", "")


def test_signals_that_a_thread_has_blocked_do_not_keep_the_fork_server_from_telling_of_ends(run: Any) -> None:
    ended = run("""
        import signal, sys, threading
        import mpref

        def work(): sys.exit(3)

        def start():
            signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
            for _ in range(2):
                child = mpref.get_context("forkserver").Process(target=work)
                child.start()
                child.join()
                print(child.exitcode)

        if __name__ == "__main__":
            thread = threading.Thread(target=start)
            thread.start()
            thread.join()
    """)
    assert (ended.stdout, ended.stderr) == ("3\n3\n", "")


@pytest.mark.parametrize("method", ["fork", "spawn"])
@pytest.mark.parametrize("error", ["TimeoutError", "ProcessLookupError", "KeyboardInterrupt"])
def test_what_a_handler_raises_while_a_child_is_taken_charge_of_comes_out_and_leaves_no_child(
    run: Any, method: str, error: str
) -> None:
    ended = run(f"""
        import os, signal, time
        import mpref

        def handler(*_):
            raise {error}("an alarm")

        pids = []

        def opened(pid):
            pids.append(pid)
            signal.raise_signal(signal.SIGALRM)

        if __name__ == "__main__":
            signal.signal(signal.SIGALRM, handler)
            child = mpref.get_context("{method}").Process(target=time.sleep, args=(30,))
            really, os.pidfd_open = os.pidfd_open, opened
            for _ in range(2):
                try:
                    child.start()
                except {error} as error:
                    print(error, child.pid, mpref.active_children())
                os.pidfd_open = really
                other = mpref.get_context("{method}").Process()
                other.start()
                other.join()
                os.pidfd_open = opened
            for pid in pids[1:]:  # the first is of this process: whether the kernel has such descriptors
                try:
                    print(os.waitpid(pid, os.WNOHANG))
                except ChildProcessError:
                    print("no child")
    """)
    assert (ended.stdout, ended.stderr) == ("an alarm None []\nan alarm None []\nno child\n", "")


def test_what_a_handler_raises_while_the_default_start_method_is_found_out_comes_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupted(*_: object) -> int:
        raise TimeoutError("an alarm")

    monkeypatch.setattr(os, "open", interrupted)
    with pytest.raises(TimeoutError, match="an alarm"):
        start_method._can_write_temporary_files()
