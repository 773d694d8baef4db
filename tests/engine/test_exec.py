"""`mpconform exec`: in every Python of a command an implementation is in the place of `multiprocessing`."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest
from mpconform.adapters.adapter import adapter

Command = Callable[..., subprocess.CompletedProcess[str]]
Save = Callable[..., Path]

ADAPTER = 'name = "own"\nimplementation = "own"\nexpose = ["./own"]\n'

DERIVED = """
from multiprocessing import current_process, get_context
from multiprocessing.context import Process as TheirProcess

class Process(TheirProcess):
    pass
"""
"""An implementation that is derived from the standard library's."""

PARTS = """
from multiprocessing.queues import Queue as TheirQueue

class Queue(TheirQueue):
    pass
"""

WHO = """
import sys, multiprocessing, multiprocessing.queues
from multiprocessing import queues
from multiprocessing.queues import Queue

def who():
    same = multiprocessing.queues is queues is sys.modules["multiprocessing.queues"]
    return multiprocessing.__name__, queues.__spec__.name, Queue.__module__, same

if __name__ == "__main__":
    print(*who(), sys.argv[1:])
"""


@pytest.fixture
def save(tmp_path: Path) -> Save:
    """Write a file of the test's own folder."""

    def write(name: str, text: str) -> Path:
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text))
        return file

    return write


@pytest.fixture
def own(save: Save) -> str:
    """The option that names an implementation of the test's own, which is installed nowhere."""
    save("own/__init__.py", DERIVED)
    save("own/queues.py", PARTS)
    return f"--impl={save('own.toml', ADAPTER)}"


def lines(ended: subprocess.CompletedProcess[str]) -> list[str]:
    """What a command wrote that went well."""
    assert (ended.stderr, ended.returncode) == ("", 0)
    return ended.stdout.splitlines()


@pytest.mark.parametrize(
    "words",
    [
        ["who.py"],
        ["-m", "who"],
        ["python", "who.py"],
        ["python3", "-m", "who"],
        ["-W", "error", "who.py"],
        ["sh", "-c", f'exec "{sys.executable}" who.py "$@"', "sh"],
    ],
    ids=" ".join,
)
def test_every_form_of_a_command_has_the_implementation(
    mpconform: Command, own: str, save: Save, words: list[str]
) -> None:
    save("who.py", WHO)
    assert lines(mpconform("exec", own, "--", *words, "--", "-x", "")) == [
        "own own.queues own.queues True ['--', '-x', '']"
    ]


@pytest.mark.parametrize("impl", ["reference", "stdlib"])
def test_its_children_have_it_by_every_start_method(mpconform: Command, save: Save, impl: str) -> None:
    save(
        "children.py",
        WHO.partition("if __name__")[0]
        + """
def tell(queue):
    queue.put(who())

if __name__ == "__main__":
    for method in ("fork", "spawn", "forkserver"):
        context = multiprocessing.get_context(method)
        queue = context.Queue()
        child = context.Process(target=tell, args=(queue,))
        child.start()
        print(*queue.get())
        child.join()
""",
    )
    name = adapter(impl).implementation
    assert (
        lines(mpconform("exec", f"--impl={impl}", "--", "children.py"))
        == [f"{name} {name}.queues {name}.queues True"] * 3
    )


def test_every_python_below_the_command_has_it(mpconform: Command, own: str, save: Save) -> None:
    save("who.py", WHO)
    save("outer.py", "import subprocess, sys\nsubprocess.run([sys.executable, 'who.py'], check=True)\n")
    assert lines(mpconform("exec", own, "--", "outer.py")) == ["own own.queues own.queues True []"]


def test_a_program_that_imports_the_implementation_has_the_same(mpconform: Command, own: str) -> None:
    program = (
        "import own, own.queues, multiprocessing.queues\n"
        "print(own is multiprocessing, own.queues is multiprocessing.queues, own.Process.__base__.__module__)"
    )
    assert lines(mpconform("exec", own, "--", "-c", program)) == ["True True multiprocessing.context"]


def test_the_standard_package_is_nowhere_else(mpconform: Command, own: str) -> None:
    program = (
        "import importlib.util, sys, multiprocessing\n"
        "print([name for name in sys.modules if name.startswith('multiprocessing')])\n"
        "print(importlib.util.find_spec('multiprocessing.pool'))\n"
        "import multiprocessing.pool"
    )
    ended = mpconform("exec", own, "--", "-c", program)
    assert ended.stdout == "['multiprocessing']\nNone\n"
    assert ended.returncode == 1
    assert "No module named 'multiprocessing.pool'" in ended.stderr


def test_modules_go_where_the_adapter_says(mpconform: Command, save: Save) -> None:
    save("single.py", "class Process: pass\n")
    save("other.py", "class Pool: pass\n")
    path = save(
        "a.toml",
        """
        name = "single"
        implementation = "single"
        expose = ["./single.py", "./other.py"]
        modules = { "multiprocessing.pool" = "other" }
        """,
    )
    program = "import multiprocessing.pool as p, multiprocessing; print(p.__name__, multiprocessing.pool is p)"
    assert lines(mpconform("exec", f"--impl={path}", "--", "-c", program, folder=Path("/"))) == ["other True"]


