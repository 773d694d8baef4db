"""A manager for the tests of what goes wrong: its server is a process that a test starts, watches and kills."""

from __future__ import annotations

import contextlib
import gc
import os
import queue
import signal
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import mpref
from mpref.managers import BaseProxy, SyncManager

KEY = b"a key that nobody guesses"
LONG = 30.0
SOON = 8.0
"""Seconds in which what happens at once has happened, on a machine that does a lot else."""


class NotToPickle(Exception):
    """An exception that cannot be pickled."""

    def __reduce__(self) -> Any:
        raise TypeError("this is not to be pickled")


class NotToRebuild(Exception):
    """An exception whose pickle cannot be loaded."""

    def __reduce__(self) -> Any:
        return _fail, ("a reason",)


class NotToLoad:
    """What cannot be loaded, where it is not that which has pickled it."""

    def __init__(self) -> None:
        self.process = os.getpid()

    def __reduce__(self) -> Any:
        return _fail_elsewhere, (os.getpid(),)


def _fail(*_: object) -> object:
    raise RuntimeError("this is not to be rebuilt")


def _fail_elsewhere(process: int) -> object:
    if process != os.getpid():
        raise RuntimeError("this is not to be loaded")
    return NotToLoad()


class Pot:
    """A referent with which a call takes any turn."""

    _alive: ClassVar[Any] = weakref.WeakSet()

    def __init__(self, content: Any = None) -> None:
        self.content = content
        Pot._alive.add(self)

    def process(self) -> int:
        """The process of the server."""
        return os.getpid()

    def echo(self, thing: Any) -> Any:
        """Give it back."""
        return thing

    def size(self, thing: Any) -> int:
        """Its length."""
        return len(thing)

    def large(self, size: int) -> bytes:
        """So many bytes."""
        return bytes(size)

    def never(self, file: str) -> None:
        """Let a file be, and never return."""
        Path(file).touch()
        threading.Event().wait()

    def until(self, file: str, then: str) -> str:
        """Let a file be, and return once there is another one."""
        Path(file).touch()
        while not os.path.exists(then):
            time.sleep(0.002)
        return "it is there"

    def raises(self, which: int) -> None:
        """Raise one of those exceptions."""
        raise (NotToPickle, NotToRebuild, SystemExit, KeyboardInterrupt, ValueError)[which]("a reason")

    def gives(self, which: int) -> Any:
        """Return one of what cannot be pickled or loaded."""
        return (lambda: 5, threading.Lock(), NotToLoad(), (i for i in ()), NotToRebuild("a result"))[which]

    def alive(self) -> int:
        """How many pots there are in this process."""
        gc.collect()
        return len(Pot._alive)

    def another(self) -> Pot:
        """A referent by method."""
        return Pot()

    def descriptors(self) -> int:
        """How many the server has open."""
        return len(os.listdir("/proc/self/fd"))

    def threads(self) -> int:
        """How many threads it has."""
        return len(os.listdir("/proc/self/task"))

    def leave(self) -> None:
        """End the server in the middle of a call."""
        os._exit(7)


class PotProxy(BaseProxy):
    """The proxy of a pot."""

    _exposed_ = ("process", "echo", "size", "large", "never", "until", "raises", "gives", "alive", "descriptors",
                 "threads", "leave", "another")  # fmt: skip
    _method_to_typeid_: ClassVar[Any] = {"another": "Another"}

    def __getattr__(self, name: str) -> Any:
        if name not in self._exposed_:
            raise AttributeError(name)
        return lambda *args: self._callmethod(name, args)


class Kitchen(SyncManager):
    """A manager of pots, and of all else."""


Kitchen.register("Pot", Pot, PotProxy)
Kitchen.register("Another", None, PotProxy, create_method=False)
Kitchen.register("AutoPot", Pot)
Kitchen.register("LifoQueue", queue.LifoQueue)
Kitchen.register("PriorityQueue", queue.PriorityQueue)


