"""The chapter process, which its parts fill."""

from __future__ import annotations

import os
import shutil

from mpspec.clause import Chapter
from mpspec.see import See

chapter = Chapter("process", section="Process and exceptions", source="process-and-exceptions")


def sweep(see: See) -> None:
    """Take away what a process that was killed could not: the page promises no tidy folder after a violent end."""
    for name in os.listdir(see.folder):
        if not name.startswith(("mail-", "gate-")):
            shutil.rmtree(os.path.join(see.folder, name), ignore_errors=True)
