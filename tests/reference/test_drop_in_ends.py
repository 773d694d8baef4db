"""`python -m mpref`: a program ends, and what cannot be run is refused, as by `python` itself."""

from __future__ import annotations

import os
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

RAISES = """
def deeper():
    {}

def work():
    deeper()

work()
"""

ENDS = {
    "error": "raise ValueError('wrong')",
    "chained": "\n    try:\n        int([])\n    except TypeError as error:\n        raise KeyError(2) from error",
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
