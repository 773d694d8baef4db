"""Logging: what get_logger and log_to_stderr promise."""

from __future__ import annotations

import io
import logging
import sys
from typing import Any

from mpspec.chapters.log.chapter import chapter
from mpspec.chapters.log.targets import post_logger, warn, warn_on_stderr
from mpspec.clause import EVERY_METHOD, ITS_CASE, NO_METHOD, UNSPECIFIED
from mpspec.observation.see import See

GET = "multiprocessing.get_logger"
STDERR = "multiprocessing.log_to_stderr"
METHODS = {"fork": "fork", "spawn": "spawn", "forkserver": "forkserver"}


def collector(logger: logging.Logger) -> list[str]:
    """Add a handler to the logger that collects its messages: the list of them."""
    messages: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: messages.append(record.getMessage())  # type: ignore[method-assign]
    logger.addHandler(handler)
    return messages


# get_logger


@chapter.clause("log.logger.signature", passage=f"{GET}/1", methods=NO_METHOD)
def the_logger_is_asked_without_arguments(mp: Any, see: See) -> None:
    """get_logger takes no argument."""
    see.signature(mp.get_logger, "()")


@chapter.clause("log.logger.type", passage=f"{GET}/2,5", methods=NO_METHOD)
def the_logger_is_one_of_the_logging_package(mp: Any, see: See) -> None:
    """get_logger() returns a logging.Logger, other than the root logger."""
    logger = mp.get_logger()
    see.true(isinstance(logger, logging.Logger), "it is a logging.Logger", type(logger))
    see.true(logger is not logging.getLogger(), "it is not the root logger")


@chapter.clause("log.logger.one", passage=f"{GET}/3,2", methods=NO_METHOD)
def there_is_one_logger(mp: Any, see: See) -> None:
    """get_logger() creates the logger at its first call and returns the same at every further one."""
    see.true(mp.get_logger() is mp.get_logger(), "both calls return the same logger")


@chapter.clause("log.logger.name", source=GET, level=UNSPECIFIED, methods=NO_METHOD)
def the_logger_has_the_name_of_the_package(mp: Any, see: See) -> None:
    """The logger has the package's name, by which logging.getLogger() returns it."""
    logger = mp.get_logger()
    see.records(name=logger.name, registered=logging.getLogger(logger.name) is logger)


@chapter.clause("log.logger.level-notset", passage=f"{GET}/4", methods=NO_METHOD, fresh=True)
def a_new_logger_has_the_level_notset(mp: Any, see: See) -> None:
    """The logger that get_logger() creates has the level NOTSET."""
    see.equal(mp.get_logger().level, logging.NOTSET, "the level")


@chapter.clause("log.logger.no-handler", passage=f"{GET}/4", methods=NO_METHOD, fresh=True)
def a_new_logger_has_no_handler(mp: Any, see: See) -> None:
    """The logger that get_logger() creates has no handler."""
    see.equal(mp.get_logger().handlers, [], "the list of handlers")


@chapter.clause("log.logger.no-propagation", passage=f"{GET}/5", methods=NO_METHOD, fresh=True)
def messages_do_not_reach_the_root_logger(mp: Any, see: See) -> None:
    """A message to the logger does not reach the handlers of the root logger."""
    logger = mp.get_logger()
    at_root, own = collector(logging.getLogger()), collector(logger)
    logger.critical("between ourselves")
    see.equal((own, at_root), (["between ourselves"], []), "the messages to the own handler and to that of the root")


@chapter.clause("log.logger.root-level", source=GET, methods=NO_METHOD, fresh=True)
def the_root_logger_is_left_alone(mp: Any, see: See) -> None:
    """get_logger() and log_to_stderr() change neither level nor handlers of the root logger."""
    root = logging.getLogger()
    before = root.level, list(root.handlers)
    mp.get_logger()
    mp.log_to_stderr(logging.DEBUG)
    see.equal((root.level, root.handlers), before, "level and handlers of the root logger")


@chapter.clause("log.logger.keeps-level", passage=f"{GET}/4,3,5", methods=NO_METHOD)
def a_further_call_keeps_what_was_set(mp: Any, see: See) -> None:
    """A further call of get_logger() leaves level, handlers and propagation as they were set."""
    logger = mp.get_logger()
    messages = collector(logger)
    logger.setLevel(logging.ERROR)
    logger.propagate = True
    mp.get_logger().error("still heard")
    mp.get_logger().warning("still too low")
    see.equal((messages, logger.propagate), (["still heard"], True), "the messages, and the propagation")


