"""The driven side of a model: users of one queue, each a process of its own, that do as they are told.

Runs under any interpreter: `agent.py MODULE KIND MAXSIZE METHOD USERS`. Orders and answers are lines of JSON.
Items are told by number and size, so that large ones cost nothing on the way.
"""

import json
import os
import sys


def user(queue, orders, answers):
    """Do what the lines of `orders` say with the queue, and write one line of `answers` for each."""
    with os.fdopen(orders) as told, os.fdopen(answers, "w") as tell:
        for line in told:
            order = json.loads(line)
            tell.write(json.dumps(outcome(queue, order)) + "\n")
            tell.flush()


def outcome(queue, order):
    """What comes of one order: its result, or the name of its exception."""
    what, *arguments = order
    try:
        if what == "put":
            number, size, block, timeout = arguments
            queue.put((number, b"x" * size), block, timeout)
            return "done"
        if what == "get":
            number, filler = queue.get(*arguments)
            return [number, len(filler)] if filler == b"x" * len(filler) else "spoilt"
        result = getattr(queue, what)()
        return "done" if result is None else result
    except Exception as error:
        return type(error).__name__


def main(module, kind, maxsize, method, users):
    """Start the users; hand each line [user, order] on, and its answer back."""
    mp = __import__(module)
    context = mp.get_context(method)
    queue = getattr(context, kind)(int(maxsize))
    lines = []
    for _ in range(int(users)):
        orders, order_end = os.pipe()
        answer_end, answers = os.pipe()
        process = context.Process(target=user, args=(queue, orders, answers), daemon=True)
        process.start()
        os.close(orders)
        os.close(answers)
        lines.append((os.fdopen(order_end, "w"), os.fdopen(answer_end)))
    for line in sys.stdin:
        who, order = json.loads(line)
        orders, answers = lines[who]
        orders.write(json.dumps(order) + "\n")
        orders.flush()
        sys.stdout.write(answers.readline())
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
