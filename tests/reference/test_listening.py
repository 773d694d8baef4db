"""A listener is closed while others wait at it; it removes what is its own, and nothing else."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import mpref
import pytest
from mpref.connection import Client, Listener, listening

if TYPE_CHECKING:
    from conftest import OpenFiles

LONG = 30.0
KEYS = pytest.mark.parametrize("key", [None, b"key"], ids=["without-key", "with-key"])
FAMILIES = pytest.mark.parametrize("family", ["AF_UNIX", "AF_INET"])


def waiting(listener: Any, several: int = 1) -> tuple[list[threading.Thread], list[BaseException]]:
    """Threads that wait in accept(), and what they raise in the end."""
    raised: list[BaseException] = []
    asleep = threading.Barrier(several + 1)

    def accept() -> None:
        asleep.wait()
        try:
            listener.accept()
        except (OSError, mpref.AuthenticationError) as error:
            raised.append(error)

    threads = [threading.Thread(target=accept, daemon=True) for _ in range(several)]
    for thread in threads:
        thread.start()
    asleep.wait()
    return threads, raised


@KEYS
@FAMILIES
def test_all_who_wait_in_accept_learn_that_another_thread_has_closed_the_listener(family: str, key: Any) -> None:
    listener = Listener(family=family, authkey=key)
    threads, raised = waiting(listener, 3)
    listener.close()
    for thread in threads:
        thread.join(LONG)
    assert [type(one) for one in raised] == [OSError] * 3
    with pytest.raises(OSError, match="closed"):
        listener.accept()


@KEYS
def test_a_signal_handler_closes_the_listener_at_which_its_thread_waits(run: Any, key: Any) -> None:
    ended = run(
        f"""
        import os, signal, threading
        from mpref.connection import Listener

        listener = Listener(authkey={key!r})
        signal.signal(signal.SIGUSR1, lambda *_: listener.close())

        def interrupt():
            while threading.main_thread().is_alive() and open("/proc/self/stat").read().split()[2] != "S":
                pass
            os.kill(os.getpid(), signal.SIGUSR1)

        threading.Thread(target=interrupt, daemon=True).start()
        try:
            listener.accept()
        except OSError as error:
            print("closed" in str(error))
        """
    )
    assert (ended.stdout, ended.stderr) == ("True\n", "")


@KEYS
@FAMILIES
def test_workers_go_on_to_accept_when_the_process_that_forked_them_closes_its_listener(
    run: Any, family: str, key: Any
) -> None:
    ended = run(
        f"""
        import os, mpref
        from mpref.connection import Client, Listener

        def serve(listener, ready):
            ready.send(None)
            for _ in range(3):
                with listener.accept() as one:
                    one.send(os.getpid())

        context = mpref.get_context("fork")
        listener = Listener(family={family!r}, backlog=10, authkey={key!r})
        near, far = mpref.Pipe()
        worker = context.Process(target=serve, args=(listener, far))
        worker.start()
        near.recv()
        if {family!r} == "AF_UNIX":
            os.link(listener.address, listener.address + "-kept")
        address = listener.address
        with Client(address, authkey={key!r}) as one:
            assert one.recv() == worker.pid
        if {family!r} == "AF_UNIX":
            address = address + "-kept"
        listener.close()
        for _ in range(2):
            with Client(address, authkey={key!r}) as one:
                assert one.recv() == worker.pid
        worker.join()
        print(worker.exitcode)
        if {family!r} == "AF_UNIX":
            os.unlink(address)
            os.rmdir(os.path.dirname(address))
        """
    )
    assert (ended.stdout, ended.stderr) == ("0\n", "")


def test_a_child_closes_its_copy_and_the_parent_goes_on_to_accept(run: Any) -> None:
    ended = run(
        """
        import os
        from mpref.connection import Client, Listener
        for key in (None, b"key"):
            listener = Listener(backlog=5, authkey=key)
            pid = os.fork()
            if pid == 0:
                listener.close()
                try:
                    listener.accept()
                except OSError:
                    os._exit(0)
                os._exit(1)
            assert os.waitpid(pid, 0)[1] == 0
            pid = os.fork()
            if pid == 0:
                Client(listener.address, authkey=key).close()
                os._exit(0)
            listener.accept().close()
            assert os.waitpid(pid, 0)[1] == 0
            listener.close()
        print("over")
        """
    )
    assert (ended.stdout, ended.stderr) == ("over\n", "")


def test_the_file_of_another_listener_at_the_same_path_stays(tmp_path: Path) -> None:
    path = str(tmp_path / "door")
    first = Listener(path)
    os.unlink(path)
    with Listener(path) as second:
        first.close()
        assert os.path.exists(path)
        caller = Client(path)
        second.accept().close()
        caller.close()
    assert not os.path.exists(path)


def test_what_is_put_in_the_place_of_the_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "door"
    for put in (path.mkdir, path.touch, lambda: path.symlink_to(tmp_path)):
        listener = Listener(str(path))
        path.unlink()
        put()
        listener.close()
        assert os.path.lexists(path)
        path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()


def test_a_listener_whose_program_has_gone_elsewhere_removes_its_own_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)
    listener = Listener("door")
    monkeypatch.chdir(tmp_path / "elsewhere")
    Path("door").touch()
    listener.close()
    assert Path("door").exists()
    assert not (tmp_path / "door").exists()


@pytest.mark.parametrize("broken", ["listen", "closing"])
def test_a_listener_that_cannot_be_made_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, open_files: OpenFiles, broken: str
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    before = open_files()

    def fail() -> None:
        raise OSError(24, "no descriptor is left")

    if broken == "closing":
        monkeypatch.setattr(listening, "Closing", fail)
    arguments: dict[str, Any] = {"backlog": "many"} if broken == "listen" else {}
    for address in (None, str(tmp_path / "door")):
        with pytest.raises((OSError, TypeError)):
            Listener(address, **arguments)
    assert list(tmp_path.iterdir()) == []
    assert open_files() <= before


def test_a_file_that_is_there_already_is_an_error_and_stays(tmp_path: Path) -> None:
    path = tmp_path / "door"
    path.write_text("mine")
    with pytest.raises(OSError, match="in use"):
        Listener(str(path))
    assert path.read_text() == "mine"


@KEYS
def test_accept_says_that_no_descriptor_is_left_and_goes_on_when_there_is(run: Any, key: Any) -> None:
    ended = run(
        f"""
        import os, resource, threading
        from mpref.connection import Client, Listener

        listener = Listener(backlog=5, authkey={key!r})
        caller = threading.Thread(target=lambda: answers.append(Client(listener.address, authkey={key!r}).recv()))
        answers = []
        import hmac
        caller.start()
        import select
        poller = select.poll()
        poller.register(listener._socket.fileno(), select.POLLIN)
        poller.poll()
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        held = []
        try:
            while True:
                held.append(os.dup(0))
                resource.setrlimit(resource.RLIMIT_NOFILE, (held[-1] + 1, hard))
        except OSError:
            pass
        for _ in range(3):
            try:
                listener.accept()
            except OSError as error:
                print(error.errno)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        with listener.accept() as one:
            one.send("served")
        caller.join()
        print(answers)
        """
    )
    assert (ended.stdout, ended.stderr) == ("24\n24\n24\n['served']\n", "")
