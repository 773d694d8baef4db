"""Clauses for the tests of the engine itself; they promise nothing of the page."""
