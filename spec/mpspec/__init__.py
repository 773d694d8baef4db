"""What the documentation of multiprocessing promises, as clauses that run.

Every chapter is a module of this package and holds one `Chapter`. Nothing here knows a test runner, the
engine or any implementation: a clause is handed the implementation under test (`mp`) and the means of
observation (`see`). Standard library only, CPython >= 3.9 and PyPy.
"""

CHAPTERS = ("process", "contexts", "connection", "listeners", "queues", "synchronize", "sharedctypes", "log")
"""The chapters that are written, in the order in which a run takes them; each is the module of that name."""
