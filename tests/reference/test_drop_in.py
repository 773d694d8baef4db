"""`python -m mpref`: a program runs as by `python` itself, with the reference in the place of `multiprocessing`.

Most tests run a program both ways, and compare what it writes and how it ends.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Save = Callable[..., Path]
Ended = subprocess.CompletedProcess[str]

TELL = """
import sys

def told(where):
    main = sys.modules["__main__"]
    spec = main.__spec__
    return (
        where, main.__name__, getattr(main, "__file__", None), sys.argv, sys.path, str(sys.flags),
        main.__package__,
        None if spec is None else (spec.name, spec.origin, spec.parent), type(main.__loader__).__name__,
        main.__builtins__ is sys.modules["builtins"], main.__doc__, sorted(vars(main)), sys.stdin is sys.__stdin__,
    )
"""

SHOW = f'''"""What it has to say."""
{TELL}
if __name__ == "__main__":
    print(*told("program"), sep="\\n")
'''

CHILDREN = f"""
import multiprocessing
{TELL}
class Mistake(Exception):
    pass

class Worker(multiprocessing.Process):
    def __init__(self, queue, mistake):
        super().__init__()
        self.queue, self.mistake = queue, mistake

    def run(self):
        self.queue.put((told("child")[:6], self.mistake, type(self.mistake) is Mistake))
        self.queue.put(Mistake("back"))
        sys.exit(7)

if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    queue = multiprocessing.Queue()
    worker = Worker(queue, Mistake("there"))
    worker.start()
    print(*queue.get(), sep="\\n")
    print(repr(queue.get()), type(queue).__name__)
    worker.join()
    print(worker.exitcode)
"""


KINDS = [
    "script",
    "elsewhere",
    "dotted",
    "absolute",
    "link",
    "compiled",
    "module",
    "joined",
    "of a package",
    "package",
    "folder",
    "slash",
    "archive",
]
each_kind = pytest.mark.parametrize("kind", KINDS)


@each_kind
def test_a_program_finds_what_it_finds_under_python(same: Any, kinds: Any, kind: str) -> None:
    told = same(*kinds(SHOW)[kind], "an argument", "--option", "-m", "")
    assert told.stdout.startswith("program\n__main__\n")
    assert "['an argument', '--option', '-m', '']"[1:] in told.stdout


@pytest.mark.parametrize("options", [("-O",), ("-I",), ("-P",), ("-B", "-W", "error", "-X", "dev"), ("-E", "-s")])
@pytest.mark.parametrize("kind", ["script", "folder", "module"])
def test_options_of_the_interpreter_hold(
    same: Any, kinds: Any, environment: dict[str, str], tmp_path: Path, kind: str, options: tuple[str, ...]
) -> None:
    words = kinds(SHOW)[kind]
    if {"-I", "-E"} & {*options}:  # PYTHONPATH is ignored, and the package has to be found by the site
        found = subprocess.run([sys.executable, *options, "-c", "import mpref"], cwd="/", check=False)
        if found.returncode:
            pytest.skip("the reference is not installed")
    told = same(*words, options=options)
    assert "sys.flags(" in told.stdout or kind == "module"


@each_kind
def test_children_find_what_they_find_under_python(same: Any, kinds: Any, kind: str, method: str) -> None:
    words = kinds(CHILDREN)[kind]
    if kind in ("package", "folder", "slash", "archive", "compiled") and method != "fork":
        pytest.skip("its main module is not imported again, or not by every Python")
    ended = same(*words, method)
    assert (ended.stderr, ended.returncode) == ("", 0)
    assert ended.stdout.splitlines()[-4:] == ["there", "True", "Mistake('back') Queue", "7"]


WHO = """
import sys
from multiprocessing import current_process, get_context, queues
from multiprocessing.connection import Connection
import multiprocessing.pool, multiprocessing.dummy.connection
import multiprocessing as again
import mpref
import defined

