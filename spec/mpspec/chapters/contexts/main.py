"""Safe importing of the main module: what children see of it, and what happens to a program without a guard."""

from __future__ import annotations

from typing import Any

from mpspec.chapters.contexts.chapter import chapter
from mpspec.clause import ANY_METHOD, EVERY_METHOD, NO_METHOD, SHOULD, UNSPECIFIED
from mpspec.observation.program import Program, for_implementation
from mpspec.observation.see import NotKept, See

GUIDELINES = "multiprocessing-programming"
CONTEXTS = "multiprocessing-start-methods"
FRESH = ("spawn", "forkserver")


def prints(see: See, program: Program, out: str) -> None:
    """The program ends well, and this is all that it writes."""
    see.equal((program.status, program.out, program.err), (0, out, ""), "status, output and errors")


# With a guard


@chapter.clause("context.main.guarded", source=GUIDELINES, methods=EVERY_METHOD)
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


@chapter.clause("context.main.context", source=CONTEXTS, methods=EVERY_METHOD)
def a_guarded_program_with_a_context_runs(mp: Any, see: See) -> None:
    """A program that takes a context, at its top level even, and starts its processes under the guard runs."""
    method = mp.get_start_method()
    prints(see, see.program(WITH_CONTEXT.replace("METHOD", method)), f"{method} serves Ada\nNone\n")


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
    chosen = mp.get_start_method(allow_none=True)
    worker = Worker("Ada")
    worker.start()
    worker.join()
    print(chosen, flush=True)
"""


@chapter.clause("context.main.objects", source=GUIDELINES, methods=EVERY_METHOD)
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


@chapter.clause("context.main.constants", source=GUIDELINES, methods=EVERY_METHOD)
def constants_of_main_are_the_same_in_a_child(mp: Any, see: See) -> None:
    """A constant of the main module has the same value in a child."""
    prints(see, see.program(GLOBALS, mp.get_start_method(), "CONSTANT"), "constant\n")


@chapter.clause("context.globals.fork", source=GUIDELINES, methods=("fork",))
def a_forked_child_sees_the_global_variables_of_the_start(mp: Any, see: See) -> None:
    """A child by fork sees the value that a global variable of the main module has when start() is called."""
    prints(see, see.program(GLOBALS, mp.get_start_method(), "VARIABLE"), "changed\n")


@chapter.clause("context.globals.fresh", source=GUIDELINES, methods=FRESH)
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


@chapter.clause("context.main.imported", source=GUIDELINES, methods=FRESH)
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


@chapter.clause("context.main.fork-imports-nothing", source=GUIDELINES, methods=("fork",))
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


@chapter.clause("context.main.module", source=GUIDELINES, methods=EVERY_METHOD)
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


@chapter.clause("context.main.directory", source=GUIDELINES, methods=EVERY_METHOD)
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


@chapter.clause("context.main.beside", source=GUIDELINES, methods=EVERY_METHOD)
def a_child_imports_what_lies_beside_main(mp: Any, see: See) -> None:
    """A target of a module that lies beside the main program is imported in a child."""
    files = {"part/beside.py": 'def tell():\n    print("from beside", flush=True)\n'}
    program = see.program(BESIDE, mp.get_start_method(), name="part/program.py", files=files)
    prints(see, program, "from beside\n")


@chapter.clause("context.main.added-path", source=GUIDELINES, methods=EVERY_METHOD)
def a_child_imports_what_lies_on_an_added_path(mp: Any, see: See) -> None:
    """A target of a module that is found by what the program has added to sys.path is imported in a child."""
    files = {"added/beside.py": 'def tell():\n    print("from the added path", flush=True)\n'}
    program = see.program(BESIDE, mp.get_start_method(), "added", name="part/program.py", files=files)
    prints(see, program, "from the added path\n")


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


@chapter.clause("context.main.command-importable", source=GUIDELINES, methods=EVERY_METHOD)
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


@chapter.clause("context.main.flags", source=CONTEXTS, level=UNSPECIFIED, methods=FRESH)
def a_child_has_the_flags_of_the_interpreter(mp: Any, see: See) -> None:
    """The interpreter of a child has the flags -O, -W, -X of its parent's."""
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

# Without a guard


