"""Another user of the machine reaches nothing of a program but what the program offers to everybody.

Each test is a line of the table in CONTRIBUTING.md, "Who gets in".
"""

from __future__ import annotations

import contextlib
import os
import re
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import mpref
import pytest
from mpref.connection import Client, Listener, authentication, descriptor_server, handshakes
from mpref.launch import lifeline, tracker
from mpref.launch.forkserver import client as forkserver
from mpref.shared_memory import SharedMemory
from mpref.transfer.framing import length_of

from . import others

pytestmark = [others.needs_others, pytest.mark.filterwarnings("ignore:.*several threads:DeprecationWarning")]
LONG = 30.0
KEY = b"a key that nobody guesses"


def framed(body: bytes) -> bytes:
    """A message as it is on the wire."""
    return length_of(len(body)) + body


def refused(call: Callable[..., object], *args: Any) -> None:
    """It fails for want of the right to do it."""
    with contextlib.suppress(PermissionError):
        call(*args)
        raise AssertionError(f"another user may do {call.__name__}{args}")


@pytest.fixture(params=["fork", "spawn", "forkserver"])
def program(request: pytest.FixtureRequest) -> Iterator[list[int]]:
    """The ids of the processes of a program that uses everything."""
    context = mpref.get_context(request.param)
    near, far = context.Pipe()
    queue, event, array = context.Queue(), context.Event(), context.Array("i", 10)
    queue.put("an item")
    child = context.Process(target=far.recv)
    child.start()
    tracker.ensure()
    helpers = [forkserver._handle, tracker._handle]
    yield [os.getpid(), int(child.pid or 0), *(one.pid for one in helpers if one is not None)]
    near.send("the end")
    child.join(LONG)
    assert child.exitcode == 0
    near.close()
    far.close()
    queue.close()
    del event, array


def test_the_pipes_sockets_and_memory_that_processes_inherit_are_out_of_reach(program: list[int]) -> None:
    own = {number: os.listdir(f"/proc/{number}/fd") for number in program}

    def reach() -> None:
        for number, descriptors in own.items():
            refused(os.listdir, f"/proc/{number}/fd")
            for one in descriptors:
                refused(os.open, f"/proc/{number}/fd/{one}", os.O_RDWR)
            refused(os.open, f"/proc/{number}/mem", os.O_RDWR)
            refused(os.kill, number, 0)

    assert others.as_another_user(reach)


def sockets_of(number: int) -> set[str]:
    """The inodes of the sockets that a process has."""
    found = set[str]()
    for one in Path(f"/proc/{number}/fd").iterdir():
        with contextlib.suppress(OSError):
            found |= set(re.findall(r"socket:\[(\d+)\]", os.readlink(one)))
    return found


@pytest.fixture
def before() -> set[str]:
    """The inodes of the sockets that other tests have left in this process, which children inherit."""
    return sockets_of(os.getpid())


def test_no_socket_of_the_processes_has_a_name_unless_something_waits_to_be_fetched(
    before: set[str], program: list[int]
) -> None:
    named = {
        inode: name
        for _, inode, name in re.findall(r"^(\S+:).* (\d+) (\S+)$", Path("/proc/net/unix").read_text(), re.MULTILINE)
    }
    assert descriptor_server._server is None
    mine = set[str]().union(*map(sockets_of, program)) - before
    assert mine
    assert {named[one] for one in mine & set(named)} == set()
    assert "server" not in lifeline.inherited or lifeline.inherited["server"] > 2


def test_the_address_that_a_listener_chooses_is_in_a_folder_of_its_user() -> None:
    with Listener() as listener:
        address = listener.address

        def enter() -> None:
            with socket.socket(socket.AF_UNIX) as one:
                refused(one.connect, address)
            refused(os.listdir, os.path.dirname(address))
            refused(os.unlink, address)

        assert others.as_another_user(enter)


def silence(_: socket.socket) -> None:
    """Not a word."""


def half_a_message(line: socket.socket) -> None:
    """What never ends."""
    line.sendall(framed(b"x" * 40)[:20])


def a_wrong_digest(line: socket.socket) -> None:
    """The answer of one who does not know the key."""
    line.sendall(framed(b"{sha256}" + bytes(32)))


