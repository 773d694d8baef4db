"""The trivial main program of every measurement: a child that imports it again pays next to nothing.

Usage: worker.py CHAPTER FIGURE MODULE COUNT
"""

if __name__ == "__main__":
    import sys

    import paired

    paired.worker(*sys.argv[1:])
