"""What no clause expects, whatever else it expects on standard error: exceptions that nobody was to see, leaks.

A clause captures what its children are to write. What else is found there is passed on to the standard error stream
of the host, where the engine takes note of all that it sees.
"""

from __future__ import annotations

import os
import re

_NOISE = re.compile(
    r"""
    ^(?: Exception\ (ignored|in\ thread)\ | Error\ in\ (atexit|sys)\. | Fatal\ Python\ error
       | .*\bResourceWarning:\  | .*\bresource_tracker:\  ) .*\n
    (?:\ .*\n)*
    (?: Traceback\ .*\n (?:\ .*\n)* .*\n )?
    """,
    re.MULTILINE | re.VERBOSE,
)
"""What the interpreter says of itself, of a destructor, a thread, an exit handler, a leak, with the lines below it."""


def unexpected(text: str) -> str:
    """The lines that no clause expects, of a text that was captured."""
    return "".join(found.group() for found in _NOISE.finditer(text.rstrip("\n") + "\n"))


_LOGGED = re.compile(r"^\[[A-Z]+/[^\]\n]*\] .*(?:\n|\Z)", re.MULTILINE)
"""A line of the logger of the package, which writes to standard error when log_to_stderr() has asked it to."""


def but_logged(text: str) -> str:
    """A text of a standard stream without what the logger of the package has written."""
    return _LOGGED.sub("", text)


def pass_on(text: str) -> None:
    """Write what no clause expects of a text to the host's own standard error."""
    noise = unexpected(text)
    if noise:
        os.write(2, noise.encode("utf-8", "backslashreplace"))
