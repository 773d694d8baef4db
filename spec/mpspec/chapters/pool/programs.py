"""Programs with pools that are watched while they run."""

from __future__ import annotations

import os

from mpspec.observation.program import Running
from mpspec.observation.see import See


def printed(see: See, program: Running, count: int) -> list[str]:
    """The words that the program has printed, as soon as there are so many."""

    def words() -> list[str]:
        with open(os.path.join(program.folder, ".out"), encoding="utf-8") as file:
            text = file.read()
        return text[: text.rfind("\n") + 1].split()  # whole lines

    see.eventually(lambda: len(words()) >= count, f"the program prints {count} words")
    return words()
