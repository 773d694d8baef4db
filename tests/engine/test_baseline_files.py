"""Baseline files: what is read is checked, what is written keeps what people have written and lies where they want."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from mpconform import checks
from mpconform.adapters.adapter import Adapter, adapter
from mpconform.adapters.interpreters import Interpreter
from mpconform.baselines import places, writing
from mpconform.baselines.baseline import Deviation, read
from mpconform.errors import Unusable
from mpconform.outcomes import Outcome

PYTHON = Interpreter("python", (3, 13, 5), "cpython", "linux")
BROKEN = Outcome.BROKEN

WRITTEN = """\
# Who wrote this, and why.
implementation = 'mine'   # literal quotes
version = "3.13"
recorded = [
    "3.13.0",   # the first
]

[floor]   # of Linux
queues = 9
log = 4   # not in order

# --- Locks

# Seen by Ada.
[[deviation]]
clause = "lock.b"
outcome = 'broken'
reason = '''
A reason
of two lines'''
link = "https://example.org/b"   # with a comment

# --- Queues

[[deviation]]
link = "https://example.org/d"
clause = "queue.d"
cases = [
  "one",
  "two",  # the second
]
outcome = "hung"
reason = "It hangs."
# the end of it
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A baseline that a person has written."""
    path = tmp_path / "baseline.toml"
    path.write_text(WRITTEN)
    return path


# Writing


def test_what_is_not_changed_stays_as_it_was_written(file: Path) -> None:
    known = read(file)
    assert str(writing.write(file, known)) == "no deviation changed"
    assert file.read_text() == WRITTEN


def test_a_new_entry_comes_in_its_sorted_place_and_the_rest_stays(file: Path) -> None:
    known = read(file)
    new = [Deviation(f"{name}", BROKEN) for name in ("a.first", "lock.c", "zoo.last")]
    change = writing.write(file, replace(known, deviations=(*known.deviations, *new)))
    assert str(change) == "deviations: 3 added"
    after = file.read_text()
    clauses = [line.split('"')[1] for line in after.splitlines() if line.startswith("clause")]
    assert clauses == ["a.first", "lock.b", "lock.c", "queue.d", "zoo.last"]
    assert set(WRITTEN.splitlines()) <= set(after.splitlines())
    assert after.index("# --- Locks") < after.index("lock.b")


def test_an_entry_that_goes_takes_the_comment_right_above_it_along_and_no_other(file: Path) -> None:
    known = read(file)
    assert str(writing.write(file, replace(known, deviations=known.deviations[1:]))) == "deviations: 1 removed"
    after = file.read_text()
    assert "lock.b" not in after
    assert "Seen by Ada" not in after
    for stays in ("# --- Locks", "# --- Queues", "# Who wrote this", "# the second", "# the end of it"):
        assert stays in after


def test_an_entry_that_changes_keeps_the_form_of_what_stays(file: Path) -> None:
    known = read(file)
    first, second = known.deviations
    change = writing.write(file, replace(known, deviations=(replace(first, until="3.13.5"), second)))
    assert str(change) == "deviations: 1 changed"
    after = file.read_text()
    assert 'until = "3.13.5"' in after
    assert set(WRITTEN.splitlines()) <= set(after.splitlines())


def test_the_floor_and_the_versions_change_where_they_stand(file: Path) -> None:
    known = read(file)
    change = writing.write(
        file, replace(known, floor={**known.floor, "log": 5, "process": 7}, recorded=("3.13.0", "3.13.5"))
    )
    assert str(change) == "no deviation changed; floor: log 5, process 7"
    assert read(file) == replace(known, floor={"queues": 9, "log": 5, "process": 7}, recorded=("3.13.0", "3.13.5"))
    for comment in ("# literal quotes", "# of Linux", "# not in order", "# --- Locks"):
        assert comment in file.read_text()
    for partly in ("3.13.2", "3.13.4"), ():
        writing.write(file, replace(known, partly=partly))
        assert read(file).partly == partly
    assert "partly" not in file.read_text()


TEXTS = [
    "quotes \" and ' and \\ backslash",
    "a line\nand another\ttab",
    "control \x00 \x07 \x1b[31m \x7f",
    "[[deviation]]\n# no comment",
    "ümläut, 漢字, \U0001f600, \u2028",
    '"""',
    "'''",
]


