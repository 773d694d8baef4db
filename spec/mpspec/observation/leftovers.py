"""What a program with shared objects leaves behind: such a program, its ends, and the files that it had.

For the chapters synchronize and sharedctypes, whose objects may lie in files and have names.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator

from mpspec.observation.program import Running
from mpspec.observation.see import See

ENDS = {"returns": "return", "raises": "raise", "os._exit": "exit"}
"""How a program that is not killed can end: label -> its argument."""
SIGNALS = {name: number for name in ("SIGTERM", "SIGKILL") if (number := getattr(signal, name, None))}

_PROGRAM = """
import multiprocessing
import os, sys, time

def work(things, end):
    print("child", os.getpid(), flush=True)
    with open("/proc/self/maps", encoding="utf-8") as maps:
        for line in maps:
            if ("/dev/shm/" in line or os.environ["TMPDIR"] in line) and "(deleted)" not in line:
                print("file", line.split()[5], flush=True)
    USE
    time.sleep(1000) if end == "wait" else None

if __name__ == "__main__":
    method, end = sys.argv[1:]
    mp = multiprocessing.get_context(method)
    things = [THINGS]
    child = mp.Process(target=work, args=(things, end))
    child.start()
    if end == "wait":
        time.sleep(1000)
    child.join()
    if end == "raise":
        raise SystemExit("raised")
    if end == "exit":
        os._exit(3)
"""


def sharing_program(things: str, use: str = "pass") -> str:
    """A program that makes `things`, expressions with a context `mp`, for a child that does `use` with them.

    Its arguments are a start method and how it ends: "return", "raise", "exit", or "wait", which it does for ever.
    """
    return _PROGRAM.replace("THINGS", things).replace("USE", use)


def killed(see: See, program: Running, number: int) -> str:
    """End the waiting program and its child by a signal each, once the child sleeps: what they had printed before."""

    def told() -> str:
        with open(os.path.join(program.folder, ".out"), encoding="utf-8") as file:
            return file.read()

    see.eventually(lambda: "child" in told() and told().endswith("\n"), "the child tells its process id")
    child = int(told().split("child ")[1].split()[0])
    see.settles(child)
    os.kill(program.pid, number)
    os.kill(child, number)
    text = told()
    program.finish()
    see.gone(child)
    return text


def no_file_is_left(see: See, told: str, end: str | int) -> None:
    """None of the files exists, after a while, that the program has told of. end: the argument, or the signal, of it.

    What ended it without a chance to clean up may leave a temporary folder without anything in it: the page promises
    no tidy folder then.
    """
    files = [line.split(" ", 1)[1].strip() for line in told.splitlines() if line.startswith("file ")]
    see.eventually(lambda: not any(map(os.path.exists, files)), "no file is left")
    if end not in ("return", "raise"):
        for name in os.listdir(see.folder):
            with contextlib.suppress(OSError):  # a file, or something is in it
                os.rmdir(os.path.join(see.folder, name))


@contextlib.contextmanager
def given_back(see: See, *, mappings: int) -> Iterator[None]:
    """What the block makes and drops is given back: it leaves fewer than 6 files and that many mappings more."""
    before = _files_and_mappings()
    yield
    after = _files_and_mappings()
    few = after[0] - before[0] < 6 and after[1] - before[1] < mappings
    see.true(few, "few files and mappings more", (before, after))


def _files_and_mappings() -> tuple[int, int]:
    """How many descriptors and memory mappings this process has."""
    with open("/proc/self/maps", encoding="utf-8") as maps:
        return len(os.listdir("/proc/self/fd")), len(maps.readlines())
