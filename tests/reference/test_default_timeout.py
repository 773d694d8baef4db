"""What a program says by socket.setdefaulttimeout(), for the sockets it opens itself, is nothing to the package."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import mpref
import pytest
from mpref.connection import Client, Listener


@pytest.fixture(autouse=True)
def impatient() -> Iterator[None]:
    """Have new sockets give up at once."""
    socket.setdefaulttimeout(0.0)
    yield
    socket.setdefaulttimeout(None)


def blocking(connection: Any) -> bool:
    """Whether the open file behind a connection waits."""
    import os

    return os.get_blocking(connection.fileno())


def test_the_ends_of_a_pipe_wait() -> None:
    near, far = mpref.Pipe()
    with near, far:
        assert blocking(near)
        assert blocking(far)


@pytest.mark.parametrize("family", ["AF_UNIX", "AF_INET"])
@pytest.mark.parametrize("key", [None, b"key"])
def test_both_ends_of_a_connection_to_a_listener_wait(family: str, key: bytes | None) -> None:
    import threading

    with Listener(family=family, authkey=key) as listener:
        clients: list[Any] = []
        thread = threading.Thread(target=lambda: clients.append(Client(listener.address, authkey=key)))
        thread.start()
        with listener.accept() as accepted:
            thread.join()
            with clients[0]:
                assert blocking(accepted)
                assert blocking(clients[0])
                accepted.send("a message")
                assert clients[0].recv() == "a message"


PROGRAM = """
import socket
import mpref

socket.setdefaulttimeout(0.001)    # in a fork server and its children as well

def answer(end, listening, connection):
    from mpref.connection import Client
    with Client(listening.address if hasattr(listening, "address") else listening) as client:
        client.send(end.recv() + 1)
        connection.send(client.recv())

if __name__ == "__main__":
    import time
    from mpref.connection import Listener
    context = mpref.get_context("{method}")
    (near, far), (here, there) = context.Pipe(), context.Pipe()
    with Listener() as listener:
        child = context.Process(target=answer, args=(far, listener.address, there))
        child.start()
        with listener.accept() as accepted:
            far.close()
            near.send(41)
            accepted.send(accepted.recv())
            while not here.poll(None): pass
            print(here.recv())
        child.join()
        print(child.exitcode)
"""


def test_a_process_starts_waits_and_answers(run: Any, method: str) -> None:
    ended = run(PROGRAM.format(method=method))
    assert (ended.stdout, ended.stderr) == ("42\n0\n", "")


def test_a_connection_in_a_message_waits(run: Any, method: str) -> None:
    ended = run(f"""
        import os, socket
        import mpref

        socket.setdefaulttimeout(30)

        def work(end):
            there = end.recv()
            there.send((os.get_blocking(end.fileno()), os.get_blocking(there.fileno())))

        if __name__ == "__main__":
            context = mpref.get_context("{method}")
            near, far = context.Pipe()
            child = context.Process(target=work, args=(far,))
            child.start()
            here, there = context.Pipe()
            near.send(there)
            print(*here.recv())
            child.join()
    """)
    assert (ended.stdout, ended.stderr) == ("True True\n", "")