def test_what_the_environment_has_in_the_same_place_stays(mpconform: Command, own: str, save: Save) -> None:
    folder = save("site/sitecustomize.py", "import builtins, multiprocessing\nbuiltins.seen = multiprocessing.__name__")
    save("site/beside.py", "")
    program = "import sys, beside, sitecustomize; print(seen, sitecustomize.__file__, 'substitution' in str(sys.path))"
    ended = mpconform("exec", own, "--", "-c", program, PYTHONPATH=str(folder.parent))
    assert lines(ended) == [f"own {folder} False"]


def test_a_command_within_a_command_has_its_own(mpconform: Command, own: str, save: Save) -> None:
    save("who.py", WHO)
    program = str(Path(sys.executable).with_name("mpconform"))
    for impl, name in (("stdlib", "multiprocessing"), ("reference", adapter("reference").implementation)):
        ended = mpconform("exec", own, "--", program, "exec", f"--impl={impl}", "--", "who.py")
        assert lines(ended) == [f"{name} {name}.queues {name}.queues True []"]


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["sh", "-c", "exit 7"], 7),
        (["-c", "raise SystemExit(3)"], 3),
        (["-c", "1 / 0"], 1),
        (["-c", "raise KeyboardInterrupt"], -signal.SIGINT),
        (["sh", "-c", "kill -9 $$"], -signal.SIGKILL),
        (["nowhere.py"], 2),
        (["true"], 0),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_the_status_is_that_of_the_command(mpconform: Command, own: str, words: list[str], status: int) -> None:
    assert mpconform("exec", own, "--", *words).returncode == status


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE])
def test_signals_reach_the_command(own: str, tmp_path: Path, number: signal.Signals) -> None:
    program = Path(sys.executable).with_name("mpconform")
    command = [str(program), "exec", own, "--", "sh", "-c", "echo ready; exec sleep 60"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "ready\n"
        running.send_signal(number)
        assert running.wait(30) == -number


def test_it_reads_what_is_given_to_it(own: str, tmp_path: Path) -> None:
    program = Path(sys.executable).with_name("mpconform")
    ended = subprocess.run(
        [str(program), "exec", own, "--", "cat"], cwd=tmp_path, input="given", capture_output=True, text=True
    )
    assert ended.stdout == "given"


def test_the_interpreter_is_the_one_that_was_chosen(mpconform: Command, tmp_path: Path, own: str) -> None:
    chosen = tmp_path / "chosen"
    chosen.write_text(f'#!/bin/sh\nCHOSEN=yes exec "{sys.executable}" "$@"\n')
    chosen.chmod(0o755)
    for words in (["python"], []):
        ended = mpconform(
            "exec", own, f"--python={chosen}", "--", *words, "-c", "import os; print(os.environ['CHOSEN'])"
        )
        assert lines(ended) == ["yes"]


@pytest.mark.parametrize(
    ("words", "status", "sentence"),
    [
        ([], 2, "exec what? The command stands behind `--`"),
        (["--"], 2, "exec what? The command stands behind `--`"),
        (["ls", "--"], 2, "exec what?"),
        (["ls", "--", "ls"], 2, "exec ls: the command stands behind `--`"),
        (["-k"], 2, "there is no option -k; the command stands behind `--`"),
        (["--", "no-such-command"], 127, "exec no-such-command: there is no such command"),
        (["--", "./nowhere"], 127, "exec ./nowhere: there is no such command"),
        (["--", "/"], 126, "exec /: cannot be executed (Permission denied)"),
        (["--", "./plain"], 126, "exec ./plain: cannot be executed (Permission denied)"),
        (["--", "./nonsense"], 126, "exec ./nonsense: cannot be executed (Exec format error)"),
        (["--", "./astray"], 127, "exec ./astray: the interpreter in its first line does not exist"),
        (["--python=3.4", "--", "ls"], 2, "no such interpreter on this machine"),
        (["--impl=nope", "--", "ls"], 2, "--impl=nope: neither a built-in adapter"),
        (["--impl=json", "--", "ls"], 3, "json cannot be put in the place of multiprocessing"),
        (["--impl=./wraps.py", "--", "ls"], 3, "wraps.Process is that of the standard library"),
        (["--impl=./fails.py", "--", "ls"], 3, "ZeroDivisionError"),
        (["--impl=./nowhere.toml", "--", "ls"], 2, "cannot be read"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_be_done_is_told_in_a_sentence(
    mpconform: Command, save: Save, own: str, words: list[str], status: int, sentence: str
) -> None:
    save("plain", "ls\n")
    save("nonsense", "ls\n").chmod(0o755)
    save("astray", "#!/no/where\n").chmod(0o755)
    save("wraps.py", "from multiprocessing import *\n")
    save("fails.py", "1 / 0\n")
    impl = [] if any(word.startswith("--impl") for word in words) else [own]
    ended = mpconform("exec", *impl, *words)
    assert sentence in ended.stderr
    assert (ended.returncode, ended.stdout) == (status, "")
    assert "Traceback" not in ended.stderr


def test_an_implementation_is_needed(mpconform: Command) -> None:
    ended = mpconform("exec", "--", "ls")
    assert ended.returncode == 2
    assert "--impl" in ended.stderr


def test_nothing_is_written_beside_the_command(mpconform: Command, own: str, tmp_path: Path) -> None:
    before = {*tmp_path.iterdir()}
    assert lines(mpconform("exec", own, "--", "-B", "-c", "pass")) == []
    assert {*tmp_path.iterdir()} == before