def who():
    import multiprocessing, multiprocessing.managers, multiprocessing.synchronize
    own = [name for name in sys.modules if name.startswith("multiprocessing.")]
    same = [sys.modules[name] is sys.modules["mpref" + name[len("multiprocessing"):]] for name in own]
    specs = {sys.modules[name].__spec__.name.partition(".")[0] for name in own}
    return multiprocessing is mpref is sys.modules["multiprocessing"], len(own) > 5 and all(same), specs

def grandchild(queue):
    child = get_context(current_process().name).Process(target=put, args=(queue,))
    child.start()
    child.join()

def put(queue):
    queue.put((who(), type(queue) is queues.Queue is mpref.queues.Queue))

def of_pool(one):
    return who()

class Worker(again.Process):
    def __init__(self, queue):
        super().__init__()
        self.queue = queue

    def run(self):
        raise_it = defined.Strange("it is")
        self.queue.put((who(), raise_it))

if __name__ == "__main__":
    print(who())
    method = sys.argv[1]
    again.set_start_method(method)
    queue = again.Queue()
    for kind in (Worker, defined.Worker):
        child = kind(queue)
        child.start()
        told, error = queue.get()
        print(told, repr(error), type(error) is defined.Strange)
        child.join()
    child = again.Process(target=grandchild, args=(queue,), name=method)
    child.start()
    print(*queue.get())
    child.join()
    with again.Pool(1) as pool:
        print(*pool.map(of_pool, [1]))
    defined.Manager.register("who", who)
    with defined.Manager() as manager:
        print(manager.who()._getvalue())
        print(manager.list([1, 2]))
"""

DEFINED = """
import multiprocessing
from multiprocessing.managers import SyncManager

class Strange(Exception):
    pass

class Manager(SyncManager):
    pass

class Worker(multiprocessing.Process):
    def __init__(self, queue):
        super().__init__()
        self.queue = queue

    def run(self):
        import __main__
        self.queue.put((__main__.who(), Strange("it is")))
