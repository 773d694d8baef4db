"""The lines of the reference that its conformance run reaches, in every process: never fewer than were reached before.

Usage: python tools/reached.py [WORD ...]; words go to pytest, as for a part of the run. Exit status 0: at least so many
as `fail_under` in pyproject.toml says, which may only rise.

Every interpreter below a host finds coverage by its own start-up file and the environment; a fork goes on measuring,
and saves what it has seen as it leaves by os._exit. The zygote finds the reference by a symbolic link, which coverage
resolves; a plugin of ours has it see every thread. Unseen, and so counted as not reached, is what runs in a process
that is killed. Not counted is what no clause could have reached: the tracker's program, whose interpreter has no site
(-S), what stands in for ctypes in an interpreter that was built without, the pickles of the standard library's
managers, and shared_memory, promised by another page.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from check import CONFORMANCE, ROOT
from mpconform import ending
from mpconform.driver import launching

CONFIGURATION = ROOT / "pyproject.toml"
PLUGINS = ROOT / "tools" / "measured"
PARTS = (
    ["--start-method=fork"],
    ["--start-method=spawn", "--start-method=forkserver", "--chapter=process", "--chapter=contexts"],
    ["--start-method=spawn", "--chapter=managers", "-k", "manager.process or manager.start"],
)
"""What is run. A measured interpreter takes three times as long to start, and what only the other methods reach is
reached by the chapters about starts."""

PATIENCE = 3
"""Factor on every wait and deadline: a measured process takes longer for everything."""


def main() -> int:
    """Run the conformance of the reference, measured, and report."""
    ending.in_order()
    with tempfile.TemporaryDirectory(prefix="coverage-", dir=launching.folder()) as folder:
        path = os.pathsep.join(filter(None, [str(PLUGINS), os.environ.get("PYTHONPATH")]))
        environment = {**os.environ, "COVERAGE_FILE": str(Path(folder, ".coverage")), "PYTHONPATH": path}
        measured = {**environment, "COVERAGE_PROCESS_START": str(CONFIGURATION)}
        ran = told = 0
        for part in PARTS:
            command = [sys.executable, *CONFORMANCE, "--impl=reference", f"--patience={PATIENCE}", *part, *sys.argv[1:]]
            ran = ran or subprocess.run(command, cwd=ROOT, env=measured).returncode
        for word, *options in (["combine", "--quiet", folder], ["report"]):
            command = [sys.executable, "-m", "coverage", word, f"--rcfile={CONFIGURATION}", *options]
            told = told or subprocess.run(command, cwd=ROOT, env=environment).returncode
    return ran or told


if __name__ == "__main__":
    sys.exit(main())
