"""The process that uses a pool as the driver of its model tells it to. Runs under any interpreter.

`pool_user.py MODULE METHOD`. Orders come as lines of JSON on standard input: [NUMBER, WHAT, ARGUMENTS]. Each is
answered by a line on standard output, [NUMBER, OUTCOME, BEGAN, ENDED], as soon as it is over: what may wait is done by
a thread of its own. Nothing here goes through a buffer of Python: a worker may be forked at any time, with its lock.
"""

import importlib
import json
import os
import sys
import threading
import time

import pool_tasks

WAITING = ("get", "wait", "next")
TEXT = 300


class User:
    """One pool after the other, and what was submitted to it."""

    def __init__(self, module, method):
        self._module = importlib.import_module(module)
        self._pools = importlib.import_module(module + ".pool")
        self._context = self._module.get_context(method)
        self._pool = self._log = None
        self._results = {}

    def begin(self, log, kind, processes, most, initialized, entered):
        """Make a pool."""
        self._log, self._results = log, {}
        initializer = (pool_tasks.initialize, (log,)) if initialized else (None, ())
        if kind == "ThreadPool":
            self._pool = self._pools.ThreadPool(processes, *initializer)
        else:
            self._pool = self._context.Pool(processes, *initializer, most)
        if entered and self._pool.__enter__() is not self._pool:
            raise RuntimeError("__enter__() returns something else")

    def submit(self, job, method, items, chunksize, callbacks, lazily):
        """Submit a job. items: those of an iterator if lazily, else of a list."""
        kwds = {}
        if callbacks:
            kwds = {
                "callback": lambda value: self._tell(job, True, ["returned", value]),
                "error_callback": lambda error: self._tell(job, False, self.raised(error)),
            }
        items = [[self._log, job, *item] for item in items]
        submit = getattr(self._pool, method)
        if method == "apply_async":
            made = submit(pool_tasks.task, items[0], {}, **kwds)
        else:
            function = pool_tasks.task if method == "starmap_async" else pool_tasks.task_of_one
            size = [] if chunksize is None else [chunksize]
            made = submit(function, iter(items) if lazily else items, *size, **kwds)
        self._results[job] = made

    def ask(self, what, job, timeout):
        """Call a method of what stands for the results of a job."""
        result = self._results[job]
        if what == "next" and timeout is None:
            return next(result)  # that of results in chunks need not have more
        given = [timeout] if what in WAITING and timeout is not None else []
        return getattr(result, what)(*given)

    def close(self):
        """Close the pool."""
        self._pool.close()

    def terminate(self):
        """Terminate the pool."""
        self._pool.terminate()

    def exit(self):
        """Come to the end of `with`."""
        self._pool.__exit__(None, None, None)

    def join(self):
        """Join the pool."""
        self._pool.join()

    def forget(self):
        """Forget the pool and its results."""
        self._pool, self._results = None, {}

    def raised(self, error):
        """What is told of an exception."""
        if isinstance(error, pool_tasks.Failure):
            return ["failed", list(error.args)]
        if isinstance(error, self._module.TimeoutError):
            return ["raised", "TimeoutError"]
        return ["raised", type(error).__name__]

    def do(self, number, what, arguments):
        """Do what an order says, and answer it."""
        began = time.monotonic()
        try:
            outcome = ["returned", getattr(self, what)(*arguments)]
        except BaseException as error:
            outcome = self.raised(error)
        answer = json.dumps([number, outcome, began, time.monotonic()], default=lambda thing: repr(thing)[:TEXT])
        os.write(1, answer.encode() + b"\n")

    def _tell(self, *what):
        line = json.loads(json.dumps(what, default=lambda thing: repr(thing)[:TEXT]))
        pool_tasks.tell(self._log, "notice", *line, time.monotonic())


def main(module, method):
    """Do what the orders say."""
    user, read = User(module, method), b""
    while True:
        some_bytes = os.read(0, 65_536)
        if not some_bytes:
            os._exit(0)  # the driver ends what is left
        *lines, read = (read + some_bytes).split(b"\n")
        for line in lines:
            number, what, arguments = json.loads(line)
            if what == "ask" and arguments[0] in WAITING:
                threading.Thread(target=user.do, args=(number, what, arguments), daemon=True).start()
            else:
                user.do(number, what, arguments)


if __name__ == "__main__":
    main(*sys.argv[1:])
