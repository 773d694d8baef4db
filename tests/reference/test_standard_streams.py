"""Standard streams that are closed, not there, or of a kind of their own: processes start and end all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Everything

STRANGE = """
class Strange:    # as shells and graphical programs put in the place of standard streams
    def write(self, text): raise RuntimeError("nobody sees this")
    def flush(self): raise RuntimeError("this neither")
    def close(self): raise NotImplementedError

import sys
sys.stdin = sys.stdout = sys.stderr = Strange()
"""


@pytest.mark.parametrize("closed", ["0", "1", "2", "0 1", "0 2", "1 2", "0 1 2"])
def test_it_works_where_standard_descriptors_are_closed(
    run: Any, method: str, closed: str, everything: Everything
) -> None:
    numbers = [int(number) for number in closed.split()]
    ended = run(
        everything.source.replace("OUTPUT = 1", "OUTPUT = int(sys.argv[-1]) if len(sys.argv) > 1 else 1")
        + f"""
if __name__ == "__main__":
    if len(sys.argv) < 2:    # once more, and closed from the beginning
        output = os.dup(1)
        os.set_inheritable(output, True)
        for number in {numbers}: os.close(number)
        os.execv(sys.executable, [sys.executable, sys.argv[0], str(output)])
    main({method!r})
"""
    )
    assert (ended.stdout, ended.stderr) == (everything.output, "")


@pytest.mark.parametrize("stream", ["None", "open(os.devnull, 'w', encoding='utf-8')", "io.StringIO()"])
def test_it_works_whatever_the_standard_streams_are(run: Any, method: str, stream: str, everything: Everything) -> None:
    ended = run(
        f"import io, os, sys\nsys.stdin = sys.stdout = sys.stderr = {stream}\n"
        + everything.source
        + everything.main(method)
    )
    assert (ended.stdout, ended.stderr) == (everything.output, "")


def test_standard_streams_that_fail_are_no_reason_to_fail(run: Any, method: str, everything: Everything) -> None:
    leave = "\n    sys.stdout = sys.stderr = None\n"  # the interpreter itself flushes them
    ended = run(
        STRANGE
        + everything.source.replace("    event.set()\n", f"    event.set(){leave if method == 'spawn' else ''}\n", 1)
        + everything.main(method)
        + leave
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, everything.output, "")


def test_standard_descriptors_that_an_exec_closes_are_missed_by_nobody(
    run: Any, method: str, everything: Everything
) -> None:
    ended = run(
        everything.source.replace("OUTPUT = 1", "OUTPUT = 1 if __name__ != '__main__' else os.dup(1)")
        + f"""
if __name__ == "__main__":
    for number in range(3): os.set_inheritable(number, False)
    main({method!r})
"""
    )
    assert (ended.stdout, ended.stderr) == (everything.output, "")
