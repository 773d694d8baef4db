"""The workers of a model: threads of several processes that use one shared object, as the driver tells them.

Runs under any interpreter: `worker.py MODULE ADDRESS`. Orders come as lines of JSON on standard input, each answered
on standard output: ["begin", KIND, ARGUMENTS, PROCESSES, THREADS] makes the object and starts its workers, ["end"]
kills them. Worker w is a thread of process w // THREADS. It connects to the socket at ADDRESS, introduces itself by
[w, process id, thread id], and answers each operation that comes there by "begun" and by its outcome. Contents are
told by number and size and made here, so that large ones cost nothing on the way.
"""

import functools
import json
import os
import signal
import socket
import sys
import threading
import time
import zlib

DOCUMENTED = ("builtins", "threading", "queue", "_queue")
"""Modules of the exceptions that the page names, besides its own."""


def content(number, size):
    """The bytes of this number and size."""
    return (number.to_bytes(4, "big") * (size // 4 + 1))[:size]


def digest(data):
    """What is told of bytes instead of them."""
    return [len(data), zlib.crc32(data)]


def use_queue(queue, process, what, *arguments):
    """The result of one operation on a queue."""
    if what == "put":
        number, size, block, timeout = arguments
        return queue.put((number, content(number, size)), block, timeout) or "done"
    if what == "get":
        number, filler = queue.get(*arguments)
        return [number, len(filler)] if filler == content(number, len(filler)) else "spoilt"
    found = getattr(queue, what)()
    return "done" if found is None else found


def use_pipe(pipe, process, what, end, *arguments):
    """The result of one operation on the copy that this process has of an end of a pipe."""
    one = pipe.ends[end]
    if what == "send":
        return one.send(content(*arguments)) or "done"
    if what == "send_bytes":
        number, size, *part = arguments
        return one.send_bytes(content(number, size), *part) or "done"
    if what in ("recv", "recv_bytes"):
        return digest(getattr(one, what)(*arguments))
    if what == "recv_bytes_into":
        size, offset = arguments
        buffer = bytearray(b"-" * size)
        count = one.recv_bytes_into(buffer, offset)
        around = set(buffer[:offset]) | set(buffer[offset + count :])
        return digest(bytes(buffer[offset : offset + count])) if around <= set(b"-") else "spoilt"
    found = getattr(one, what)(*arguments)
    return "done" if found is None else found


def use_object(shared, process, what, *arguments):
    """The result of one operation on a primitive or an array: a method, an attribute, items."""
    if what == "pulse":
        shared.set()
        return shared.clear()
    if what == "get":
        found = shared[slice(*arguments) if len(arguments) > 1 else arguments[0]]
        return found.decode("latin-1") if isinstance(found, bytes) else found
    if what == "put":
        *at, new = arguments
        shared[slice(*at) if len(at) > 1 else at[0]] = new
        return None
    found = getattr(shared, what)
    return found(*arguments) if callable(found) else found


class Pipe:
    """Both ends of a pipe, and which of them each process keeps."""

    def __init__(self, context, duplex, held):
        self.ends = context.Pipe(duplex)
        self.held = held

    def close_others(self, process):
        """Close here what this process does not keep; None: the one that has made it keeps nothing."""
        for end, one in enumerate(self.ends):
            if [process, end] not in self.held:
                one.close()


class Barrier:
    """A barrier that counts the calls of its action."""

    def __init__(self, context, parties):
        self._calls = context.RawValue("i", 0)
        self._barrier = context.Barrier(parties, self._act)

    def _act(self):
        self._calls.value += 1

    @property
    def actions(self):
        """How often the action was called."""
        return self._calls.value

    def __getattr__(self, name):
        return getattr(self._barrier, name)


def make(module, context, kind, arguments):
    """A shared object of this kind, and the function that uses it."""
    if kind == "Holders":
        import holders  # beside this program

        return holders.Holders(module, context, *arguments), holders.use
    if kind == "Pipe":
        return Pipe(context, *arguments), use_pipe
    if kind == "Barrier":
        return Barrier(context, *arguments), use_object
    if kind == "Condition":
        return context.Condition(*[getattr(context, name)() for name in arguments]), use_object
    return getattr(context, kind)(*arguments), use_queue if kind.endswith("Queue") else use_object


def outcome(use, shared, process, operation):
    """What comes of one operation: its result, or the name of the documented exception."""
    try:
        return use(shared, process, *operation)
    except OSError:
        return "OSError"
    except Exception as error:
        for kind in type(error).__mro__:
            if kind.__name__ == "BufferTooShort":
                return ["BufferTooShort", digest(error.args[0])]
            if kind.__module__ in DOCUMENTED:
                return kind.__name__
        raise


def series(use, shared, process, begin, operations):
    """The outcomes of many operations from a moment on, and when each began and ended."""
    while time.monotonic() < begin:
        pass
    seen = []
    for operation in operations:
        began = time.monotonic()
        came = outcome(use, shared, process, operation)
        seen.append([came, began, time.monotonic()])
    return seen


def work(use, shared, process, worker, address):
    """Be one worker."""
    with socket.socket(socket.AF_UNIX) as channel:
        channel.connect(address)

        def say(what):
            channel.sendall(json.dumps(what).encode() + b"\n")

        say([worker, os.getpid(), threading.get_native_id()])
        for line in channel.makefile():
            operation = json.loads(line)
            say("begun")
            if operation[0] == "series":
                say(series(use, shared, process, *operation[1:]))
            else:
                say(outcome(use, shared, process, operation))


def work_in_threads(use, shared, process, threads, address):
    """Be the workers of one process: a thread each, the last one the main thread."""
    if isinstance(shared, Pipe):
        shared.close_others(process)
    first, last = process * threads, (process + 1) * threads - 1
    for worker in range(first, last):
        threading.Thread(target=work, args=(use, shared, process, worker, address), daemon=True).start()
    work(use, shared, process, last, address)


def begin(module, context, address, kind, arguments, processes, threads):
    """Make an object and start its workers: what ends them, and then the object where it does not end by itself."""
    shared, use = make(module, context, kind, arguments)
    ends = []
    for number in range(processes):
        given = (use, shared, number, threads, address)
        process = context.Process(target=work_in_threads, args=given, daemon=True)
        process.start()
        ends += [functools.partial(os.kill, process.pid, signal.SIGKILL), process.join]  # not all have kill()
    if isinstance(shared, Pipe):
        shared.close_others(None)
    if kind == "Holders":
        ends.append(shared.end)
    return ends


def main(module, address):
    """Do what the orders say, one object after the other."""
    context = __import__(module, fromlist=["get_context"]).get_context("fork")
    ends = []
    for line in sys.stdin:
        order, *arguments = json.loads(line)
        if order == "begin":
            ends = begin(module, context, address, *arguments)
        else:
            for end in ends:
                end()
            ends = []
        print(json.dumps("done"), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
