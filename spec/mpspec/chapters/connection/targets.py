"""What children do with connections. Imported by every spawned child, hence next to no imports."""

from __future__ import annotations

from mpspec.observation.witness import target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from mpspec.observation.mailbox import Gate, Mailbox


@target
def send_each(end: Any, *objects: Any) -> None:
    """Send the objects one by one."""
    for one in objects:
        end.send(one)


@target
def post_received(end: Any, box: Mailbox, count: int) -> None:
    """Post what is received."""
    for _ in range(count):
        box.post(end.recv())


@target
def hold(end: Any, box: Mailbox, gate: Gate) -> None:
    """Keep an end open until the gate opens."""
    box.post("held")
    gate.wait()


@target
def send_then_hold(end: Any, box: Mailbox) -> None:
    """Send one message, then sleep until killed."""
    import signal

    end.send("before")
    box.post("sent")
    signal.pause()


HUGE = 1 << 24
"""Bytes of a message that does not fit into a pipe, and is not yet one that may be refused for its size."""


@target
def send_huge(end: Any) -> None:
    """Send a message that nobody takes."""
    end.send_bytes(bytes(HUGE))


@target
def exchange(end: Any, count: int, box: Mailbox) -> None:
    """Send the numbers, having received as many by the end; post what came."""
    for number in range(count):
        end.send(number)
    box.post([end.recv() for _ in range(count)])


@target
def hand_over_an_end(mp: Any, carrier: Any) -> None:
    """Make a pipe, send one end of it, close it here and answer on the other what comes there."""
    mine, yours = mp.Pipe()
    carrier.send(yours)
    request = mine.recv()
    yours.close()
    mine.send(("answer", request))
    mine.recv()


@target
def answer_on_what_comes(carrier: Any) -> None:
    """Receive a connection, and answer on it what comes there."""
    with carrier.recv() as end:
        end.send(("answer", end.recv()))


@target
def hand_over_to_a_child(mp: Any, box: Mailbox, address: tuple[Any, ...] | None) -> None:
    """Start a child, then send it one of two ends, and post what it answers to the other.

    address: of a listener, whose end is sent, while its client's is kept; None: they are those of a pipe.
    """
    import threading

    here, there = mp.Pipe()
    child = mp.Process(target=answer_on_what_comes, args=(there,))
    child.start()
    if address is None:
        sent, kept = mp.Pipe()
    else:
        clients: list[Any] = []
        with mp.connection.Listener(*address) as listener:
            connecting = threading.Thread(target=lambda: clients.append(mp.connection.Client(listener.address)))
            connecting.start()
            sent = listener.accept()
            connecting.join()
        kept = clients[0]
    here.send(sent)
    kept.send("question")
    box.post(kept.recv())
    child.join()


@target
def hand_over_one_way(mp: Any, carrier: Any, which: int) -> None:
    """Make a one-way pipe, send the end of this number, and use the other when told by the carrier."""
    ends = mp.Pipe(duplex=False)
    carrier.send(ends[which])
    carrier.recv()
    if which == 0:
        ends[1].send("to the receiver")
    else:
        carrier.send(ends[0].recv())
    carrier.recv()


@target
def answer_over_received(end: Any, gate: Gate) -> None:
    """Once the gate is open, receive a connection, and send an answer over it."""
    gate.wait()
    with end.recv() as received:
        received.send("answer")


@target
def hand_over_to_two(mp: Any, end: Any, gate: Gate) -> None:
    """Send a connection to each of two children, the second of which is started in between; send what they answer.

    They receive it once the gate is open.
    """
    kept, children = [], []
    for _ in range(2):
        here, there = mp.Pipe()
        children.append(mp.Process(target=answer_over_received, args=(there, gate)))
        children[-1].start()
        there.close()
        mine, sent = mp.Pipe()
        with here, sent:
            here.send(sent)
        kept.append(mine)
    end.send("sent")
    end.send([one.recv() for one in kept])
    for child in children:
        child.join()


@target
def hand_over_many(mp: Any, carrier: Any, count: int) -> None:
    """Make that many pipes, send the receiving ends in one message, and a number through each; wait for a message."""
    pipes = [mp.Pipe(duplex=False) for _ in range(count)]
    carrier.send([receiver for receiver, _ in pipes])
    for number, (_, sender) in enumerate(pipes):
        sender.send(number)
    carrier.recv()


@target
def close_when_told(end: Any, gate: Gate, after: Gate) -> None:
    """Close the end when the gate opens; live on until the other one does."""
    gate.wait()
    end.close()
    after.wait()


@target
def wait_for(gate: Gate) -> None:
    """End when the gate opens."""
    gate.wait()
