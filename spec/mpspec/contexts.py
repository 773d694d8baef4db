"""Contexts and start methods: how processes begin, how a program chooses, and what a child inherits.

With it go the functions that speak of start methods, the fork server's preload, and the programming guidelines
that are about spawn and forkserver. The parts follow the page; this module gathers them.
"""

from __future__ import annotations

# The order is that of the page, not of the alphabet.
from mpspec import contexts_inheritance  # noqa: F401  # isort: skip
from mpspec import contexts_object  # noqa: F401  # isort: skip
from mpspec import contexts_choice  # noqa: F401  # isort: skip
from mpspec import contexts_preload  # noqa: F401  # isort: skip
from mpspec import contexts_pickling  # noqa: F401  # isort: skip
from mpspec import contexts_main  # noqa: F401  # isort: skip
from mpspec.contexts_chapter import chapter

__all__ = ["chapter"]
