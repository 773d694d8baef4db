"""The main module in a child: imported again, once, under another name, or not at all."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

UNSHARED = ("spawn", "forkserver")

PROGRAM = """
import sys
import mpref

class Mine: pass

def show(one):
    print(type(one) is Mine, __name__, sys.argv[1:], sys.modules["__main__"] is sys.modules["__mp_main__"])

if __name__ == "__main__":
    for method in mpref.get_all_start_methods():
        child = mpref.get_context(method).Process(target=show, args=(Mine(),))
        child.start()
        child.join()
"""

SHOWN = [f"True {name} ['argument'] True" for name in ("__main__", "__mp_main__", "__mp_main__")]


def python(environment: dict[str, str], folder: Path, *arguments: str, text: str = "") -> Any:
    """Run an interpreter in a folder."""
    command = [sys.executable, *arguments]
    return subprocess.run(
        command, env=environment, cwd=folder, input=text, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize("options", [(), ("-O",), ("-I",), ("-P",), ("-W", "error", "-X", "dev")])
def test_a_script_is_imported_again(
    save: Callable[..., Path], environment: dict[str, str], options: tuple[str, ...]
) -> None:
    program = save(PROGRAM)
    if "-I" in options:  # PYTHONPATH is ignored: the program finds the package by itself
        program.write_text(f"import sys; sys.path.append({environment['PYTHONPATH']!r})\n" + program.read_text())
    ended = python(environment, program.parent, *options, program.name, "argument")
    assert ended.stderr == ""
    assert ended.stdout.splitlines() == SHOWN


def test_a_module_is_imported_again_with_its_package(save: Callable[..., Path], environment: dict[str, str]) -> None:
    save("", "package/__init__.py")
    save("", "package/beside.py")
    program = save("from . import beside\n" + PROGRAM, "package/module.py")
    ended = python(environment, program.parents[1], "-m", "package.module", "argument")
    assert ended.stderr == ""
    assert ended.stdout.splitlines() == SHOWN


UNGUARDED_MAIN = """
import mpref, os
for method in mpref.get_all_start_methods():
    child = mpref.get_context(method).Process(target=print, args=("ran",))
    child.start()
    child.join()
    assert child.exitcode == 0
"""


def test_the_main_module_of_a_package_folder_or_archive_is_not_imported_again(
    save: Callable[..., Path], environment: dict[str, str]
) -> None:
    save("", "package/__init__.py")
    main = save(UNGUARDED_MAIN, "package/__main__.py")
    folder = main.parents[1]
    with zipfile.ZipFile(folder / "archive.zip", "w") as archive:
        archive.write(main, "__main__.py")
    for arguments in (["-m", "package"], ["package"], ["archive.zip"]):
        ended = python(environment, folder, *arguments)
        assert (ended.stdout, ended.stderr) == ("ran\n" * 3, ""), arguments


def test_a_program_without_a_file_is_not_imported_again(tmp_path: Path, environment: dict[str, str]) -> None:
    for arguments in (["-c", UNGUARDED_MAIN], ["-"]):
        ended = python(environment, tmp_path, *arguments, text=UNGUARDED_MAIN)
        assert (ended.stdout, ended.stderr) == ("ran\n" * 3, ""), arguments


@pytest.mark.parametrize("method", UNSHARED)
def test_an_unguarded_main_module_gives_one_message_and_no_hang(run: Any, method: str) -> None:
    ended = run(
        """
        import sys
        import mpref

        child = mpref.get_context(sys.argv[1]).Process(target=print)
        child.start()
        child.join()
        print(child.exitcode)
        """,
        method,
    )
    assert ended.stdout == "1\n"
    assert ended.stderr.count("\nRuntimeError: ") == ended.stderr.count("Traceback") == 1
    assert "if __name__ == '__main__':" in ended.stderr


@pytest.mark.parametrize("method", UNSHARED)
def test_a_main_module_that_cannot_be_imported_gives_one_message_and_no_hang(run: Any, method: str) -> None:
    ended = run(
        """
        import sys
        import mpref

        if __name__ == "__main__":
            child = mpref.get_context(sys.argv[1]).Process(target=print)
            child.start()
            child.join()
            print(child.exitcode)
        else:
            raise LookupError("not here")
        """,
        method,
    )
    assert ended.stdout == "1\n"
    assert ended.stderr.count("Traceback") == 1
    assert "LookupError: not here" in ended.stderr
    assert "program.py" in ended.stderr.splitlines()[1]


def test_the_fork_server_imports_the_main_module_once_for_all_children(run: Any) -> None:
    ended = run("""
        import sys
        import mpref

        print("imported as", __name__, flush=True)

        if __name__ == "__main__":
            for _ in range(3):
                child = mpref.get_context("forkserver").Process(target=print, args=("ran",))
                child.start()
                child.join()
    """)
    assert ended.stdout.splitlines() == ["imported as __main__", "imported as __mp_main__", *["ran"] * 3]


def test_a_child_of_the_fork_server_imports_it_where_it_was_not_preloaded_or_the_path_is_another(run: Any) -> None:
    ended = run("""
        import sys
        import mpref

        print("imported as", __name__, flush=True)

        def start():
            child = mpref.get_context("forkserver").Process(target=print, args=("ran",))
            child.start()
            child.join()

        if __name__ == "__main__":
            mpref.set_forkserver_preload(["json", "there_is_no_such_module"])
            start()
            sys.path.append("elsewhere")
            start()
    """)
    assert (ended.stdout.splitlines(), ended.stderr) == (
        ["imported as __main__", *["imported as __mp_main__", "ran"] * 2],
        "",
    )


def test_a_child_has_the_folder_and_path_of_its_parent_at_the_start(run: Any, method: str) -> None:
    ended = run(
        """
        import os, sys
        import mpref

        def show():
            print(os.path.basename(os.getcwd()), sys.path[0], sys.argv[1:])

        if __name__ == "__main__":
            context = mpref.get_context(sys.argv[1])
            child = context.Process(target=show); child.start(); child.join()
            os.mkdir("below"); os.chdir("below")
            sys.path.insert(0, "first")
            sys.argv.append("more")
            child = context.Process(target=show); child.start(); child.join()
        """,
        method,
    )
    assert ended.stderr == ""
    assert ended.stdout.splitlines()[1] == f"below first ['{method}', 'more']"


def test_the_options_of_the_interpreter_are_handed_on(run: Any) -> None:
    ended = run(
        """
        import sys
        import mpref

        def show():
            print(sys.flags.optimize, sys.flags.dont_write_bytecode, sys.flags.bytes_warning, sys.flags.dev_mode,
                  sys.warnoptions, sys._xoptions.get("spam"))

        if __name__ == "__main__":
            show()
            sys.stdout.flush()
            for method in ("spawn", "forkserver"):
                child = mpref.get_context(method).Process(target=show)
                child.start()
                child.join()
        """,
        options=("-OO", "-B", "-b", "-X", "dev", "-X", "spam=eggs", "-W", "error::UserWarning"),
    )
    first, *others = ended.stdout.splitlines()
    assert first.startswith("2 1 1 True ['default', 'error::UserWarning', 'default::BytesWarning']")
    assert others == [first, first]
