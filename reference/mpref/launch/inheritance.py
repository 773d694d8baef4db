"""What a new program inherits that it shall not have: the descriptors that its parent has left open for exec.

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
    for descriptor in inheritable():  # what is inherited has survived an exec; what this interpreter opens would not
        os.close(descriptor)


def inheritable() -> list[int]:
    """Return the descriptors of this process that survive an exec, but for the standard streams."""
    found = []
    for descriptor in _numbers():
        try:
            if descriptor > 2 and os.get_inheritable(descriptor):
                found.append(descriptor)
        except OSError:  # closed already
            pass
    return found


def _numbers() -> list[int] | range:
    for folder in ("/proc/self/fd", "/dev/fd"):
        try:
            return [int(name) for name in os.listdir(folder)]
        except OSError:  # it is not mounted, as in a jail, or no descriptor is left to look there
            continue
    return range(3, min(os.sysconf("SC_OPEN_MAX"), HIGHEST))