@chapter.clause("log.logger.silent", passage=f"{GET}/4,5", methods=EVERY_METHOD)
def nothing_is_logged_by_default(mp: Any, see: See) -> None:
    """A program that asks for no logging starts and joins processes in silence."""
    program = see.program(SILENT, mp.get_start_method())
    see.equal((program.status, program.out, program.err), (0, "", ""), "status and outputs")


SILENT = """\
import logging
import multiprocessing
import sys


def nothing():
    pass


if __name__ == "__main__":
    logging.basicConfig(level=logging.DEBUG)
    multiprocessing.set_start_method(sys.argv[1])
    multiprocessing.get_logger()
    child = multiprocessing.Process(target=nothing)
    child.start()
    child.join()
"""


@chapter.clause(
    "log.logger.contexts",
    passage=(f"{GET}/2", f"{STDERR}/2", "multiprocessing.get_context/2"),
    methods=NO_METHOD,
    cases=METHODS,
    uses=ITS_CASE,
)
def every_context_has_the_same_logger(mp: Any, see: See, method: str) -> None:
    """get_logger() and log_to_stderr() of a context return the module's logger."""
    context = mp.get_context(method)
    see.true(context.get_logger() is mp.get_logger(), "get_logger() returns the module's")
    see.true(context.log_to_stderr() is mp.get_logger(), "log_to_stderr() returns the module's")


# log_to_stderr


@chapter.clause("log.stderr.signature", passage=f"{STDERR}/1", methods=NO_METHOD)
def the_level_can_be_given(mp: Any, see: See) -> None:
    """log_to_stderr takes level, by default None."""
    see.signature(mp.log_to_stderr, "(level=None)")


@chapter.clause("log.stderr.returns", passage=f"{STDERR}/2", methods=NO_METHOD)
def the_logger_is_returned(mp: Any, see: See) -> None:
    """log_to_stderr() returns the logger of get_logger()."""
    see.true(mp.log_to_stderr() is mp.get_logger(), "both are the same")


@chapter.clause("log.stderr.adds", passage=f"{STDERR}/2", methods=NO_METHOD)
def a_handler_is_added(mp: Any, see: See) -> None:
    """log_to_stderr() adds one handler to the logger and keeps those that it has."""
    messages = collector(mp.get_logger())
    kept = list(mp.get_logger().handlers)
    with see.output():
        mp.log_to_stderr().warning("heard by both")
    see.equal(mp.get_logger().handlers[:1], kept, "the list with the handler of before")
    see.equal(len(mp.get_logger().handlers), 2, "the number of handlers")
    see.equal(messages, ["heard by both"], "the messages to the handler of before")


@chapter.clause("log.stderr.format", passage=f"{STDERR}/2", methods=NO_METHOD)
def a_line_has_level_process_and_message(mp: Any, see: See) -> None:
    """A message is written to standard error, and only there, as a line: [level/process name] message."""
    with see.output() as output:
        mp.log_to_stderr().warning("doomed to %s", "fail")
        mp.get_logger().error("doomed")
    see.equal(output.err, "[WARNING/MainProcess] doomed to fail\n[ERROR/MainProcess] doomed\n", "standard error")
    see.equal(output.out, "", "standard output")


@chapter.clause("log.stderr.format-string", passage=f"{STDERR}/2", methods=NO_METHOD)
def the_handler_has_the_documented_format(mp: Any, see: See) -> None:
    """The handler writes to sys.stderr and formats by '[%(levelname)s/%(processName)s] %(message)s'."""
    (handler,) = mp.log_to_stderr().handlers
    see.true(handler.stream is sys.stderr, "its stream is sys.stderr")
    see.equal(handler.formatter._fmt, "[%(levelname)s/%(processName)s] %(message)s", "the format")


@chapter.clause("log.stderr.replaced", passage=f"{STDERR}/2", methods=NO_METHOD)
def a_replaced_stderr_gets_the_messages(mp: Any, see: See) -> None:
    """The messages go to what sys.stderr is when log_to_stderr() is called."""
    kept, sys.stderr = sys.stderr, io.StringIO()
    try:
        mp.log_to_stderr().warning("to the replacement")
        written = sys.stderr.getvalue()
    finally:
        sys.stderr = kept
    see.equal(written, "[WARNING/MainProcess] to the replacement\n", "what is written")


