"""Real paths: what hosts tell of files names those that the user has, and that are there after the run."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

MACHINERY = (
    "<frozen ",
    '"<string>", line 1',
    f"mpconform{os.sep}hosts{os.sep}",
    f"{os.sep}importlib{os.sep}__init__.py",
)
"""What stands in the lines of a stack that are the import's and the engine's."""


def without_machinery(text: str) -> list[str]:
    """The lines of stacks, and of whatever stands around them, but for those that say nothing to the user."""
    return [line for line in text.strip().splitlines() if line and not any(part in line for part in MACHINERY)]


class Paths:
    """What is below a zygote's folder, as its hosts see it, and what of it stands for something else.

    folder: the zygote's; packages: name -> file or folder, for each entry of ENTRY.
    """

    def __init__(self, folder: str, packages: Mapping[str, Path]) -> None:
        self._folder = folder
        self._packages = packages
        names = "|".join(map(re.escape, sorted(packages, key=len, reverse=True)))
        home = re.escape(folder + os.sep)
        self._linked = re.compile(rf"{home}{ENTRY}{re.escape(os.sep)}({names})(?!\w)")
        self._in_a_host = re.compile(rf"{home}host-\d+{re.escape(os.sep)}")
        self._host = re.compile(rf"{home}host-\d+")

    def real(self, text: str) -> str:
        """The text, with the real path of each package, and what lies in a host's folder told relative to it."""
        if self._folder not in text:
            return text
        text = self._linked.sub(lambda match: str(self._packages[match[1]]), text)
        return self._host.sub("the host's folder", self._in_a_host.sub("", text))


ENTRY = "path"
"""The folder below a zygote's that its interpreters import from."""
