"""The engine: runs the clauses of mpspec against an implementation, each in a host of its own, and judges."""

__version__ = "0.1.0"
