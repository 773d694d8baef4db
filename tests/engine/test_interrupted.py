"""A command that is interrupted says so and ends with 130; one whose reader is gone goes on to its verdict."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import arrows
import pytest

HANGS = """
def get_logger():
    with open("MARK", "w") as mark:
        mark.write("hangs")
    import time
    time.sleep(50)
"""
Module = Callable[[str], str]


@pytest.fixture
def hangs(module: Module, tmp_path: Path) -> Iterator[tuple[str, Callable[[], None]]]:
    """An implementation that hangs in get_logger, and a function that waits until it does."""
    path = tmp_path / "mark"
    os.mkfifo(path)
    mark = os.open(path, os.O_RDWR)  # so that neither end waits for the other to open it

    def wait() -> None:
        assert select.select([mark], [], [], 120)[0], "no check has begun"

    yield module(HANGS.replace("MARK", str(path))), wait
    os.close(mark)


COMMANDS = {
    "run": [str(Path(sys.executable).with_name("mpconform")), "run"],
    "workers": [str(Path(sys.executable).with_name("mpconform")), "run", "-n2"],
    "clone": [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", str(arrows.ROOT / "conformance")],
    "verify": [str(Path(sys.executable).with_name("mpconform")), "verify", "--jobs=2"],
    "explain": [str(Path(sys.executable).with_name("mpconform")), "explain"],
}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_an_interrupted_command_ends_with_130(
    command: list[str], hangs: tuple[str, Callable[[], None]], tmp_path: Path
) -> None:
    option, begun = hangs
    with subprocess.Popen(
        [*command, option, "log.logger.type"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as running:
        begun()
        os.killpg(running.pid, signal.SIGINT)
        assert running.stdout is not None
        told = running.stdout.read()
    assert running.returncode == 130, told
    assert "nterrupt" in told
    assert "Traceback" not in told


def test_an_interrupted_verification_tells_how_far_it_came(
    hangs: tuple[str, Callable[[], None]], tmp_path: Path
) -> None:
    option, begun = hangs
    words = [*COMMANDS["verify"], option, "log.logger.type", "--times=3", "--loaded=1"]
    with subprocess.Popen(words, cwd=tmp_path, stdout=subprocess.PIPE, text=True, start_new_session=True) as running:
        begun()
        os.kill(running.pid, signal.SIGINT)
        assert running.stdout is not None
        assert "interrupted after 0 of 4 rounds: 0 of 1 checks" in running.stdout.read()


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["run", "--impl=stdlib", "log.logger.type", "-v", "--report=report.json"], 0),
        (["run", "--impl=stdlib", "log.logger.type", "-n1", "--report=report.json"], 0),
        (["run", "WRONG", "log.logger.type", "--report=report.json"], 1),
        (["verify", "--impl=stdlib", "log.logger.type", "--times=2", "--loaded=0"], 0),
        (["list"], 0),
        (["list", "--gaps"], 0),
        (["explain", "process", "log"], 0),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_reader_that_is_gone_changes_no_verdict(
    module: Module, tmp_path: Path, words: list[str], status: int
) -> None:
    option = module("def get_logger(): return 5\n")
    words = [option if word == "WRONG" else word for word in words]
    reads, writes = os.pipe()
    os.close(reads)
    ended = subprocess.run(
        [COMMANDS["run"][0], *words], cwd=tmp_path, stdout=writes, stderr=subprocess.PIPE, text=True, timeout=120
    )
    os.close(writes)
    assert (ended.returncode, ended.stderr) == (status, "")
    assert (tmp_path / "report.json").exists() == ("--report=report.json" in words)


def on_a_terminal(words: list[str], folder: Path, **environment: str) -> str:
    """What a terminal gets to see of a command."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [COMMANDS["run"][0], *words],
        cwd=folder,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "100", **environment},
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
    ):
        os.close(theirs)
        told = b""
        try:
            while piece := os.read(ours, 65536):
                told += piece
        except OSError:  # EIO: the other end is gone
            pass
        finally:
            os.close(ours)
    return told.decode()


@pytest.mark.parametrize("workers", [[], ["-n1"]], ids=["alone", "workers"])
def test_a_terminal_shows_what_is_waited_for_until_it_comes(module: Module, tmp_path: Path, workers: list[str]) -> None:
    option = module("def get_logger():\n    import time\n    time.sleep(50)\n")
    told = on_a_terminal(["run", option, "log.logger.type", "--deadline=5", *workers], tmp_path)
    _, mark, after = told.rpartition("waiting for log.logger.type (")
    assert mark, told
    assert "\x1b[2K" in after, "the line goes away again"
    assert "waiting for log.logger.type (" not in after
    assert "standard output" not in told, "the check's own output is not ours"


def test_nothing_is_said_of_a_check_that_ends_at_once(tmp_path: Path) -> None:
    assert "waiting for" not in on_a_terminal(["run", "--impl=stdlib", "log.logger.type"], tmp_path)


def test_on_a_terminal_verify_rewrites_one_line(tmp_path: Path) -> None:
    words = ["verify", "--impl=stdlib", "log.logger.type", "--times=2", "--loaded=0", "--jobs=1"]
    told = on_a_terminal(words, tmp_path)
    assert "\r\x1b[2Kround 1 of 2, 1 of 1 checks, " in told
    assert told.count("\n") == 1, "only the verdict stays"
