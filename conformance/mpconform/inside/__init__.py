"""What runs in the interpreter under test: zygote and host. Standard library only, CPython >= 3.9 and PyPy.

A request and a verdict are JSON objects; their keys are documented in `mpconform.hosting`, which speaks the
other end.
"""
