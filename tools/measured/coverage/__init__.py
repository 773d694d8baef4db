"""Stands in for coverage in the interpreters of a measured run: marks each arc of the reference as it is run.

The start-up file that coverage has in each site imports this instead, which comes first on PYTHONPATH. Marks lie in
memory that all processes share and a file keeps: nothing is lost where one is killed, nothing has to be saved at its
end, and no descriptor stays open that the program could see or close. It imports as little as it can, since programs
tell what they find imported.

An arc goes from a line to the next one, from minus the first line of a function as it begins, to that as it returns:
as `coverage.CoverageData.add_arcs` takes it.
"""

from __future__ import annotations

import _thread
import ctypes
import marshal
import os
import sys
from collections.abc import Callable, Mapping
from types import FrameType
from typing import Any

LAYOUT = "REACHED_LAYOUT"
"""Environment variable: path of a marshalled Layout; the marks lie beside it, in a file with the suffix MARKS."""
MARKS = ".marks"
PACKAGE = "/mpref/"
PYTHON = (3, 11)
RESUME, PUSH_EXC_INFO = 151, 35  # in its code

Layout = dict[str, tuple[int, int]]
"""Path below the package -> where the marks of the file begin, and how many lines it has. A mark is a byte."""


def size(lines: int) -> int:
    """How many marks a file with so many lines has."""
    return (2 * lines + 1) ** 2


def place(begin: int, lines: int, left: int, entered: int) -> int:
    """Where the mark of an arc is."""
    return begin + (left + lines) * (2 * lines + 1) + entered + lines


def process_startup(**_: Any) -> None:
    """Mark what this process runs from now on, in each of its threads and forks."""
    path = os.environ.get(LAYOUT)
    if path is not None and sys.version_info[:2] == PYTHON and sys.gettrace() is None:
        with open(path, "rb") as file:
            layout = marshal.load(file)
        _follow(_tracer(layout, _shared(path + MARKS)))


def _shared(path: str) -> Any:
    """The bytes of the file as memory. The module mmap would keep its descriptor."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.mmap.restype = ctypes.c_void_p
    libc.mmap.argtypes = (ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long)
    file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        length = os.fstat(file).st_size
        address = libc.mmap(None, length, 3, 1, file, 0)  # read and write, shared
    finally:
        os.close(file)
    if address == ctypes.c_void_p(-1).value:
        raise OSError(ctypes.get_errno(), path)
    return (ctypes.c_ubyte * length).from_address(address)


def _tracer(layout: Layout, marks: Any) -> Callable[[FrameType, str, Any], Any]:
    """The function for sys.settrace."""
    files: dict[str, tuple[int, int] | None] = {}

    class Frame:
        """What is called for each line of a frame, and as it returns; it knows the line before.

        A handler of a signal runs wherever Python does, so here, too: what it raises ends all tracing of the thread.
        The interpreter then has this begin again.
        """

        __slots__ = ("begin", "first", "last", "lines")
        begin: int
        first: int
        last: int
        lines: int

        def __call__(self, frame: FrameType, event: str, arg: Any) -> Frame:
            try:
                if event == "line":
                    if frame.f_code.co_code[frame.f_lasti] != PUSH_EXC_INFO:  # the line of its try, once more
                        entered = frame.f_lineno
                        marks[place(self.begin, self.lines, self.last, entered)] = 1
                        self.last = entered
                elif event == "return":
                    code, after = frame.f_code.co_code, frame.f_lasti + 2
                    if after >= len(code) or code[after] != RESUME:  # else it yields
                        marks[place(self.begin, self.lines, self.last, -self.first)] = 1
            except BaseException:
                again(frame, self)
                raise
            return self

    def enter(frame: FrameType, event: str, arg: Any) -> Frame | None:
        try:
            code = frame.f_code
            name = code.co_filename
            if name not in files:
                files[name] = layout.get(name.rpartition(PACKAGE)[2]) if PACKAGE in name else None
            where = files[name]
            if where is None:
                return None
            seen = Frame()
            seen.begin, seen.lines = where
            seen.first = code.co_firstlineno
            resumed = code.co_code[frame.f_lasti + 1]  # zero where it begins; else a generator goes on
            seen.last = (frame.f_lineno or 0) if resumed else -seen.first
        except BaseException:
            again(None, None)
            raise
        return seen

    pending: list[tuple[FrameType | None, Frame | None]] = []

    @ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)
    def begin_again(_: Any) -> int:
        frame, seen = pending.pop()
        if frame is not None:
            frame.f_trace = seen
        sys.settrace(enter)
        return 0

    def again(frame: FrameType | None, seen: Frame | None) -> None:
        pending.append((frame, seen))
        ctypes.pythonapi.Py_AddPendingCall(begin_again, None)  # in the main thread, as every handler

    return enter


def _follow(tracer: Callable[[FrameType, str, Any], Any]) -> None:
    """Trace this thread, and those that begin from now on."""
    start = _thread.start_new_thread

    def start_traced(function: Any, args: Any, kwargs: Mapping[str, Any] = {}) -> int:  # only read
        def traced(*args: Any, **kwargs: Any) -> None:
            sys.settrace(tracer)
            function(*args, **kwargs)

        return start(traced, args, dict(kwargs))

    _thread.start_new_thread = start_traced
    sys.settrace(tracer)
