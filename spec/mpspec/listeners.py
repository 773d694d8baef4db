"""Listeners and clients: what Listener, Client, addresses, keys and the two challenge functions promise.

This module gathers the parts.
"""

from __future__ import annotations

# isort: off
from mpspec.listeners_chapter import chapter
from mpspec import (
    listeners_meeting,
    listeners_address,
    listeners_close,
    listeners_keys,
    listeners_challenge,
    listeners_windows,
)

# isort: on

__all__ = ["chapter"]

PARTS = (
    listeners_meeting,
    listeners_address,
    listeners_close,
    listeners_keys,
    listeners_challenge,
    listeners_windows,
)
"""The modules that enter the clauses."""
