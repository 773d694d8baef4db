"""Programs of others that use multiprocessing, run with the reference in its place: tests/clients, in full.

`python tools/clients.py [--python PATH] [OPTION ...]`: makes an environment of that interpreter, default: this one,
with the extras `dev` and `clients`, runs the tests there, and removes it. Options are pytest's. Exit status 0: all
passed, none was skipped.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from check import ROOT
from mpconform import ending

PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check"]


def environment(python: str, folder: Path) -> str:
    """Make an environment in the folder; its interpreter. CalledProcessError: it could not be made."""
    subprocess.run([python, "-m", "venv", "--without-pip", str(folder)], check=True)
    inside = str(folder / "bin" / "python")
    subprocess.run([*PIP, "--python", inside, "install", "--quiet", "-e", f"{ROOT}[dev,clients]"], check=True)
    return inside


def judged(python: str, options: Sequence[str]) -> int:
    """Run the tests on an interpreter that has the clients: the exit status."""
    with tempfile.NamedTemporaryFile(suffix=".xml") as report:
        command = [python, "-m", "pytest", "tests/clients", "-p", "no:cacheprovider", f"--junitxml={report.name}"]
        status = subprocess.run([*command, *options], cwd=ROOT).returncode
        skipped = report.read().count(b"<skipped")
    if status == 0 and skipped:
        print(f"{skipped} tests were skipped: a client is not installed")
        return 1
    return status


def main() -> int:
    """Make the environment, run, and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", default=sys.executable, help="an interpreter; default: this one")
    given, options = parser.parse_known_args()
    ending.in_order()
    with tempfile.TemporaryDirectory(prefix="mpconform-clients-") as folder:
        return judged(environment(given.python, Path(folder)), options)


if __name__ == "__main__":
    sys.exit(main())
