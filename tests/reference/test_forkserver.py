"""The fork server: it is killed, replaced, and slow to tell."""

from __future__ import annotations

from typing import Any


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


def test_a_server_that_outlives_the_program_with_its_children_ends_without_a_word(run: Any) -> None:
    ended = run(
        """
        import os, signal, sys, time
        import mpref
        from mpref.launch.forkserver import client as forkserver

        if __name__ == "__main__":
            child = mpref.get_context("forkserver").Process(target=time.sleep, args=(1000,), daemon=True)
            child.start()
            server, error = forkserver._handle.pid, os.dup(2)
            if os.fork() == 0:    # so that somebody holds the error stream until the server has ended
                forkserver.inherited.clear()
                os.closerange(3, 100)
                while os.path.exists(f"/proc/{server}"): time.sleep(0.01)
                os._exit(0)
            os.kill(os.getpid(), signal.SIGKILL)
        """,
        options=("-W", "error", "-X", "dev"),
    )
    assert (ended.stdout, ended.stderr) == ("", "")
