"""The main module, which workers import to find the functions that stand in it."""

from __future__ import annotations

from typing import Any

from mpspec.chapters.pool.chapter import chapter
from mpspec.clause import UNSPECIFIED
from mpspec.observation.program import for_implementation
from mpspec.observation.see import See

USING = "using-a-pool-of-workers"
FRESH = ("spawn", "forkserver")

PROGRAM = """\
from multiprocessing import set_start_method, Pool
import sys


def triple(x):
    return 3 * x


if __name__ == "__main__":
    set_start_method(sys.argv[1])
    with Pool(2) as pool:
        print(pool.map(triple, [4, 5, 6]))
"""

KINDS = {"script": ("program.py", False), "module": ("program.py", True), "module-of-a-package": ("tool/main.py", True)}


@chapter.clause("pool.main.importable", passage=(f"{USING}/6", "introduction/6"), cases=KINDS)
def workers_find_functions_of_a_main_module(mp: Any, see: See, kind: Any) -> None:
    """Workers find the functions of a main module that they can import, a script or a module that is run with -m."""
    name, module = kind
    ended = see.program(
        PROGRAM, mp.get_start_method(), name=name, module=module, files={"tool/__init__.py": ""} if module else {}
    )
    see.equal((ended.status, ended.out, ended.err), (0, "[12, 15, 18]\n", ""), "status, output and errors")


TYPED = """\
import multiprocessing

def told(result):
    try:
        return result.get(1)
    except Exception as error:
        return type(error).__name__

if __name__ == "__main__":
    multiprocessing.set_start_method("METHOD")
    pool = multiprocessing.Pool(2)
    def triple(x):
        return 3 * x
    print(told(pool.map_async(triple, [1, 2, 3])), flush=True)
    pool.terminate()
    pool.join()
"""


@chapter.clause("pool.main.typed", passage=f"{USING}/8,11", level=UNSPECIFIED)
def a_function_that_is_typed_in(mp: Any, see: See) -> None:
    """What becomes of a task whose function was typed in after the pool was made, in no module, is left open."""
    text = for_implementation(TYPED.replace("METHOD", mp.get_start_method()), mp)
    see.records(came_of_it=see.program("", name="-", stdin=text).out)


UNIMPORTABLE = """\
import multiprocessing
import sys

if __name__ != "__main__":
    raise LookupError("for workers there is nothing here")


def told(result):
    try:
        return result.get(1)
    except Exception as error:
        return type(error).__name__


if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    try:
        pool = multiprocessing.Pool(1)
        print(told(pool.apply_async(abs, (-1,))), flush=True)
        pool.terminate()
        pool.join()
    except Exception as error:
        print("raises", type(error).__name__, flush=True)
"""


@chapter.clause("pool.main.unimportable", source=USING, level=UNSPECIFIED, methods=FRESH)
def workers_that_cannot_import_the_main_module(mp: Any, see: See) -> None:
    """What becomes of a pool whose workers fail to import the main module is left open."""
    see.records(came_of_it=see.program(UNIMPORTABLE, mp.get_start_method()).out)
