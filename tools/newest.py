"""The conformance of the reference on the newest CPython of this machine.

`python tools/newest.py conformance [OPTION ...]`: which one that is comes first; words are pytest's. Exit status 0
where every promise is kept. Where there is none that is newer, it is the one that runs this.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from mpconform.adapters.installed import Interpreter, found

ROOT = Path(__file__).resolve().parent.parent


def newer(interpreters: Sequence[Interpreter], at_hand: tuple[int, ...]) -> Interpreter | None:
    """The newest release of CPython among them, where it is of a later version, or patch level, than that at hand."""
    releases = [one for one in interpreters if one.implementation == "cpython" and one.stage == "final"]
    newest = max((one for one in releases if not one.threads), key=lambda one: one.version, default=None)
    return newest if newest is not None and newest.version > at_hand else None


def main() -> int:
    """Say which one it is, and judge the reference there. Returns the exit status."""
    newest = newer(found(), sys.version_info[:3])
    command = [sys.executable, "-m", "pytest", "--impl=reference"]
    if newest is None:
        print("there is no newer CPython on this machine than the one at hand", flush=True)
    else:
        print(f"the newest CPython on this machine is {newest.full_name}, {newest.path}", flush=True)
        command.append(f"--python={newest.path}")
    return subprocess.run([*command, *sys.argv[1:]], cwd=ROOT).returncode


if __name__ == "__main__":
    sys.exit(main())
