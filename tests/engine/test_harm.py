"""A run harms nobody, and blames nobody for what others do: beside other programs and runs, whoever runs it.

Each test runs with a private /dev/shm where there is one for whoever runs it, and with one that all programs share.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from mpconform.checks import Check
from mpconform.driver.zygotes import Zygote
from mpconform.hosts import leaks, private
from mpconform.outcomes import Outcome
from mpspec.observation import shared_memory

sys.path.insert(0, str(Path(__file__).parent))
import someone
from samples.plain.chapter import chapter

HERE = Path(__file__).parent
pytestmark = pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="shared memory has names in /dev/shm")

NAMES = ("context.resources.killed-maker", "context.resources.shared-memory", "--start-method=spawn")
"""Clauses whose programs make named semaphores and shared memory, and leave them to a tracker."""
SHARED = {private.REFUSED: "no"}
CAPABILITIES = int(Path("/proc/self/status").read_text().split("CapEff:")[1].split()[0], 16)
MAY_MOUNT = os.geteuid() == 0 and bool(CAPABILITIES >> someone.CAP_SYS_ADMIN & 1)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that an ordinary user reaches, unlike those of pytest."""
    made = tempfile.mkdtemp(prefix="mpconform-test-", dir="/tmp")
    yield Path(made)
    shutil.rmtree(made)


def command(who: str, folder: Path) -> list[str]:
    """What stands before a command so that it is this one who runs it. Skips where that cannot be had."""
    if who == "self" or (who == "user" and os.geteuid() != 0):
        return []
    if not MAY_MOUNT:
        pytest.skip(f"only root with CAP_SYS_ADMIN can run something as {who}")
    return [sys.executable, str(HERE / "someone.py"), who, str(folder)]


