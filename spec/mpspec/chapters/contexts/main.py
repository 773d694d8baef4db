"""Safe importing of the main module: what children see of it, and where it may come from."""

from __future__ import annotations

from typing import Any

from mpspec.chapters.contexts.chapter import chapter, prints
from mpspec.clause import EVERY_METHOD, SHOULD, UNSPECIFIED
from mpspec.observation.program import for_implementation
from mpspec.observation.see import NotKept, See

SPAWN_AND_FORKSERVER = "the-spawn-and-forkserver-start-methods"

GUIDELINES = "programming-guidelines"
FRESH = ("spawn", "forkserver")


# With a guard


@chapter.clause("context.main.guarded", passage=f"{SPAWN_AND_FORKSERVER}/15,12,13,9", methods=EVERY_METHOD)
def a_guarded_program_runs(mp: Any, see: See) -> None:
    """A program that chooses its start method and starts its processes under the guard of its name runs once."""
    program = see.program(GUARDED, mp.get_start_method())
    prints(see, program, "main part\nwork of Ada\nend of main part\n")


GUARDED = """\
from multiprocessing import Process, freeze_support, set_start_method
import sys


def work(name):
    print("work of", name, flush=True)


if __name__ == "__main__":
    freeze_support()
    set_start_method(sys.argv[1])
    print("main part", flush=True)
    worker = Process(target=work, args=("Ada",))
    worker.start()
    worker.join()
    print("end of main part", flush=True)
"""


@chapter.clause("context.main.context", passage="contexts-and-start-methods/14,15", methods=EVERY_METHOD)
def a_guarded_program_with_a_context_runs(mp: Any, see: See) -> None:
    """A program that takes a context, at its top level even, and starts its processes under the guard runs."""
    method = mp.get_start_method()
    prints(see, see.program(WITH_CONTEXT.replace("METHOD", method)), f"{method} serves Ada\n")


WITH_CONTEXT = """\
import multiprocessing as mp

context = mp.get_context("METHOD")


class Worker(context.Process):
    def __init__(self, client):
        super().__init__(name="METHOD")
        self.client = client

    def run(self):
        print(mp.current_process().name, "serves", self.client, flush=True)


if __name__ == "__main__":
    worker = Worker("Ada")
    worker.start()
    worker.join()
"""


@chapter.clause("context.main.objects", passage=f"{SPAWN_AND_FORKSERVER}/15,3", methods=EVERY_METHOD)
def functions_and_classes_of_main_reach_a_child(mp: Any, see: See) -> None:
    """Functions and classes of the main module serve as targets and arguments, and are the child's own there."""
    prints(see, see.program(MAIN_OBJECTS, mp.get_start_method()), "True True 5\n")


MAIN_OBJECTS = """\
import multiprocessing
import sys


class Point:
    def __init__(self, x):
        self.x = x

    def shift(self, other, function):
        print(type(other) is Point, function is double, self.x + function(other.x), flush=True)


def double(number):
    return 2 * number


if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    child = multiprocessing.Process(target=Point(1).shift, args=(Point(2), double))
    child.start()
    child.join()
"""


@chapter.clause("context.main.constants", passage=f"{SPAWN_AND_FORKSERVER}/7", methods=EVERY_METHOD)
def constants_of_main_are_the_same_in_a_child(mp: Any, see: See) -> None:
    """A constant of the main module has the same value in a child."""
    prints(see, see.program(GLOBALS, mp.get_start_method(), "CONSTANT"), "constant\n")


@chapter.clause("context.globals.fork", passage="multiprocessing-start-method-fork/2", methods=("fork",))
def a_forked_child_sees_the_global_variables_of_the_start(mp: Any, see: See) -> None:
    """A child by fork sees the value that a global variable of the main module has when start() is called."""
    prints(see, see.program(GLOBALS, mp.get_start_method(), "VARIABLE"), "changed\n")


@chapter.clause("context.globals.fresh", passage=f"{SPAWN_AND_FORKSERVER}/6,15", level=SHOULD, methods=FRESH)
def a_fresh_child_sees_the_global_variables_of_the_import(mp: Any, see: See) -> None:
    """A child by spawn or forkserver sees the value that the import of the main module gives to a global variable."""
    prints(see, see.program(GLOBALS, mp.get_start_method(), "VARIABLE"), "first\n")


GLOBALS = """\
import multiprocessing
import sys

CONSTANT = "constant"
VARIABLE = "first"


def show(name):
    print(globals()[name], flush=True)


if __name__ == "__main__":
    VARIABLE = "changed"
    multiprocessing.set_start_method(sys.argv[1])
    child = multiprocessing.Process(target=show, args=(sys.argv[2],))
    child.start()
    child.join()
"""


