"""Paired measurements: implementations side by side, interleaved round by round, as ratios with their spread.

A benchmark, of a chapter or of something else, is a module beside this one: functions marked with `@measure`, and
`main(__name__, __file__)` at its end. Run `python tools/bench/<chapter>.py`; `--help` tells the options. Each figure
comes from a fresh interpreter of its own, so that no implementation warms up another's; what runs there imports nothing
to speak of, since an implementation would find it imported.
"""

from __future__ import annotations

import os
import sys

import clock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
IMPLEMENTATIONS = {
    "stdlib": "multiprocessing",
    "reference": "mpref",
    "multiprocess": "multiprocess",
    "billiard": "billiard",
}
"""Those that offer the whole of what is measured."""
OTHERS = {"faster-fifo": "faster_fifo", "concurrent.futures": "concurrent.futures", "loky": "loky", "mpire": "mpire"}
"""Those that offer some of it, in the figures that name them."""
MODULES = {**IMPLEMENTATIONS, **OTHERS}
BESIDE = "before"
"""The reference of another source tree, such as an older commit's."""
FLOOR = "floor"
QUICK_ROUNDS, QUICK_SHARE = 3, 10
"""Of a quick run: its rounds, and into how many parts the repetitions of a figure are divided."""

Figures = dict[str, list[float]]
"""What was taken: implementation, or FLOOR -> one figure for each round."""


class Measure:
    """One figure. take: (module name, number of repetitions) -> figure in the unit; lower is better unless `more`.

    goal: the ratio to the stdlib that is asked of the reference. floor: the same work by bare system calls.
    """

    def __init__(
        self,
        name: str,
        unit: str,
        take: Callable[[str, int], float],
        count: int,
        goal: float | None,
        floor: Callable[[int], float] | None,
        more: bool,
        only: tuple[str, ...],
    ) -> None:
        self.name, self.unit, self.take, self.count = name, unit, take, count
        self.goal, self.floor, self.more, self.only = goal, floor, more, only


MEASURES: dict[str, Measure] = {}


def measure(
    name: str,
    *,
    unit: str,
    count: int = 1,
    goal: float | None = None,
    floor: Callable[[int], float] | None = None,
    more: bool = False,
    only: tuple[str, ...] = tuple(IMPLEMENTATIONS),
) -> Callable[[Callable[[str, int], float]], Callable[[str, int], float]]:
    """Enter the decorated function as a figure; the parameters are the fields of Measure."""

    def enter(take: Callable[[str, int], float]) -> Callable[[str, int], float]:
        MEASURES[name] = Measure(name, unit, take, count, goal, floor, more, only)
        return take

    return enter


def main(name: str, file: str, table: Callable[[str, Run], None] | None = None) -> None:
    """Run the benchmark of the calling module; nothing where it is only imported, as by a worker.

    table: prints the figures of an interpreter, given by its path; None for one line for each figure.
    """
    if name != "__main__":
        return
    import argparse

    from mpconform import ending

    parser = argparse.ArgumentParser(description=f"Benchmark {_chapter(file)}: ratios to the stdlib, round by round.")
    parser.add_argument("--rounds", type=int, help="default: 7")
    parser.add_argument("--quick", action="store_true", help="a glance: three rounds of a tenth of the repetitions")
    parser.add_argument("--python", action="append", help="interpreter: path or version; can be given again")
    parser.add_argument("--impl", action="append", choices=list(MODULES), help="default: all that import")
    parser.add_argument("--beside", metavar="TREE", help=f"another source tree, whose reference is {BESIDE!r}")
    parser.add_argument("-k", default="", help="only figures whose name holds this text")
    parser.add_argument(
        "--pin", action="store_true", help="everything on one core: the cost without wake-ups between cores"
    )
    parser.add_argument(
        "--cpu", action="store_true", help="time of the processors, where a benchmark can tell: for a busy machine"
    )
    options = parser.parse_args()
    ending.in_order()
    if options.pin:
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    if options.cpu:
        os.environ[clock.BY_PROCESSORS] = "1"
    run = Run(file, options)
    for python in options.python or [sys.executable]:
        (table or _table)(_interpreter(python), run)


