"""The folders of hosts, one after the other, below the zygote's own."""

from __future__ import annotations

import os


class Folders:
    """Empty folders. home: where they are made.

    One that a host has left as it was made serves again: to make one costs more than all that an empty check does.
    """

    def __init__(self, home: str) -> None:
        self._home = home
        self._made = 0
        self._untouched: list[str] = []

    def take(self) -> str:
        """An empty folder, of mode 0700."""
        if self._untouched:
            return self._untouched.pop()
        self._made += 1
        folder = os.path.join(self._home, f"host-{self._made}")
        os.mkdir(folder, 0o700)
        return folder

    def take_back(self, folder: str) -> None:
        """The host of the folder is gone: keep the folder where it is as it was made, else remove it."""
        try:
            untouched = not os.listdir(folder) and os.stat(folder).st_mode & 0o777 == 0o700
        except OSError:
            untouched = False
        if untouched:
            self._untouched.append(folder)
        else:
            import shutil  # after few checks only; what the zygote has imported, every host pays for

            shutil.rmtree(folder, ignore_errors=True)
