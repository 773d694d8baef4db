"""Run the stand-alone scripts of every clause that has one, by no start method and by fork: each has to end well.

Usage: python tools/standalone.py [--impl reference] [--chapter NAME ...] [--jobs 2]. Exit status 0: all did, but for
what the implementation is known to break.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from mpconform import ending
from mpconform.adapters.adapter import adapter
from mpconform.adapters.interpreters import interpreter
from mpconform.baselines import places
from mpconform.checks import Check, chapters, checks
from mpconform.driver import launching
from mpconform.standalone.script import script
from mpspec.clause import Level
from mpspec.loader import CHAPTERS

DEADLINE = 120
"""Seconds for a script, which ends itself before where it hangs."""


def main() -> int:
    """Run them, and print those that do not end well."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--impl", default="reference")
    parser.add_argument("--chapter", choices=CHAPTERS, action="append")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    ending.in_order()
    reached, running = adapter(options.impl), interpreter(None)
    known = places.known(reached, running)
    wanted = [
        clause
        for chapter in chapters()
        if not options.chapter or chapter.name in options.chapter
        for clause in chapter.clauses.values()
        if clause.level is not Level.UNSPECIFIED
    ]
    every, programs = 0, []
    for check in checks(wanted, ("fork",)):
        edition, at = reached.follows(running), (check.method, check.case)
        applies = check.clause.not_applicable(edition, running.platform, *at) is None
        if applies and not known.expected(check):
            every += 1
            text = script(check, reached).text
            if text:
                programs.append((check, text))
    failed = 0
    with ThreadPoolExecutor(options.jobs) as several:
        for check, trouble in several.map(_run, programs):
            if trouble:
                failed += 1
                print(f"{check.id}: {trouble}", flush=True)
    print(f"{len(programs)} of {every} checks have a script; {failed} scripts did not end well")
    return 1 if failed else 0


def _run(program: tuple[Check, str]) -> tuple[Check, str]:
    """The check, and what its script ended with where that is not 0."""
    check, text = program
    with tempfile.TemporaryDirectory(prefix="script-", dir=launching.folder()) as folder:
        Path(folder, "script.py").write_text(text, encoding="utf-8")
        try:
            ended = subprocess.run(
                [sys.executable, "script.py"],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                encoding="utf-8",
                timeout=DEADLINE,
            )
        except subprocess.TimeoutExpired:
            return check, f"not over after {DEADLINE} s"
    return check, "" if ended.returncode == 0 else f"status {ended.returncode}\n{ended.stderr[-2000:]}"


if __name__ == "__main__":
    sys.exit(main())
