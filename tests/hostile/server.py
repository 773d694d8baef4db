"""A server with a key that is attacked: tells its address, then repeats what each honest client sends."""

from __future__ import annotations

import sys
import threading

import mpref
from mpconform import ending
from mpref.connection import Connection, Listener, handshakes

KEY = b"a key that nobody guesses"


def serve(one: Connection) -> None:
    """Repeat what comes, objects of honest clients and bytes of intruders that have got this far."""
    with one:
        try:
            while True:
                one.send(one.recv())
        except (EOFError, OSError):
            pass


def main() -> None:
    """Accept for ever, or until the test is over, however it ends. The first argument: seconds of patience."""
    ending.with_parent()
    handshakes.PATIENCE = float(sys.argv[1])
    with Listener(("127.0.0.1", 0), backlog=200, authkey=KEY) as listener:
        print(listener.address[1], flush=True)
        while True:
            try:
                one = listener.accept()
            except mpref.AuthenticationError:
                continue
            threading.Thread(target=serve, args=(one,), daemon=True).start()


if __name__ == "__main__":
    main()
