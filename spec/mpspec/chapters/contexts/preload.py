"""set_forkserver_preload: modules that the fork server imports once for all of its children."""

from __future__ import annotations

from typing import Any

from mpspec.chapters.contexts.chapter import chapter, prints
from mpspec.clause import MAY, NO_METHOD, SHOULD, UNSPECIFIED
from mpspec.observation.see import NotKept, See

PRELOAD = "multiprocessing.set_forkserver_preload"
IMPORTER = "import os\n\nIMPORTER = os.getpid()\n"
FILES = {"prepared.py": IMPORTER, "other.py": IMPORTER, "box/__init__.py": "", "box/inner.py": IMPORTER}
"""Modules that keep the process id of their importer."""

STATE = """\
import os

LIST = [os.getpid()]


def add():
    LIST.append(0)
    print(len(LIST), LIST[0] == os.getppid(), flush=True)
"""
"""A module that is changed by its own function."""

PROGRAM = """\
import multiprocessing
import os
import sys


def tell(names):
    server = os.getppid()
    before = [name for name in names if name in sys.modules]
    for name in names:
        __import__(name)
        if sys.modules[name].IMPORTER == server:
            print(name, "is the server's", name in before, flush=True)
        elif sys.modules[name].IMPORTER == os.getpid():
            print(name, "is the child's", name in before, flush=True)


def ask(maker, names):
    child = maker.Process(target=tell, args=(names,))
    child.start()
    child.join()


if __name__ == "__main__":
    import multiprocessing as mp
"""


def program(*lines: str) -> str:
    """A program whose main part is these lines; ask(maker, names) has a child tell whose those modules are."""
    return PROGRAM + "".join(f"    {line}\n" for line in lines)


@chapter.clause("context.preload.signature", passage=f"{PRELOAD}/1", methods=NO_METHOD, until="3.15", fresh=True)
def modules_to_preload_are_given_as_a_list(mp: Any, see: See) -> None:
    """set_forkserver_preload, of the module and of a context, takes module_names, by position or by name."""
    for maker in (mp, mp.get_context()):
        maker.set_forkserver_preload(["os"])
        maker.set_forkserver_preload(module_names=["os"])
        with see.raises(TypeError):
            maker.set_forkserver_preload()


@chapter.clause("context.preload.signature-on-error", passage=f"{PRELOAD}/9", methods=NO_METHOD, since="3.15")
def what_to_do_on_an_error_is_given_by_keyword(mp: Any, see: See) -> None:
    """set_forkserver_preload, of the module and of a context, takes module_names, and on_error by keyword."""
    see.signature(mp.set_forkserver_preload, "(module_names, *, on_error='ignore')")
    see.signature(mp.get_context().set_forkserver_preload, "(module_names, *, on_error='ignore')")


@chapter.clause(
    "context.preload.inherited",
    passage=f"{PRELOAD}/2,5",
    methods=NO_METHOD,
    cases={"module": "prepared", "submodule": "box.inner"},
    uses=("forkserver",),
)
def a_preloaded_module_is_inherited(mp: Any, see: See, name: str) -> None:
    """A module of the list is imported by the fork server, and every child inherits it as imported."""
    text = program(
        "mp.set_start_method('forkserver')",
        f"mp.set_forkserver_preload([{name!r}])",
        f"ask(mp, [{name!r}])",
        f"ask(mp, [{name!r}])",
    )
    prints(see, see.program(text, files=FILES), f"{name} is the server's True\n" * 2)


@chapter.clause("context.preload.several", passage=f"{PRELOAD}/2", methods=NO_METHOD, uses=("forkserver",))
def every_module_of_the_list_is_preloaded(mp: Any, see: See) -> None:
    """Every module of the list is imported by the fork server."""
    text = program(
        "mp.set_start_method('forkserver')",
        "mp.set_forkserver_preload(['prepared', 'other'])",
        "ask(mp, ['prepared', 'other'])",
    )
    prints(see, see.program(text, files=FILES), "prepared is the server's True\nother is the server's True\n")


