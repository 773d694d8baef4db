"""No orphans: what ends with its parent, however that ends, and what strangers have to do with it."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ENDLESS = """
import os, signal, sys
import mpref

def wait(writing):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.write(writing, f"{os.getpid()}\\n".encode())
    while True:
        signal.pause()

class Given:
    "A descriptor among the arguments of a child."
    def __init__(self, descriptor): self.descriptor = descriptor
    def __reduce__(self):
        from mpref.transfer import handover
        return Given, (handover.require(self).give(self.descriptor),)

def start(given):
    wait(given.descriptor)

if __name__ == "__main__":
    child = mpref.get_context(sys.argv[1]).Process(target=start, args=(Given(1),), daemon=True)
    child.start()
    if sys.argv[2] == "stay":
        signal.pause()
"""


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="watches a stranger's end by its pidfd")
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_a_daemonic_child_ends_with_a_parent_that_is_killed(
    save: Callable[..., Path], environment: dict[str, str], method: str, end: int
) -> None:
    command = [sys.executable, str(save(ENDLESS)), method, "stay"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = os.pidfd_open(int(parent.stdout.readline()))
        parent.send_signal(end)
        assert select.select([child], [], [], 10)[0]
        os.close(child)
        # Every process of the program holds the writing end: the fork server is gone as well.
        assert parent.stdout.read() == ""


def test_a_daemonic_child_that_ignores_sigterm_ends_at_the_exit_of_its_parent(run: Any, method: str) -> None:
    ended = run(ENDLESS, method, "leave")
    assert ended.stderr == ""
    for line in ended.stdout.splitlines():
        assert not Path(f"/proc/{line}").exists()


def test_no_process_of_the_program_outlives_it(run: Any, method: str) -> None:
    ended = run(
        """
        import os, sys
        import mpref

        def nothing(): pass

        if __name__ == "__main__":
            child = mpref.get_context(sys.argv[1]).Process(target=nothing)
            child.start()
            child.join()
            with open(f"/proc/self/task/{os.getpid()}/children") as listed:
                print(listed.read())
        """,
        method,
    )
    assert not [pid for pid in ended.stdout.split() if Path(f"/proc/{pid}").exists()]


def test_a_forked_stranger_keeps_nobody_alive_and_ends_nobody(run: Any) -> None:
    ended = run("""
        import os, sys
        import mpref

        def wait(reading): os.read(reading, 1)

        if __name__ == "__main__":
            reading, writing = os.pipe()
            child = mpref.get_context("fork").Process(target=wait, args=(reading,), daemon=True)
            child.start()
            if os.fork() == 0:
                sys.exit(0)
            os.wait()
            print(child.is_alive())
    """)
    assert (ended.stdout, ended.stderr) == ("True\n", "")


def test_a_forked_stranger_does_not_end_the_children_of_its_parent(run: Any, method: str) -> None:
    ended = run(
        """
        import os, signal, sys
        import mpref

        def nothing(): pass

        if __name__ == "__main__":
            child = mpref.get_context(sys.argv[1]).Process(target=signal.pause, daemon=True)
            child.start()
            if os.fork() == 0:
                other = mpref.get_context("fork").Process(target=nothing)
                other.start()
                assert mpref.active_children() in ([other], [])
                sys.exit(0)
            print(os.wait()[1], child.is_alive())
        """,
        method,
    )
    assert (ended.stdout, ended.stderr) == ("0 True\n", "")
