"""What a fresh interpreter inherits that it shall not have: the descriptors that its parent has left open for exec.

The resource tracker uses this module alone: it imports nothing else of the package.
"""

from __future__ import annotations

import os

HIGHEST = 1 << 16
"""Where descriptors cannot be listed, each number below this is tried: the system gives out low ones first."""


def keep_only(descriptors: list[int]) -> None:
    """Close every descriptor that was inherited, but the standard streams and these."""
    for descriptor in descriptors:
        os.set_inheritable(descriptor, False)
    for descriptor in _numbers():
        try:  # what is inherited has survived an exec; what this interpreter has opened would not
            if descriptor > 2 and os.get_inheritable(descriptor):
                os.close(descriptor)
        except OSError:
            pass


def _numbers() -> list[int] | range:
    for folder in ("/proc/self/fd", "/dev/fd"):
        try:
            return [int(name) for name in os.listdir(folder)]
        except OSError:  # it is not mounted, as in a jail, or no descriptor is left to look there
            continue
    return range(3, min(os.sysconf("SC_OPEN_MAX"), HIGHEST))
