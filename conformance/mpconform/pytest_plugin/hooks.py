"""The pytest plugin: where pytest asks, and which module answers."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from mpspec.clause import METHODS, Level
from mpspec.loader import CHAPTERS

from mpconform.errors import Unusable
from mpconform.pytest_plugin import options
from mpconform.pytest_plugin.gatherer import Gatherer
from mpconform.pytest_plugin.items import ChapterModule, is_chapter
from mpconform.pytest_plugin.run import FLAGS, MEASURED, RUN, Run


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of a conformance run."""
    options.add(parser)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Check the options and the ground before anything is collected."""
    for name in (*CHAPTERS, *METHODS, *(level.value.lower() for level in Level)):
        config.addinivalue_line("markers", f"{name}: a check of this chapter, start method or level")
    if config.getoption("impl", None) is None:
        idle = options.without_implementation(config)
        if idle is not None:
            pytest.exit(f"{idle} goes with --impl; name the implementation, as in --impl=reference", returncode=2)
        return
    try:
        run = Run(config)
        if not hasattr(config, "workerinput") and not config.option.collectonly:
            run.test()
    except Unusable as error:
        pytest.exit(str(error), returncode=error.status)
    config.stash[RUN] = run


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Hand the flags of this interpreter, and what was measured, to a worker of xdist."""
    if RUN in node.config.stash:
        run = node.config.stash[RUN]
        node.workerinput[FLAGS] = run.flags
        node.workerinput[MEASURED] = {method: dict(kept) for method, kept in run.adapter.measured.items()}


@pytest.hookimpl(tryfirst=True, optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """`-n auto` of a conformance run: three workers for two cores, since checks wait for processes to begin and end."""
    if config.getoption("impl", None) is None or "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ:
        return None  # as xdist has it
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return (3 * cores + 1) // 2


def pytest_report_header(config: pytest.Config) -> list[str]:
    """What the smoke stage saw."""
    return config.stash[RUN].notes if RUN in config.stash else []


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """A module that holds a chapter is collected as its checks."""
    if is_chapter(module_path) or module_path.parent.name == "conformance":
        return ChapterModule.from_parent(parent, path=module_path)
    return None


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """The chapters of the installed spec are collected too: `pytest --pyargs mpspec`."""
    named = parent.session.isinitpath(file_path)  # a file that is named itself is collected as a module anyway
    if not named and is_chapter(file_path):
        return ChapterModule.from_parent(parent, path=file_path)
    return None


@pytest.hookimpl(trylast=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Gather where the terminal is; workers only judge."""
    config = session.config
    if RUN in config.stash and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Gatherer(config), "mpconform-gatherer")


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the zygote."""
    if RUN in config.stash:
        config.stash[RUN].judge.close()
