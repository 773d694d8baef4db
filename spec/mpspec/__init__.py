"""What the documentation of multiprocessing promises, as clauses that run.

`clause` is the grammar, `chapters` holds the clauses, `observation` what they may say about what they saw, `models`
what a sequence of operations has to come to, `registers` what is known of the page and of the clauses, and `page` how
the two fit. Nothing here knows a test runner, the engine or any implementation: a clause is handed the implementation
under test (`mp`) and the means of observation (`see`). Standard library only, CPython >= 3.9 and PyPy.
"""
