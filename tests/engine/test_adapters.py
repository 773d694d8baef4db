"""An adapter is checked when it is read, key by key, wherever it comes from; what it says wrongly is named."""

from __future__ import annotations

import dataclasses
import os
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from mpconform.adapters import documented, registered, rules
from mpconform.adapters.adapter import BUILT_IN, Adapter, adapter
from mpconform.adapters.offers import Offers
from mpconform.errors import BrokenAdapter, Unusable
from mpspec.registers import passages

ROOT = Path(__file__).resolve().parents[2]
WHOLE = """
name = "mine"
implementation = "mine.multiprocessing"
documentation = "3.13"
methods = ["fork", "spawn"]
python = "3.10"
expose = ["./mine"]
preload = ["mine.spawn"]
keeps = { fork = 1, spawn = 0 }
baseline = "mine-1"
silent = true
warm = false
requires = ["mine>=3", "redis"]
launcher = ["mine", "--quietly"]
unjudged = "by design"
[variables]
MINE_HOME = ""
[offers]
chapters = ["pool", "process"]
names = ["Pool", "Process"]
reason = "by design"
[modules]
"multiprocessing.connection" = "mine.pipes"
[not_offered]
Pool = "by design"
"Process.close" = "by design"
"managers.SyncManager" = "by design"
"""


def read(folder: Path, text: str) -> Adapter:
    """The adapter in a file of this text; beside it there is the package that WHOLE exposes."""
    (folder / "mine").mkdir(exist_ok=True)
    (folder / "adapter.toml").write_text(text)
    return adapter(str(folder / "adapter.toml"))


