"""The grammar that `run`, `list`, `explain` and `verify` share: which clauses are meant, and how they are judged."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable

from mpconform import quantities
from mpconform.adapters.adapter import Adapter, adapter
from mpconform.adapters.interpreters import Interpreter, interpreter
from mpconform.driver.zygotes import DEADLINE
from mpconform.environments.environment import prepared
from mpconform.pytest_plugin.options import CHOSEN, JUDGED, TIMED, Option
from mpconform.pytest_plugin.run import methods
from mpconform.selection import Selection, select

WORDS = "ID is a clause, a check such as 'queue.put.full[spawn]', or the beginning of ids: queue.put is all below it."


def add_choice(parser: argparse.ArgumentParser) -> None:
    """What says which clauses and checks are meant."""
    add_options(parser.add_argument_group("which clauses", WORDS), CHOSEN)


def add_judged(parser: argparse.ArgumentParser, *, required: bool = True) -> None:
    """What says who is judged."""
    group = parser.add_argument_group("what is judged")
    for option in JUDGED:
        needed = required and option.short == "impl"
        group.add_argument(f"--{option.short}", **{**option.attributes, "required": needed})


def add_timed(parser: argparse.ArgumentParser) -> None:
    """What says how long things may take."""
    add_options(parser.add_argument_group("how long it may take"), TIMED)


def add_options(group: argparse._ArgumentGroup, options: Iterable[Option]) -> None:
    """Options under their short names."""
    for option in options:
        group.add_argument(f"--{option.short}", **option.attributes)


def selection(options: argparse.Namespace) -> Selection:
    """The clauses that the words and options choose. Raises Unusable for what there is not."""
    return select(options.words, options.impl_chapter, options.impl_level)


def reached(options: argparse.Namespace) -> tuple[Adapter, Interpreter, tuple[str, ...]]:
    """The implementation, its interpreter, and the start methods wanted of it. Raises Unusable."""
    running = interpreter(options.impl_python)
    found = adapter(options.impl, running, times(options)[0])
    if options.impl_environment:
        running = prepared(found, running, tell)
    return found, running, methods(found, options.impl_start_method)


def tell(line: str) -> None:
    """Say what takes a while, before it does."""
    print(f"mpconform: {line}", file=sys.stderr, flush=True)


def known_methods(options: argparse.Namespace) -> tuple[str, ...]:
    """The start methods wanted, of whatever implementation. Raises Unusable for one that there is not."""
    return methods(Adapter("any implementation", ""), options.impl_start_method) if options.impl_start_method else ()


def times(options: argparse.Namespace) -> tuple[float, float]:
    """Patience, as a factor, and the deadline of a check, in seconds before patience. Raises Unusable."""
    patience, deadline = options.impl_patience, options.impl_deadline
    return (
        1.0 if patience is None else quantities.factor("patience", patience),
        DEADLINE if deadline is None else quantities.seconds("deadline", deadline),
    )
