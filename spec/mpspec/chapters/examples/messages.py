"""Messages: a listener and its client, and one who waits for several senders at once."""

from __future__ import annotations

import re
from array import array
from typing import Any

from mpspec.chapters.examples.chapter import chapter, prints
from mpspec.chapters.examples.two_sides import address_of
from mpspec.clause import EVERY_METHOD, NO_METHOD
from mpspec.observation.see import See

CONNECTION = "module-multiprocessing.connection"

# A listener and its client


@chapter.clause("examples.messages.two-programs", passage=f"{CONNECTION}/8,10", methods=NO_METHOD)
def a_listener_sends_to_the_client_of_another_program(mp: Any, see: See) -> None:
    """A program accepts a client that knows its key and sends it an object, bytes and an array; the client has them."""
    server = see.start_program(SENDER)
    address = address_of(see, server)
    client = see.program(RECEIVER, repr(address))
    size = 2 * array("i").itemsize
    received = f"[0.5, None, 'scrap', <class 'complex'>]\nb'raw bytes'\n{size}\narray('i', [17, 2026, 0, 0])\n"
    prints(see, client, received)
    ended = server.finish()
    see.equal((ended.status, ended.err), (0, ""), "status and errors of the server")
    accepted = re.fullmatch(r".+\naccepted from \('127\.0\.0\.1', (\d+)\)\n", ended.out)
    see.true(accepted and int(accepted[1]) != address[1], "the server tells the address of the client", ended.out)


SENDER = """\
from array import array
from multiprocessing.connection import Listener

with Listener(("localhost", 0), authkey=b"of both programs") as listener:
    print(listener.address, flush=True)
    with listener.accept() as client:
        print("accepted from", listener.last_accepted)
        client.send([0.5, None, "scrap", complex])
        client.send_bytes(b"raw bytes")
        client.send_bytes(array("i", [17, 2026]))
"""

RECEIVER = """\
import ast
import sys
from array import array
from multiprocessing.connection import Client

with Client(ast.literal_eval(sys.argv[1]), authkey=b"of both programs") as server:
    print(server.recv())
    print(server.recv_bytes())
    numbers = array("i", [0] * 4)
    print(server.recv_bytes_into(numbers))
    print(numbers)
"""


# Several senders


@chapter.clause("examples.messages.several-senders", passage=f"{CONNECTION}/12", methods=EVERY_METHOD)
def messages_of_several_processes_are_waited_for_at_once(mp: Any, see: See) -> None:
    """A program that waits for several children at once has the messages of each in order, and notices their ends."""
    program = see.program(WAITING, mp.get_start_method())
    see.equal((program.status, program.err), (0, ""), "status and errors")
    lines = program.out.splitlines()
    for child in range(1, 4):
        own = [line for line in lines if line.endswith(f"'Process-{child}')")]
        see.equal(own, [f"({count}, 'Process-{child}')" for count in range(6)], f"the messages of child {child}")
    see.equal((len(lines), lines[-1]), (3 * 6 + 1, "all have ended"), "the number of lines and the last one")


WAITING = """\
import sys
from multiprocessing import Pipe, Process, current_process, set_start_method
from multiprocessing.connection import wait


def count(end):
    for number in range(6):
        end.send((number, current_process().name))
    end.close()


if __name__ == "__main__":
    set_start_method(sys.argv[1])
    open_ends = []
    for _ in range(3):
        reader, writer = Pipe(duplex=False)
        open_ends.append(reader)
        Process(target=count, args=(writer,)).start()
        writer.close()
    while open_ends:
        for reader in wait(open_ends):
            try:
                message = reader.recv()
            except EOFError:
                open_ends.remove(reader)
            else:
                print(message)
    print("all have ended")
"""
