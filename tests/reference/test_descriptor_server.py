"""Connections and sockets in messages: what their sender and receiver need, and what is left of it."""

from __future__ import annotations

import contextlib
import itertools
import os
import pickle
import socket
import tempfile
import threading
import time
from typing import Any

import mpref
import pytest
from mpref.connection import Client, Listener, descriptor_server

LONG = 30.0


def test_a_server_without_free_descriptors_goes_on_when_there_are_some(run: Any) -> None:
    ended = run(
        """
        import os, pickle, resource, threading, time
        import mpref

        near, far = mpref.Pipe()
        before, last = pickle.dumps(far), pickle.dumps(far)
        pickle.loads(before).close()  # all modules are there
        asking, told = mpref.Pipe()
        child = mpref.get_context("fork").Process(target=lambda: asking.send(pickle.loads(told.recv()).fileno() > 0))
        child.start()
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        held = []
        try:
            while True:
                held.append(os.dup(0))
                resource.setrlimit(resource.RLIMIT_NOFILE, (held[-1] + 1, hard))
        except OSError:
            pass
        asking.send(last)
        spent = time.process_time()
        time.sleep(0.5)  # so long there is no room; there is nothing to wait for
        busy = time.process_time() - spent
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        print(told.recv(), busy < 0.2)
        child.join()
        """
    )
    assert (ended.stdout, ended.stderr) == ("True True\n", "")


def test_a_process_whose_key_was_changed_learns_that_the_keys_differ(run: Any) -> None:
    ended = run(
        """
        import mpref

        def receive(far):
            mpref.current_process().authkey = b"another"
            try:
                far.recv()
            except mpref.AuthenticationError as error:
                far.send(str(error))

        near, far = mpref.Pipe()
        child = mpref.get_context("fork").Process(target=receive, args=(far,))
        child.start()
        near.send(far)
        print("authkey" in near.recv())
        child.join()
        """
    )
    assert (ended.stdout, ended.stderr) == ("True\n", "")


def test_many_processes_fetch_at_once(run: Any) -> None:
    ended = run(
        """
        import mpref

        def receive(far, gate):
            gate.wait()
            for _ in range(3):
                with far.recv() as one:
                    one.send(far.fileno())

        context = mpref.get_context("fork")
        gate = context.Event()
        near, far = mpref.Pipe()
        pipes = [mpref.Pipe() for _ in range(60)]
        children = [context.Process(target=receive, args=(there, gate)) for _, there in pipes]
        for child in children:
            child.start()
        for here, _ in pipes:
            for _ in range(3):
                here.send(far)
        gate.set()
        for child in children:
            child.join()
        print({child.exitcode for child in children})
        """
    )
    assert (ended.stdout, ended.stderr) == ("{0}\n", "")


def test_sockets_keep_their_timeout_and_connections_are_sent_beside_them(run: Any, method: str) -> None:
    ended = run(
        """
        import socket, sys
        import mpref

        def receive(end, items, given):
            for kind, one, other in (given, end.recv(), items.get()):
                other.send([kind, one.gettimeout(), one.family == socket.AF_UNIX, one.type == socket.SOCK_STREAM])
                one.settimeout(20)
                one.sendall(one.recv(5))

        if __name__ == "__main__":
            context = mpref.get_context(sys.argv[1])
            near, far = context.Pipe()
            items = context.Queue()
            sockets = [socket.socketpair() for _ in range(3)]
            pipes = [mpref.Pipe() for _ in range(3)]
            for (_, one), timeout in zip(sockets, (None, 5.0, 0.0)):
                one.settimeout(timeout)
            messages = [(n, sockets[n][1], pipes[n][1]) for n in range(3)]
            child = context.Process(target=receive, args=(far, items, messages[0]))
            child.start()
            near.send(messages[1])
            items.put(messages[2])
            for (here, there), (end, _) in zip(sockets, pipes):
                there.close()
                print(end.recv())
                here.settimeout(20)
                here.sendall(b"hello")
                print(here.recv(5))
            child.join()
            print(child.exitcode)
        """,
        method,
    )
    seen = [f"[{n}, {timeout}, True, True]\nb'hello'\n" for n, timeout in enumerate((None, 5.0, 0.0))]
    assert (ended.stdout, ended.stderr) == ("".join(seen) + "0\n", "")


def test_sockets_of_every_kind_and_large_messages_with_them_are_sent() -> None:
    near, far = mpref.Pipe()
    with near, far:
        for family, kind in itertools.product(
            (socket.AF_INET, socket.AF_UNIX), (socket.SOCK_STREAM, socket.SOCK_DGRAM)
        ):
            with socket.socket(family, kind) as one:
                sending = threading.Thread(target=near.send, args=([one, bytes(1_000_000)],))
                sending.start()
                received, rest = far.recv()
                sending.join()
                with received:
                    assert (received.family, received.type, rest) == (family, kind, bytes(1_000_000))


def test_a_forked_child_sends_connections_of_its_own_while_those_of_its_parent_wait(run: Any) -> None:
    ended = run(
        """
        import os, pickle
        import mpref

        near, far = mpref.Pipe()
        waiting = pickle.dumps(far)
        pid = os.fork()
        if pid == 0:
            here, there = mpref.Pipe()
            near.send(there)
            there.close()
            here.send("of the child")
            here.poll(None)
            os._exit(0)
        with far.recv() as one:
            print(one.recv())
        pickle.loads(waiting).close()
        print(os.waitpid(pid, 0)[1])
        """
    )
    assert (ended.stdout, ended.stderr) == ("of the child\n0\n", "")