@chapter.clause("context.main.imported", passage=f"{SPAWN_AND_FORKSERVER}/15,12,9", methods=FRESH)
def a_fresh_child_imports_main_under_another_name(mp: Any, see: See) -> None:
    """For a child by spawn or forkserver the main module is imported anew, by a name other than `__main__`."""
    program = see.program(TOP_LEVEL, mp.get_start_method())
    names = program.out.split()
    see.equal(names.count("__main__"), 1, "how often it runs as __main__")
    see.true(len(names) > 1, "it is imported a second time", names)
    see.equal((program.status, program.err), (0, ""), "status and errors")


@chapter.clause("context.main.name", source=GUIDELINES, level=UNSPECIFIED, methods=FRESH)
def main_is_called_mp_main(mp: Any, see: See) -> None:
    """The name under which children import the main module is `__mp_main__`."""
    see.records(names=see.program(TOP_LEVEL, mp.get_start_method()).out.split())


@chapter.clause("context.main.fork-imports-nothing", passage="multiprocessing-start-method-fork/2", methods=("fork",))
def a_forked_child_does_not_import_main(mp: Any, see: See) -> None:
    """A child by fork does not import the main module again: it has it in memory."""
    prints(see, see.program(TOP_LEVEL, mp.get_start_method()), "__main__\n")


TOP_LEVEL = """\
import multiprocessing
import sys

print(__name__, flush=True)


def nothing():
    pass


if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    child = multiprocessing.Process(target=nothing)
    child.start()
    child.join()
"""

# Where main comes from


@chapter.clause("context.main.module", passage=f"{SPAWN_AND_FORKSERVER}/15,9", level=SHOULD, methods=EVERY_METHOD)
def a_program_run_as_a_module_of_a_package_has_children(mp: Any, see: See) -> None:
    """The main module of `python -m package.module` is imported in children as a part of its package."""
    files = {"shop/__init__.py": "", "shop/prices.py": "PRICE = 3\n"}
    program = see.program(IN_A_PACKAGE, mp.get_start_method(), name="shop/counter.py", module=True, files=files)
    prints(see, program, "4 for 12\n")


IN_A_PACKAGE = """\
import multiprocessing
import sys

from . import prices


def sell(number):
    print(number, "for", number * prices.PRICE, flush=True)


if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    child = multiprocessing.Process(target=sell, args=(4,))
    child.start()
    child.join()
"""


@chapter.clause("context.main.directory", passage=f"{SPAWN_AND_FORKSERVER}/15", level=SHOULD, methods=EVERY_METHOD)
def a_program_that_changes_its_directory_has_children(mp: Any, see: See) -> None:
    """The main module, named by a relative path, is found for a child after the program has changed its directory."""
    program = see.program(ELSEWHERE, mp.get_start_method(), name="part/program.py")
    prints(see, program, "found\n")


ELSEWHERE = """\
import multiprocessing
import os
import sys


def tell():
    print("found", flush=True)


if __name__ == "__main__":
    os.chdir("/")
    multiprocessing.set_start_method(sys.argv[1])
    child = multiprocessing.Process(target=tell)
    child.start()
    child.join()
"""


@chapter.clause("context.main.beside", passage="introduction/6", level=SHOULD, methods=EVERY_METHOD)
def a_child_imports_what_lies_beside_main(mp: Any, see: See) -> None:
    """A target of a module that lies beside the main program is imported in a child."""
    files = {"part/beside.py": 'def tell():\n    print("from beside", flush=True)\n'}
    program = see.program(BESIDE, mp.get_start_method(), name="part/program.py", files=files)
    prints(see, program, "from beside\n")


ADDED = {"added/beside.py": 'def tell():\n    print("from the added path", flush=True)\n'}


@chapter.clause("context.main.added-path", passage="multiprocessing-start-method-fork/2", methods=("fork",))
def a_forked_child_has_what_lies_on_an_added_path(mp: Any, see: See) -> None:
    """A forked child imports what is found by what its parent has added to sys.path."""
    program = see.program(LATE, mp.get_start_method(), "added", name="part/program.py", files=ADDED)
    prints(see, program, "from the added path\n")


LATE = """\
import multiprocessing
import os
import sys


def tell():
    import beside

    beside.tell()


if __name__ == "__main__":
    sys.path.append(os.path.abspath(sys.argv[2]))
    multiprocessing.set_start_method(sys.argv[1])
    child = multiprocessing.Process(target=tell)
    child.start()
    child.join()
"""