@contextlib.contextmanager
def kitchen(
    address: Any = None, key: bytes | None = KEY, kind: type[Kitchen] = Kitchen, **named: Any
) -> Iterator[Kitchen]:
    """A started one, whose server has ended afterwards, whatever has become of it."""
    manager = kind(address, key, ctx=mpref.get_context("fork"), **named)
    manager.start()
    try:
        yield manager
    finally:
        began = time.monotonic()
        manager.shutdown()
        assert time.monotonic() - began < SOON, "a shutdown takes long"


def server_of(manager: Kitchen) -> int:
    """The process of its server."""
    assert manager._process is not None
    assert manager._process.pid is not None
    return manager._process.pid


def kill(manager: Kitchen) -> None:
    """Kill its server, which is gone afterwards."""
    os.kill(server_of(manager), signal.SIGKILL)
    assert manager._process is not None
    manager._process.join(LONG)
    assert manager._process.exitcode == -signal.SIGKILL


def until(holds: Callable[[], object], what: object = "") -> None:
    """Wait for a state that no event tells."""
    end = time.monotonic() + LONG
    while not holds():
        assert time.monotonic() < end, what() if callable(what) else what
        time.sleep(0.002)


@contextlib.contextmanager
def at_once() -> Iterator[None]:
    """What the body does does not take long, though it fails."""
    began = time.monotonic()
    yield
    assert time.monotonic() - began < SOON


@contextlib.contextmanager
def signalled(number: int, handle: Callable[..., object], when: Callable[[], object]) -> Iterator[None]:
    """The main thread gets a signal in the middle of the body, once this holds, and handles it once.

    It gets another one where the first comes between Python's last look for signals and a sleep, and where Python drops
    what is raised: in a finalizer, or in what others have registered for forks.
    """
    me = threading.main_thread().ident
    assert me is not None
    handled, over = threading.Event(), threading.Event()
    raised: list[BaseException] = []

    def handle_once(*args: object) -> None:
        if not handled.is_set():
            handled.set()
            try:
                handle(*args)
            except BaseException as error:
                raised.append(error)
                raise

    def drop(unraisable: Any) -> None:
        if any(unraisable.exc_value is error for error in raised):
            handled.clear()
        else:
            shown(unraisable)

    def send() -> None:
        until(lambda: over.is_set() or when())
        while not over.is_set():
            if not handled.is_set():
                signal.pthread_kill(me, number)
            over.wait(0.05)

    before, shown = signal.signal(number, handle_once), sys.unraisablehook
    sys.unraisablehook = drop
    thread = threading.Thread(target=send)
    try:
        thread.start()  # here, for the signal may come before the body
        yield
    finally:
        handled.set()
        over.set()
        thread.join()
        sys.unraisablehook = shown
        signal.signal(number, before)


class Client:
    """A process that has been forked, and does one thing."""

    def __init__(self, act: Callable[..., object], *args: Any) -> None:
        self.process = os.fork()
        if self.process == 0:
            status = 1
            try:
                act(*args)
                status = 0
            except BaseException as error:
                os.write(2, f"{type(error).__name__}: {error}\n".encode())
            finally:
                os._exit(status)

    def ends(self) -> int:
        """How it ends by itself."""
        return os.waitstatus_to_exitcode(os.waitpid(self.process, 0)[1])

    def kill(self) -> None:
        """Kill it, and see it gone."""
        os.kill(self.process, signal.SIGKILL)
        os.waitpid(self.process, 0)


@contextlib.contextmanager
def client(act: Callable[..., object], *args: Any) -> Iterator[Client]:
    """One that goes with the body, if not before."""
    one = Client(act, *args)
    try:
        yield one
    finally:
        with contextlib.suppress(ProcessLookupError, ChildProcessError):
            one.kill()


def connected(manager: Kitchen, address: Any = None) -> Kitchen:
    """Another manager that is connected to the same server."""
    one = Kitchen(manager.address if address is None else address, KEY)
    one.connect()
    return one