@chapter.clause("context.main.unguarded", source=GUIDELINES, methods=FRESH, hanging=True)
def a_program_without_a_guard_fails_with_runtime_error(mp: Any, see: See) -> None:
    """A program that starts a child at its top level fails with RuntimeError, and neither hangs nor does the work."""
    program = see.program(UNGUARDED.replace("METHOD", mp.get_start_method()))
    see.true("RuntimeError" in program.err, "a RuntimeError is written", program.err)
    see.true("work" not in program.out, "the work is not done", program.out)


@chapter.clause("context.main.unguarded-status", source=GUIDELINES, methods=FRESH, hanging=True)
def the_child_of_a_program_without_a_guard_fails(mp: Any, see: See) -> None:
    """The program whose main module starts a child at its top level sees that child fail, or its start raise."""
    program = see.program(UNGUARDED.replace("METHOD", mp.get_start_method()))
    see.true(program.status != 0 or "exitcode 0" not in program.out, "no success is shown", program.out)
    see.true(program.status != 0 or "exitcode" in program.out, "the program goes on to its end", program.out)


@chapter.clause("context.main.unguarded-advice", source=GUIDELINES, level=SHOULD, methods=FRESH)
def a_program_without_a_guard_is_told_of_the_guard(mp: Any, see: See) -> None:
    """What a program without a guard writes names the guard that it lacks."""
    program = see.program(UNGUARDED.replace("METHOD", mp.get_start_method()))
    see.true("if __name__ == '__main__':" in program.err, "the guard is named", program.err)


@chapter.clause("context.main.unguarded-fork", source=GUIDELINES, methods=ANY_METHOD)
def a_forking_program_needs_no_guard(mp: Any, see: See) -> None:
    """A program that starts a child by fork at its top level runs: the restriction does not apply to fork."""
    prints(see, see.program(UNGUARDED.replace("METHOD", "fork")), "work\nexitcode 0\n")


UNGUARDED = """\
import multiprocessing

context = multiprocessing.get_context("METHOD")


def work():
    print("work", flush=True)


child = context.Process(target=work)
child.start()
child.join()
print("exitcode", child.exitcode, flush=True)
"""


@chapter.clause("context.main.unimportable", source=GUIDELINES, methods=FRESH, hanging=True)
def a_main_that_cannot_be_imported_fails_the_child(mp: Any, see: See) -> None:
    """A child whose main module raises when it is imported fails, does no work, and the program goes on."""
    program = see.program(UNIMPORTABLE, mp.get_start_method())
    see.equal((program.status, program.out), (0, "failed\n"), "status and output")


@chapter.clause("context.main.unimportable-told", source=GUIDELINES, level=SHOULD, methods=FRESH)
def the_error_of_an_unimportable_main_is_written(mp: Any, see: See) -> None:
    """The error with which a child's import of the main module ends is written to standard error."""
    program = see.program(UNIMPORTABLE, mp.get_start_method())
    see.true("LookupError: for children there is nothing here" in program.err, "the error is written", program.err)


UNIMPORTABLE = """\
import multiprocessing
import sys

if __name__ != "__main__":
    raise LookupError("for children there is nothing here")


def work():
    print("work", flush=True)


if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    child = multiprocessing.Process(target=work)
    try:
        child.start()
        child.join()
        failed = child.exitcode != 0
    except (RuntimeError, LookupError):
        failed = True
    print("failed" if failed else "not failed", flush=True)
"""

# Several start methods in one program


@chapter.clause("context.main.several", source=CONTEXTS, methods=NO_METHOD)
def a_program_mixes_start_methods(mp: Any, see: See) -> None:
    """A program that takes a context for each start method runs processes of all of them, beside its own choice."""
    prints(see, see.program(SEVERAL), "fork True\nspawn False\nforkserver False\nspawn\n")


SEVERAL = """\
import multiprocessing

LIST = []


def tell(method):
    print(method, LIST == ["filled"], flush=True)


if __name__ == "__main__":
    multiprocessing.set_start_method("spawn")
    LIST.append("filled")
    for method in ("fork", "spawn", "forkserver"):
        child = multiprocessing.get_context(method).Process(target=tell, args=(method,))
        child.start()
        child.join()
    print(multiprocessing.get_start_method(), flush=True)
"""
