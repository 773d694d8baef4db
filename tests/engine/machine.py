"""What is left on the machine of what a test has started."""

from __future__ import annotations

import os
from pathlib import Path


def left_on_the_machine(mark: str) -> list[str]:
    """Processes whose environment carries the mark."""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            if int(name) != os.getpid() and mark.encode() in Path("/proc", name, "environ").read_bytes():
                found.append(f"{name}: {Path('/proc', name, 'cmdline').read_text()}")
        except OSError:
            continue
    return found
