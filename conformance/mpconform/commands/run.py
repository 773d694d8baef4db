"""`mpconform run`: judge an implementation. It is pytest over the chapters of the installed spec, in any folder.

It obeys no settings that are meant for the tests of a project: neither those of the folder where it is called, nor
PYTEST_ADDOPTS.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import tempfile
from pathlib import Path

import pytest

from mpconform import quantities, shards
from mpconform.commands import grammar
from mpconform.errors import Unusable
from mpconform.pytest_plugin.options import CHOSEN, OPTIONS, RECORDED, SHARD
from mpconform.pytest_plugin.selection import module

HELP = "judge an implementation, by all clauses or by those chosen"
SETTINGS = Path(__file__).with_name("run.ini")
"""The settings of pytest in place of those of the folder."""
PYTESTS = (
    ("-n", "--jobs", "NUMBER|auto", "so many workers at once (pytest-xdist)"),
    ("-x", "--exitfirst", "", "stop at the first failure"),
    ("", "--maxfail", "NUMBER", "stop after so many failures"),
    ("-k", "", "EXPRESSION", "only checks whose names match, as in 'put and not timeout'"),
    ("-m", "", "EXPRESSION", "only checks of these chapters, levels and methods, as in 'queues and must and spawn'"),
    ("--lf", "--last-failed", "", "only the checks that failed the last time"),
    ("--ff", "--failed-first", "", "those that failed the last time first"),
    ("--sw", "--stepwise", "", "stop at a failure and go on from there the next time"),
    ("-v", "--verbose", "", "more: a line for each check; can be given again"),
    ("-q", "--quiet", "", "less; can be given again"),
    ("--co", "--collect-only", "", "name the checks and judge none"),
    ("", "--durations", "NUMBER", "so many of the slowest checks"),
    ("", "--tb", "STYLE", "what is shown of a failure: auto, line or no"),
    ("", "--color", "WHEN", "yes, no or auto"),
    ("", "--junitxml", "FILE", "write the run as a JUnit document there"),
)
"""Options of pytest that need no `--` before them: short and long name, what follows ("" nothing), meaning."""
REMEMBERING = {"--last-failed", "--failed-first", "--stepwise"}


def add(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    parser.usage = "mpconform run --impl=IMPL [ID ...] [OPTION ...] [-- ANYTHING THAT PYTEST TAKES]"
    parser.epilog = "What follows `--` goes to pytest as it is: mpconform run --impl=stdlib log -- -p no:randomly -rA"
    grammar.add_judged(parser)
    grammar.add_choice(parser)
    grammar.add_options(parser.add_argument_group("which part, where several machines do the run"), [SHARD])
    grammar.add_timed(parser)
    grammar.add_options(parser.add_argument_group("what is known, and what is written"), RECORDED)
    group = parser.add_argument_group("the best known of pytest's options")
    for short, long, metavar, help in PYTESTS:
        names = [name for name in (short, long) if name]
        if metavar:
            group.add_argument(*names, dest=long or short, metavar=metavar, help=help)
        else:
            group.add_argument(*names, dest=long or short, action="count", default=0, help=help)


def carry_out(options: argparse.Namespace) -> int:
    """Hand over to pytest. Returns the exit status."""
    grammar.times(options)
    if options.impl_shard is not None:
        shards.shard(options.impl_shard)
    clauses = grammar.selection(options).clauses()
    if options.impl_environment:
        grammar.reached(options)  # what takes a while is told: pytest would capture it
    chapters = dict.fromkeys(clause.chapter for clause in clauses)
    words = ["--pyargs", *map(module, chapters), *_settings(options), *_ours(options), *_pytests(options)]
    for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS"):
        os.environ.pop(name, None)
    status = pytest.main([*words, *options.rest])
    # pytest's own: 2 interrupted or our usage, 3 internal or our broken adapter, 4 usage, 5 nothing collected.
    return {4: 2, 5: 3}.get(int(status), int(status))


def _settings(options: argparse.Namespace) -> list[str]:
    """What keeps the run to itself, in any folder and with any plugins."""
    words = ["-c", str(SETTINGS), f"--rootdir={os.getcwd()}", "--noconftest", "--import-mode=importlib"]
    words += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]  # this command has imported the plugin already
    if not __debug__:  # pytest's own assertions are not what judges
        words += ["-W", "ignore:assertions not in test modules or plugins will be ignored"]
    if os.environ.get("PYTEST_DISABLE_PLUGIN_AUTOLOAD"):
        words += ["-p", "mpconform.pytest_plugin.hooks"]
        words += ["-p", "xdist.plugin"] if importlib.util.find_spec("xdist") else []
    cache = _cache()
    if cache is not None:
        return [*words, "-o", f"cache_dir={cache}"]
    asked = [name for name in sorted(REMEMBERING) if getattr(options, name)]
    if asked:
        raise Unusable(
            f"{asked[0]}: what failed is remembered in {_home()}, which cannot be written; set XDG_CACHE_HOME"
        )
    return [*words, "-p", "no:cacheprovider"]


def _ours(options: argparse.Namespace) -> list[str]:
    """Our own options, under the names that pytest knows."""
    chosen = {option.short for option in CHOSEN}
    words = [f"--impl-clause={word}" for word in options.words]
    for option in OPTIONS:
        value = getattr(options, option.dest, None)
        if option.short in chosen:
            words += [f"{option.name}={each}" for each in value or ()]
        elif value is True:
            words.append(option.name)
        elif value:
            words.append(f"{option.name}={value}")
    return words


def _pytests(options: argparse.Namespace) -> list[str]:
    """Options of pytest that were given without `--`."""
    words = []
    for short, long, metavar, _ in PYTESTS:
        value = getattr(options, long or short)
        if not metavar:
            words += [long] * value
        elif value is not None and short == "-n":
            words += ["-n", _workers(value)]
        elif value is not None:
            words += [f"{long}={value}"] if long else [short, value]
    return words


def _workers(wanted: str) -> str:
    if importlib.util.find_spec("xdist") is None:
        raise Unusable(f"-n {wanted}: workers come with pytest-xdist; install it beside mpconform, or leave -n out")
    return wanted if wanted == "auto" else str(quantities.count("jobs", wanted, 0))


def _home() -> Path:
    """Where the user's programs keep what they could do without."""
    named = os.environ.get("XDG_CACHE_HOME", "")
    return Path(named if os.path.isabs(named) else os.path.expanduser("~/.cache"), "mpconform", "pytest")


def _cache() -> Path | None:
    """The folder in which it is remembered what failed: the user's and not the one at hand; None where it has none."""
    folder = _home()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError:
        return None
