"""The folders of hosts, one after the other, below the zygote's own."""

from __future__ import annotations

import contextlib
import os

MODE = 0o700


class Folders:
    """Empty folders. home: where they are made.

    One that a host has left as it was made serves again: to make one costs more than all that an empty check does.
    """

    def __init__(self, home: str) -> None:
        self._home = home
        self._made = 0
        self._untouched: list[str] = []

    def take(self) -> str:
        """An empty folder of this user alone."""
        if self._untouched:
            return self._untouched.pop()
        self._made += 1
        folder = os.path.join(self._home, f"host-{self._made}")
        os.mkdir(folder, MODE)
        return folder

    def take_back(self, folder: str, *, empty: bool) -> None:
        """The host of the folder is gone; empty: nothing was in it any more."""
        if empty and os.stat(folder).st_mode & 0o777 == MODE:
            self._untouched.append(folder)
        else:
            remove(folder)


def remove(folder: str) -> None:
    """Remove a folder and all that is in it, also what its owner may not write to."""
    import shutil  # after few checks only; what the zygote has imported, every host pays for

    shutil.rmtree(folder, ignore_errors=True)
    if not os.path.isdir(folder):
        return
    with contextlib.suppress(OSError):
        os.chmod(folder, MODE)
        for above, folders, _ in os.walk(folder):
            for path in (os.path.join(above, name) for name in folders):
                if not os.path.islink(path):
                    os.chmod(path, MODE)
    shutil.rmtree(folder, ignore_errors=True)
