"""Children that serve, and that are clients. Imported by each of them that is spawned, hence next to no imports."""

from __future__ import annotations

import signal
import sys

from mpspec.observation.witness import target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

    from mpspec.observation.mailbox import Gate, Mailbox

KEY = b"secret password"


@target
def serve(box: Mailbox, kind: Any, address: Any, arguments: dict[str, Any]) -> None:
    """Serve as a manager of this class: post the address, and "back" if that comes to an end."""
    server = kind(address, **arguments).get_server()
    box.post(server.address)
    server.serve_forever()
    box.post("back")


@target
def serve_own_queue(mp: Any, box: Mailbox) -> None:
    """Serve a queue of this package, into which a child of this process has put something, until SIGTERM comes."""
    from mpspec.chapters.managers.manager_classes import QueueServer

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # so that this process removes what it has made
    queue = mp.Queue()
    worker = mp.Process(target=put_greeting, args=(queue,))
    worker.start()
    QueueServer.register("get_queue", callable=lambda: queue)
    server = QueueServer(("127.0.0.1", 0), KEY).get_server()
    box.post(server.address)
    server.serve_forever()


@target
def put_greeting(queue: Any) -> None:
    """Put one message into the queue."""
    queue.put("local hello")


@target
def be_client(box: Mailbox, use: Callable[[Any], Any], kind: Any, address: Any, arguments: dict[str, Any]) -> None:
    """Connect as a manager of this class, and post what comes of its use, or the names of the classes of the error."""
    manager = kind(address, **arguments)
    try:
        manager.connect()
        box.post(use(manager))
    except Exception as error:
        box.post([kind.__name__ for kind in type(error).__mro__])


@target
def start_one_and_end(box: Mailbox) -> None:
    """Start a manager, post the process in which its objects are, and end."""
    from mpspec.chapters.managers.manager_classes import StoreManager

    manager = StoreManager()
    manager.start()
    box.post(manager.Store().pid())


@target
def add_to(store: Any, number: int) -> None:
    """Add to what a store holds that is in another process."""
    store.add(number)


def count_up(manager: Any) -> Any:
    """Make a store by the manager, and use it: 3, and the process that it is in."""
    store = manager.Store(1)
    store.add(2)
    return [store.get(), store.pid()]


def put_three(manager: Any) -> None:
    """Put three numbers into the queue."""
    queue = manager.get_queue()
    for number in range(3):
        queue.put(number)


class TakeOne:
    """Say so and take something from the queue."""

    def __init__(self, box: Mailbox) -> None:
        self.box = box

    def __call__(self, manager: Any) -> Any:
        queue = manager.get_queue()
        self.box.post("taking")
        return queue.get()


@target
def wait_at(gate: Gate) -> None:
    """Wait for the gate."""
    gate.wait()
