"""Processes that still have objects of the package end without a word, wherever they keep them and however they end."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import pytest

PLACES = ("a module", "a class", "sys", "a cycle", "a thread", "an exit handler", "a traceback")

CODES = {"by itself": "0", "by sys.exit": "3", "by os._exit": "3", "by os.kill": "-9"}

PROGRAM = """
import atexit, ctypes, os, signal, sys, threading
import mpref
from mpref import connection, shared_memory

class Pair(ctypes.Structure):
    _fields_ = [("x", ctypes.c_int)]

class Kept:
    def __del__(self):
        self.things[0].close()

def objects(ctx):
    listener = connection.Listener()
    client, accepted = connection.Client(listener.address), listener.accept()
    queue, joinable = ctx.Queue(), ctx.JoinableQueue()
    for each in (queue, joinable):
        each.put("item")
    return [
        *ctx.Pipe(), *ctx.Pipe(False), client, accepted, queue, joinable, ctx.SimpleQueue(), ctx.Lock(), ctx.RLock(),
        ctx.Semaphore(), ctx.BoundedSemaphore(), ctx.Condition(), ctx.Event(), ctx.Barrier(2), ctx.Value("i", 3),
        ctx.Array("d", 3), ctx.RawArray("c", b"abc"), ctx.Value(Pair, 1),
        shared_memory.SharedMemory(create=True, size=1),
    ], listener

def keep(place, *things):
    if place == "a module":
        globals()["kept"] = things
    elif place == "a class":
        Kept.things, Kept.itself, sys.kept = things, Kept, Kept
    elif place == "sys":
        sys.kept = things
    elif place == "a cycle":
        kept = Kept()
        kept.things, kept.itself = things[0], kept
        sys.kept = Kept
    elif place == "a thread":
        def hold():
            kept = things
            things[0][0].poll(None)
        threading.Thread(target=hold, daemon=True).start()
    elif place == "an exit handler":
        atexit.register(lambda: things[0][0].closed)
    else:
        try:
            raise ValueError(things)
        except ValueError as error:
            sys.last_value = error

def end(how):
    if how == "by sys.exit":
        sys.exit(3)
    if how == "by os._exit":
        os._exit(3)
    if how == "by os.kill":
        os.kill(os.getpid(), signal.SIGKILL)

def work(things, place, how):
    keep(place, things)
    end(how)

if __name__ == "__main__":
    method, place, how = sys.argv[1:]
    ctx = mpref.get_context(method)
    things, listener = objects(ctx)
    memory = things[-1]
    child = ctx.Process(target=work, args=(things, place, how))
    child.start()
    child.join()
    print(child.exitcode)
    memory.unlink()
    keep(place, things, child, listener, ctx.Process())
    if how == "by sys.exit":
        sys.exit()
"""


@pytest.mark.parametrize(
    ("place", "how"),
    [
        *[(place, how) for place in PLACES for how in ("by itself", "by sys.exit")],
        ("a module", "by os._exit"),
        ("a module", "by os.kill"),
    ],
)
def test_processes_that_still_have_objects_end_in_silence(
    run: Callable[..., subprocess.CompletedProcess[str]], method: str, place: str, how: str
) -> None:
    ended = run(PROGRAM, method, place, how, options=("-X", "dev", "-W", "error"))
    assert (ended.stdout, ended.stderr, ended.returncode) == (CODES[how] + "\n", "", 0)


EMPTIED = """
import gc

def empty():
    for name, module in list(sys.modules.items()):
        if name.split(".")[0] in ("mpref", "os", "socket", "weakref", "_weakrefset", "select"):
            vars(module).update(dict.fromkeys(name for name in vars(module) if name != "__builtins__"))

def work(things):
    leave = os._exit
    empty()
    del things[:]
    gc.collect()
    leave(0)

if __name__ == "__main__":
    ctx = mpref.get_context(sys.argv[1])
    things, listener = objects(ctx)
    started = [ctx.Process(target=work, args=(things,)) for _ in range(2)]
    for each in started:
        each.start()
        each.join()
    things.pop().unlink()
    mpref.finalize.run_at_exit()
    atexit.unregister(mpref.finalize.run_at_exit)
    kept = things, listener, started, ctx.Process()
    del things, listener, started, each, ctx
    empty()
    del kept
    gc.collect()
    print("over")
"""


def test_objects_go_in_silence_once_the_interpreter_has_emptied_its_modules(
    run: Callable[..., subprocess.CompletedProcess[str]], method: str
) -> None:
    source = PROGRAM[: PROGRAM.index("def keep")].replace("import mpref\n", "import mpref, mpref.finalize\n") + EMPTIED
    ended = run(source, method, options=("-X", "dev", "-W", "error"))
    assert (ended.stdout, ended.stderr) == ("over\n", "")