@chapter.clause("context.main.added-path-fresh", source=GUIDELINES, level=UNSPECIFIED, methods=FRESH)
def a_fresh_child_imports_what_lies_on_an_added_path(mp: Any, see: See) -> None:
    """Whether a child by spawn or forkserver finds what the program has added to sys.path is left open."""
    options: dict[str, Any] = {"name": "part/program.py", "files": ADDED}
    see.records(came_of_it=_outcome(see, BESIDE, mp.get_start_method(), "added", **options))


BESIDE = """\
import multiprocessing
import os
import sys

if __name__ == "__main__":
    sys.path.extend(os.path.abspath(path) for path in sys.argv[2:])
    import beside

    multiprocessing.set_start_method(sys.argv[1])
    child = multiprocessing.Process(target=beside.tell)
    child.start()
    child.join()
"""


def _outcome(see: See, *arguments: str, **options: Any) -> str:
    """What comes of a program about which the page is silent."""
    try:
        program = see.program(*arguments, **options)
    except NotKept as hung:
        return hung.seen
    return program.out.strip() or (program.err.strip().splitlines() or ["nothing"])[-1]


@chapter.clause("context.main.dunder-main", source=GUIDELINES, level=UNSPECIFIED, methods=FRESH)
def a_main_of_a_package_has_children(mp: Any, see: See) -> None:
    """A function of the `__main__.py` of a package serves as a target."""
    options: dict[str, Any] = {"name": "shop/__main__.py", "module": True, "files": {"shop/__init__.py": ""}}
    see.records(came_of_it=_outcome(see, GUARDED, mp.get_start_method(), **options))


@chapter.clause("context.main.command", source=GUIDELINES, level=UNSPECIFIED, methods=FRESH)
def a_program_on_the_command_line_has_children(mp: Any, see: See) -> None:
    """A function of a program that is given by `python -c` serves as a target."""
    text = for_implementation(GUARDED.replace("sys.argv[1]", repr(mp.get_start_method())), mp)
    see.records(came_of_it=_outcome(see, "", flags=("-c", text)))


@chapter.clause("context.main.command-importable", passage="introduction/6", level=SHOULD, methods=EVERY_METHOD)
def a_program_on_the_command_line_has_importable_targets(mp: Any, see: See) -> None:
    """A program that is given by `python -c` has children whose target is a function of an importable module."""
    text = BESIDE.replace("sys.argv[1]", repr(mp.get_start_method()))
    files = {"beside.py": 'def tell():\n    print("from beside", flush=True)\n'}
    prints(see, see.program("", flags=("-c", for_implementation(text, mp)), files=files), "from beside\n")


@chapter.clause("context.main.input", source=GUIDELINES, level=UNSPECIFIED, methods=FRESH)
def a_program_from_standard_input_has_children(mp: Any, see: See) -> None:
    """A function of a program that is read from standard input serves as a target."""
    text = for_implementation(GUARDED.replace("sys.argv[1]", repr(mp.get_start_method())), mp)
    see.records(came_of_it=_outcome(see, "", name="-", stdin=text))


@chapter.clause("context.main.flags", level=UNSPECIFIED, methods=FRESH)
def a_child_has_the_flags_of_the_interpreter(mp: Any, see: See) -> None:
    """The interpreter of a child has the flags -O, -W, -X of its parent."""
    flags = ("-O", "-Wignore::ImportWarning", "-Xmpspec=1")
    see.records(optimize_warnings_options=see.program(FLAGS, mp.get_start_method(), flags=flags).out)


FLAGS = """\
import multiprocessing
import sys


def tell():
    print(sys.flags.optimize, "ignore::ImportWarning" in sys.warnoptions, sys._xoptions.get("mpspec"), flush=True)


if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    child = multiprocessing.Process(target=tell)
    child.start()
    child.join()
"""


@chapter.clause("context.main.compiled", passage=f"{SPAWN_AND_FORKSERVER}/15", level=SHOULD, methods=EVERY_METHOD)
def a_compiled_program_runs(mp: Any, see: See) -> None:
    """A guarded program of which there is the compiled file alone starts its processes as its source would."""
    program = see.program(COMPILED, mp.get_start_method(), files={"guarded.py": GUARDED})
    prints(see, program, "main part\nwork of Ada\nend of main part\n")


COMPILED = """\
import os
import py_compile
import subprocess
import sys

source = os.path.join(os.path.dirname(__file__), "guarded.py")
program = py_compile.compile(source, os.path.join(os.path.dirname(__file__), "compiled.pyc"))
os.unlink(source)
sys.exit(subprocess.call([sys.executable, program, sys.argv[1]]))
"""
