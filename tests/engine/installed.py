"""mpconform as a user has it: a wheel, installed in a virtual environment, and an empty folder; no checkout.

Nothing comes from a network: what the wheel depends on lies where the tests have it from, which a `.pth` file names.
What `pip` is asked to install in the environment has to be there, or to lie in the folder at hand.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
from pathlib import Path

import arrows
from filelock import FileLock

OFFLINE = "pip install --no-index --no-build-isolation --disable-pip-version-check"
SECONDS = 120
"""How long a command may take."""


def wheel(folder: Path) -> Path:
    """The wheel of this checkout, which the first who asks for it builds in the folder."""
    with FileLock(folder / "wheel.lock"):
        if not list(folder.glob("*.whl")):
            build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
            subprocess.run(build, cwd=arrows.ROOT, check=True, capture_output=True, timeout=SECONDS)
    (built,) = folder.glob("*.whl")
    return built


class Installed:
    """The environment in which the wheel is installed, and the commands that are run in it."""

    def __init__(self, folder: Path, built: Path) -> None:
        """Make it in the folder."""
        self.folder = folder
        make = [sys.executable, "-m", "virtualenv", "--quiet", "--no-download", "--no-periodic-update", str(folder)]
        subprocess.run([*make, f"--app-data={built.parent / 'app-data'}"], check=True, timeout=SECONDS)
        packages = folder / "lib" / f"python{sysconfig.get_python_version()}" / "site-packages"
        (packages / "tests.pth").write_text(sysconfig.get_path("purelib") + "\n")
        ended = self.run(f"pip install --no-deps --no-compile --quiet {built}", folder)
        assert ended.returncode == 0, ended.stdout

    def run(self, command: str, folder: Path, status: int = 0, **environment: str) -> subprocess.CompletedProcess[str]:
        """What a shell in the folder makes of the command; status: `$?` before it; output and errors are one text."""
        offline = re.sub(r"\bpip install\b", OFFLINE, command)
        outside = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PIP_"))}
        return subprocess.run(
            ["bash", "-c", f"(exit {status})\n{offline}"],
            cwd=folder,
            env={**outside, "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}", "COLUMNS": "80", **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=SECONDS,
        )
