"""One end of a connection, run by any interpreter: `peer.py MODULE listener|client FAMILY ADDRESS KEY`.

A listener tells its address in a line. Both tell in their last line what came of it: "talked", or the name of an
exception. ADDRESS and KEY are Python literals. Runs on every version that is talked to.
"""

from __future__ import annotations

import ast
import importlib
import os
import sys
import threading
from typing import Any

MESSAGES = [None, {"a": (1, 2.5)}, "\u00e9" * 70000, b"x" * 3000000, list(range(100000)), b""]


def main() -> None:
    """Be one end, until standard input ends at the latest: the test is over, however it ended."""
    threading.Thread(target=lambda: (sys.stdin.read(), os._exit(1)), daemon=True).start()
    module, role, family, address, key = sys.argv[1:]
    address, key = ast.literal_eval(address), ast.literal_eval(key)
    connection = importlib.import_module(module + ".connection")
    try:
        if role == "listener":
            with connection.Listener(address, family, authkey=key) as listener:
                print(repr(listener.address), flush=True)
                with listener.accept() as one:
                    repeat(one)
        else:
            with connection.Client(address, family, authkey=key) as one:
                ask(one)
        outcome = "talked"
    except Exception as error:
        outcome = type(error).__name__
    print(outcome, flush=True)


def ask(one: Any) -> None:
    """Send messages of every kind, and have each of them back."""
    for message in MESSAGES:
        one.send(message)
        assert one.recv() == ("back", message), "an object came back changed"
    for message in (b"", b"bytes", b"y" * 300000):
        one.send_bytes(message)
        assert one.recv_bytes() == message, "bytes came back changed"


def repeat(one: Any) -> None:
    """Send back what comes."""
    for _ in MESSAGES:
        one.send(("back", one.recv()))
    for _ in range(3):
        one.send_bytes(one.recv_bytes())


if __name__ == "__main__":
    main()
