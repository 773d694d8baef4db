"""Feed connections, handshakes and managers what no honest peer sends: `tools/fuzz.py [COUNT] [--seed N] [-k TEXT]`.

Each of COUNT inputs ends in one of the documented exceptions or in a message: never in another exception, a hang or
an unpickled object of somebody who has not proved to know the key. Exit status 0: so it is; 1: not, with the seed
and number that show it again.
"""

from __future__ import annotations

import argparse
import contextlib
import pickle
import random
import resource
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator

import mpref
from mpref.connection import Connection, authentication, descriptor_server, ends, handshakes
from mpref.managers import SyncManager
from mpref.managers.server import Server
from mpref.managers.service import Service
from mpref.managers.xml_notation import Xml
from mpref.transfer import framing

KEY = b"a key that nobody guesses"
STUCK = 20
"""Seconds after which an input counts as a hang."""

Noise = random.Random


def frames(noise: Noise) -> None:
    """What arrives at a connection: frames, cut off, spoilt or made up, up to the end of file."""
    near, far = socket.socketpair()
    with near, Connection(far.detach()) as receiver:
        near.sendall(spoilt(noise, b"".join(frame(noise) for _ in range(noise.randrange(4)))))
        near.shutdown(socket.SHUT_WR)
        with contextlib.suppress(EOFError, OSError, mpref.BufferTooShort):
            while True:
                receive(noise, receiver)


def receive(noise: Noise, receiver: Connection) -> None:
    """Receive in one of the ways that unpickle nothing."""
    way = noise.randrange(4)
    if way == 0:
        receiver.recv_bytes()
    elif way == 1:
        receiver.recv_bytes(noise.choice((0, 1, 100, 1 << 20)))
    elif way == 2:
        with contextlib.suppress(mpref.BufferTooShort):
            receiver.recv_bytes_into(bytearray(noise.randrange(200)), 0)
    elif not receiver.poll(STUCK):
        raise AssertionError("poll() does not see the end of file")


def listening(noise: Noise) -> None:
    """What a client says to a listener with a key."""
    handshake(noise, authentication.of_listener(KEY))


def calling(noise: Noise) -> None:
    """What a listener says to a client with a key."""
    handshake(noise, authentication.of_client(KEY))


def fetching(noise: Noise) -> None:
    """What a process says to the server that gives out descriptors."""
    handshake(noise, descriptor_server.asked("an address"))


def handshake(noise: Noise, performed: authentication.Handshake) -> None:
    """Say something at each turn, then leave. No peer is accepted that does not know the key."""
    near, far = socket.socketpair()
    with near, far:
        peer = handshakes.Peer(far, performed)
        near.setblocking(False)
        with contextlib.suppress(mpref.AuthenticationError):
            for _ in range(noise.randrange(1, 5)):
                if peer.proceed():
                    raise AssertionError("a peer is accepted that does not know the key")
                heard = b""
                with contextlib.suppress(BlockingIOError):
                    heard = near.recv(4096)
                with contextlib.suppress(OSError):
                    near.send(spoilt(noise, word(noise, heard)))
            near.shutdown(socket.SHUT_WR)
            if peer.proceed():
                raise AssertionError("a peer is accepted that does not know the key")
            raise AssertionError("a caller that has left is still waited for")


def word(noise: Noise, heard: bytes) -> bytes:
    """Something to say in a handshake, given what was heard."""
    body = noise.choice(
        (
            authentication.WELCOME,
            authentication.FAILURE,
            authentication.CHALLENGE + noise.randbytes(noise.choice((0, 20, 40))),
            authentication.CHALLENGE + b"{sha256}" + noise.randbytes(40),
            b"{sha256}" + noise.randbytes(32),
            noise.randbytes(16),
            heard[4:],
            b"cos\n_exit\n(I7\ntR.",
            noise.randbytes(descriptor_server.SECRET + descriptor_server.DEMAND + descriptor_server.PROOF),
        )
    )
    return framing.length_of(len(body)) + body + (frame(noise) if noise.random() < 0.2 else b"")