@chapter.clause("context.preload.state", passage=f"{PRELOAD}/2", methods=NO_METHOD, uses=("forkserver",))
def a_child_changes_its_own_copy_of_a_preloaded_module(mp: Any, see: See) -> None:
    """The state of a preloaded module is that of its import for every child, whatever an earlier child did to it."""
    text = program(
        "mp.set_start_method('forkserver')",
        "mp.set_forkserver_preload(['state'])",
        "import state",
        "for _ in range(2):",
        "    child = mp.Process(target=state.add)",
        "    child.start()",
        "    child.join()",
    )
    prints(see, see.program(text, files={"state.py": STATE}), "2 True\n" * 2)


@chapter.clause("context.preload.through-a-context", passage=f"{PRELOAD}/2", methods=NO_METHOD, uses=("forkserver",))
def a_context_sets_the_preload_too(mp: Any, see: See) -> None:
    """set_forkserver_preload() of a context works like that of the module."""
    text = program(
        "context = mp.get_context('forkserver')",
        "context.set_forkserver_preload(['prepared'])",
        "ask(context, ['prepared'])",
    )
    prints(see, see.program(text, files=FILES), "prepared is the server's True\n")


@chapter.clause(
    "context.preload.before-the-choice",
    passage=f"{PRELOAD}/5,2",
    level=SHOULD,
    methods=NO_METHOD,
    uses=("forkserver",),
)
def the_preload_may_be_set_before_the_start_method(mp: Any, see: See) -> None:
    """set_forkserver_preload() works before the start method is chosen, and chooses none."""
    text = program(
        "mp.set_forkserver_preload(['prepared'])",
        "mp.set_start_method('forkserver')",
        "ask(mp, ['prepared'])",
    )
    prints(see, see.program(text, files=FILES), "prepared is the server's True\n")


@chapter.clause("context.preload.replaced", passage=f"{PRELOAD}/2", methods=NO_METHOD, uses=("forkserver",))
def a_second_list_replaces_the_first(mp: Any, see: See) -> None:
    """set_forkserver_preload() sets the list: a second call before the server began replaces the first."""
    text = program(
        "mp.set_start_method('forkserver')",
        "mp.set_forkserver_preload(['prepared'])",
        "mp.set_forkserver_preload(['other'])",
        "ask(mp, ['prepared', 'other'])",
    )
    prints(see, see.program(text, files=FILES), "prepared is the child's False\nother is the server's True\n")


@chapter.clause("context.preload.empty", passage=f"{PRELOAD}/2", methods=NO_METHOD, uses=("forkserver",))
def an_empty_list_preloads_nothing(mp: Any, see: See) -> None:
    """After set_forkserver_preload([]) children are forked, and import for themselves."""
    text = program(
        "mp.set_start_method('forkserver')",
        "mp.set_forkserver_preload([])",
        "ask(mp, ['prepared'])",
    )
    prints(see, see.program(text, files=FILES), "prepared is the child's False\n")


@chapter.clause(
    "context.preload.none",
    passage="multiprocessing-start-method-forkserver/2,4",
    methods=NO_METHOD,
    uses=("forkserver",),
)
def without_a_preload_children_import_for_themselves(mp: Any, see: See) -> None:
    """Without set_forkserver_preload() a child imports for itself what it imports, and leaves nothing to the next."""
    text = program("mp.set_start_method('forkserver')", "ask(mp, ['prepared'])", "ask(mp, ['prepared'])")
    prints(see, see.program(text, files=FILES), "prepared is the child's False\n" * 2)


