"""Paths that a run tells exist after it: those of the user, and of the spec as it is installed."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import mpspec
import pytest
from mpconform.adapters.adapter import Adapter
from mpconform.adapters.interpreters import interpreter
from mpconform.checks import Check, clause
from mpconform.driver.judge import Judge
from mpconform.driver.paths import ENTRY, Paths
from mpconform.outcomes import Outcome, Verdict

WRAPPER = "import multiprocessing, os, signal, sys, warnings\nfrom multiprocessing import *\n"
START = "class Process(multiprocessing.Process):\n    def start(self):\n"
CHILD = f"{START}        super().start()\n    def run(self):\n"


def judged(folder: Path, text: str, method: str, deadline: float = 30) -> Verdict:
    """What comes of a clause by which a wrapper of the standard library starts a process."""
    folder.joinpath("mine.py").write_text(WRAPPER + text)
    adapter = Adapter("mine", "mine", expose=(str(folder / "mine.py"),), keeps={})
    judge = Judge(adapter, interpreter(None), deadline=deadline)
    try:
        return judge.verdict(Check(clause("process.join.again"), method, None))
    finally:
        judge.close()


def paths_in(verdict: Verdict) -> list[str]:
    """Every path in what is told."""
    told: Any = (verdict.traceback, verdict.out, verdict.err, verdict.post_mortem, verdict.seen, verdict.promised)
    return re.findall(r"/[\w.+-]+(?:/[\w.+-]+)+", "\n".join(told))


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
@pytest.mark.parametrize(
    "text",
    [
        f"{START}        raise ValueError(__file__)\n",
        f"{START}        warnings.warn(__file__); os.abort()\n",
        f"{CHILD}        raise ValueError(__file__)\n",
        f"{START}        signal.pause()\n",
    ],
    ids=["traceback", "warning-and-crash", "child", "stacks"],
)
def test_what_is_told_of_a_failure_names_only_paths_that_are_there(tmp_path: Path, text: str, method: str) -> None:
    verdict = judged(tmp_path, text, method, deadline=3 if "pause" in text else 30)
    assert verdict.outcome not in (Outcome.KEPT, Outcome.HARNESS)
    told = paths_in(verdict)
    assert str(tmp_path / "mine.py") in told
    assert str(Path(mpspec.__file__).parent) in "".join(told)
    assert [path for path in told if not os.path.exists(path)] == []


def test_a_path_is_real_whatever_stands_around_it() -> None:
    paths = Paths("/tmp/z", {"mp": Path("/home/mp"), "mp.py": Path("/home/mp.py"), "mpspec": Path("/lib/mpspec")})
    linked = f"/tmp/z/{ENTRY}"
    assert paths.real(f'File "{linked}/mp/a.py", {linked}/mp.py:3 {linked}/mpspec/b.py') == (
        'File "/home/mp/a.py", /home/mp.py:3 /lib/mpspec/b.py'
    )
    assert paths.real('File "/tmp/z/host-3/program-1/program.py"') == 'File "program-1/program.py"'
    assert paths.real("the folder is /tmp/z/host-12") == "the folder is the host's folder"
    assert paths.real("/tmp/zz/host-1/a") == "/tmp/zz/host-1/a"
