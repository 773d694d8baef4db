"""Contexts and start methods: how processes begin, how a program chooses, and what a child inherits.

With it go the functions that speak of start methods, the fork server's preload, and the programming guidelines
that are about spawn and forkserver. This module gathers the parts, in the order of the page.
"""

from __future__ import annotations

# isort: off
from mpspec.contexts_chapter import chapter
from mpspec import (
    contexts_inheritance,
    contexts_object,
    contexts_choice,
    contexts_preload,
    contexts_resources,
    contexts_pickling,
    contexts_main,
)

# isort: on

__all__ = ["chapter"]

PARTS = (
    contexts_inheritance,
    contexts_object,
    contexts_choice,
    contexts_preload,
    contexts_resources,
    contexts_pickling,
    contexts_main,
)
"""The modules that enter the clauses."""