@pytest.mark.parametrize("say", [silence, half_a_message, a_wrong_digest], ids=lambda say: say.__name__)
def test_a_listener_with_a_key_serves_its_clients_whatever_another_user_does(say: Callable[..., None]) -> None:
    with Listener(("127.0.0.1", 0), backlog=50, authkey=KEY) as listener:

        def crowd(ready: Callable[[], None]) -> None:
            lines = []
            for _ in range(40):
                line = socket.socket()
                line.connect(listener.address)
                say(line)
                lines.append(line)
            ready()
            threading.Event().wait()

        with others.another_user(crowd):
            served: list[Any] = []
            calling = threading.Thread(target=lambda: served.append(Client(listener.address, authkey=KEY).recv()))
            calling.start()
            while True:
                with contextlib.suppress(mpref.AuthenticationError):
                    one = listener.accept()
                    break
            one.send("served")
            calling.join(LONG)
            one.close()
            assert served == ["served"]


def challenge_and_welcome(line: socket.socket) -> None:
    """What a listener says, by one who does not know the key: the client's own challenge is its undoing."""
    line.sendall(framed(authentication.CHALLENGE + b"{sha256}" + b"c" * 40))
    line.recv(4096)
    line.sendall(framed(authentication.WELCOME))
    line.recv(4096)
    line.sendall(framed(b"{sha256}" + bytes(32)))
    line.recv(4096)


def a_pickle(line: socket.socket) -> None:
    """An object that would end the client if it were unpickled."""
    line.sendall(framed(b"cos\n_exit\n(I7\ntR.") * 3)
    line.recv(4096)


@pytest.mark.parametrize("say", [challenge_and_welcome, a_pickle, silence], ids=lambda say: say.__name__)
def test_a_client_with_a_key_finds_out_that_another_user_listens(
    monkeypatch: pytest.MonkeyPatch, say: Callable[..., None]
) -> None:
    from mpref.connection import listeners

    monkeypatch.setattr(handshakes, "PATIENCE", 1.0)
    monkeypatch.setattr(listeners, "FIRST_MESSAGE", 1.0)
    address = f"\0mpref-test-{os.urandom(8).hex()}"

    def listen(ready: Callable[[], None]) -> None:
        listening = socket.socket(socket.AF_UNIX)
        listening.bind(address)
        listening.listen()
        ready()
        lines = []
        while True:
            line, _ = listening.accept()
            lines.append(line)
            with contextlib.suppress(OSError):
                say(line)

    failed = pytest.raises(mpref.AuthenticationError)
    with others.another_user(listen), failed:
        Client(address, "AF_UNIX", authkey=KEY)


def test_a_block_of_shared_memory_is_neither_read_nor_removed_by_another_user() -> None:
    block = SharedMemory(create=True, size=100)
    path = f"/dev/shm/{block.name}"

    def reach() -> None:
        refused(os.open, path, os.O_RDONLY)
        refused(os.unlink, path)
        refused(SharedMemory, block.name)

    try:
        assert others.as_another_user(reach)
    finally:
        block.close()
        block.unlink()


def test_what_another_user_has_put_under_the_name_of_a_block_is_not_used_for_it_and_stays(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    name = f"mpref-test-{os.urandom(8).hex()}"
    for plant in (
        lambda: os.close(os.open(f"/dev/shm/{name}", os.O_CREAT | os.O_RDWR, 0o666)),
        lambda: os.symlink(victim, f"/dev/shm/{name}"),
    ):
        assert others.as_another_user(plant)
        try:
            with pytest.raises(FileExistsError):
                SharedMemory(name, create=True, size=100)
            with pytest.raises((OSError, ValueError)):
                SharedMemory(name)  # it is empty, or a link
            assert os.path.lexists(f"/dev/shm/{name}")
            assert name not in "".join(tracker._names)
        finally:
            os.unlink(f"/dev/shm/{name}")
    assert victim.read_bytes() == b"precious"


def test_what_another_user_puts_in_the_place_of_a_block_is_not_unlinked_by_the_tracker(tmp_path: Path) -> None:
    from mpref.launch.tracker import program

    name = f"mpref-test-{os.urandom(8).hex()}"
    block = SharedMemory(name, create=True, size=100)
    inode = os.stat(f"/dev/shm/{name}").st_ino
    assert program.is_it(f"/{name}", inode)
    block.close()
    block.unlink()
    assert not program.is_it(f"/{name}", inode)
    plant: Callable[[], None] = lambda: os.close(os.open(f"/dev/shm/{name}", os.O_CREAT | os.O_RDWR, 0o666))  # noqa: E731
    assert others.as_another_user(plant)
    try:
        assert not program.is_it(f"/{name}", inode)
    finally:
        os.unlink(f"/dev/shm/{name}")


def test_the_folder_for_a_socket_is_closed_to_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from mpref.connection.private_folder import private_folder

    folder = private_folder("listener")
    try:
        assert os.stat(folder).st_mode & 0o777 == 0o700
    finally:
        os.rmdir(folder)