def test_whatever_stands_in_a_reason_or_a_case_comes_back_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "new.toml"
    known = tuple(
        Deviation(f"a.clause-{number}", BROKEN, text, text, cases=(text, "")) for number, text in enumerate(TEXTS)
    )
    first = replace(
        places.record(MODULE, PYTHON, str(path), updating=True).known, deviations=known, recorded=("3.13.5",)
    )
    writing.write(path, first)
    assert read(path).deviations == known
    more = replace(first, deviations=(*known, Deviation("b.clause", BROKEN)))
    writing.write(path, more)
    assert read(path).deviations == more.deviations


def test_the_recorded_baselines_survive_a_change_of_each_entry(tmp_path: Path) -> None:
    for shipped in sorted(places.FOLDER.glob("*.toml")):
        path = tmp_path / shipped.name
        path.write_text(shipped.read_text())
        known = read(path)
        changed = replace(known, deviations=tuple(replace(entry, until="99.0.0") for entry in known.deviations))
        assert writing.write(path, changed).changed == len(known.deviations)
        assert set(read(path).deviations) == set(changed.deviations)
        writing.write(path, known)
        assert path.read_text() == shipped.read_text()


# Reading


HEAD = 'implementation = "mine"\nversion = "3.13"\n'
ENTRY = HEAD + '[[deviation]]\nclause = "a.b"\noutcome = "broken"\n'


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("implementation = ", "not TOML"),
        ('version = "3.13"', "the key 'implementation' is missing; add it"),
        (HEAD + 'colour = "red"', "there is no key 'colour'; the keys are implementation, version, recorded"),
        (HEAD + 'recorded = ["3.13"]', "recorded is a list of exact versions such as \"3.13.2\", not ['3.13']"),
        (HEAD + "recorded = [3.13]", "recorded is a list of exact versions"),
        (HEAD + 'partly = "3.13.2"', "partly is a list of exact versions"),
        (HEAD + 'floor = "high"', "floor is a table of chapter = number of checks, not 'high'"),
        (HEAD + "[floor]\nlog = -1", "floor is a table"),
        (HEAD + "[floor]\nlog = true", "floor is a table"),
        (HEAD + 'deviation = "none"', "deviation is a list of tables"),
        (HEAD + "[deviation]\nclause = 'a.b'", "deviation is a list of tables"),
        (HEAD + '[[deviation]]\noutcome = "broken"', "deviation 1 (of no clause): the key 'clause' is missing"),
        (HEAD + '[[deviation]]\nclause = "a.b"', "deviation 1 (a.b): the key 'outcome' is missing"),
        (ENTRY + 'why = "so"', "deviation 1 (a.b): there is no key 'why'"),
        (ENTRY.replace("broken", "kept"), "outcome is a deviation: broken, crashed, hung, leaked, missing, not 'kept'"),
        (ENTRY.replace('"broken"', "[1]"), "outcome is a deviation"),
        (ENTRY + 'methods = ["thread"]', "methods is a list of start methods among fork, spawn, forkserver, or absent"),
        (ENTRY + 'methods = "fork"', "methods is a list of start methods"),
        (ENTRY + "methods = []", "methods is a list of start methods"),
        (ENTRY + "cases = [1]", "cases is a list of labels of cases, or absent, not [1]"),
        (ENTRY + 'sometimes = "yes"', "sometimes is true or false, not 'yes'"),
        (ENTRY + 'since = "3.13"', 'since is an exact version of the interpreter such as "3.13.2"'),
        (ENTRY + "until = 3", "until is an exact version"),
        (ENTRY + 'since = "3.13.10"\nuntil = "3.13.9"', "since is before until, not '3.13.10' to '3.13.9'"),
        (ENTRY + "reason = 1", "reason is a sentence, not 1"),
        (ENTRY + "link = []", "link is an address, not []"),
    ],
)
def test_a_wrong_baseline_is_named_with_entry_key_rule_and_value(tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "baseline.toml"
    path.write_text(text)
    with pytest.raises(Unusable) as caught:
        read(path)
    assert sentence in str(caught.value)
    assert str(path) in str(caught.value)


def test_the_exact_version_of_the_interpreter_decides_what_holds(tmp_path: Path) -> None:
    path = tmp_path / "baseline.toml"
    clause = next(iter(checks.known().values()))
    entry = f'[[deviation]]\nclause = "{clause.id}"\noutcome = "broken"\n'
    path.write_text(HEAD + entry + 'until = "3.13.2"\n' + entry.replace("broken", "hung") + 'since = "3.13.10"\n')
    check = checks.Check(clause, next(iter(clause.methods), None), next(iter(clause.cases), None))

    def expected(*release: int) -> str | None:
        known = read(path, release).expected(check)
        return None if known is None else known.outcome.value

    assert expected(3, 13, 1) == "broken"
    assert expected(3, 13, 2) is None
    assert expected(3, 13, 9) is None
    assert expected(3, 13, 10) == "hung"


def test_what_was_seen_decides_which_of_several_deviations_is_meant(tmp_path: Path) -> None:
    path = tmp_path / "baseline.toml"
    clause = next(iter(checks.known().values()))
    entry = f'[[deviation]]\nclause = "{clause.id}"\noutcome = '
    path.write_text(HEAD + entry + '"hung"\nsometimes = true\n' + entry + '"broken"\n')
    check = checks.Check(clause, next(iter(clause.methods), None), next(iter(clause.cases), None))
    always, race = ((Outcome.BROKEN, False), (Outcome.HUNG, True))
    for seen, meant in ((Outcome.HUNG, race), (Outcome.BROKEN, always), (Outcome.KEPT, always), (None, always)):
        known = read(path).expected(check, seen)
        assert known is not None
        assert (known.outcome, known.sometimes) == meant


# Places

MODULE = Adapter(name="json", implementation="json", baseline="json")
"""An implementation that is reached without an adapter file."""


def of_file(folder: Path) -> Adapter:
    """An adapter of a file in the folder."""
    path = folder / "mine.toml"
    path.write_text('name = "mine"\nimplementation = "json"\n')
    return adapter(str(path))


def test_a_baseline_of_ones_own_is_written_beside_the_adapter_file(tmp_path: Path) -> None:
    mine = of_file(tmp_path)
    path = places.record(mine, PYTHON, None, updating=True, writing=True).path
    assert path == tmp_path / "mine-3.13.toml"
    path.write_text(HEAD + "[floor]\nlog = 3")
    assert places.known(mine, PYTHON).floor == {"log": 3}


def test_an_implementation_without_an_adapter_file_has_its_baseline_named(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match=r"--baseline=json-3\.13\.toml"):
        places.record(MODULE, PYTHON, None, updating=True, writing=True)
    assert places.record(MODULE, PYTHON, None).known.deviations == ()


def test_nothing_is_written_among_the_installed_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed = tmp_path / "lib" / "site-packages" / "mpconform" / "baselines"
    installed.mkdir(parents=True)
    with pytest.raises(Unusable, match=r"--baseline=mine-3\.13\.toml"):
        places.record(of_file(installed), PYTHON, None, updating=True, writing=True)
    monkeypatch.setattr(places, "FOLDER", installed)
    with pytest.raises(Unusable, match=r"--baseline=stdlib-3\.13\.toml"):
        places.record(adapter("stdlib"), PYTHON, None, updating=True, writing=True)


def test_in_a_checkout_the_baselines_of_built_in_adapters_are_written_where_they_are() -> None:
    assert places.record(adapter("stdlib"), PYTHON, None, updating=True, writing=True).path == (
        places.FOLDER / "stdlib-3.13.toml"
    )


def test_one_file_can_serve_every_version(tmp_path: Path) -> None:
    mine = of_file(tmp_path)
    every = tmp_path / "mine-every.toml"
    every.write_text('implementation = "mine"\nversion = "every"\n[floor]\nlog = 3\n')
    record = places.record(mine, PYTHON, None, updating=True, writing=True)
    assert (record.path, record.known.floor) == (every, {"log": 3})
    (tmp_path / "mine-3.13.toml").write_text(HEAD)
    assert places.record(mine, PYTHON, None).path == tmp_path / "mine-3.13.toml"


def test_a_file_for_every_version_counts_in_versions_of_python(tmp_path: Path) -> None:
    entry = '[[deviation]]\nclause = "a.clause"\noutcome = "broken"\nuntil = "3.12.0"\n'
    pypy = Interpreter("pypy3", (3, 11, 17), "pypy", "linux", own=(8, 0, 1))
    for version, release in ("every", (3, 11, 17)), ("pypy3.11", (8, 0, 1)):
        path = tmp_path / f"mine-{version}.toml"
        path.write_text(f'implementation = "mine"\nversion = "{version}"\n{entry}')
        known = places.record(Adapter("mine", "mine", folder=str(tmp_path)), pypy, str(path)).known
        assert known.release == release


def test_a_file_that_cannot_be_written_is_told_before_anything_runs(tmp_path: Path) -> None:
    for file in (tmp_path, tmp_path / "nowhere" / "baseline.toml", Path("/proc/baseline.toml")):
        with pytest.raises(Unusable, match="cannot be written"):
            places.writable(file, "--baseline")
