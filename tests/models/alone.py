"""`alone.py WORD...` becomes that program, with a /dev/shm of its own where the kernel gives one.

The names that an implementation has made there go with the last of its processes, however these are ended.
"""

from __future__ import annotations

import ctypes
import os
import sys

from mpconform.hosts import private

COMMAND = [sys.executable, "-I", __file__]

if __name__ == "__main__":
    if sys.platform == "linux":
        private.enter(ctypes.CDLL(None, use_errno=True))
    os.execvp(sys.argv[1], sys.argv[1:])