def frame(noise: Noise) -> bytes:
    """A message, or what looks like the begin of one."""
    body = noise.randbytes(noise.choice((0, 1, 16, 40, 255, 256, 257, 3000)))
    if noise.random() < 0.7:
        return framing.length_of(len(body)) + body
    length = noise.choice((-1, -2, -(1 << 31), (1 << 31) - 1, 5, 1 << 20)).to_bytes(4, "big", signed=True)
    return length + noise.choice((b"", b"\xff" * 8, (7).to_bytes(8, "big"), (1 << 40).to_bytes(8, "big"))) + body


def spoilt(noise: Noise, data: bytes) -> bytes:
    """The data, cut off or with a changed byte every now and then."""
    chance = noise.random()
    if chance < 0.2:
        return data[: noise.randrange(len(data) + 1)]
    if chance < 0.4 and data:
        at = noise.randrange(len(data))
        return data[:at] + noise.randbytes(1) + data[at + 1 :]
    return data


class Cook:
    """A referent for strange requests."""

    def echo(self, *things: object, **named: object) -> object:
        """Give them back."""
        return things, named


class Kitchen(SyncManager):
    """A manager of cooks."""


Kitchen.register("Cook", Cook)

_HIDDEN = ("__class__", "__dict__", "__reduce__", "__init__", "__getattribute__", "secret", "#GETVALUE", "__repr__", "")
_FUNCTIONS = ("dummy", "create", "incref", "decref", "drop", "lend", "redeem", "get_methods", "number_of_objects",
              "debug_info", "accept_connection", "shutdown", "stop", "call", "__init__")  # fmt: skip


def requests(noise: Noise) -> None:
    """What a client asks that has proved to know the key: of every shape, cut off, spoilt, and what is no request."""
    server = _server(noise.choice(("pickle", "pickle", "xmlrpclib")))
    near, far = socket.socketpair()
    with near:
        near.settimeout(STUCK)
        data = b"".join(_request(noise, server.serializer) for _ in range(noise.randrange(1, 5)))
        near.sendall(spoilt(noise, data) if noise.random() < 0.5 else data)
        near.shutdown(socket.SHUT_WR)
        _serve(server, far, near)
        if noise.random() < 0.01:
            _still_serves(server)


def knocking(noise: Noise) -> None:
    """What comes to a manager's server from who does not know the key, by a socket that is listened at."""
    server = _server("pickle")
    if not _listening:
        _listening.append(threading.Thread(target=server.serve_forever, daemon=True))
        _listening[0].start()
    with socket.socket(socket.AF_UNIX) as line, contextlib.suppress(ConnectionError, BrokenPipeError):
        line.settimeout(STUCK)
        line.connect(server.address)
        for _ in range(noise.randrange(4)):
            line.sendall(word(noise, b"") if noise.random() < 0.7 else _request(noise, "pickle"))
        line.shutdown(socket.SHUT_WR)
        while line.recv(4096):
            pass
    if server.services:
        raise AssertionError("a client is served that does not know the key")


_servers: dict[str, Server] = {}
_listening: list[threading.Thread] = []


def _server(serializer: str) -> Server:
    if serializer not in _servers:
        _servers[serializer] = Kitchen(None, KEY, serializer).get_server()
    return _servers[serializer]


def _request(noise: Noise, serializer: str) -> bytes:
    """A message that asks for something, or looks like one."""
    ident: object = noise.choice((None, None, "1", "2", "none", "", 5, [], ("1",), b"1"))
    usual = noise.choice(_FUNCTIONS if ident is None else ("echo", "append", "__len__", *_HIDDEN))
    name: object = noise.choice((usual, usual, usual, usual, None, 5, [], b"echo", noise.choice(_FUNCTIONS)))
    args: object = noise.choice(((), (), _arguments(noise), _arguments(noise), 5, None, {}, "text", [1, 2]))
    kwds: object = noise.choice(({}, {}, {}, {"a": 1}, {5: 5}, None, 5, "text", []))
    thing = noise.choice(((ident, name, args, kwds),) * 6 + ((ident, name), ident, name, (ident, name, args, kwds, 5)))
    try:
        body = _XML.dumps(thing) if serializer == "xmlrpclib" else pickle.dumps(thing, noise.randrange(6))
    except (TypeError, OverflowError):
        body = noise.randbytes(40)
    if noise.random() < 0.1:
        return frame(noise)
    return framing.length_of(len(body)) + body


