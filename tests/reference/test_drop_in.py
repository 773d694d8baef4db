"""`python -m mpref`: a program runs as by `python` itself, with the reference in the place of `multiprocessing`.

Most tests run a program both ways, and compare what it writes and how it ends.
"""

from __future__ import annotations

import os
import py_compile
import signal
import subprocess
import sys
import zipfile
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


@pytest.fixture
def python(tmp_path: Path, environment: dict[str, str]) -> Callable[..., Ended]:
    """Run an interpreter in the test's folder; what it is given stands behind `-m mpref`, or alone."""

    def start(*words: str, drop_in: bool, options: tuple[str, ...] = (), **more: Any) -> Ended:
        put = ["-m", "mpref"] if drop_in else []
        command = [sys.executable, *options, *put, *words]
        streams = {"capture_output": True} if "stderr" not in more else {"stdout": subprocess.PIPE}
        return subprocess.run(
            command, env=environment, cwd=tmp_path, text=True, timeout=120, check=False, **streams, **more
        )

    return start


@pytest.fixture
def same(python: Callable[..., Ended]) -> Callable[..., Ended]:
    """Run a program both ways, and hold that it writes and ends the same."""

    def compare(*words: str, **more: Any) -> Ended:
        expected, got = (python(*words, drop_in=drop_in, **more) for drop_in in (False, True))
        assert (got.stdout, got.stderr, got.returncode) == (expected.stdout, expected.stderr, expected.returncode)
        return got

    return compare


@pytest.fixture
def kinds(save: Save, tmp_path: Path) -> Callable[[str], dict[str, list[str]]]:
    """Write a program as each kind that `python` takes, and tell the words that run it."""

    def write(source: str) -> dict[str, list[str]]:
        save(source, "program.py")
        save(source, "below/another.py")
        save("", "package/__init__.py")
        save(source, "package/module.py")
        save("", "runs/__init__.py")
        main = save(source, "runs/__main__.py")
        with zipfile.ZipFile(tmp_path / "archive.zip", "w") as archive:
            archive.write(main, "__main__.py")
        (tmp_path / "link.py").symlink_to(tmp_path / "below" / "another.py")
        py_compile.compile(str(tmp_path / "program.py"), str(tmp_path / "compiled.pyc"))
        return {
            "script": ["program.py"],
            "elsewhere": ["below/another.py"],
            "dotted": ["./below/../below/another.py"],
            "absolute": [str(tmp_path / "program.py")],
            "link": ["link.py"],
            "compiled": ["compiled.pyc"],
            "module": ["-m", "program"],
            "joined": ["-mprogram"],
            "of a package": ["-m", "package.module"],
            "package": ["-m", "runs"],
            "folder": ["runs"],
            "slash": ["runs/"],
            "archive": ["archive.zip"],
        }

    return write


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


RAISES = """
def deeper():
    {}

def work():
    deeper()

work()
"""

ENDS = {
    "error": "raise ValueError('wrong')",
    "chained": "\n    try:\n        1 / 0\n    except ZeroDivisionError as error:\n        raise KeyError from error",
    "group": "raise ExceptionGroup('several', [ValueError(1), TypeError(2)])",
    "number": "raise SystemExit(5)",
    "large": "raise SystemExit(256 + 3)",
    "negative": "raise SystemExit(-1)",
    "text": "raise SystemExit('what is told')",
    "none": "raise SystemExit",
    "object": "raise SystemExit([1, 2])",
    "exit": "exit(4)",
    "at once": "import os; os._exit(9)",
    "interrupted": "raise KeyboardInterrupt",
    "killed": "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
    "terminated": "import os, signal; os.kill(os.getpid(), signal.SIGTERM)",
}


@pytest.mark.parametrize("kind", ["script", "module", "folder"])
@pytest.mark.parametrize("end", ENDS)
def test_a_program_ends_as_under_python(same: Any, kinds: Any, kind: str, end: str) -> None:
    words = kinds(RAISES.format(ENDS[end]))[kind]
    ended = same(*words)
    assert "mpref" not in ended.stderr
    if end == "interrupted":
        assert ended.returncode == -signal.SIGINT