class Run:
    """What the command line asks for. file: the benchmark's."""

    def __init__(self, file: str, options: Any) -> None:
        self.benchmark = _chapter(file)
        self.rounds: int = options.rounds or (QUICK_ROUNDS if options.quick else 7)
        self.share = QUICK_SHARE if options.quick else 1
        self.one_core: bool = options.pin
        self.measures = [one for one in MEASURES.values() if options.k in one.name]
        self._wanted: list[str] = options.impl or list(MODULES)
        self._beside: str | None = options.beside

    def known(self, python: str) -> list[str]:
        """The implementations that there are for this interpreter, among those that are wanted, stdlib first."""
        wanted = [i for i in self._wanted if any(i in one.only for one in self.measures)]
        beside = [] if self._beside is None else [BESIDE]
        return ["stdlib", *beside, *(i for i in wanted if i != "stdlib" and _imports(python, MODULES[i]))]

    def headline(self, python: str) -> str:
        """What was measured, how often, and on which interpreter."""
        import subprocess

        version = subprocess.run([python, "--version"], capture_output=True, encoding="utf-8").stdout.strip()
        return f"{self.benchmark} on {version}{' (one core)' if self.one_core else ''}, {self.rounds} rounds"

    def figures(self, python: str, taken: Measure, known: list[str]) -> Figures:
        """Take one figure of every implementation that offers it, in turn, round by round."""
        offered = [i for i in known if i in taken.only or (i == BESIDE and "reference" in taken.only)]
        figures: Figures = {i: [] for i in [*offered, *([FLOOR] if taken.floor else [])]}
        count = max(1, taken.count // self.share)
        for _ in range(self.rounds):
            for implementation in figures:
                tree = self._beside if implementation == BESIDE else None
                module = MODULES["reference"] if implementation == BESIDE else MODULES.get(implementation, FLOOR)
                value = _take(python, self.benchmark, taken.name, module, count, tree)
                if value is not None:
                    figures[implementation].append(value)
        return figures

    def ratio(self, figures: Figures, implementation: str) -> tuple[float, float, float] | None:
        """The ratio to the stdlib, round by round: median, lowest, highest. None: some rounds have given none."""
        import statistics

        ratios = [a / b for a, b in zip(figures.get(implementation, []), figures["stdlib"], strict=False)]
        if len(ratios) < self.rounds:
            return None
        return statistics.median(ratios), min(ratios), max(ratios)


def worker(chapter: str, name: str, module: str, count: str) -> None:
    """Take one figure and print it as JSON; what a fresh interpreter runs."""
    __import__(chapter)
    taken = MEASURES[name]
    value = taken.floor(int(count)) if module == FLOOR and taken.floor else taken.take(module, int(count))
    print(repr(value), flush=True)


def _interpreter(wanted: str) -> str:
    from mpconform.adapters.interpreters import interpreter

    return interpreter(wanted if wanted != sys.executable else None).path


def _table(python: str, run: Run) -> None:
    """Print one interpreter's figures, a line for each."""
    import statistics

    known = run.known(python)
    columns = [i for i in known if i != "stdlib"]
    print(f"\n{run.headline(python)}; ratio to the stdlib: median [lowest, highest]")
    print(f"{'':<38}{'floor':>12}{'stdlib':>12}" + "".join(f"{i:>26}" for i in columns) + f"{'goal':>8}")
    for taken in run.measures:
        figures = run.figures(python, taken, known)
        ratios = [run.ratio(figures, i) for i in columns]
        cells = ["-" if one is None else f"{one[0]:.2f} [{one[1]:.2f}, {one[2]:.2f}]" for one in ratios]
        floor = f"{statistics.median(figures[FLOOR]):.4g}" if figures.get(FLOOR) else "-"
        goal = "-" if taken.goal is None else f"{taken.goal:.2f}"
        stdlib = f"{statistics.median(figures['stdlib']):.4g} {taken.unit}" if figures["stdlib"] else "-"
        print(
            f"{taken.name:<38}{floor:>12}{stdlib:>12}{''.join(f'{cell:>26}' for cell in cells)}{goal:>8}"
            f"{' more is better' if taken.more else ''}",
            flush=True,
        )


def _take(python: str, benchmark: str, name: str, module: str, count: int, tree: str | None) -> float | None:
    """One figure from a fresh interpreter; None where the implementation cannot give it."""
    import signal
    import subprocess

    program = os.path.join(HERE, "worker.py")
    command = [python, program, benchmark, name, module, str(count)]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
        env=_environment(tree),
        start_new_session=True,
    ) as running:
        try:
            return float(running.communicate(timeout=120)[0].strip().splitlines()[-1])
        except (ValueError, IndexError):
            return None
        except subprocess.TimeoutExpired:
            os.killpg(running.pid, signal.SIGKILL)  # with all that it has started; it has not been waited for
            return None
        except BaseException:
            os.killpg(running.pid, signal.SIGKILL)
            raise


def _imports(python: str, module: str) -> bool:
    import subprocess

    code = f"import {module}"
    return subprocess.run([python, "-c", code], capture_output=True, env=_environment()).returncode == 0


def _chapter(file: str) -> str:
    return os.path.basename(file).removesuffix(".py")


def _environment(tree: str | None = None) -> dict[str, str]:
    """Bytecode is cached, as it is for an installed package; every interpreter finds the reference of this tree."""
    environment = dict(os.environ)
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    environment["PYTHONPATH"] = os.pathsep.join([os.path.join(tree or ROOT, "reference"), HERE])
    return environment


def implementation(module: str, method: str | None = None) -> Any:
    """The module, with the start method set; for use in a figure."""
    __import__(module)
    found: Any = sys.modules[module]
    if method is not None:
        found.set_start_method(method, force=True)
    return found