@chapter.clause(
    "context.preload.before-the-first-process",
    passage=f"{PRELOAD}/5,2",
    methods=NO_METHOD,
    uses=("forkserver",),
    needs=("Queue", "Lock", "Value"),
)
def the_preload_works_up_to_the_first_start(mp: Any, see: See) -> None:
    """set_forkserver_preload() works as long as no process was started, whatever other objects were made before."""
    text = program(
        "mp.set_start_method('forkserver')",
        "made = mp.Queue(), mp.Lock(), mp.Value('i'), mp.Pipe(), mp.Process(target=print)",
        "mp.set_forkserver_preload(['prepared'])",
        "ask(mp, ['prepared'])",
    )
    prints(see, see.program(text, files=FILES), "prepared is the server's True\n")


@chapter.clause(
    "context.preload.not-in-the-parent",
    passage=f"{PRELOAD}/2",
    level=SHOULD,
    methods=NO_METHOD,
    uses=("forkserver",),
)
def the_parent_imports_nothing(mp: Any, see: See) -> None:
    """The modules of the list are imported by the fork server and not by the process that sets it."""
    text = program(
        "mp.set_start_method('forkserver')",
        "mp.set_forkserver_preload(['prepared'])",
        "ask(mp, ['prepared'])",
        "print('prepared' in sys.modules, flush=True)",
    )
    prints(see, see.program(text, files=FILES), "prepared is the server's True\nFalse\n")


@chapter.clause(
    "context.preload.other-methods",
    passage=f"{PRELOAD}/6",
    methods=NO_METHOD,
    cases={"fork": "fork", "spawn": "spawn"},
    uses={method: (method,) for method in ("fork", "spawn")},
)
def the_preload_means_nothing_to_other_methods(mp: Any, see: See, method: str) -> None:
    """set_forkserver_preload() changes nothing for children by fork or spawn: they import for themselves."""
    text = program(
        f"mp.set_start_method({method!r})",
        "mp.set_forkserver_preload(['prepared'])",
        "ask(mp, ['prepared'])",
    )
    prints(see, see.program(text, files=FILES), "prepared is the child's False\n")


@chapter.clause(
    "context.preload.import-error",
    passage=f"{PRELOAD}/3,10,2",
    methods=NO_METHOD,
    cases={"not-found": "nowhere", "raised": "refusing", "inside": "broken"},
    uses=("forkserver",),
)
def an_import_error_is_ignored(mp: Any, see: See, name: str) -> None:
    """An ImportError of a module of the list is ignored in silence, and the modules after it are preloaded."""
    text = program(
        "mp.set_start_method('forkserver')",
        f"mp.set_forkserver_preload([{name!r}, 'prepared'])",
        "ask(mp, ['prepared'])",
    )
    files = {**FILES, "refusing.py": "raise ImportError('not here')\n", "broken.py": "import nowhere\n"}
    prints(see, see.program(text, files=files), "prepared is the server's True\n")


REFUSING = {**FILES, "refusing.py": "raise ImportError('not here')\n"}

REFUSED = """\
    for _ in range(2):
        child = mp.Process(target=print, args=("not to be seen",))
        try:
            child.start()
        except (EOFError, ConnectionError):
            print("refused", flush=True)
        else:
            child.join()
"""


@chapter.clause(
    "context.preload.ignore", passage=f"{PRELOAD}/10", methods=NO_METHOD, since="3.15", uses=("forkserver",)
)
def an_import_error_can_be_ignored_by_name(mp: Any, see: See) -> None:
    """With on_error='ignore' an ImportError is ignored in silence."""
    text = program(
        "mp.set_start_method('forkserver')",
        "mp.set_forkserver_preload(['refusing', 'prepared'], on_error='ignore')",
        "ask(mp, ['prepared'])",
    )
    prints(see, see.program(text, files=REFUSING), "prepared is the server's True\n")


