"""Without the kernel's account, as on macOS and FreeBSD, the clauses that claim these platforms observe by other means.

Here those that ask for processes, threads, descriptors or who waits, by fork; all of them by every method:
`PYTHONPATH=tools python tests/platforms/test_hidden.py`.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import difference
from difference import Change, Different
from mpconform.checks import Check
from mpspec.clause import METHODS
from mpspec.loader import CHAPTERS

FIRST = "from __future__ import annotations\n"
HOOK = Path(__file__).with_name("hidden_proc.py").read_text(encoding="utf-8")
HIDDEN = Different("without /proc", "", CHAPTERS, (), (Change("__init__.py", FIRST, FIRST + HOOK),))
WORDS = ("see.blocks", "see.settles", "see.gone", "see.alive", "see.zombie", "interrupted(", "threads()", "open_files")
"""What a clause says that the kernel's account answers where there is one."""


def claiming_macos(methods: Iterable[str]) -> list[Check]:
    """The checks that would run on macOS."""
    return [check for check in difference.concerned(HIDDEN, methods) if "darwin" in check.clause.platforms]


def asks(check: Check) -> bool:
    """Whether the clause asks for what the kernel's account would answer."""
    code = check.clause.body.__code__
    return any(word.strip("()").rpartition(".")[2] in code.co_names for word in WORDS)


ASKING = """
import os
from mpspec.observation import processes, procfs
from mpspec.observation.descriptors import open_files
alive = processes.state(os.getpid()) not in processes.ENDED
print(procfs.known(), procfs.children(1), alive, processes.state(1 << 23), 0 in open_files())
open("/proc/self/maps")
"""


def test_the_account_is_hidden_from_the_spec_and_from_programs() -> None:
    ended = subprocess.run([sys.executable, "-c", HOOK + ASKING], capture_output=True, text=True, check=False)
    assert ended.stdout == "False [] True None True\n", ended.stderr
    assert "FileNotFoundError" in ended.stderr


def test_without_an_account_of_the_kernel_a_clause_is_kept_all_the_same() -> None:
    wanted = [check for check in claiming_macos(["fork"]) if asks(check)]
    assert len(wanted) > 150, "the clauses are found by what they say"
    with difference.reached(HIDDEN) as implementation:
        found = difference.deviations(implementation, wanted, 4 * (os.cpu_count() or 1))
    assert not found, difference.told(found)


if __name__ == "__main__":
    with difference.reached(HIDDEN) as whole:
        deviating = difference.deviations(whole, claiming_macos(METHODS), 4 * (os.cpu_count() or 1))
    print(difference.told(deviating))
    sys.exit(bool(deviating))
