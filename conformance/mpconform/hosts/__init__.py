"""What runs in the interpreter under test: zygote and host. Standard library only, CPython >= 3.9 and PyPy."""