def start(folder: Path, *words: str, who: str = "self", **environment: str) -> subprocess.Popen[str]:
    """A run in the folder, which also is its temporary one."""
    return subprocess.Popen(
        [*command(who, folder), sys.executable, "-m", "mpconform", "run", *words],
        cwd=folder,
        env={**os.environ, "TMPDIR": str(folder), "HOME": str(folder), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def finish(run: subprocess.Popen[str], folder: Path) -> tuple[dict[str, str], str]:
    """What came of each check, and what was said."""
    with run:
        said = run.communicate(timeout=240)[0]
    assert run.returncode == 0, said
    document = json.loads((folder / "report.json").read_text())
    return {row["check"]: row["outcome"] for row in document["checks"]}, said


@contextlib.contextmanager
def beside_a_neighbour() -> Iterator[Callable[[], tuple[int, int]]]:
    """While a program makes and removes names; it ends when it is asked how many it made, and how many it lost."""
    with subprocess.Popen(
        [sys.executable, str(HERE / "neighbour.py")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "ready\n"

        def ask() -> tuple[int, int]:
            made, lost = program.communicate()[0].split()
            return int(made), int(lost)

        yield ask


@pytest.mark.parametrize("environment", [{}, SHARED], ids=["private", "shared"])
@pytest.mark.parametrize("who", ["self", "user", "root"])
def test_nothing_of_a_neighbour_is_lost_and_nothing_of_it_is_held_against_anybody(
    folder: Path, who: str, environment: dict[str, str]
) -> None:
    with beside_a_neighbour() as ask:
        words = ("--impl=stdlib", *NAMES, "--report=report.json")
        outcomes, said = finish(start(folder, *words, who=who, **environment), folder)
        made, lost = ask()
    assert set(outcomes.values()) == {"kept"}
    assert lost == 0
    assert made > len(outcomes)
    if environment:
        assert "shared memory could not be made private here" in said
        assert "left alone, and no verdict rests on them" in said


@pytest.mark.parametrize("environment", [{}, SHARED], ids=["private", "shared"])
def test_two_runs_at_once_do_not_disturb_each_other(folder: Path, environment: dict[str, str]) -> None:
    places = [folder / "one", folder / "other"]
    for place in places:
        place.mkdir()
    runs = [start(place, "--impl=stdlib", *NAMES, "--report=report.json", **environment) for place in places]
    one, other = (finish(run, place)[0] for run, place in zip(runs, places, strict=True))
    assert one == other
    assert set(one.values()) == {"kept"}


PERSON = """
import json, os, sys
from mpconform.adapters.adapter import Adapter
from mpconform.adapters.interpreters import interpreter
from mpconform.checks import Check
from mpconform.driver.zygotes import Zygote
sys.path.insert(0, sys.argv[1])
from samples.plain.chapter import chapter
adapter = Adapter(name="stdlib", implementation="multiprocessing", expose=(sys.argv[1] + "/samples",))
with Zygote(adapter, interpreter(None), package="samples") as zygote:
    host = zygote.host(Check(chapter.clauses["plain.who"], None, None))["recorded"]
status = open("/proc/self/status").read()
mine = {"ids": repr((os.getuid(), os.getgid())), "capabilities": repr(status.split("CapEff:")[1].split()[0])}
print(json.dumps([host, mine, os.stat("/dev/shm").st_dev]))
"""


@pytest.mark.parametrize("environment", [{}, SHARED], ids=["private", "shared"])
@pytest.mark.parametrize("who", ["self", "user", "root"])
def test_a_host_is_who_runs_it_and_has_its_own_shared_memory_where_it_may(
    folder: Path, who: str, environment: dict[str, str]
) -> None:
    ended = subprocess.run(
        [*command(who, folder), sys.executable, "-c", PERSON, str(HERE)],
        env={**os.environ, "TMPDIR": str(folder), **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    host, mine, device = json.loads(ended.stdout)
    assert (host["ids"], host["capabilities"]) == (mine["ids"], mine["capabilities"])
    assert host["private"] == repr(int(host["device"]) != device) == repr(not environment and has_private(who, folder))
    assert os.listdir(folder) == []


def has_private(who: str, folder: Path) -> bool:
    """Whether this one can have a private /dev/shm on this machine, as programs tell that are none of ours."""
    unshare, mount = map(shutil.which, ("unshare", "mount"))
    if unshare is None or mount is None:
        pytest.skip("util-linux tells what is to be had here")
    own = [] if who == "self" and MAY_MOUNT else ["--user", "--map-root-user"]
    trial = [*command(who, folder), unshare, *own, "--mount", mount, "-t", "tmpfs", "none", "/dev/shm"]
    return subprocess.run(trial, capture_output=True).returncode == 0


Make = Callable[..., Zygote]


@pytest.mark.parametrize("environment", [{}, SHARED], ids=["private", "shared"])
@pytest.mark.parametrize("how", ["block_kept_open", "block_kept_mapped", "semaphore_kept", "block_of_a_child"])
def test_a_name_that_is_left_is_found_in_each_of_the_ways_to_know_whose_it_is(
    zygote: Make, monkeypatch: pytest.MonkeyPatch, how: str, environment: dict[str, str]
) -> None:
    monkeypatch.setenv("LEAK", how)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    answer = zygote("leaks").host(Check(chapter.clauses["plain.child"], "fork", None))
    assert answer["outcome"] == Outcome.LEAKED
    found = re.search(r"(?:named semaphore|shared memory) (left-\d+)", answer["seen"])
    assert found, answer["seen"]  # other tests leave names of their own meanwhile
    assert ("semaphore" in how) == found[0].startswith("named")
    assert {found[1], f"sem.{found[1]}"}.isdisjoint(shared_memory.names())


def test_a_name_in_doubt_is_left_alone_and_said(zygote: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEAK", "nothing")
    monkeypatch.setenv(private.REFUSED, "no")
    name = f"mpconform-test-{os.getpid()}"
    monkeypatch.setenv("FOREIGN", name)
    one = zygote("leaks")
    try:
        answer = one.host(Check(chapter.clauses["plain.child"], "fork", None))
        assert answer["outcome"] == Outcome.KEPT
        assert name in answer["in_doubt"]
        assert name in one.in_doubt
        assert name in shared_memory.names()
    finally:
        os.unlink(f"/dev/shm/{name}")


def test_a_name_that_somebody_else_has_as_well_is_in_doubt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(shared_memory.VARIABLE, "shared")
    names = leaks.Names(None)
    path = f"/dev/shm/mpconform-test-{os.getpid()}"
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
    try:
        names.look(lambda: [os.getpid()])
        assert os.path.basename(path) in names.left()[1]
        os.close(descriptor)
        assert names.left()[0] == [f"shared memory {os.path.basename(path)}"]
        assert not os.path.exists(path)
    finally:
        with contextlib.suppress(OSError):
            os.unlink(path)


def test_a_file_left_behind_is_told_but_for_that_by_which_a_folder_is_tried(tmp_path: Path) -> None:
    """A worker can be killed between the moment in which `tempfile` makes it and that in which it removes it."""
    for name, data in {"zz_hncem": b"blat", "a1b2c3d4": b"", "ours_too": b"blatant", "tmpabcdefgh": b"blat"}.items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "afolder_").mkdir()
    (tmp_path / "isalink_").symlink_to("zz_hncem")
    os.mkfifo(tmp_path / "isapipe_")  # to open it would wait for a writer
    told = ["afolder_", "isalink_", "isapipe_", "ours_too", "tmpabcdefgh"]
    assert leaks.files(str(tmp_path)) == [f"temporary file {name}" for name in told]
