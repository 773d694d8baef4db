"""Which interpreter children run in, under the name that clients know, see mpref.util."""

from __future__ import annotations

from .launch.interpreter import executable as get_executable
from .launch.interpreter import set_executable

__all__ = ["get_executable", "set_executable"]
