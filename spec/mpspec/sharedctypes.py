"""Shared ctypes objects: what Value, Array and the module sharedctypes promise. This module gathers the parts."""

from __future__ import annotations

# isort: off
from mpspec.sharedctypes_chapter import chapter
from mpspec import sharedctypes_value, sharedctypes_array, sharedctypes_module

# isort: on

__all__ = ["chapter"]

PARTS = (sharedctypes_value, sharedctypes_array, sharedctypes_module)
"""The modules that enter the clauses."""
