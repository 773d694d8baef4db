"""Every command cleans up, however it is ended: no process is left, and no folder, not even where it was killed.

The implementation is stuck in a check, or as it is imported, and tells so: then the command is ended.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from mpspec.observation import procfs

sys.path.insert(0, str(Path(__file__).parent))
from machine import left_on_the_machine

HERE = Path(__file__).parent
CHAPTER = str(HERE.parents[1] / "conformance" / "test_log.py")
CLAUSE = "log.logger.level-notset"
QUICK = ("--impl=IMPL", "--start-method=fork")
COMMANDS = {
    "run": ["mpconform", "run", CLAUSE, *QUICK],
    "explain": ["mpconform", "explain", CLAUSE, *QUICK],
    "verify": ["mpconform", "verify", CLAUSE, *QUICK, "--times=0", "--loaded=1"],
    "pytest": ["pytest", CHAPTER, "-k", CLAUSE, *QUICK, "-p", "no:cacheprovider"],
    "pytest -n": ["pytest", CHAPTER, "-k", CLAUSE, *QUICK, "-n1", "-p", "no:cacheprovider"],
}
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL)
LONG = 60.0
"""Seconds for anything that happens, on a machine that does a lot else."""


def until_nothing_is_left(mark: str, folder: Path) -> None:
    """Of the processes that carry the mark, and of the folders."""
    until(lambda: not left_on_the_machine(mark) and not list(folder.glob("mpconform-*")))


def until(holds: Callable[[], bool]) -> None:
    """Wait for what no event tells."""
    deadline = time.monotonic() + LONG
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@contextlib.contextmanager
def stuck(tmp_path: Path, words: list[str], *, at: str = "start") -> Iterator[subprocess.Popen[bytes]]:
    """A command whose implementation is stuck by now; at the end nothing is left of it."""
    folder, told, mark = tmp_path / "temporary", tmp_path / "told", uuid.uuid4().hex
    folder.mkdir()
    os.mkfifo(told)
    (tmp_path / "stuck.toml").write_text(
        f'name = "stuck"\nimplementation = "stuck"\nexpose = ["{HERE / "wrong" / "stuck.py"}"]\n'
    )
    words = [word.replace("IMPL", str(tmp_path / "stuck.toml")) for word in words]
    environment = {**os.environ, "TMPDIR": str(folder), "MARK": mark, "STUCK": str(told), "STUCK_AT": at}
    heard = os.open(told, os.O_RDWR)
    with subprocess.Popen(
        [sys.executable, "-m", *words],
        cwd=tmp_path,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=hear_signals,
    ) as command:
        try:
            assert select.select([heard], [], [], LONG)[0]
            yield command
            command.wait(LONG)
            until_nothing_is_left(mark, folder)
        finally:
            command.kill()
            os.close(heard)


def hear_signals() -> None:
    """What runs in the background of a shell has inherited that it hears no interrupt."""
    for number in SIGNALS[:-1]:
        signal.signal(number, signal.SIG_DFL)


@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_that_is_ended_leaves_nothing(tmp_path: Path, name: str, number: signal.Signals) -> None:
    with stuck(tmp_path, COMMANDS[name]) as command:
        if name == "verify":
            assert any("while True" in each for each in left_on_the_machine(environment_of(command)))
        command.send_signal(number)
    if number is signal.SIGKILL:
        assert command.returncode == -number
    elif number is not signal.SIGINT:
        assert command.returncode == 128 + number


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name)
def test_a_command_that_is_ended_while_an_implementation_is_imported_leaves_nothing(
    tmp_path: Path, number: signal.Signals
) -> None:
    with stuck(tmp_path, COMMANDS["explain"], at="import") as command:
        command.send_signal(number)


def test_a_launcher_that_is_ended_takes_all_with_it(tmp_path: Path) -> None:
    with stuck(tmp_path, COMMANDS["explain"]) as command:
        (launcher,) = procfs.children(command.pid)
        os.kill(launcher, signal.SIGTERM)
    assert command.returncode == 0


def test_a_worker_that_is_killed_leaves_nothing(tmp_path: Path) -> None:
    with stuck(tmp_path, COMMANDS["pytest -n"]) as command:
        (worker,) = procfs.children(command.pid)
        os.kill(worker, signal.SIGKILL)
        command.terminate()


FOLDER = """
import signal
from mpconform.driver import launching
print(launching.folder(), flush=True)
signal.pause()
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name)
def test_a_folder_for_temporary_files_goes_with_its_process(number: signal.Signals) -> None:
    with subprocess.Popen([sys.executable, "-c", FOLDER], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        folder = Path(process.stdout.readline().rstrip())
        locked = folder / "locked"
        locked.mkdir()
        (locked / "file").touch()
        locked.chmod(0o500)
        (launcher,) = procfs.children(process.pid)
        process.send_signal(number)
    until(lambda: not folder.exists() and procfs.state(launcher) in (None, "Z"))


def environment_of(command: subprocess.Popen[bytes]) -> str:
    """The mark of a command."""
    return next(v for v in Path(f"/proc/{command.pid}/environ").read_text().split("\0") if v.startswith("MARK="))
