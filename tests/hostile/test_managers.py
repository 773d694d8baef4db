"""A manager's server goes on and serves others, whatever is asked by who has the key, and by who has not."""

from __future__ import annotations

import contextlib
import os
import pickle
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import mpref
import pytest
from mpref.connection import Client, Connection, authentication
from mpref.managers import RemoteError, SyncManager
from mpref.transfer.framing import length_of

from . import memory, others

pytestmark = [
    pytest.mark.timeout(60, method="signal"),
    pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning"),
]
KEY = b"a key that nobody guesses"
LONG = 30.0
SOON = 8.0
GROWTH = 8 << 20


class Trap:
    """Unpickled, it leaves a file."""

    def __init__(self, file: Path) -> None:
        self.file = str(file)

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return os.open, (self.file, os.O_CREAT | os.O_WRONLY)


class Reluctant(Exception):
    """An exception that cannot be pickled."""

    def __reduce__(self) -> Any:
        raise TypeError("this is not to be pickled")


class Brittle(Exception):
    """An exception that cannot be rebuilt."""

    def __reduce__(self) -> Any:
        return _fail, ("a reason",)


class Shy(Exception):
    """An exception that cannot even be described."""

    def __repr__(self) -> str:
        raise RuntimeError("no representation")

    __str__ = __repr__


def _fail(*_: object) -> object:
    raise RuntimeError("this is not to be rebuilt")


def _elsewhere(process: int) -> object:
    if process != os.getpid():
        raise RuntimeError("this is not to be loaded here")
    return object()


class Elsewhere:
    """What cannot be loaded in the other process."""

    def __reduce__(self) -> Any:
        return _elsewhere, (os.getpid(),)


class Cook:
    """A referent."""

    secret = "a secret"

    def __init__(self) -> None:
        self.own = "own"

    def echo(self, thing: Any = None) -> Any:
        """Give it back."""
        return thing

    def give(self, which: int) -> Any:
        """Return what cannot be sent."""
        return (lambda: 5, threading.Lock(), (i for i in ()), Elsewhere(), sys, type("Local", (), {})())[which]

    def fail(self, which: int) -> None:
        """Raise what can hardly be sent."""
        raise (Reluctant, Brittle, Shy, SystemExit, KeyboardInterrupt, GeneratorExit, StopIteration)[which]("a reason")

    def hidden(self) -> str:
        """A method that is not exposed."""
        return "hidden"

    def _private(self) -> str:
        return "private"


class Kitchen(SyncManager):
    """A manager of cooks."""


Kitchen.register("Cook", Cook, exposed=("echo", "give", "fail"))
Kitchen.register("Open", Cook)


@pytest.fixture(scope="module")
def manager() -> Iterator[Kitchen]:
    """One that goes on through everything."""
    one = Kitchen(("127.0.0.1", 0), KEY, ctx=mpref.get_context("fork"))
    one.start()
    cook = one.Cook()
    yield one
    assert cook.echo("it has gone on") == "it has gone on"
    one.shutdown()


def serves(manager: Kitchen) -> None:
    """Somebody else is served at once."""
    began = time.monotonic()
    other = Kitchen(manager.address, KEY)
    other.connect()
    assert other.Cook().echo(1) == 1
    assert time.monotonic() - began < SOON


def framed(body: bytes) -> bytes:
    """A message as it is on the wire."""
    return length_of(len(body)) + body


# Before the key has been proved.


def a_trap_at_once(line: socket.socket, trap: bytes) -> None:
    """A pickle in the place of the answer to the challenge."""
    line.sendall(framed(trap))


def a_trap_as_a_digest(line: socket.socket, trap: bytes) -> None:
    """The same behind the name of a digest."""
    line.sendall(framed(b"{sha256}" + trap))


def a_trap_behind_a_wrong_digest(line: socket.socket, trap: bytes) -> None:
    """It follows what looks like an answer."""
    line.sendall(framed(b"{sha256}" + bytes(32)) + framed(trap) * 3)


def a_trap_as_a_challenge(line: socket.socket, trap: bytes) -> None:
    """It is in a challenge."""
    line.sendall(framed(authentication.CHALLENGE + trap) * 2)


def a_trap_behind_a_welcome(line: socket.socket, trap: bytes) -> None:
    """It follows what a server says."""
    line.sendall(framed(authentication.WELCOME) * 2 + framed(trap))


def a_trap_without_a_frame(line: socket.socket, trap: bytes) -> None:
    """It is not framed."""
    line.sendall(trap * 3)


BEFORE = (
    a_trap_at_once, a_trap_as_a_digest, a_trap_behind_a_wrong_digest, a_trap_as_a_challenge, a_trap_behind_a_welcome,
    a_trap_without_a_frame,
)  # fmt: skip


@pytest.mark.parametrize("say", BEFORE, ids=lambda say: say.__name__.replace("_", "-"))
def test_nothing_is_unpickled_of_who_has_not_proved_to_know_the_key(
    manager: Kitchen, tmp_path: Path, say: Callable[..., None]
) -> None:
    file = tmp_path / "trapped"
    for thing in (Trap(file), (None, "dummy", (Trap(file),), {})):
        with socket.create_connection(manager.address, timeout=LONG) as line, contextlib.suppress(OSError):
            say(line, pickle.dumps(thing))
            line.shutdown(socket.SHUT_WR)
            while line.recv(4096):
                pass
    serves(manager)
    assert not file.exists()


