"""What the machine takes for the same work by bare system calls: no implementation in Python is faster."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable

import clock


def forks(count: int) -> float:
    """Fork and wait, in ms each."""
    began = time.perf_counter()
    for _ in range(count):
        pid = os.fork()
        if pid == 0:
            os._exit(0)
        os.waitpid(pid, 0)
    return (time.perf_counter() - began) / count * 1000


def interpreters(count: int) -> float:
    """Start an interpreter that does nothing and wait, in ms each."""
    import subprocess

    began = time.perf_counter()
    for _ in range(count):
        subprocess.run([sys.executable, "-c", "pass"], check=True)
    return (time.perf_counter() - began) / count * 1000


def messages(size: int, count: int, *, back: bool = False, pipes: bool = False, answer: int | None = None) -> float:
    """Microseconds for each of so many pieces of bytes in one direction, or there and back.

    pipes: over two pipes; else over a pair of sockets. answer: bytes of what comes back, where it is another size.
    """
    receives, sends, they_receive, they_send = _ends(pipes)
    answer = size if answer is None else answer
    data, buffer, answered = b"x" * size, bytearray(max(size, answer)), b"x" * answer
    pid = os.fork()
    if pid == 0:
        for _ in range(count):
            _read(they_receive, size, buffer)
            if back:
                _write(they_send, answered)
        os.write(they_send, b"e")
        os._exit(0)
    began = clock.now(pid)
    for _ in range(count):
        _write(sends, data)
        if back:
            _read(receives, answer, buffer)
    os.read(receives, 1)
    spent = clock.now(pid) - began
    os.waitpid(pid, 0)
    return spent / count * 1e6


def messages_of(
    size: int, *, back: bool = False, pipes: bool = False, rate: bool = False, answer: int | None = None
) -> Callable[[int], float]:
    """messages() of this size, for the floor of a figure; rate: as MB for a second."""

    def floor(count: int) -> float:
        spent = messages(size, count, back=back, pipes=pipes, answer=answer)
        return size / spent if rate else spent

    return floor


def served(size: int, clients: int, count: int) -> float:
    """Microseconds for each piece of bytes that clients, a process each, get back from one server at the same time."""
    import select

    reading, begins = os.pipe()
    poller, sockets, children = select.poll(), [], []
    for _ in range(clients):
        near, _, far, _ = _ends(pipes=False)
        pid = os.fork()
        if pid == 0:
            data, buffer = b"x" * size, bytearray(size)
            os.read(reading, 1)
            for _ in range(count):
                _write(far, data)
                _read(far, size, buffer)
            os._exit(0)
        os.close(far)
        poller.register(near, select.POLLIN)
        sockets.append(near)
        children.append(pid)
    data, buffer, left = b"x" * size, bytearray(size), clients * count
    began = time.perf_counter()
    os.write(begins, b"b" * clients)
    while left:
        for near, event in poller.poll():
            if event & select.POLLHUP:  # it has had all that it wants
                poller.unregister(near)
                continue
            _read(near, size, buffer)
            _write(near, data)
            left -= 1
    spent = time.perf_counter() - began
    for pid in children:
        os.waitpid(pid, 0)
    return spent / (clients * count) * 1e6


def served_of(size: int, clients: int) -> Callable[[int], float]:
    """served() of pieces of this size, for the floor of a figure."""
    return lambda count: served(size, clients, count)


def stream(size: int, count: int, writers: int = 1) -> float:
    """Microseconds to write so many bytes into a pipe and to read them in another process."""
    reading, writing = os.pipe()
    children = []
    for _ in range(writers):
        pid = os.fork()
        if pid == 0:
            os.close(reading)
            piece = b"x" * size
            for _ in range(count // writers):
                _write(writing, piece)
            os._exit(0)
        children.append(pid)
    os.close(writing)
    began = time.perf_counter()
    while os.read(reading, size):
        pass
    spent = time.perf_counter() - began
    for pid in children:
        os.waitpid(pid, 0)
    return spent / count * 1e6


def stream_of(size: int, writers: int = 1) -> Callable[[int], float]:
    """stream() of pieces of this size, for the floor of a figure."""
    return lambda count: stream(size, count, writers)


def _ends(pipes: bool) -> tuple[int, int, int, int]:
    """What this process receives from and sends to, and likewise the child."""
    if pipes:
        (theirs, ours), (mine, other) = os.pipe(), os.pipe()
        return mine, ours, theirs, other
    import socket

    here, there = socket.socketpair()
    near, far = here.detach(), there.detach()
    return near, near, far, far


def _read(descriptor: int, size: int, buffer: bytearray) -> None:
    """Read so many bytes into the buffer."""
    view = memoryview(buffer)
    while size:
        size -= os.readv(descriptor, [view[:size]])


def _write(descriptor: int, data: bytes) -> None:
    """Write all of it."""
    done = os.write(descriptor, data)
    while done < len(data):
        done += os.write(descriptor, memoryview(data)[done:])
