"""Programs that end, or lose their server or a client, in the middle of calls: nobody says a word of it, or dies."""

from __future__ import annotations

from collections.abc import Callable
from subprocess import CompletedProcess

import pytest

Run = Callable[..., "CompletedProcess[str]"]

WAITING_DAEMONS = """
import os, threading
import mpref

def main(ctx):
    manager = ctx.Manager()
    queue, event, lock, some = manager.Queue(), manager.Event(), manager.Lock(), manager.dict()
    lock.acquire()

    def use():
        while True:
            some["x"] = manager.list([1])

    entered = []
    for call in (queue.get, event.wait, lock.acquire, use, use):
        begun = threading.Event()
        threading.Thread(target=lambda: (begun.set(), call()), daemon=True).start()
        begun.wait()
    while not len(some):
        pass
    print("the end")

if __name__ == "__main__":
    main(mpref.get_context("{method}"))
"""


def test_daemon_threads_in_the_middle_of_calls_end_with_their_program(method: str, run: Run) -> None:
    for _ in range(3):
        ended = run(WAITING_DAEMONS.replace("{method}", method))
        assert (ended.stdout, ended.stderr, ended.returncode) == ("the end\n", "", 0)


def test_a_thread_learns_that_its_server_is_shut_down_while_the_program_goes_on(method: str, run: Run) -> None:
    ended = run(
        f"""
        import threading
        import mpref

        def wait(queue):
            try:
                queue.get()
            except EOFError:
                print("gone")

        if __name__ == "__main__":
            manager = mpref.get_context({method!r}).Manager()
            queue = manager.Queue()
            thread = threading.Thread(target=wait, args=(queue,), daemon=True)
            thread.start()
            manager.shutdown()
            thread.join()
        """
    )
    assert (ended.stdout, ended.stderr, ended.returncode) == ("gone\n", "", 0)


SIGPIPE_AT_ITS_DEFAULT = """
import gc, os, signal, sys, threading, time
import mpref
from mpref.managers import SyncManager

class Pot:
    def large(self, folder):
        open(os.path.join(folder, "entered"), "w").close()
        while not os.path.exists(os.path.join(folder, "go")):
            time.sleep(0.002)
        return bytes(1_000_000)

    def here(self):
        return True

class Kitchen(SyncManager):
    pass

Kitchen.register("Pot", Pot)

def main(ctx, folder):
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    {main}

if __name__ == "__main__":
    main(mpref.get_context(sys.argv[1]), sys.argv[2])
"""

A_CLIENT_DIES = """
    with Kitchen(ctx=ctx) as manager:
        pot = manager.Pot()
        child = ctx.Process(target=pot.large, args=(folder,))
        child.start()
        while not os.path.exists(os.path.join(folder, "entered")):
            time.sleep(0.002)
        child.kill()
        child.join()
        open(os.path.join(folder, "go"), "w").close()
        for _ in range(100):
            assert pot.here()
            time.sleep(0.002)
    print("done")
"""

THE_SERVER_ENDS = """
    manager = Kitchen(ctx=ctx)
    manager.start()
    pot, some = manager.Pot(), manager.list([1])
    manager.shutdown()
    del some
    gc.collect()
    for _ in range(2):
        try:
            pot.here()
        except EOFError:
            print("gone")
    print(signal.sigpending(), signal.pthread_sigmask(signal.SIG_BLOCK, ()))
    print("done")
"""


@pytest.mark.parametrize(
    ("main", "said"), [(A_CLIENT_DIES, "done\n"), (THE_SERVER_ENDS, "gone\ngone\nset() set()\ndone\n")]
)
def test_a_program_whose_pipes_end_it_is_not_ended_by_managers(
    main: str, said: str, method: str, run: Run, tmp_path: object
) -> None:
    ended = run(SIGPIPE_AT_ITS_DEFAULT.replace("{main}", main.strip()), method, str(tmp_path))
    assert (ended.stdout, ended.stderr, ended.returncode) == (said, "", 0)


def test_a_server_in_this_process_outlives_a_client_whatever_sigpipe_does(run: Run) -> None:
    ended = run(
        """
        import os, signal, threading, time
        import mpref
        from mpref.managers import BaseManager

        class Pot:
            def large(self, told):
                os.write(telling, b".")
                go.wait()
                return bytes(1_000_000)

            def here(self):
                return True

        class Kitchen(BaseManager):
            pass

        Kitchen.register("Pot", Pot)
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        server = Kitchen(None, b"key").get_server()
        told, telling = os.pipe()
        go = threading.Event()

        def client():
            kitchen = Kitchen(server.address, b"key")
            kitchen.connect()
            return kitchen.Pot()

        child = os.fork()
        if child == 0:
            time.sleep(0.01)
            client().large(1)
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        os.read(told, 1)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        go.set()
        pot = client()
        for _ in range(100):
            assert pot.here()
            time.sleep(0.002)
        print("done", flush=True)
        server.stop()
        serving.join()
        """
    )
    assert (ended.stdout, ended.stderr, ended.returncode) == ("done\n", "", 0)


def test_a_program_that_closes_all_that_is_open_loses_its_server_and_ends_silently(method: str, run: Run) -> None:
    ended = run(
        f"""
        import os, threading
        import mpref

        def main(ctx):
            manager = ctx.Manager()
            some = manager.list()
            os.closerange(3, 100)
            try:
                len(some)
            except EOFError:
                print("gone")

        if __name__ == "__main__":
            main(mpref.get_context({method!r}))
        """
    )
    assert (ended.stdout, ended.stderr, ended.returncode) == ("gone\n", "", 0)
