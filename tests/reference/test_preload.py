"""A zygote of the reference has at once what its hosts would import one by one, each for itself."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import mpref
from mpconform.adapters.adapter import BUILT_IN

PACKAGE = Path(mpref.__file__).parent
ELSEWHERE = {
    "mpref.__main__": "a program",
    "mpref.connection.reduction": "for programs that name it",
    "mpref.drop_in": "for the program that it runs",
    "mpref.launch.forkserver.server": "the fork server's",
    "mpref.launch.fresh_child": "of children that are not forked",
    "mpref.launch.substitution": "of children that are not forked",
    "mpref.launch.tracker.program": "the tracker's",
    "mpref.launch.without_posix_spawn": "where the interpreter has no posix_spawn()",
    "mpref.memory.without_ctypes": "where the interpreter has no ctypes",
    "mpref.queues.raw_ends": "for clients that name it",
    "mpref.reduction": "for programs that name it",
    "mpref.shared_memory": "for programs that name it",
    "mpref.spawn": "for clients that name it",
    "mpref.util": "for clients that name it",
}
"""Modules that hosts of hardly any check import, each with who does."""


def test_what_hosts_import_is_there_with_the_modules_that_its_adapter_preloads() -> None:
    adapter = tomllib.loads((BUILT_IN / "reference.toml").read_text())
    modules = ", ".join([adapter["implementation"], *adapter["preload"]])
    said = subprocess.check_output([sys.executable, "-c", f"import sys, {modules}; print(*sys.modules)"], text=True)
    files = (path.relative_to(PACKAGE.parent).with_suffix("") for path in PACKAGE.rglob("*.py"))
    every = {".".join(file.parts).removesuffix(".__init__") for file in files}
    assert sorted(every - set(said.split())) == sorted(ELSEWHERE)
