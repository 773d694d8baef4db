"""Logging in children: the logger that they find, and under whose name they log."""

from __future__ import annotations

import logging
from typing import Any

from mpspec.chapters.log.chapter import chapter
from mpspec.chapters.log.targets import post_logger, warn, warn_on_stderr
from mpspec.clause import EVERY_METHOD, NO_METHOD, UNSPECIFIED
from mpspec.observation.see import See

GET = "multiprocessing.get_logger"
STDERR = "multiprocessing.log_to_stderr"


@chapter.clause("log.children.name", passage=f"{STDERR}/2", methods=EVERY_METHOD, fresh=True)
def a_child_logs_under_its_own_name(mp: Any, see: See) -> None:
    """A child that calls log_to_stderr() writes to standard error, under its own name."""
    child = mp.Process(target=warn_on_stderr, args=(mp, "from below"), name="Ada")
    with see.output() as output:
        child.start()
        see.exits(child, 0)
    see.equal(output.err, "[WARNING/Ada] from below\n", "standard error")


@chapter.clause(
    "log.children.numbered",
    passage=("multiprocessing-start-method-fork/3,2", f"{STDERR}/2"),
    methods=("fork",),
    fresh=True,
)
def a_forked_child_logs_as_its_parent_does(mp: Any, see: See) -> None:
    """A child by fork has the logger of its parent with level and handlers, and logs under its own name."""
    with see.output() as output:
        mp.log_to_stderr(logging.WARNING)
        child = mp.Process(target=warn, args=(mp, "from below"))
        child.start()
        see.exits(child, 0)
        mp.get_logger().warning("from above")
    promised = f"[WARNING/{child.name}] from below\n[WARNING/{mp.current_process().name}] from above\n"
    see.equal(output.err, promised, "standard error")


@chapter.clause("log.children.new-logger", passage=f"{GET}/4,3,5", methods=("spawn", "forkserver"))
def a_fresh_child_of_a_silent_parent_has_a_new_logger(mp: Any, see: See) -> None:
    """A child by spawn or forkserver whose parent uses no logger creates one as a main process does."""
    box = see.mailbox()
    child = mp.Process(target=post_logger, args=(mp, box))
    child.start()
    see.equal(box.take(), (logging.NOTSET, 0, False), "level, number of handlers and propagation")
    see.exits(child, 0)


@chapter.clause("log.children.inheritance", source=GET, level=UNSPECIFIED, methods=("spawn", "forkserver"), fresh=True)
def a_fresh_child_inherits_level_and_handler(mp: Any, see: See) -> None:
    """A child by spawn or forkserver has the level of its parent's logger and writes to standard error like it."""
    box = see.mailbox()
    child = mp.Process(target=post_logger, args=(mp, box))
    with see.output():
        mp.log_to_stderr(logging.ERROR)
        child.start()
        level, handlers, _ = box.take()
        see.exits(child, 0)
    see.records(level=level == logging.ERROR, handlers=handlers)


@chapter.clause("log.children.windows", passage=f"{GET}/6", methods=NO_METHOD, platforms=("win32",))
def a_child_on_windows_inherits_no_handler(mp: Any, see: See) -> None:
    """On Windows a child inherits no customisation of its parent's logger other than its level."""
    program = see.program(CUSTOMISED)
    see.equal((program.status, program.out.split()[1:]), (0, ["[]"]), "status, and the handlers")


@chapter.clause("log.children.windows-level", source=GET, level=UNSPECIFIED, methods=NO_METHOD, platforms=("win32",))
def whether_a_child_on_windows_has_the_level(mp: Any, see: See) -> None:
    """Whether a child on Windows inherits the level of its parent's logger is left open: translations differ."""
    see.records(level=see.program(CUSTOMISED).out.split()[:1])


CUSTOMISED = """\
import logging
import multiprocessing


def tell():
    logger = multiprocessing.get_logger()
    print(logger.level, logger.handlers, flush=True)


if __name__ == "__main__":
    multiprocessing.get_logger().setLevel(logging.ERROR)
    multiprocessing.get_logger().addHandler(logging.NullHandler())
    child = multiprocessing.Process(target=tell)
    child.start()
    child.join()
"""


@chapter.clause("log.children.own-messages", level=UNSPECIFIED, methods=EVERY_METHOD)
def the_package_logs_what_it_does(mp: Any, see: See) -> None:
    """The package logs start and end of processes on the levels INFO and DEBUG."""
    program = see.program(SELF_TOLD, mp.get_start_method())
    lines = program.err.splitlines()
    see.records(info=sum("[INFO/" in line for line in lines), debug=sum("[DEBUG/" in line for line in lines))


SELF_TOLD = """\
import logging
import multiprocessing
import sys


def nothing():
    pass


if __name__ == "__main__":
    multiprocessing.log_to_stderr(logging.DEBUG)
    multiprocessing.set_start_method(sys.argv[1])
    child = multiprocessing.Process(target=nothing)
    child.start()
    child.join()
"""
