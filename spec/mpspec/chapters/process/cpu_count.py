"""cpu_count(): the number of CPUs of the system."""

from __future__ import annotations

import os
from typing import Any

from mpspec.chapters.process.chapter import chapter
from mpspec.clause import NO_METHOD, UNSPECIFIED
from mpspec.observation.affinity import one_cpu
from mpspec.observation.see import See

CPU_COUNT = "multiprocessing.cpu_count"


@chapter.clause("cpu_count.number", passage=f"{CPU_COUNT}/2,1,7", methods=NO_METHOD)
def cpu_count_counts_the_cpus(mp: Any, see: See) -> None:
    """cpu_count() is the number of CPUs of the system, as os.cpu_count() tells it: an integer above zero."""
    see.signature(mp.cpu_count, "()")
    see.returns(os.cpu_count(), mp.cpu_count)
    see.true(type(mp.cpu_count()) is int and mp.cpu_count() > 0, "an integer above zero", mp.cpu_count())


@chapter.clause("cpu_count.not-usable", passage=f"{CPU_COUNT}/3", methods=NO_METHOD, platforms=("linux",))
def cpu_count_does_not_ask_who_may_use_them(mp: Any, see: See) -> None:
    """cpu_count() does not depend on the CPUs that the process may use."""
    before = mp.cpu_count()
    with one_cpu():
        see.returns(before, mp.cpu_count)


UNKNOWN = """\
import os
os.cpu_count = os.process_cpu_count = lambda: None
import multiprocessing
try:
    print(multiprocessing.cpu_count())
except NotImplementedError:
    print("not known")
"""


@chapter.clause("cpu_count.unknown", passage=f"{CPU_COUNT}/5,7", methods=NO_METHOD, since="3.13")
def cpu_count_says_that_it_does_not_know(mp: Any, see: See) -> None:
    """cpu_count() raises NotImplementedError where the functions of os that it wraps do not know the number of CPUs."""
    ended = see.program(UNKNOWN)
    see.equal((ended.status, ended.out, ended.err), (0, "not known\n", ""), "status, out, err")


COUNT = """\
import multiprocessing
print(multiprocessing.cpu_count())
"""


@chapter.clause("cpu_count.environment", passage=f"{CPU_COUNT}/7", methods=NO_METHOD, since="3.13")
def the_environment_overrides_cpu_count(mp: Any, see: See) -> None:
    """The environment variable PYTHON_CPU_COUNT overrides what cpu_count() returns."""
    ended = see.program(COUNT, env={"PYTHON_CPU_COUNT": "97"})
    see.equal((ended.status, ended.out, ended.err), (0, "97\n", ""), "status, out, err")


@chapter.clause("cpu_count.flag", passage=f"{CPU_COUNT}/7", methods=NO_METHOD, since="3.13")
def a_flag_overrides_cpu_count(mp: Any, see: See) -> None:
    """The interpreter's option -X cpu_count overrides what cpu_count() returns."""
    ended = see.program(COUNT, flags=("-X", "cpu_count=93"), env={"PYTHON_CPU_COUNT": None})
    see.equal((ended.status, ended.out, ended.err), (0, "93\n", ""), "status, out, err")


@chapter.clause(
    "cpu_count.flag-and-environment",
    source=CPU_COUNT,
    level=UNSPECIFIED,
    methods=NO_METHOD,
    since="3.13",
)
def flag_against_environment(mp: Any, see: See) -> None:
    """Which of -X cpu_count and PYTHON_CPU_COUNT goes first, and what the value 'default' does, is left open."""
    both = see.program(COUNT, flags=("-X", "cpu_count=93"), env={"PYTHON_CPU_COUNT": "97"}).out
    default = see.program(COUNT, flags=("-X", "cpu_count=default"), env={"PYTHON_CPU_COUNT": "97"}).out
    see.records(both=both, default=default)