def test_a_request_of_who_knows_the_key_is_unpickled(manager: Kitchen, tmp_path: Path) -> None:
    file = tmp_path / "trapped"
    with Client(manager.address, authkey=KEY) as one:
        one.send((None, "dummy", (Trap(file),), {}))
        one.recv()
    assert file.exists(), "the trap of the tests above is none"


# Requests of who has proved it.


def strange_requests(tmp_path: Path) -> list[Any]:
    """Objects that are no requests, and requests for what there is not."""
    return [
        None, 5, "text", b"bytes", [], (), (1,), (None, "dummy"), (None, "dummy", (), {}, 5), {"a": 1}, object(),
        (None, "none", (), {}), (None, None, (), {}), (None, [], (), {}), (None, "__init__", (), {}),
        (None, "serve_forever", (), {}), (None, "stop", (), {}), (None, "call", ("1", "echo", (), {}), {}),
        (None, "dummy", 5, {}), (None, "dummy", (), 5), (None, "dummy", (1, 2, 3), {}), (None, "create", (), {}),
        (None, "create", ("none",), {}), (None, "create", (["list"],), {}), (None, "create", ("Cook", 1, 2), {}),
        (None, "create", (None,), {}), (None, "incref", ("none",), {}), (None, "incref", (), {}),
        (None, "incref", ([],), {}), (None, "decref", ("none",), {}), (None, "decref", (5,), {}),
        (None, "decref", ([],), {}), (None, "get_methods", ("none",), {}), (None, "accept_connection", (5,), {}),
        (None, "accept_connection", (), {}), (None, "debug_info", (5,), {}), (None, "number_of_objects", (5,), {}),
        ("none", "echo", (), {}), ([], "echo", (), {}), ("0", "shutdown", (), {}), ("1", 5, (), {}),
        ("1", [], (), {}), ("1", "echo", 5, {}), ("1", "echo", (), 5), ("1", "echo", (), {5: 5}), (5, "echo", (), {}),
    ]  # fmt: skip


def ask(one: Connection, request: Any) -> Any:
    """The answer; None: the connection was closed."""
    try:
        one.send(request)
        assert one.poll(SOON), request
        return one.recv()
    except (EOFError, ConnectionError):
        return None


def test_requests_of_every_shape_are_answered_or_end_the_connection(manager: Kitchen, tmp_path: Path) -> None:
    before = memory.begin(manager._process.pid)  # type: ignore[union-attr, arg-type]
    for request in strange_requests(tmp_path):
        with Client(manager.address, authkey=KEY) as one:
            answer = ask(one, request)
            assert answer is None or answer[0] in ("#RETURN", "#TRACEBACK", "#ERROR"), (request, answer)
    for request in strange_requests(tmp_path):
        with Client(manager.address, authkey=KEY) as one:
            assert ask(one, (None, "accept_connection", ("a name",), {})) == ("#RETURN", None)
            answer = ask(one, request)
            assert answer is None or answer[0] in ("#RETURN", "#TRACEBACK", "#ERROR"), (request, answer)
            if answer is not None:
                assert ask(one, ("none", "echo", (), {}))[0] == "#TRACEBACK", request
    serves(manager)
    assert memory.peak(manager._process.pid) - before < GROWTH  # type: ignore[union-attr, arg-type]


def raw(manager: Kitchen, accepted: bool) -> socket.socket:
    """The socket of a client that has proved to know the key."""
    one = Client(manager.address, authkey=KEY)
    if accepted:
        assert ask(one, (None, "accept_connection", ("a name",), {})) == ("#RETURN", None)
    line = socket.socket(fileno=os.dup(one.fileno()))
    one.close()
    return line


@pytest.mark.parametrize("accepted", [False, True], ids=["first", "later"])
def test_messages_that_are_none(manager: Kitchen, accepted: bool) -> None:
    good = pickle.dumps((None, "dummy", (), {}))
    bodies = [
        b"", b"\x80", b"not a pickle", b"cos\n_exit", good[:-1], good[:5], b"\x80\xff.", b"cnone\nnone\n.", b"(" * 5000,
        b"cmultiprocessing.managers\nnone\n.", b"\x80\x04\x95" + b"\xff" * 8, b"\x80\x04B\xff\xff\xff\x7f", b"F1\n" * 9,
    ]  # fmt: skip
    before = memory.begin(manager._process.pid)  # type: ignore[union-attr, arg-type]
    for data in [
        *map(framed, bodies), framed(good)[:-2], framed(good)[:2], b"\xff\xff\xff\xff" + (1 << 40).to_bytes(8, "big"),
        (-5).to_bytes(4, "big", signed=True), b"\x7f\xff\xff\xff" + b"begin", b"\xff\xff\xff\xff" + b"\xff" * 8,
    ]:  # fmt: skip
        with raw(manager, accepted) as line, contextlib.suppress(OSError):
            line.settimeout(LONG)
            line.sendall(data)
            line.shutdown(socket.SHUT_WR)
            while line.recv(4096):
                pass
    serves(manager)
    assert memory.peak(manager._process.pid) - before < GROWTH  # type: ignore[union-attr, arg-type]


