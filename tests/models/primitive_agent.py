"""The driven side of a model: users of one primitive, threads of several processes, that do as they are told.

Runs under any interpreter: `primitive_agent.py MODULE KIND ARGUMENTS ENDS`, the last two in JSON. ENDS has a list for
each process, and in it for each thread the descriptor of its orders and that of its answers. Orders and answers are
lines of JSON. A user's first line tells who the kernel takes him for; then come two for each order: that he begins,
and what came of it.
"""

import json
import os
import sys
import threading
import time


def user(thing, extra, ends):
    """Do what the orders say with the thing."""
    told, tell = os.fdopen(ends[0]), os.fdopen(ends[1], "w")

    def say(what):
        tell.write(json.dumps(what) + "\n")
        tell.flush()

    say([os.getpid(), threading.get_native_id()])
    for line in told:
        order = json.loads(line)
        say("begun")
        say(series(thing, *order[1:]) if order[0] == "series" else outcome(thing, extra, *order))


def outcome(thing, extra, what, *arguments):
    """What comes of one order: its result, or the name of the exception that is documented."""
    try:
        if what == "pulse":
            thing.set()
            return thing.clear()
        if what == "actions":
            return extra.value
        if what == "get":
            found = thing[slice(*arguments) if len(arguments) > 1 else arguments[0]]
            return found.decode("latin-1") if isinstance(found, bytes) else found
        if what == "put":
            *at, new = arguments
            thing[slice(*at) if len(at) > 1 else at[0]] = new
            return None
        found = getattr(thing, what)
        return found(*arguments) if callable(found) else found
    except Exception as error:
        return next(one.__name__ for one in type(error).__mro__ if one.__module__ in ("builtins", "threading"))


def series(thing, begin, orders):
    """Do many things from a moment on, and tell of each when it began and ended."""
    while time.monotonic() < begin:
        pass
    seen = []
    for order in orders:
        began = time.monotonic()
        came = outcome(thing, None, *order)
        seen.append([came, began, time.monotonic()])
    return seen


def process(thing, extra, ends):
    """Be several users: each a thread, the last one the main thread."""
    for one in ends[:-1]:
        threading.Thread(target=user, args=(thing, extra, one), daemon=True).start()
    user(thing, extra, ends[-1])


def make(context, kind, arguments):
    """Make the primitive, and what is beside it."""
    if kind == "Barrier":
        actions = context.RawValue("i", 0)

        def action():
            actions.value += 1

        return context.Barrier(*arguments, action), actions
    if kind == "Condition":
        return context.Condition(*[getattr(context, name)() for name in arguments]), None
    return getattr(context, kind)(*arguments), None


def main(module, kind, arguments, ends):
    """Start the processes and wait for their end."""
    context = __import__(module).get_context("fork")
    thing, extra = make(context, kind, json.loads(arguments))
    processes = [context.Process(target=process, args=(thing, extra, each)) for each in json.loads(ends)]
    for one in processes:
        one.start()
    for one in processes:
        one.join()


if __name__ == "__main__":
    main(*sys.argv[1:])
