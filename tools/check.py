"""Everything that has to hold before a change lands; one line for each stage, then what failed.

`python tools/check.py`, or `python tools/check.py lint types` for single stages. Exit status 0: all of them passed.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

from mpconform import ending
from mpspec.loader import CHAPTERS

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
CORES = os.cpu_count() or 1
# Checks and tests wait half of their time, for processes to begin and end; mutants most of it, for what they were made
# to miss. Tests differ in length by a hundred times: who has none left takes some of those that wait for another.
TWICE, OFTEN = (["-n", str(times * CORES), "--dist", "worksteal"] for times in (2, 6))
QUIETLY = ["-n", str(4 * CORES), "-q", "-p", "no:cacheprovider"]
CONFORMANCE = ["-m", "pytest", "conformance", *QUIETLY]
STRICT = ["--impl=reference", "--start-method=fork"]
SEVERE = ["-O", "-X", "warn_default_encoding", "-W", "error"]
TESTS = ["-m", "pytest", "-q", "-p", "no:cacheprovider"]
# What models try is the same each time: by hand they try something new.
SAME = ["--hypothesis-profile=gate"]
# What a model finds in faulty managers and pools takes minutes, and changes only with the model.
BY_HAND = [f"--ignore=tests/models/test_{model}_teeth.py" for model in ("containers", "pool")]

MEASURED = "conformance of the reference by fork, and its lines that are reached"
NEWEST = "every chapter by every method, on the newest CPython that there is"
STDLIB = "every chapter of the stdlib at hand, by fork"
EVERY_MUTANT, EVERY_TEST = "every mutant", "every test"
BY_NAME = {MEASURED, NEWEST, STDLIB, EVERY_MUTANT, EVERY_TEST}
"""Take minutes each, and are run where they are named."""
SHARES = 3
"""What is shared out is run at one commit in so many. That a mutant still fits the reference is seen at each."""


def turn() -> int:
    """Whose turn it is among the shares: the next commit's is the next; the first without a history."""
    try:
        counted = subprocess.run(
            ["git", "rev-list", "--count", "HEAD"], cwd=ROOT, capture_output=True, text=True
        ).stdout
    except OSError:
        counted = ""  # without git there is none either
    return int(counted or 0) % SHARES + 1


SHARE = f"--share={turn()}/{SHARES}"
THIRD = [f"conformance/test_{chapter}.py" for chapter in CHAPTERS[turn() - 1 :: SHARES]]
WORKFLOWS = sorted([*ROOT.glob(".github/workflows/*.yml"), *ROOT.glob("examples/*.yml")])
"""Ours, and those that others copy."""


STAGES: list[tuple[str, list[str]]] = [
    ("lint", [str(BIN / "ruff"), "check", "--quiet", "."]),
    ("format", [str(BIN / "ruff"), "format", "--check", "--quiet", "."]),
    ("types", [str(BIN / "mypy")]),
    ("workflow", [str(BIN / "actionlint"), *map(str, WORKFLOWS)]),
    (
        MEASURED,
        [sys.executable, str(ROOT / "tools/reached.py")],
    ),
    ("the same by fork, with -O and every warning an error", [sys.executable, *SEVERE, *CONFORMANCE, *STRICT]),
    (
        "a third of the chapters in turn by every method, on the newest CPython that there is",
        [sys.executable, str(ROOT / "tools/newest.py"), *THIRD, *QUIETLY],
    ),
    (NEWEST, [sys.executable, str(ROOT / "tools/newest.py"), "conformance", *QUIETLY]),
    (
        "a third of the chapters in turn of the stdlib at hand, by fork",
        [sys.executable, "-m", "pytest", *THIRD, *QUIETLY, "--impl=stdlib", "--start-method=fork"],
    ),
    (STDLIB, [sys.executable, *CONFORMANCE, "--impl=stdlib", "--start-method=fork"]),
    ("mutants, a third of them in turn", [sys.executable, *TESTS, "tests/mutants", SHARE, *OFTEN]),
    (EVERY_MUTANT, [sys.executable, *TESTS, "tests/mutants", *OFTEN]),
    (
        "tests, a third of those of the engine in turn",
        [sys.executable, *TESTS, "tests", SHARE, "--ignore=tests/mutants", *BY_HAND, *SAME, *TWICE],
    ),
    (
        "programs of others, with the reference in the place of the stdlib",
        [sys.executable, str(ROOT / "tools/clients.py"), "-q", *TWICE],
    ),
    (EVERY_TEST, [sys.executable, *TESTS, "tests", "--ignore=tests/mutants", *BY_HAND, *SAME, *TWICE]),
]


def main() -> int:
    """Run the stages in order, to the last."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = [name for name, _ in STAGES]
    parser.add_argument("stage", nargs="*", help=f"only these: {'; '.join(names)}")
    wanted = parser.parse_args().stage
    ending.in_order()
    unknown = sorted(set(wanted) - set(names))
    if unknown:
        parser.error(f"there is no stage {unknown[0]!r}; the stages are: {'; '.join(names)}")
    stages = [
        (name, command) for name, command in STAGES if name in (wanted or names) and (wanted or name not in BY_NAME)
    ]
    failed = []
    for name, command in stages:
        print(f"\n=== {name}", flush=True)
        began = time.monotonic()
        status = subprocess.run(command, cwd=ROOT, env={**os.environ, "COLUMNS": "140"}).returncode
        how = "passed" if status == 0 else f"failed with status {status}"
        print(f"=== {name}: {how}, {time.monotonic() - began:.0f} s")
        if status != 0:
            failed.append(name)
    print(f"\n{len(stages) - len(failed)} passed, {len(failed)} failed", flush=True)
    for name in failed:
        print(f"failed: {name}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
