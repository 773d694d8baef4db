"""What the package and its contexts offer is there for help() and for a type checker, and costs nothing until used."""

from __future__ import annotations

import pydoc
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import mpref
import mypy.api
from mpref import context


def test_the_package_offers_what_its_context_offers() -> None:
    offered = {name for kind in context.DefaultContext.__mro__ for name in vars(kind) if not name.startswith("_")}
    assert sorted(offered) == mpref.__all__


def test_every_public_name_of_the_package_is_in_its_help() -> None:
    text = pydoc.render_doc(mpref, renderer=pydoc.plaintext)
    assert [name for name in mpref.__all__ if f" {name}" not in text] == []


def test_the_methods_of_a_context_are_in_its_help() -> None:
    text = pydoc.render_doc(mpref.get_context("fork"), renderer=pydoc.plaintext)
    assert [name for name in mpref.__all__ if f" |  {name}" not in text] == []


KINDS = {
    "mpref.Queue(3)": "mpref.queues.Queue",
    "mpref.get_context('fork').Lock()": "mpref.memory.semaphore.Lock",
    "mpref.Pipe()[0]": "mpref.connection.ends.Connection",
    "mpref.current_process()": "mpref.process.BaseProcess",
    "mpref.get_context().TimeoutError()": "mpref.errors.TimeoutError",
}


def test_a_type_checker_sees_what_is_offered(save: Callable[..., Path]) -> None:
    program = save("import mpref\n" + "".join(f"reveal_type({expression})\n" for expression in KINDS))
    told, _, status = mypy.api.run([str(program), "--config-file=", "--no-incremental"])
    assert re.findall('Revealed type is "(.*)"', told) == list(KINDS.values())
    assert status == 0


def test_an_import_of_the_package_imports_none_of_its_modules() -> None:
    code = "import sys, mpref; print([name for name in sys.modules if name.startswith('mpref.')])"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout == "[]\n"


def test_a_pipe_costs_no_listener(run: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    ended = run("""
        import sys, mpref
        mpref.Pipe(duplex=False)
        mpref.connection.Connection
        print("mpref.connection.listeners" in sys.modules, "socket" in sys.modules)
    """)
    assert ended.stdout == "False False\n"


def test_a_spawned_child_imports_what_it_needs_and_no_more(
    run: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    ended = run("""
        import sys, mpref

        def show():
            print(*sorted(name.removeprefix("mpref.") for name in sys.modules if name.startswith("mpref.")))

        if __name__ == "__main__":
            child = mpref.get_context("spawn").Process(target=show)
            child.start()
            child.join()
    """)
    launch = [f"launch.{name}" for name in ("child", "empty_input", "fresh_child", "inheritance", "lifeline", "start")]
    assert ended.stdout.split() == ["finalize", "launch", *launch, "log", "process", "start_method", "state"]