@pytest.mark.parametrize(
    "source",
    [
        "def (",
        "x = 1\n  y = 2\n",
        "'never closed",
        "import no_such_module_there_is",
        "import broken",
        "assert False, 'why'",
        "import sys; sys.excepthook = lambda *three: print(three[0].__name__, three[2].tb_lineno)\n1 / 0",
        "import sys; del sys.excepthook\nimport atexit; atexit.register(print, 'last')",
        "import atexit, threading\natexit.register(print, 'last')\n"
        "def late():\n    threading.main_thread().join(); print(__name__)\nthreading.Thread(target=late).start()",
        "import atexit\ndef last():\n    print(__name__, 'sys' in globals())\nimport sys\natexit.register(last)\n1 / 0",
        "class A:\n    def __del__(self): print('gone', __name__)\na = A()",
        "import sys; print('left', end=''); sys.stderr.write('told')",
        "import warnings; warnings.warn('beware')",
        "import pickle, __main__\nclass A: pass\nprint(type(pickle.loads(pickle.dumps(A()))) is A, __main__.A is A)",
        "import inspect\ndef f(): pass\nprint(inspect.getsource(f), inspect.getmodule(f))",
        "x: int = 1\nprint(__annotations__)",
        "import sys; print(sys.stdin.read())",
    ],
)
@pytest.mark.parametrize("kind", ["script", "module", "folder"])
def test_whatever_a_program_does_comes_out_as_under_python(
    same: Any, kinds: Any, save: Save, kind: str, source: str
) -> None:
    save("def (", "broken.py")
    same(*kinds(source)[kind], input="what is read")


@pytest.mark.parametrize(
    "words",
    [
        ["nowhere.py"],
        ["nowhere/program.py"],
        ["program.py/below"],
        ["-m", "no_such_module_there_is"],
        ["-m", "no.such.module"],
        ["-m", "program.below"],
        ["-m", "empty"],
        ["-m", "package"],
        ["empty"],
        ["empty.zip"],
        ["-m", "program.py"],
        ["-m", "fails.inner"],
        ["-m", "sys"],
        ["program.py", "no", "-m", "such"],
    ],
    ids=" ".join,
)
def test_what_cannot_be_run_is_told_as_python_tells_it(same: Any, save: Save, tmp_path: Path, words: list[str]) -> None:
    save("print('ran')")
    save("", "package/__init__.py")
    save("1 / 0", "fails/__init__.py")
    (tmp_path / "empty").mkdir()
    zipfile.ZipFile(tmp_path / "empty.zip", "w").close()
    same(*words)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_told_as_python_tells_it(same: Any, save: Save) -> None:
    save("print('ran')").chmod(0)
    same("program.py")


@pytest.mark.parametrize("words", [["--unknown"], ["-z"], ["-m"]], ids=" ".join)
def test_an_option_that_there_is_not_is_refused_as_python_refuses_it(
    python: Callable[..., Ended], words: list[str]
) -> None:
    expected, got = (python(*words, drop_in=drop_in) for drop_in in (False, True))
    assert got.returncode == expected.returncode == 2
    assert got.stdout == ""
    (what, usage, more), wanted = got.stderr.splitlines(), expected.stderr.splitlines()
    assert words[0].lstrip("-") in what
    assert what.split(" ")[0].lower() == wanted[0].split(" ")[0].lower()
    assert usage == f"usage: {sys.executable} -m mpref [-m module | program] [arg] ..."
    assert more == f"Try `{sys.executable} -m mpref -h' for more information."


def test_without_a_program_there_is_nothing_to_run(python: Callable[..., Ended]) -> None:
    ended = python(drop_in=True)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith("Argument expected: a program, or -m and a module\nusage: ")


def test_help_is_given(python: Callable[..., Ended]) -> None:
    ended = python("-h", drop_in=True)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "-m module  a module" in ended.stdout


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