def test_an_adapter_that_uses_every_key_is_read(tmp_path: Path) -> None:
    whole = read(tmp_path, WHOLE)
    assert set(tomllib.loads(WHOLE)) == set(rules.RULES)
    assert whole.offers == Offers(("pool", "process"), ("Pool", "Process"), "by design")
    assert whole.imports() == [("mine.spawn", "preload")]  # it is not warm
    assert (whole.requires, whole.launcher, whole.variables) == (
        ("mine>=3", "redis"),
        ("mine", "--quietly"),
        {"MINE_HOME": ""},
    )
    assert (whole.keeps, whole.methods, whole.exposed()) == (
        {"fork": 1, "spawn": 0},
        ("fork", "spawn"),
        {"mine": tmp_path / "mine"},
    )


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("name", '""', "a name"),
        ("name", '"a/b"', "without a slash, not 'a/b'"),
        ("name", "3", "a name, of one line and without a slash, not 3"),
        ("silent", '"yes"', "silent is true or false, not 'yes'"),
        ("implementation", '"a..b"', "the name of a module, not 'a..b'"),
        (
            "documentation",
            '"3.31"',
            'an edition from "3.4" to "3.15", with "+" for that of a later interpreter, or "interpreter", not \'3.31\'',
        ),
        ("documentation", "3.13", 'or "interpreter", not 3.13'),
        ("documentation", '"3.13++"', "not '3.13++'"),
        ("documentation", '"interpreter+"', "not 'interpreter+'"),
        ("methods", "3", "a list of start methods among fork, spawn, forkserver, each once, not 3"),
        ("methods", '["fork", "fork"]', "not 'fork' twice"),
        ("methods", '["frok"]', "not 'frok'; near it: fork"),
        ("methods", '"fork"', "not 'fork'"),
        ("python", '"3"', "the oldest version that it runs on"),
        ("python", '"3.99"', "not '3.99'"),
        ("expose", '["./mine", "./mine"]', "not './mine' twice"),
        ("expose", '["./mpspec"]', "a name that the engine needs"),
        ("expose", '["./my-package"]', "which nothing can import by that name"),
        ("expose", '["./nowhere"]', "does not exist"),
        ("expose", '["nowhere"]', "neither in"),
        ("preload", '["mine", "mine"]', "not 'mine' twice"),
        ("preload", '["not a module"]', "not 'not a module'"),
        ("keeps", "{ fork = true }", "a table of start method = number of descriptors, not fork = True"),
        ("keeps", "{ fork = -1 }", "not fork = -1"),
        ("keeps", "{ fork = 1.5 }", "not fork = 1.5"),
        ("keeps", "{ frok = 1 }", "not 'frok'; near it: fork"),
        ("keeps", "{ forkserver = 1 }", "keeps speaks of forkserver, which is not among its methods"),
        ("keeps", "3", "not 3"),
        ("baseline", '"../mine"', "the name of a baseline"),
        ("modules", '{ connection = "x" }', "a table of documented submodule = module, not 'connection'"),
        ("modules", '{ "multiprocessing.conection" = "x" }', "near it: multiprocessing.connection"),
        ("modules", '{ "multiprocessing.pool" = "a b" }', "not multiprocessing.pool = 'a b'"),
        ("not_offered", '{ Pol = "by design" }', "a table of documented name = reason, not 'Pol'; near it: Pool"),
        ("not_offered", '{ Pool = " " }', "not Pool = ' '"),
        ("not_offered", "{ Pool = false }", "not Pool = False"),
        ("warm", "1", "warm is true or false, not 1"),
        ("requires", '["mine", "mine"]', "not 'mine' twice"),
        ("requires", '["--index-url=x"]', "a list of requirements as pip has them, each once, not '--index-url=x'"),
        ("requires", '["mine >> 3"]', "not 'mine >> 3'"),
        ("requires", "[3]", "not 3"),
        ("requires", '"mine"', "not 'mine'"),
        ("launcher", "[]", "launcher is the words of a command, not []"),
        ("launcher", '"mine"', "not 'mine'"),
        ("launcher", '["mine", ""]', "not ''"),
        ("launcher", '["mine", 3]', "not 3"),
        ("unjudged", "true", "the reason why the engine cannot judge it, not True"),
        ("unjudged", '" "', "not ' '"),
        ("variables", '{ "A B" = "x" }', "a table of environment variable = text, not 'A B'"),
        ("variables", '{ PYTHONPATH = "x" }', "not 'PYTHONPATH', a name that the engine needs"),
        ("variables", '{ MPSPEC_PATIENCE = "x" }', "a name that the engine needs"),
        ("variables", "{ A = 3 }", "not A = 3"),
        ("offers", "3", "a table of chapters, documented names, and the reason"),
        ("offers", '{ chapters = ["pool"], reason = "x" }', "not one without names"),
        ("offers", '{ chapters = [], names = ["Pool"], reason = "x" }', "not chapters = []"),
        ("offers", '{ chapters = ["pol"], names = ["Pool"], reason = "x" }', "not chapters = 'pol'; near it: pool"),
        ("offers", '{ chapters = ["pool"], names = ["Pol"], reason = "x" }', "not names = 'Pol'; near it: Pool"),
        ("offers", '{ chapters = ["pool"], names = ["Pool"], reason = " " }', "not reason = ' '"),
        ("offers", '{ chapters = ["pool"], names = ["Pool"], reason = "x", name = 1 }', "not 'name'; near it: names"),
        ("keep", "{ fork = 1 }", "there is no key 'keep'; near it: keeps"),
    ],
)
def test_what_a_key_cannot_hold_is_told_with_file_key_rule_and_value(
    tmp_path: Path, key: str, value: str, told: str
) -> None:
    kept, _, tables = WHOLE.partition("[variables]")
    lines = [line for line in kept.splitlines() if line.split(" ")[0] != key]
    tables = "[variables]" + tables if key not in ("modules", "not_offered", "variables", "offers") else ""
    with pytest.raises(Unusable) as raised:
        read(tmp_path, "\n".join([*lines, f"{key} = {value}", tables]))
    assert told in str(raised.value)
    assert key in str(raised.value)
    assert str(tmp_path) in str(raised.value) or "adapter mine" in str(raised.value)


@pytest.mark.parametrize("key", rules.REQUIRED)
def test_a_key_that_has_to_be_there_is_told(tmp_path: Path, key: str) -> None:
    other = next(name for name in rules.REQUIRED if name != key)
    with pytest.raises(Unusable, match=f"the key '{key}' is missing"):
        read(tmp_path, f'{other} = "mine"')


def test_two_things_of_one_name_are_not_exposed(tmp_path: Path) -> None:
    (tmp_path / "more" / "mine").mkdir(parents=True)
    with pytest.raises(Unusable, match="have one name"):
        read(tmp_path, 'name = "x"\nimplementation = "mine"\nexpose = ["./mine", "./more/mine"]')


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_bytes(b"name = '\xff'")
    with pytest.raises(Unusable, match="not TOML"):
        adapter(str(tmp_path / "x.toml"))