"""


@pytest.mark.parametrize("words", [["who.py"], ["-m", "who"]], ids=["script", "module"])
def test_the_reference_is_in_the_place_of_the_package_in_every_process(
    python: Callable[..., Ended], save: Save, method: str, words: list[str]
) -> None:
    save(WHO, "who.py")
    save(DEFINED, "defined.py")
    ended = python(*words, method, drop_in=True)
    who = "(True, True, {'mpref'})"
    assert (ended.stderr, ended.returncode) == ("", 0)
    assert ended.stdout.splitlines() == [
        who,
        *[f"{who} Strange('it is') True"] * 2,
        f"{who} True",
        who,
        who,
        "[1, 2]",
    ]


@pytest.mark.parametrize("kind", ["folder", "archive", "package"])
def test_children_of_a_folder_or_an_archive_know_it_too(
    python: Callable[..., Ended], kinds: Any, kind: str, method: str
) -> None:
    source = """
        import multiprocessing, operator, sys
        multiprocessing.set_start_method(sys.argv[1])
        with multiprocessing.Pool(1) as pool:
            print(pool.apply(eval, ("__import__('multiprocessing').__name__",)), multiprocessing.__name__)
    """
    ended = python(*kinds(source)[kind], method, drop_in=True)
    assert (ended.stdout, ended.stderr) == ("mpref mpref\n", "")


def test_a_python_that_the_program_starts_is_an_ordinary_one(python: Callable[..., Ended], save: Save) -> None:
    save("""
        import subprocess, sys
        subprocess.run([sys.executable, "-c", "import multiprocessing; print(multiprocessing.__name__)"])
    """)
    assert python("program.py", drop_in=True).stdout == "multiprocessing\n"


def test_what_the_reference_does_not_have_is_not_found(python: Callable[..., Ended], save: Save) -> None:
    save("import importlib.util\nprint(importlib.util.find_spec('multiprocessing.none'))\nimport multiprocessing.none")
    ended = python("program.py", drop_in=True)
    assert (ended.stdout, ended.returncode) == ("None\n", 1)
    assert ended.stderr.endswith("ModuleNotFoundError: No module named 'multiprocessing.none'\n")


def test_what_was_imported_before_the_program_is_replaced(
    python: Callable[..., Ended], save: Save, environment: dict[str, str], tmp_path: Path
) -> None:
    save("import multiprocessing.queues", "sitecustomize.py")
    save("import multiprocessing.queues as queues; print(queues.__name__, queues.Queue.__module__)")
    environment["PYTHONPATH"] += f"{os.pathsep}{tmp_path}"
    assert python("program.py", drop_in=True).stdout == "mpref.queues mpref.queues\n"


def test_a_package_that_is_found_in_the_working_directory_stays_found(
    save: Save, environment: dict[str, str], method: str
) -> None:
    program = save("""
        import multiprocessing, sys
        def show():
            import multiprocessing.dummy
            print(multiprocessing.dummy.__name__)
        if __name__ == "__main__":
            child = multiprocessing.get_context(sys.argv[1]).Process(target=show)
            child.start()
            child.join()
    """)
    folder = environment.pop("PYTHONPATH")
    command = [sys.executable, "-S", "-m", "mpref", str(program), method]
    ended = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, timeout=60)
    assert (ended.stdout, ended.stderr) == ("mpref.dummy\n", "")


@pytest.mark.parametrize("words", [["broken.py"], ["-m", "broken"]], ids=["script", "module"])
def test_a_child_that_cannot_import_the_program_says_so(
    python: Callable[..., Ended], save: Save, words: list[str]
) -> None:
    save(
        """
        import multiprocessing, sys
        if __name__ != "__main__":
            raise LookupError("not here")
        for method in ("spawn", "forkserver"):
            child = multiprocessing.get_context(method).Process(target=print)
            child.start()
            child.join()
            print(child.exitcode)
        """,
        "broken.py",
    )
    ended = python(*words, drop_in=True)
    assert (ended.stdout, ended.returncode) == ("1\n1\n", 0)
    assert ended.stderr.count("LookupError: not here") == 2
    assert "drop_in" not in ended.stderr


@pytest.mark.parametrize("status", [0, 3, 255])
def test_children_and_the_program_end_with_their_own_status(same: Any, save: Save, method: str, status: int) -> None:
    save("""
        import multiprocessing, sys
        if __name__ == "__main__":
            method, status = sys.argv[1], int(sys.argv[2])
            child = multiprocessing.get_context(method).Process(target=sys.exit, args=(status,))
            child.start()
            child.join()
            sys.exit(child.exitcode)
    """)
    assert same("program.py", method, str(status)).returncode == status


def test_an_interrupted_program_dies_of_the_signal_after_its_children(
    save: Save, environment: dict[str, str], tmp_path: Path, method: str
) -> None:
    save("""
        import multiprocessing, sys, time
        def work(event):
            event.set()
            time.sleep(60)
        if __name__ == "__main__":
            context = multiprocessing.get_context(sys.argv[1])
            event = context.Event()
            child = context.Process(target=work, args=(event,), daemon=True)
            child.start()
            event.wait()
            print("ready", flush=True)
            child.join()
    """)
    command = [sys.executable, "-m", "mpref", "program.py", method]
    with subprocess.Popen(
        command, env=environment, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as program:
        assert program.stdout is not None
        assert program.stderr is not None
        assert program.stdout.readline() == "ready\n"
        program.send_signal(signal.SIGINT)
        told = program.stderr.read()
        assert program.wait(30) == -signal.SIGINT
    assert told.rstrip().endswith("KeyboardInterrupt")
    assert "drop_in" not in told


def test_those_who_do_not_use_it_do_not_pay_for_it(run: Any) -> None:
    ended = run("""
        import sys
        import mpref

        def show():
            print([name for name in sys.modules if name in ("mpref.drop_in", "mpref.launch.substitution")])
            print(any(type(one).__module__.startswith("mpref") for one in sys.meta_path))

        if __name__ == "__main__":
            show()
            sys.stdout.flush()
            for method in mpref.get_all_start_methods():
                child = mpref.get_context(method).Process(target=show)
                child.start()
                child.join()
    """)
    assert ended.stdout == "[]\nFalse\n" * 4