@chapter.clause("context.preload.warn", passage=f"{PRELOAD}/10", methods=NO_METHOD, since="3.15", uses=("forkserver",))
def an_import_error_can_give_a_warning(mp: Any, see: See) -> None:
    """With on_error='warn' an ImportError gives an ImportWarning on standard error, and children are forked."""
    text = program(
        "mp.set_start_method('forkserver')",
        "mp.set_forkserver_preload(['refusing'], on_error='warn')",
        "ask(mp, ['prepared'])",
    )
    ended = see.program(text, files=REFUSING, flags=("-W", "always"))  # an ImportWarning is not shown by default
    see.equal((ended.status, ended.out), (0, "prepared is the child's False\n"), "status and output")
    see.true("ImportWarning" in ended.err, "an ImportWarning", ended.err)


@chapter.clause("context.preload.fail", passage=f"{PRELOAD}/10", methods=NO_METHOD, since="3.15", uses=("forkserver",))
def an_import_error_can_end_the_fork_server(mp: Any, see: See) -> None:
    """With on_error='fail' an ImportError ends the fork server, which tells it, and no process can be started then."""
    text = program("mp.set_start_method('forkserver')", "mp.set_forkserver_preload(['refusing'], on_error='fail')")
    ended = see.program(text + REFUSED, files=REFUSING)
    see.equal((ended.status, ended.out), (0, "refused\nrefused\n"), "status and output")
    for told in ("Traceback", "ImportError", "not here"):
        see.true(told in ended.err, f"the traceback on standard error: {told}", ended.err)


@chapter.clause(
    "context.preload.other-error", source=PRELOAD, level=UNSPECIFIED, methods=NO_METHOD, uses=("forkserver",)
)
def another_error_ends_the_server(mp: Any, see: See) -> None:
    """A module of the list that raises something else than ImportError keeps the children from being forked."""
    text = program(
        "mp.set_start_method('forkserver')",
        "mp.set_forkserver_preload(['failing', 'prepared'])",
        "ask(mp, ['prepared'])",
    )
    try:
        ended = see.program(text, files={**FILES, "failing.py": "1 / 0\n"})
        see.records(status=ended.status, out=ended.out, err=ended.err[-200:])
    except NotKept as hung:
        see.records(hung=hung.seen)


@chapter.clause("context.preload.too-late", passage=f"{PRELOAD}/5", level=MAY, methods=NO_METHOD, uses=("forkserver",))
def a_late_list_has_no_effect(mp: Any, see: See) -> None:
    """set_forkserver_preload() after the fork server began may have no effect; children are forked all the same."""
    text = program(
        "mp.set_start_method('forkserver')",
        "ask(mp, [])",
        "mp.set_forkserver_preload(['prepared'])",
        "ask(mp, ['prepared'])",
    )
    ended = see.program(text, files=FILES)
    see.equal((ended.status, ended.err), (0, ""), "status and errors")
    see.true(
        ended.out in ("prepared is the child's False\n", "prepared is the server's True\n"), "one of two", ended.out
    )
    see.records(out=ended.out)


@chapter.clause("context.preload.beside", source=PRELOAD, level=UNSPECIFIED, methods=NO_METHOD, uses=("forkserver",))
def a_preloaded_module_is_found_as_the_parent_finds_it(mp: Any, see: See) -> None:
    """A module of the list is found by the sys.path of the process that starts the server."""
    text = program(
        "mp.set_start_method('forkserver')",
        "mp.set_forkserver_preload(['prepared'])",
        "ask(mp, ['prepared'])",
    )
    files = {"part/prepared.py": IMPORTER}
    see.records(out=see.program(text, name="part/program.py", files=files).out)


@chapter.clause(
    "context.preload.types",
    source=PRELOAD,
    level=UNSPECIFIED,
    methods=NO_METHOD,
    fresh=True,
    cases={"number": [7], "bytes": [b"os"], "none": [None], "tuple": ("os",), "string": "os"},
)
def names_that_are_no_strings_are_refused(mp: Any, see: See, names: Any) -> None:
    """set_forkserver_preload() raises TypeError for anything but a list of strings."""
    try:
        mp.set_forkserver_preload(names)
        see.records(refused=False)
    except Exception as error:
        see.records(refused=type(error).__name__)
