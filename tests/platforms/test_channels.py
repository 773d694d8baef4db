"""Mailboxes and gates do the same whatever they are made of: sockets and locks, or files alone."""

from __future__ import annotations

import pickle
import select
import subprocess
import sys
import threading
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from mpspec.observation import mailbox, spool

POSTING = """
import pickle, sys
box = pickle.loads(bytes.fromhex(sys.argv[1]))
for number in range(50):
    box.post([sys.argv[2], number, b"x" * 1000 * (number % 2)])
"""
WAITING = """
import pickle, sys
gate = pickle.loads(bytes.fromhex(sys.argv[1]))
print("waits", flush=True)
gate.wait()
print("through", flush=True)
"""


@pytest.fixture(params=[mailbox, spool], ids=["sockets", "files"])
def kind(request: pytest.FixtureRequest) -> ModuleType:
    """The module of the channels."""
    found: ModuleType = request.param
    return found


def start(program: str, channel: Any, *arguments: str) -> subprocess.Popen[str]:
    """A process that is given the channel by pickle, as spawn gives it."""
    command = [sys.executable, "-c", program, pickle.dumps(channel).hex(), *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_messages_of_several_processes_come_whole_and_in_the_order_of_their_writers(
    kind: ModuleType, tmp_path: Path
) -> None:
    box = kind.Mailbox(str(tmp_path / "mail"))
    writers = {name: start(POSTING, box, name) for name in ("first", "second")}
    seen: dict[str, list[int]] = {name: [] for name in writers}
    for name, number, data in box.take_all(100):
        seen[name].append(number)
        assert data == b"x" * 1000 * (number % 2)
    assert seen == {name: list(range(50)) for name in writers}
    assert box.empty()
    for process in writers.values():
        assert process.communicate() is not None
        assert process.returncode == 0
    box.close()


def test_a_thread_posts_while_another_waits(kind: ModuleType, tmp_path: Path) -> None:
    box = kind.Mailbox(str(tmp_path / "mail"))
    assert box.empty(after=0.01)
    thread = threading.Thread(target=box.post, args=({"kept": (None, True, 1.5, b"\0")},))
    thread.start()
    assert box.take() == {"kept": (None, True, 1.5, b"\0")}
    thread.join()
    box.close()


def test_an_empty_mailbox_says_so(kind: ModuleType, tmp_path: Path) -> None:
    box = kind.Mailbox(str(tmp_path / "mail"))
    with pytest.raises(mailbox.NoMessage):
        box.take(timeout=0.01)
    with pytest.raises(ValueError, match="marshal"):
        box.post(object())
    box.close()


def test_a_gate_holds_processes_up_until_it_is_opened_and_no_longer(kind: ModuleType, tmp_path: Path) -> None:
    gate = kind.Gate(str(tmp_path / "gate"))
    early = start(WAITING, gate)
    assert early.stdout is not None
    assert early.stdout.readline() == "waits\n"
    with pytest.raises(subprocess.TimeoutExpired):
        early.wait(0.1)
    gate.open()
    late = start(WAITING, gate)
    assert (early.communicate()[0], late.communicate()[0]) == ("through\n", "waits\nthrough\n")
    gate.wait()
    gate.close()


def test_who_waits_lets_a_cooperative_implementation_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It has a poll() of its own, in which its other greenlets go on; any other way to wait would stop them all."""
    box, gate = mailbox.Mailbox(str(tmp_path / "mail")), mailbox.Gate(str(tmp_path / "gate"))
    meanwhile = [lambda: box.post("came"), gate.open]

    class Cooperative:
        def register(self, descriptor: int, events: int) -> None:
            self.known = descriptor, events

        def poll(self, timeout: float | None = None) -> list[tuple[int, int]]:
            meanwhile.pop(0)()
            return [self.known]

    monkeypatch.setattr(select, "poll", Cooperative)
    assert box.take() == "came"
    gate.wait()
    assert meanwhile == []
    box.close()


def test_a_box_of_files_leaves_nothing(tmp_path: Path) -> None:
    box = spool.Mailbox(str(tmp_path / "mail"))
    box.post("not taken")
    box.close()
    box.close()
    assert list(tmp_path.iterdir()) == []