@chapter.clause("log.stderr.name", passage=f"{STDERR}/2", methods=NO_METHOD)
def the_current_name_of_the_process_is_written(mp: Any, see: See) -> None:
    """A line names the process as it is called when the message is logged."""
    with see.output() as output:
        mp.log_to_stderr()
        mp.current_process().name = "Ada"
        mp.get_logger().warning("renamed")
    see.equal(output.err, "[WARNING/Ada] renamed\n", "standard error")


@chapter.clause(
    "log.stderr.level",
    passage=f"{STDERR}/3",
    methods=NO_METHOD,
    cases={"number": (logging.INFO, 20), "name": ("INFO", 20), "between": (15, 15), "highest": ("CRITICAL", 50)},
)
def the_level_of_the_logger_is_set(mp: Any, see: See, case: tuple[Any, int]) -> None:
    """log_to_stderr(level) sets the level of the logger, which is given as number or name."""
    level, number = case
    see.equal(mp.log_to_stderr(level).level, number, "the level")


@chapter.clause("log.stderr.level-keyword", passage=f"{STDERR}/3,1", methods=NO_METHOD)
def the_level_can_be_given_by_keyword(mp: Any, see: See) -> None:
    """log_to_stderr(level=...) sets the level of the logger."""
    see.equal(mp.log_to_stderr(level=logging.ERROR).level, logging.ERROR, "the level")


@chapter.clause("log.stderr.level-notset", passage=f"{STDERR}/3", methods=NO_METHOD)
def the_level_notset_is_set_too(mp: Any, see: See) -> None:
    """log_to_stderr(NOTSET) sets the level NOTSET, whatever the logger had before."""
    mp.get_logger().setLevel(logging.ERROR)
    see.equal(mp.log_to_stderr(logging.NOTSET).level, logging.NOTSET, "the level")


@chapter.clause(
    "log.stderr.level-none", passage=f"{STDERR}/3,1", methods=NO_METHOD, cases={"left-out": (), "none": (None,)}
)
def without_a_level_the_level_stays(mp: Any, see: See, arguments: tuple[Any, ...]) -> None:
    """log_to_stderr() and log_to_stderr(None) leave the level of the logger as it is."""
    mp.get_logger().setLevel(logging.ERROR)
    see.equal(mp.log_to_stderr(*arguments).level, logging.ERROR, "the level")


@chapter.clause("log.stderr.threshold", passage=f"{STDERR}/3,2", methods=NO_METHOD)
def messages_below_the_level_are_not_written(mp: Any, see: See) -> None:
    """Messages on the level that was set and above are written, those below are not."""
    with see.output() as output:
        logger = mp.log_to_stderr(logging.ERROR)
        logger.warning("too low")
        logger.error("high enough")
        logger.setLevel(logging.INFO)
        logger.debug("too low again")
        logger.info("high enough again")
    see.equal(output.err, "[ERROR/MainProcess] high enough\n[INFO/MainProcess] high enough again\n", "standard error")


@chapter.clause("log.stderr.twice", source=STDERR, level=UNSPECIFIED, methods=NO_METHOD)
def a_second_call_adds_a_second_handler(mp: Any, see: See) -> None:
    """A second call of log_to_stderr() adds a second handler, so that every line comes twice."""
    with see.output() as output:
        mp.log_to_stderr()
        mp.log_to_stderr().warning("said")
    see.records(lines=output.err.count("said"))


@chapter.clause("log.stderr.example", passage="logging/4", methods=NO_METHOD)
def a_program_logs_to_standard_error(mp: Any, see: See) -> None:
    """A program that calls log_to_stderr() and sets a level sees its own messages first on standard error."""
    program = see.program(EXAMPLE)
    see.equal((program.status, program.out), (0, "done\n"), "status and output")
    see.equal(
        program.err.splitlines()[:2], ["[WARNING/MainProcess] look out", "[INFO/MainProcess] noted"], "the first lines"
    )


EXAMPLE = """\
import logging
import multiprocessing

if __name__ == "__main__":
    logger = multiprocessing.log_to_stderr()
    logger.setLevel(logging.INFO)
    logger.warning("look out")
    logger.info("noted")
    logger.debug("not noted")
    print("done", flush=True)
"""

# Children


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
    passage=("multiprocessing-start-method-fork/3,2", f"{STDERR}/2", "multiprocessing.Process.name/7"),
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
    promised = "[WARNING/Process-1] from below\n[WARNING/MainProcess] from above\n"
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
def a_child_on_windows_inherits_the_level_alone(mp: Any, see: See) -> None:
    """On Windows a child inherits the level of its parent's logger, and no other customisation of it."""
    program = see.program(CUSTOMISED)
    see.equal((program.status, program.out), (0, "40 []\n"), "status and output")


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
