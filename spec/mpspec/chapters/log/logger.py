"""Logging: what get_logger and log_to_stderr promise."""

from __future__ import annotations

import io
import logging
import sys
from typing import Any

from mpspec.chapters.log.chapter import chapter
from mpspec.clause import EVERY_METHOD, ITS_CASE, MAY, NO_METHOD, SHOULD, UNSPECIFIED
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


@chapter.clause("log.logger.root-level", passage=f"{STDERR}/2", level=SHOULD, methods=NO_METHOD, fresh=True)
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
    see.true(kept[0] in mp.get_logger().handlers, "the handler of before is there")
    see.equal(len(mp.get_logger().handlers), 2, "the number of handlers")
    see.equal(messages, ["heard by both"], "the messages to the handler of before")


@chapter.clause("log.stderr.format", passage=f"{STDERR}/2", methods=NO_METHOD)
def a_line_has_level_process_and_message(mp: Any, see: See) -> None:
    """A message is written to standard error, and only there, as a line: [level/process name] message."""
    with see.output() as output:
        mp.log_to_stderr().warning("doomed to %s", "fail")
        mp.get_logger().error("doomed")
    name = mp.current_process().name
    see.equal(output.err, f"[WARNING/{name}] doomed to fail\n[ERROR/{name}] doomed\n", "standard error")
    see.equal(output.out, "", "standard output")


@chapter.clause("log.stderr.format-string", passage=f"{STDERR}/2", methods=NO_METHOD)
def the_handler_has_the_documented_format(mp: Any, see: See) -> None:
    """The handler formats a record by '[%(levelname)s/%(processName)s] %(message)s', whoever has made it."""
    (handler,) = mp.log_to_stderr().handlers
    fields = {"levelname": "HIGH", "processName": "Ada", "msg": "%s said", "args": ("all",), "threadName": "other"}
    see.equal(handler.format(logging.makeLogRecord(fields)), "[HIGH/Ada] all said", "the text of a record")


@chapter.clause("log.stderr.replaced", passage=f"{STDERR}/2", methods=NO_METHOD)
def a_replaced_stderr_gets_the_messages(mp: Any, see: See) -> None:
    """The messages go to what sys.stderr is, where it is replaced before log_to_stderr() is called."""
    kept, sys.stderr = sys.stderr, io.StringIO()
    try:
        mp.log_to_stderr().warning("to the replacement")
        written = sys.stderr.getvalue()
    finally:
        sys.stderr = kept
    see.equal(written, f"[WARNING/{mp.current_process().name}] to the replacement\n", "what is written")


@chapter.clause("log.stderr.replaced-later", passage=f"{STDERR}/2", level=MAY, methods=NO_METHOD)
def a_later_stderr_may_get_the_messages(mp: Any, see: See) -> None:
    """Where sys.stderr is replaced after log_to_stderr(), the messages go either to what it was or to what it is."""
    kept, at_call, at_message = sys.stderr, io.StringIO(), io.StringIO()
    try:
        sys.stderr = at_call
        logger = mp.log_to_stderr()
        sys.stderr = at_message
        logger.warning("to one of the two")
    finally:
        sys.stderr = kept
    texts = [at_call.getvalue(), at_message.getvalue()]
    line = f"[WARNING/{mp.current_process().name}] to one of the two\n"
    see.equal(sorted(texts), ["", line], "what is written to the two")
    see.records(at_call=bool(texts[0]))


@chapter.clause("log.stderr.name", passage=f"{STDERR}/2", level=SHOULD, methods=NO_METHOD)
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
    cases={"info": logging.INFO, "between": 15, "highest": logging.CRITICAL},
)
def the_level_of_the_logger_is_set(mp: Any, see: See, level: int) -> None:
    """log_to_stderr(level) sets the level of the logger."""
    see.equal(mp.log_to_stderr(level).level, level, "the level")


@chapter.clause(
    "log.stderr.level-name",
    passage=f"{STDERR}/3",
    level=SHOULD,
    methods=NO_METHOD,
    cases={"info": ("INFO", 20), "highest": ("CRITICAL", 50)},
)
def the_level_may_be_given_by_its_name(mp: Any, see: See, case: tuple[str, int]) -> None:
    """log_to_stderr(level) takes the name of a level, as a logger does."""
    name, number = case
    see.equal(mp.log_to_stderr(name).level, number, "the level")


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
    name = mp.current_process().name
    see.equal(output.err, f"[ERROR/{name}] high enough\n[INFO/{name}] high enough again\n", "standard error")


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
