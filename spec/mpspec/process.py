"""Process and exceptions: what a process object promises, from its constructor to the end of its child.

With it go the functions that speak of processes: active_children, cpu_count, current_process, parent_process,
freeze_support, set_executable. This module gathers the parts, in the order of the page.
"""

from __future__ import annotations

# isort: off
from mpspec.process_chapter import chapter
from mpspec import process_object, process_identity, process_start, process_join, process_state, process_sentinel
from mpspec import process_end, process_termination, process_family, process_program, process_miscellany

# isort: on

__all__ = ["chapter"]

PARTS = (
    process_object,
    process_identity,
    process_start,
    process_join,
    process_state,
    process_sentinel,
    process_end,
    process_termination,
    process_family,
    process_program,
    process_miscellany,
)
"""The modules that enter the clauses."""
