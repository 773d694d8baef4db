"""What children do as clients and listeners. Imported by every spawned child, hence next to no imports."""

from __future__ import annotations

from mpspec.observation.witness import target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from mpspec.observation.mailbox import Mailbox

KEY = b"secret password"


@target
def call_and_talk(mp: Any, address: Any, key: Any) -> None:
    """Be a client: send a message, wait for the answer."""
    with mp.connection.Client(address, authkey=key) as connection:
        connection.send("from the client")
        connection.recv()


@target
def call_with_own_key(mp: Any, address: Any) -> None:
    """Be a client whose key is this process's."""
    with mp.connection.Client(address, authkey=mp.current_process().authkey) as connection:
        connection.send("from the client")
        connection.recv()


@target
def listen_and_talk(mp: Any, family: str, box: Mailbox) -> None:
    """Be a listener: post the address, answer one message."""
    with mp.connection.Listener(family=family, authkey=KEY) as listener:
        box.post(listener.address)
        with listener.accept() as connection:
            connection.send(("answer", connection.recv()))
            connection.recv()


@target
def call_in_vain(mp: Any, address: Any, box: Mailbox) -> None:
    """Be a client with a wrong key: post the name of the error."""
    try:
        mp.connection.Client(address, authkey=b"wrong").close()
    except mp.AuthenticationError:
        box.post("AuthenticationError")