NAMES = (
    "hidden", "_private", "own", "secret", "__class__", "__dict__", "__reduce__", "__reduce_ex__", "__init__",
    "__getattribute__", "__setattr__", "__delattr__", "__subclasshook__", "__init_subclass__", "__sizeof__", "__dir__",
    "__module__", "__doc__", "__weakref__", "#GETVALUE2", "", "echo ", "echo\0", "Echo", "__getstate__", "__eq__",
)  # fmt: skip


def test_what_is_not_exposed_is_refused_and_only_that(manager: Kitchen) -> None:
    for cook in (manager.Cook(), manager.Open()):
        for name in NAMES:
            if name == "hidden" and "hidden" in dir(cook):
                continue
            with pytest.raises((RemoteError, AttributeError)) as got:
                cook._callmethod(name)
            assert "expose" in str(got.value), (name, got.value)
        for name in (None, 5, ["echo"], ("echo",), b"echo"):
            with pytest.raises((RemoteError, AttributeError, TypeError)):
                cook._callmethod(name)
        assert cook.echo(1) == 1
    assert manager.Open().hidden() == "hidden"


@pytest.mark.parametrize("which", range(6))
def test_a_result_that_does_not_survive_the_journey(manager: Kitchen, which: int) -> None:
    cook = manager.Cook()
    with pytest.raises(RemoteError) as got:
        cook.give(which)
    assert len(str(got.value)) > 40, "it says why"
    assert cook.echo("the next call") == "the next call"


@pytest.mark.parametrize("which", range(7))
def test_an_exception_that_does_not_survive_the_journey(manager: Kitchen, which: int) -> None:
    cook = manager.Cook()
    kind = (RemoteError, RemoteError, (Shy, RemoteError), SystemExit, KeyboardInterrupt, GeneratorExit, StopIteration)
    with pytest.raises(kind[which]):  # type: ignore[arg-type]
        cook.fail(which)
    assert cook.echo("the next call") == "the next call"


def test_an_argument_that_cannot_be_pickled_or_not_be_loaded(manager: Kitchen) -> None:
    cook = manager.Cook()
    for thing in (lambda: 5, threading.Lock(), (i for i in ())):
        with pytest.raises((TypeError, AttributeError, pickle.PicklingError)):
            cook.echo(thing)
        assert cook.echo("the next call") == "the next call"
    for _ in range(3):
        with pytest.raises(RemoteError, match="not to be loaded here"):
            cook.echo(Elsewhere())
        assert cook.echo("the next call") == "the next call"
    with pytest.raises(RemoteError, match="not to be loaded here"):
        manager.list([Elsewhere()])
    assert list(manager.list([1])) == [1]


def test_a_wrong_key_is_refused_before_anything_else(manager: Kitchen) -> None:
    for key in (b"another key", b"", KEY + b"!", KEY[:-1], b"x" * 10_000):
        with pytest.raises(mpref.AuthenticationError):
            Kitchen(manager.address, key).connect()
    serves(manager)


def test_a_proxy_in_a_process_without_the_key(manager: Kitchen) -> None:
    program = (
        "import sys, pickle, mpref\n"
        "try: pickle.loads(sys.stdin.buffer.read())\n"
        "except mpref.AuthenticationError as error: print('refused', error)"
    )
    data = pickle.dumps(manager.list([1]))
    assert KEY not in data
    began = time.monotonic()
    ended = subprocess.run(
        [sys.executable, "-c", program], input=data, capture_output=True, timeout=LONG, check=False,
        env={**os.environ, "PYTHONPATH": str(Path(mpref.__file__).parents[1])},
    )  # fmt: skip
    assert time.monotonic() - began < SOON
    assert ended.stdout.startswith(b"refused"), ended
    assert b"key" in ended.stdout
    assert ended.stderr == b""
    serves(manager)


@others.needs_others
def test_another_user_reaches_no_server_but_one_whose_address_the_program_has_chosen(manager: Kitchen) -> None:
    with mpref.get_context("fork").Manager() as own:
        address, some = own.address, own.list([1])

        def enter() -> None:
            with socket.socket(socket.AF_UNIX) as one, contextlib.suppress(PermissionError):
                one.connect(address)
                raise AssertionError("another user may connect")
            with contextlib.suppress(PermissionError):
                os.listdir(os.path.dirname(address))
                raise AssertionError("another user may look for it")

        assert others.as_another_user(enter)
        assert list(some) == [1]

    def crowd(ready: Callable[[], None]) -> None:
        lines = []
        for number in range(60):
            line = socket.socket()  # create_connection() imports what another user may not read
            line.connect(manager.address)
            with contextlib.suppress(OSError):
                line.sendall(framed(b"x" * 40)[: number % 40])
            lines.append(line)
        ready()
        threading.Event().wait()

    with others.another_user(crowd):
        for _ in range(5):
            serves(manager)
