"""Clauses above UNSPECIFIED that rest on no passage: what each of them demands, and what the page leaves open.

A debt, not a licence: an entry ends when the clause is given its passage, or the level that the page supports.
"""

from __future__ import annotations

UNFOUNDED: dict[str, str] = {}
"""Id of a clause -> what it demands and the page never says."""
