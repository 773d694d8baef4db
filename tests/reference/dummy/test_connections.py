"""Connections between threads end as those of processes do."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from mpref.dummy import Pipe, Process, connection

pytestmark = pytest.mark.timeout(60, method="signal")


def test_who_receives_sees_the_end_when_the_other_end_is_dropped() -> None:
    one, other = Pipe()
    other.send("last")
    told: list[object] = []

    def receive() -> None:
        told.append(one.recv())
        with pytest.raises(EOFError):
            one.recv()
        told.append("end")

    receiving = Process(target=receive)
    receiving.start()
    del other
    receiving.join(20)
    assert told == ["last", "end"]
    with pytest.raises(BrokenPipeError):
        one.send("to nobody")


@pytest.mark.parametrize("waits", [connection.Connection.recv, lambda end: end.poll(None)])
def test_who_waits_at_an_end_sees_it_closed(waits: object) -> None:
    one, _other = Pipe()
    told: list[str] = []

    def wait() -> None:
        try:
            told.append(str(waits(one)))  # type: ignore[operator]
        except OSError as error:
            told.append(type(error).__name__)

    waiting = threading.Thread(target=wait)
    waiting.start()
    waiting.join(0.1)
    assert waiting.is_alive()
    one.close()
    waiting.join(20)
    assert told in (["OSError"], ["True"])


def test_each_end_of_a_one_way_pipe_does_one_thing() -> None:
    receiver, sender = Pipe(False)
    assert (receiver.readable, receiver.writable, sender.readable, sender.writable) == (True, False, False, True)
    for wrong in (lambda: receiver.send(1), sender.recv, sender.poll):
        with pytest.raises(OSError, match="only"):
            wrong()


def test_a_listener_refuses_another_key_and_no_listener_at_all() -> None:
    with connection.Listener("here", authkey=b"key") as listener:
        assert listener.address == "here"
        with pytest.raises(OSError, match="already"):
            connection.Listener("here")
        with pytest.raises(Exception, match="another key"):
            connection.Client("here", authkey=b"other")
        connection.Client("here", authkey=b"key").close()
    with pytest.raises(ConnectionRefusedError):
        connection.Client("here")


@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
def test_a_pipe_is_of_use_in_a_child_that_was_forked_meanwhile() -> None:
    held, gate = threading.Event(), threading.Event()

    def hold() -> None:
        with connection._news:
            held.set()
            gate.wait()

    holding = threading.Thread(target=hold)
    holding.start()
    held.wait()
    child = os.fork()
    if child == 0:
        one, other = Pipe()
        one.send(7)
        os._exit(other.recv())
    gate.set()
    holding.join()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7


def test_pipes_that_are_left_at_the_exit_are_not_heard_of(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "from mpref.dummy import Pipe, Process\n"
        "kept = Pipe()\n"
        "kept[0].cycle = kept\n"
        "Process(target=kept[1].recv, daemon=True).start()\n"
        "print('bye')\n"
    )
    path = str(Path(__file__).parents[3] / "reference")
    ended = subprocess.run(
        [sys.executable, str(program)],
        capture_output=True,
        text=True,
        timeout=30,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "bye\n", "")
