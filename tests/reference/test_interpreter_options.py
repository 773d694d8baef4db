"""Options of the interpreter, and what the environment has in their place: nothing warns, everything works."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Everything

OPTIONS = [
    ("-X", "warn_default_encoding", "-W", "error"),
    ("-O", "-X", "warn_default_encoding", "-W", "error::EncodingWarning"),
    ("-X", "dev", "-W", "error"),
    ("-b", "-W", "error"),
    ("-bb",),
    ("-E", "-s", "-X", "utf8=0"),
    ("-I",),
    ("-S", "-P"),
    ("-u", "-B", "-X", "faulthandler"),
    ("-X", "tracemalloc=3", "-X", "no_debug_ranges", "-X", "utf8"),
]


@pytest.mark.parametrize("options", OPTIONS, ids=" ".join)
def test_it_works_without_a_word_under_the_options_of_the_interpreter(
    run: Any, method: str, options: tuple[str, ...], environment: dict[str, str], everything: Everything
) -> None:
    find = f"import sys; sys.path.append({environment['PYTHONPATH']!r})\n"  # some ignore PYTHONPATH
    ended = run(find + everything.source + everything.main(method), options=options)
    assert (ended.stdout, ended.stderr) == (everything.output, "")


@pytest.mark.parametrize("warnings", ["error", "error::DeprecationWarning,error::EncodingWarning", "always"])
def test_it_works_without_a_word_whatever_warnings_the_environment_asks_for(
    save: Callable[..., Path], environment: dict[str, str], method: str, warnings: str, everything: Everything
) -> None:
    program = save(everything.source + everything.main(method))
    ended = subprocess.run(
        [sys.executable, str(program)],
        env={**environment, "PYTHONWARNINGS": warnings, "PYTHONWARNDEFAULTENCODING": "1", "PYTHONDEVMODE": "1"},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert (ended.stdout, ended.stderr) == (everything.output, "")


@pytest.mark.parametrize("inspected", ["PYTHONINSPECT", "-i"])
def test_no_process_but_the_program_is_inspected_at_its_end(
    save: Callable[..., Path], environment: dict[str, str], method: str, inspected: str, everything: Everything
) -> None:
    program = save(everything.source + everything.main(method))
    ended = subprocess.run(
        [sys.executable, *(["-i"] if inspected == "-i" else []), str(program)],
        env={**environment, inspected.replace("-", "NO_"): "1"},
        input="print('inspected')\n",
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    # The variable has it done for a terminal only; a child would end with 1 and a traceback of SystemExit.
    assert ended.stdout == everything.output + ("inspected\n" if inspected == "-i" else "")
    assert ended.stderr.replace(">>>", "").strip() == ""


def test_an_environment_that_no_program_can_be_given_is_an_error_and_leaves_nothing(
    run: Any, everything: Everything
) -> None:
    ended = run(
        everything.source
        + """
if __name__ == "__main__":
    before = len(os.listdir("/proc/self/fd"))
    for method in ("spawn", "forkserver"):
        os.environ["LARGE"] = "x" * (1 << 20)
        child = mpref.get_context(method).Process(target=print)
        try: child.start()
        except OSError as error: print(type(error).__name__, error.strerror, child.pid, flush=True)
        assert len(os.listdir("/proc/self/fd")) <= before + 2    # the ends of the lifeline
        del os.environ["LARGE"]
        main(method)
        child.start()
        child.join()
        before = len(os.listdir("/proc/self/fd"))
"""
    )
    assert ended.stdout == f"OSError Argument list too long None\n{everything.output}\n" * 2
    assert ended.stderr == ""
