"""However a program was launched and wherever it has gone since: its children know its classes, and it knows theirs."""

from __future__ import annotations

import compileall
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

SCRIPT = """
import os, sys
import mpref
import beside

class Item:
    pass

def work(end, item):
    assert type(item) is Item
    end.send((Item(), beside.Thing()))

if __name__ == "__main__":
    method = sys.argv[-1]
    os.chdir("/")
    ctx = mpref.get_context(method)
    near, far = ctx.Pipe()
    child = ctx.Process(target=work, args=(far, Item()))
    child.start()
    far.close()
    item, thing = near.recv()
    child.join()
    print(type(item) is Item, type(thing) is beside.Thing, child.exitcode, flush=True)
"""

RUN_PATH = "import runpy, sys; sys.path.insert(0, 'home'); runpy.run_path('home/script.py', run_name='__main__')"

EARLY = "import mpref; mpref.cpu_count(), mpref.current_process()\n"

LATE = """
import mpref, os, runpy, sys
mpref.current_process()
os.chdir("home")
sys.path.insert(0, os.getcwd())
runpy.run_path("script.py", run_name="__main__")
"""

WITHIN = """
import sys
sys.path.insert(0, "home")
import __main__
vars(__main__).update(__file__="home/script.py", __spec__=None)
exec(compile(open("home/script.py").read(), "home/script.py", "exec"), vars(__main__))
"""

ANEW = """
import pathlib, sys, types
import mpref.process
sys.path.insert(0, "home")
main = types.ModuleType("__main__")
main.__file__, main.__spec__ = pathlib.Path("home/script.py"), ""
sys.modules["__main__"] = main
exec(compile(open("home/script.py").read(), "home/script.py", "exec"), vars(main))
"""

STRAY = """
import sys, importlib.util
sys.path.insert(0, "home")
import __main__
vars(__main__).update(__file__="home/script.py", __spec__=importlib.util.find_spec("json.tool"))
exec(compile(open("home/script.py").read(), "home/script.py", "exec"), vars(__main__))
"""

COMMANDS: dict[str, list[str]] = {
    "by a relative name": ["home/script.py"],
    "by a link": ["link.py"],
    "without an ending": ["home/script"],
    "compiled": ["home/script.pyc"],
    "as a module": ["-m", "home.script"],
    "as a module of an archive": ["-m", "packed"],
    "by run_path": ["-c", RUN_PATH],
    "by run_path, the package imported before": ["-c", EARLY + RUN_PATH],
    "by run_path, in another folder than the package was imported": ["-c", LATE],
    "in the place of another main module": ["-c", WITHIN],
    "in a new main module": ["-c", ANEW],
    "with the specification of another module": ["-c", STRAY],
    "by a launcher with a file": ["launcher.py"],
    "by a debugger": ["-m", "pdb", "-c", "continue", "-c", "quit", "home/script.py"],
}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with the script in all its forms."""
    home = tmp_path / "home"
    home.mkdir()
    for path in (home / "script.py", home / "script", tmp_path / "packed.py"):
        path.write_text(SCRIPT)
    (home / "beside.py").write_text("class Thing: pass\n")
    (tmp_path / "link.py").symlink_to(home / "script.py")
    (tmp_path / "launcher.py").write_text(EARLY + RUN_PATH)
    compileall.compile_file(home / "script.py", legacy=True, quiet=2)
    with zipfile.ZipFile(tmp_path / "archive.zip", "w") as archive:
        archive.write(tmp_path / "packed.py", "packed.py")
    (tmp_path / "packed.py").unlink()
    return tmp_path


@pytest.mark.parametrize("launched", COMMANDS)
def test_a_program_that_has_changed_its_directory_has_children_that_know_its_classes(
    place: Path, environment: dict[str, str], method: str, launched: str
) -> None:
    environment["PYTHONPATH"] += os.pathsep.join(["", "archive.zip", "home"])
    command = [sys.executable, *COMMANDS[launched], method]
    ended = subprocess.run(
        command, env=environment, cwd=place, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60
    )
    assert "True True 0" in ended.stdout.splitlines(), ended.stderr
    assert ended.stderr == ""


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_a_program_whose_file_is_gone_runs_what_can_be_imported_and_says_what_cannot(
    run: Callable[..., subprocess.CompletedProcess[str]], method: str
) -> None:
    ended = run(
        """
        import os, sys
        import mpref

        def mine(): pass

        if __name__ == "__main__":
            os.unlink(__file__)
            for target in (os.getpid, mine):
                child = mpref.get_context(sys.argv[1]).Process(target=target)
                child.start()
                child.join()
                print(child.exitcode)
        """,
        method,
    )
    assert ended.stdout == "0\n1\n"
    assert "the main module, which has no file to be imported from, was not imported" in ended.stderr
    assert ended.stderr.count("Traceback") == 1


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_an_executable_that_is_set_by_a_relative_name_is_found_from_elsewhere(
    run: Callable[..., subprocess.CompletedProcess[str]], method: str
) -> None:
    ended = run(
        """
        import os, sys
        import mpref

        if __name__ == "__main__":
            os.chdir(os.path.dirname(sys.executable))
            mpref.set_executable(os.path.join(".", os.path.basename(sys.executable)))
            os.chdir("/")
            child = mpref.get_context(sys.argv[1]).Process(target=print, args=("ran",))
            child.start()
            child.join()
        """,
        method,
    )
    assert (ended.stdout, ended.stderr) == ("ran\n", "")
