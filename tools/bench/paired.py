"""Paired measurements: implementations side by side, interleaved round by round, as ratios with their spread.

A chapter's benchmark is a module beside this one: functions marked with `@measure`, and `main(__name__, __file__)`
at its end. Run `python tools/bench/<chapter>.py`; `--help` tells the options. Each figure comes from a fresh
interpreter of its own, so that no implementation warms up another's; what runs there imports nothing to speak of,
since an implementation would find it imported.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

HERE = os.path.dirname(os.path.abspath(__file__))
IMPLEMENTATIONS = {
    "stdlib": "multiprocessing",
    "reference": "mpref",
    "multiprocess": "multiprocess",
    "billiard": "billiard",
}
"""Those that offer the whole of what is measured."""
OTHERS = {"faster-fifo": "faster_fifo"}
"""Those that offer some of it, in the figures that name them."""
MODULES = {**IMPLEMENTATIONS, **OTHERS}


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


def main(name: str, file: str) -> None:
    """Run the benchmark of the calling module; nothing where it is only imported, as by a worker."""
    if name != "__main__":
        return
    import argparse

    from mpconform import ending

    parser = argparse.ArgumentParser(description=f"Benchmark {_chapter(file)}: ratios to the stdlib, round by round.")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--python", action="append", help="interpreter: path or version; can be given again")
    parser.add_argument("--impl", action="append", choices=list(MODULES), help="default: all that import")
    parser.add_argument("-k", default="", help="only figures whose name holds this text")
    parser.add_argument(
        "--pin", action="store_true", help="everything on one core: the cost without wake-ups between cores"
    )
    options = parser.parse_args()
    ending.in_order()
    if options.pin:
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    for python in options.python or [sys.executable]:
        _table(_interpreter(python), file, options)


def worker(chapter: str, name: str, module: str, count: str) -> None:
    """Take one figure and print it as JSON; what a fresh interpreter runs."""
    __import__(chapter)
    taken = MEASURES[name]
    value = taken.floor(int(count)) if module == "floor" and taken.floor else taken.take(module, int(count))
    print(repr(value), flush=True)


def _interpreter(wanted: str) -> str:
    from mpconform.adapters.interpreters import interpreter

    return interpreter(wanted if wanted != sys.executable else None).path


def _table(python: str, file: str, options: Any) -> None:
    """Print one interpreter's figures."""
    import subprocess

    taken = [one for one in MEASURES.values() if options.k in one.name]
    wanted = [i for i in options.impl or MODULES if any(i in one.only for one in taken)]
    known = [i for i in wanted if i == "stdlib" or _imports(python, MODULES[i])]
    if "stdlib" not in known:
        known.insert(0, "stdlib")
    version = subprocess.run([python, "--version"], capture_output=True, encoding="utf-8").stdout.strip()
    print(
        f"\n{_chapter(file)} on {version}{' (one core)' if options.pin else ''}, {options.rounds} rounds; "
        "ratio to the stdlib: median [lowest, highest]"
    )
    print(f"{'':<38}{'floor':>12}{'stdlib':>12}" + "".join(f"{i:>26}" for i in known if i != "stdlib") + f"{'goal':>8}")
    for one in taken:
        _row(python, file, one, [i for i in known if i in one.only], options.rounds, known)


def _row(python: str, file: str, taken: Measure, known: list[str], rounds: int, columns: list[str]) -> None:
    import statistics

    figures: dict[str, list[float]] = {i: [] for i in [*known, *(["floor"] if taken.floor else [])]}
    for _ in range(rounds):
        for implementation in figures:
            module = MODULES.get(implementation, "floor")
            value = _take(python, file, taken, module)
            if value is not None:
                figures[implementation].append(value)
    base = figures["stdlib"]
    cells = []
    for implementation in columns:
        if implementation == "stdlib":
            continue
        ratios = sorted(a / b for a, b in zip(figures.get(implementation, []), base, strict=False))
        if len(ratios) < rounds:
            cells.append(f"{'-':>26}")
        else:
            cells.append(f"{statistics.median(ratios):>9.2f} [{ratios[0]:.2f}, {ratios[-1]:.2f}]".rjust(26))
    floor = f"{statistics.median(figures['floor']):.4g}" if taken.floor else "-"
    goal = "-" if taken.goal is None else f"{taken.goal:.2f}"
    stdlib = f"{statistics.median(base):.4g} {taken.unit}" if base else "-"
    print(
        f"{taken.name:<38}{floor:>12}{stdlib:>12}{''.join(cells)}{goal:>8}{' more is better' if taken.more else ''}",
        flush=True,
    )


def _take(python: str, file: str, taken: Measure, module: str) -> float | None:
    """One figure from a fresh interpreter; None where the implementation cannot give it."""
    import signal
    import subprocess

    program = os.path.join(HERE, "worker.py")
    command = [python, program, _chapter(file), taken.name, module, str(taken.count)]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
        env=_environment(),
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


def _environment() -> dict[str, str]:
    """Bytecode is cached, as it is for an installed package; the reference is found by every interpreter."""
    environment = dict(os.environ)
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    environment["PYTHONPATH"] = os.pathsep.join([os.path.join(HERE, "..", "..", "reference"), HERE])
    return environment


def implementation(module: str, method: str | None = None) -> Any:
    """The module, with the start method set; for use in a figure."""
    __import__(module)
    found: Any = sys.modules[module]
    if method is not None:
        found.set_start_method(method, force=True)
    return found