def test_the_keys_that_the_pages_show_are_the_keys_that_there_are() -> None:
    shown: dict[str, Any] = {}
    for page in ("README.md", "CONTRIBUTING.md"):
        parts = (ROOT / page).read_text(encoding="utf-8").split("```toml")[1:]
        (example,) = [text for text in (part.partition("```")[0] for part in parts) if "implementation" in text]
        shown |= tomllib.loads(example)
        assert rules.broken(tomllib.loads(example)) is None
    fields = {field.name for field in dataclasses.fields(Adapter)} - {"folder", "measured"}
    assert set(shown) == set(rules.RULES) == fields


def test_every_built_in_adapter_keeps_the_rules() -> None:
    found = {path.stem: adapter(path.stem) for path in BUILT_IN.glob("*.toml") if path.stem != "reference"}
    assert found
    assert all(name == each.name for name, each in found.items())


def test_a_documented_name_is_known_wherever_the_page_has_it() -> None:
    assert {"Pool", "Pool.map", "pool.Pool", "Process.close", "shared_memory", "Lock.locked"} <= documented.names()
    assert not {"Pol", "Process.clos", "", "Client"} & documented.names()
    assert set(passages.editions()) <= set(documented.EDITIONS)


Register = Callable[..., None]


@pytest.fixture
def register(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Register:
    """Install a package whose entry point registers an adapter: its text, and what stands behind its name."""

    def installed(text: str, value: str = "its:path", package: str = "its") -> None:
        (tmp_path / f"{package}.py").write_text(text)
        folder = tmp_path / f"{package}-1.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1\n")
        (folder / "entry_points.txt").write_text(f"[{registered.GROUP}]\ntheirs = {value}\n")

    monkeypatch.syspath_prepend(str(tmp_path))
    return installed


def test_a_package_registers_the_path_of_an_adapter(register: Register, tmp_path: Path) -> None:
    (tmp_path / "theirs.toml").write_text('name = "theirs"\nimplementation = "multiprocessing"')
    register(
        "import pathlib\nprint('hello')\ndef path():\n    return pathlib.Path(__file__).with_name('theirs.toml')\n"
    )
    assert adapter("theirs").folder == str(tmp_path)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "def path():\n    raise ValueError('no')",
            ["raised ValueError: no", "its.py:2: raise ValueError"],
        ),
        ("import nohere", ["No module named 'nohere'", "its.py:1: import nohere"]),
        ("", ["has no attribute 'path'"]),
        ("path = 3", ["is 3, no function that returns a path"]),
        ("def path(): return 3", ["returned 3, which is no path"]),
        ("def path(): return 'nowhere.toml'", ["nowhere.toml, where there is no file"]),
        ("import sys\nsys.exit(4)", ["raised SystemExit: 4", "its.py:2: sys.exit(4)"]),
        ("import os\nos._exit(4)", ["ended its process, with status 4"]),
        ("def f(:", ["SyntaxError: invalid syntax", "its.py:1: def f(:"]),
        ("import threading\nthreading.Event().wait()", ["is not over after 2.7 s", 'its.py", line 2']),
    ],
    ids=["raises", "import", "absent", "value", "no-path", "no-file", "exits", "ends", "syntax", "hangs"],
)
def test_an_entry_point_that_tells_no_path_is_told_with_its_error_and_line(
    register: Register, text: str, told: list[str]
) -> None:
    register(text)
    with pytest.raises(BrokenAdapter) as raised:
        adapter("theirs", patience=0.3 if "wait" in text else 1)
    for part in ["--impl=theirs: the entry point its:path", *told]:
        assert part in str(raised.value)


def test_a_registered_adapter_that_breaks_a_rule_is_the_packages_fault(register: Register, tmp_path: Path) -> None:
    (tmp_path / "theirs.toml").write_text('name = "theirs"')
    register(f"def path():\n    return {os.fspath(tmp_path / 'theirs.toml')!r}")
    with pytest.raises(BrokenAdapter, match="'implementation' is missing"):
        adapter("theirs")


def test_a_name_that_two_packages_register_is_told(register: Register) -> None:
    register("")
    register("", "others:path", "others")
    with pytest.raises(BrokenAdapter, match="several packages register an adapter of that name"):
        adapter("theirs")
