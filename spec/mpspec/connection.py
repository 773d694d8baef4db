"""Connections: what Pipe, the objects that it returns and wait promise. This module gathers the parts."""

from __future__ import annotations

# isort: off
from mpspec.connection_chapter import chapter
from mpspec import (
    connection_pipe,
    connection_objects,
    connection_bytes,
    connection_into,
    connection_close,
    connection_poll,
    connection_transfer,
    connection_wait,
)

# isort: on

__all__ = ["chapter"]

PARTS = (
    connection_pipe,
    connection_objects,
    connection_bytes,
    connection_into,
    connection_close,
    connection_poll,
    connection_transfer,
    connection_wait,
)
"""The modules that enter the clauses."""