def _arguments(noise: Noise) -> tuple[object, ...]:
    some: tuple[object, ...] = (
        "Cook", "list", "dict", "Lock", "none", "1", "2", 5, None, [], [1], {"a": 1}, b"", (), -1, "mpref x y", {1},
    )  # fmt: skip
    return tuple(noise.choice(some) for _ in range(noise.randrange(4)))


_XML = Xml()


def _serve(server: Server, line: socket.socket, client: socket.socket) -> bytes:
    """Have a client served to its end, in a thread as in a server; return the answers."""
    failed: list[BaseException] = []
    answers = b""

    def run() -> None:
        try:
            Service(server, Connection(line.detach())).run()
        except BaseException as error:
            failed.append(error)

    serving = threading.Thread(target=run, daemon=True)
    serving.start()
    try:
        while part := client.recv(1 << 16):
            answers += part
    except ConnectionResetError:  # it has left something unread
        pass
    serving.join(STUCK)
    if serving.is_alive():
        raise AssertionError("a client that has left is still served")
    if failed:
        raise failed[0]
    return answers


def _still_serves(server: Server) -> None:
    near, far = socket.socketpair()
    with near:
        body: tuple[object, ...] = (None, "create", ("list", [1, 2]), {})
        text = _XML.dumps(body) if server.serializer == "xmlrpclib" else pickle.dumps(body)
        near.settimeout(STUCK)
        near.sendall(framing.length_of(len(text)) + text)
        near.shutdown(socket.SHUT_WR)
        answer = _serve(server, far, near)
        if b"#RETURN" not in answer or b"append" not in answer:
            raise AssertionError(f"an honest client is answered {answer!r}")


@contextlib.contextmanager
def little_memory() -> Iterator[None]:
    """A spoilt pickle may ask for any amount of memory: it is refused."""
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    with open("/proc/self/statm") as file:
        pages = int(file.read().split()[0])
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + (1 << 30), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


KINDS: dict[str, Callable[[Noise], None]] = {
    "frames": frames,
    "listening": listening,
    "calling": calling,
    "fetching": fetching,
    "requests": requests,
    "knocking": knocking,
}


def _each(kinds: list[Callable[[Noise], None]], count: int, seed: int) -> str | None:
    for number in range(count):
        kind = kinds[number % len(kinds)]
        began = time.monotonic()
        try:
            kind(random.Random(seed * 1_000_003 + number))
        except BaseException as error:
            return f"{kind.__name__}, seed {seed}, input {number}: {error!r}"
        if time.monotonic() - began > STUCK:
            return f"{kind.__name__}, seed {seed}, input {number}: it took {time.monotonic() - began:.0f} s"
    return None


def fuzz(count: int, seed: int, wanted: str = "") -> str | None:
    """Try so many inputs of the wanted kinds in turn; what was wrong with the first that fails, or None."""
    kinds = [kind for name, kind in KINDS.items() if wanted in name]

    def unpickled(*_: object) -> None:
        raise AssertionError("something is unpickled of a peer that has not proved to know the key")

    guarded = [(module, name) for module in (framing, ends) for name in ("loads",)]
    before = [getattr(module, name) for module, name in guarded]
    for module, name in guarded:
        setattr(module, name, unpickled)
    try:
        with little_memory():
            return _each(kinds, count, seed)
    finally:
        for (module, name), value in zip(guarded, before, strict=True):
            setattr(module, name, value)


def main() -> int:
    """Run it from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", nargs="?", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("-k", default="", choices=["", *KINDS], help="only this kind")
    options = parser.parse_args()
    began = time.monotonic()
    failure = fuzz(options.count, options.seed, options.k)
    print(failure or f"{options.count} inputs in {time.monotonic() - began:.0f} s: nothing wrong")
    return 1 if failure else 0


if __name__ == "__main__":
    sys.exit(main())
