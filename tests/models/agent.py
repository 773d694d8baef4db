"""The driven side of a model: threads of processes that use one queue or one pipe, and do as they are told.

Runs under any interpreter: `agent.py MODULE METHOD`. Orders and answers are lines of JSON:
["begin", SUBJECT, ARGUMENTS, PROCESSES, THREADS], answered by "ready"; ["tell", USER, ORDER], not answered;
["hear", USER], answered by what came of the oldest order that this user was told and not asked about;
["end"], answered by "ended". User u is a thread of process u // THREADS. What is put or sent is told by number and
size and made here, so that large things cost nothing on the way.
"""

import json
import os
import sys
import threading
import zlib


def content(number, size):
    """The bytes of this number and size."""
    return (number.to_bytes(4, "big") * (size // 4 + 1))[:size]


def mark(data):
    """What is told of bytes instead of them."""
    return [len(data), zlib.crc32(data)]


def use_queue(queue, process, order):
    """What comes of one order to the user of a queue."""
    what, *arguments = order
    if what == "put":
        number, size, block, timeout = arguments
        return queue.put((number, content(number, size)), block, timeout)
    if what == "get":
        number, filler = queue.get(*arguments)
        return [number, len(filler)] if filler == content(number, len(filler)) else "spoilt"
    return getattr(queue, what)()


def use_pipe(pipe, process, order):
    """What comes of one order to the user of a pipe: of its end of this number, in this process."""
    what, end, *arguments = order
    one = pipe.ends[end]
    if what == "send":
        return one.send(content(*arguments))
    if what == "send_bytes":
        number, size, *part = arguments
        return one.send_bytes(content(number, size), *part)
    if what in ("recv", "recv_bytes"):
        return mark(getattr(one, what)(*arguments))
    if what == "recv_bytes_into":
        size, offset = arguments
        buffer = bytearray(b"-" * size)
        count = one.recv_bytes_into(buffer, offset)
        around = set(buffer[:offset]) | set(buffer[offset + count :])
        return mark(bytes(buffer[offset : offset + count])) if around <= set(b"-") else "spoilt"
    return getattr(one, what)(*arguments)


class Pipe:
    """Both ends of a pipe, and which of them each process keeps."""

    def __init__(self, context, duplex, held):
        self.ends = context.Pipe(duplex)
        self.held = held

    def settle(self, process):
        """Close here what this process does not keep; None: the one that has made it keeps nothing."""
        for end, one in enumerate(self.ends):
            if [process, end] not in self.held:
                one.close()


def outcome(use, subject, process, order):
    """What comes of one order: its result, or the name of its exception."""
    try:
        result = use(subject, process, order)
        return "done" if result is None else result
    except EOFError:
        return "EOFError"
    except OSError:
        return "OSError"
    except Exception as error:
        name = type(error).__name__
        return [name, mark(error.args[0])] if name == "BufferTooShort" else name


def obey(use, subject, process, orders, answers):
    """Do what the lines of `orders` say, and write one line of `answers` for each."""
    with os.fdopen(orders) as told, os.fdopen(answers, "w") as tell:
        for line in told:
            tell.write(json.dumps(outcome(use, subject, process, json.loads(line))) + "\n")
            tell.flush()


def users(use, subject, process, lines):
    """Be the users of one process, each a thread."""
    if use is use_pipe:
        subject.settle(process)
    threads = [threading.Thread(target=obey, args=(use, subject, process, *line)) for line in lines]
    for thread in threads:
        thread.start()
    os.write(lines[0][1], b'"ready"\n')
    for thread in threads:
        thread.join()


class Company:
    """A queue or a pipe, and its users."""

    def __init__(self, context, subject, arguments, processes, threads):
        self._processes, self._lines = [], []
        use = use_pipe if subject == "Pipe" else use_queue
        made = Pipe(context, *arguments) if subject == "Pipe" else getattr(context, subject)(*arguments)
        for number in range(processes):
            pipes = [(*os.pipe(), *os.pipe()) for _ in range(threads)]
            theirs = [(orders, answers) for orders, _, _, answers in pipes]
            process = context.Process(target=users, args=(use, made, number, theirs), daemon=True)
            process.start()
            self._processes.append(process)
            for orders, tell, hear, answers in pipes:
                os.close(orders)
                os.close(answers)
                self._lines.append((os.fdopen(tell, "w"), os.fdopen(hear)))
        if use is use_pipe:
            made.settle(None)
        for number in range(processes):
            self._lines[number * threads][1].readline()

    def tell(self, user, order):
        """Hand an order on."""
        orders, _ = self._lines[user]
        orders.write(json.dumps(order) + "\n")
        orders.flush()

    def hear(self, user):
        """The answer of a user."""
        return json.loads(self._lines[user][1].readline())

    def end(self):
        """End all users."""
        for process in self._processes:
            process.kill()
            process.join()
        for tell, hear in self._lines:
            tell.close()
            hear.close()
        return "ended"


def main(module, method):
    """Do what the lines say, one company after the other."""
    context = __import__(module).get_context(method)
    company = None
    for line in sys.stdin:
        what, *arguments = json.loads(line)
        if what == "begin":
            company = Company(context, *arguments)
        answer = "ready" if what == "begin" else getattr(company, what)(*arguments)
        if what != "tell":
            sys.stdout.write(json.dumps(answer) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