def test_a_connection_of_a_sender_that_has_ended_is_an_error_at_once(run: Any) -> None:
    ended = run(
        """
        import os, time
        import mpref

        near, far = mpref.Pipe()
        child = mpref.get_context("fork").Process(target=near.send, args=(far,))
        child.start()
        child.join()
        began = time.monotonic()
        try:
            far.recv()
        except OSError as error:
            print("has ended" in str(error), time.monotonic() - began < 5)
        near.send("the pipe goes on")
        print(far.recv())
        """
    )
    assert (ended.stdout, ended.stderr) == ("True True\nthe pipe goes on\n", "")


@pytest.mark.parametrize("address", ["\0mpref-test-{}", b"\0mpref-test-%d"])
def test_a_listener_in_the_abstract_namespace_is_closed_without_an_error(address: Any) -> None:
    name = address.format(os.getpid()) if isinstance(address, str) else address % os.getpid()
    with Listener(name, "AF_UNIX") as listener, Client(name, "AF_UNIX"):
        listener.accept().close()


def test_one_server_gives_what_is_sent_one_after_the_other(run: Any) -> None:
    ended = run(
        """
        import os, pickle
        import mpref
        from mpref.connection import descriptor_server

        descriptor_server.LINGER = 60.0
        near, far = mpref.Pipe()
        servers = []
        for number in range(50):
            text = pickle.dumps(far)
            servers.append(descriptor_server._server)
            with pickle.loads(text) as one:
                one.send(number)
            assert near.recv() == number
        print(len(set(servers)), len(os.listdir("/proc/self/task")))
        """
    )
    assert (ended.stdout, ended.stderr, ended.returncode) == ("1 2\n", "", 0)  # and it holds up no exit


def test_a_fork_meets_no_thread_of_a_server_that_only_lingers(run: Any) -> None:
    ended = run(
        """
        import os, pickle, warnings
        import mpref
        from mpref.connection import descriptor_server

        warnings.simplefilter("error")
        descriptor_server.LINGER = 60.0
        context = mpref.get_context("fork")
        near, far = mpref.Pipe()
        context.Process().start()  # what is open for life is open now
        before = set(os.listdir("/proc/self/fd"))
        for _ in range(20):
            with pickle.loads(pickle.dumps(far)) as one:
                one.send("through the copy")
            near.recv()
            assert descriptor_server._server is not None
            pid = os.fork()
            if pid == 0:
                with pickle.loads(pickle.dumps(far)) as one:
                    one.send("of the child")
                os._exit(0)
            assert len(os.listdir("/proc/self/task")) == 1
            assert near.recv() == "of the child"
            assert os.waitpid(pid, 0)[1] == 0
            assert set(os.listdir("/proc/self/fd")) <= before, "the server keeps descriptors"
            pickle.loads(pickle.dumps(far)).close()
            child = context.Process(target=far.send, args=("of a process",))
            child.start()
            assert near.recv() == "of a process"
            child.join()
        print("over")
        """
    )
    assert (ended.stdout, ended.stderr) == ("over\n", "")


def test_a_fork_leaves_a_server_alone_that_has_something_to_give(run: Any) -> None:
    ended = run(
        """
        import os, pickle
        import mpref
        from mpref.connection import descriptor_server

        descriptor_server.LINGER = 60.0
        near, far = mpref.Pipe()
        pickle.loads(pickle.dumps(far)).close()
        text = pickle.dumps(far)
        pid = os.fork()
        if pid == 0:
            with pickle.loads(text) as one:
                one.send("fetched")
            os._exit(0)
        print(near.recv(), os.waitpid(pid, 0)[1])
        """
    )
    assert ended.stdout == "fetched 0\n"


def test_who_calls_again_and_again_keeps_no_server_that_has_nothing_to_give(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(descriptor_server, "LINGER", 0.3)
    near, far = mpref.Pipe()
    with near, far:
        text = pickle.dumps(far)
        server = descriptor_server._server
        assert server is not None
        silent = socket.socket(socket.AF_UNIX)
        silent.connect(server.address)
        pickle.loads(text).close()
    end = time.monotonic() + LONG
    with silent, contextlib.suppress(ConnectionRefusedError):
        while True:
            assert time.monotonic() < end
            with socket.socket(socket.AF_UNIX) as one:
                one.connect(server.address)
    assert descriptor_server._server is None


@pytest.mark.parametrize("state", ["lingers", "waits"])
def test_no_file_of_a_server_is_left_by_a_process_that_ends(run: Any, state: str) -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:  # its path is short enough for a socket
        ended = run(
            f"""
            import os, pickle, sys, tempfile
            import mpref
            from mpref.connection import descriptor_server

            tempfile.tempdir = {folder!r}
            descriptor_server.LINGER = 60.0
            sys.platform = "one without abstract addresses"
            near, far = mpref.Pipe()
            for text in (pickle.dumps(far), pickle.dumps(far)):
                pickle.loads(text).close()
            if sys.argv[1:] == ["waits"]:
                pickle.dumps(far)
            assert len(os.listdir(tempfile.tempdir)) == 1
            """,
            state,
        )
        assert (ended.stdout, ended.stderr, os.listdir(folder)) == ("", "", [])
