"""The stand-alone scripts of the failure report: short, plain, green where the promise is kept and red where not."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest
from mpconform.adapters.adapter import adapter
from mpconform.adapters.interpreters import interpreter
from mpconform.checks import Check, chapters, checks, clause
from mpconform.outcomes import Outcome, Verdict
from mpconform.reports import text as report
from mpconform.standalone.layout import WIDTH
from mpconform.standalone.script import LINES, script
from mutation import FOLDER, mutated, read

ALL = list(checks((c for chapter in chapters() for c in chapter.clauses.values()), ("fork", "spawn", "forkserver")))
SAMPLE = [
    ("process.join.again", "spawn", None),
    ("process.signature", None, None),
    ("process.daemon.ends-with-child", "fork", None),
    ("process.terminate.sigterm", "fork", None),
    ("process.group.other", None, "tuple"),
    ("context.get.overrides-choice", None, "spawn"),
    ("log.children.name", "spawn", None),
    ("log.logger.silent", "fork", None),
    ("synchronize.lock.with.holds", None, "RLock"),
    ("queue.put.full-after-timeout", None, None),
    ("listeners.address.distinct", None, None),
    ("manager.register.new-object", "fork", None),
    ("manager.customized.beside-others", "spawn", None),
    ("manager.returned.made-anew", "spawn", None),
    ("proxy.passing.same-twice", "spawn", None),
]
WRONG = [
    ("process", "the-default-name-is-that-of-the-class", ("process.name.subclass", None, None)),
    ("process", "args-are-a-list-by-default", ("process.signature", None, None)),
    ("process", "a-process-is-joined-once", ("process.join.again", "fork", None)),
]
"""Chapter, name of a mutant, and the check whose script has to notice."""


def check(id: str, method: str | None, case: str | None) -> Check:
    """The check of these three."""
    return Check(clause(id), method, case)


def run(text: str, folder: Path, path: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a script in a folder of its own. path: where packages are looked for first."""
    program = folder / "script.py"
    program.write_text(text)
    environment = {**os.environ, **({"PYTHONPATH": str(path)} if path else {})}
    return subprocess.run(
        [sys.executable, str(program)], cwd=folder, env=environment, capture_output=True, text=True, timeout=90
    )


def test_most_clauses_have_a_short_script_of_implementation_and_standard_library_and_the_others_a_reason() -> None:
    with_one = set()
    for one in ALL:
        found = script(one, adapter("reference"))
        text = found.text
        assert bool(text) != bool(found.reason), one.id
        if text:
            with_one.add(one.clause.id)
        lines = text.splitlines()
        assert len(lines) <= LINES, one.id
        assert all(len(line) <= WIDTH for line in lines), one.id
        for node in ast.walk(ast.parse(text)):
            match node:
                case ast.Import(names=names):
                    modules = [each.name for each in names]
                case ast.ImportFrom(module=module):
                    modules = [str(module)]
                case _:
                    continue
            roots = {module.split(".")[0] for module in modules}
            assert roots <= {"mpref", *sys.stdlib_module_names} - {"multiprocessing"}, one.id
    assert len(with_one) > len({one.clause.id for one in ALL}) * 2 / 3


@pytest.mark.parametrize(("id", "method", "case"), SAMPLE)
@pytest.mark.parametrize("implementation", ["reference", "stdlib"])
def test_a_script_ends_well_where_the_promise_is_kept(
    implementation: str, id: str, method: str | None, case: str | None, tmp_path: Path
) -> None:
    found = script(check(id, method, case), adapter(implementation))
    assert found.text, found.reason
    ended = run(found.text, tmp_path)
    assert ended.returncode == 0, found.text + ended.stderr


@pytest.mark.parametrize(("chapter", "name", "of"), WRONG, ids=[name for _, name, _ in WRONG])
def test_a_script_fails_where_the_promise_is_broken(
    chapter: str, name: str, of: tuple[str, str | None, str | None], tmp_path: Path
) -> None:
    (mutant,) = [each for each in read(FOLDER / f"{chapter}.toml") if each.name == name]
    wrong = mutated(mutant, tmp_path).parent
    ended = run(script(check(*of), adapter("reference")).text, tmp_path, wrong)
    assert ended.returncode == 1
    assert "AssertionError" in ended.stderr


def test_a_script_that_hangs_is_ended_and_says_where(tmp_path: Path) -> None:
    text = script(check("process.join.again", "fork", None), adapter("stdlib")).text
    ended = run(
        text.replace("(60, ", "(1, ").replace("def nothing(): pass", "def nothing(): __import__('time').sleep(4)"),
        tmp_path,
    )
    assert ended.returncode == 1
    assert "Timeout" in ended.stderr
    assert "in join" in ended.stderr


def test_the_failure_report_shows_the_script_or_says_why_there_is_none() -> None:
    def told(one: Check, outcome: Outcome) -> str:
        return report.failure(one, Verdict(outcome), adapter("stdlib"), interpreter(None), "mpconform run")

    again = check("process.join.again", "fork", None)
    assert "--- alone" in told(again, Outcome.BROKEN)
    assert "import faulthandler, multiprocessing as mp\n" in told(again, Outcome.BROKEN)
    assert "alone     no script of at most 20 lines: what is left behind" in told(again, Outcome.LEAKED)
    assert "no script of at most 20 lines: it would have" in told(
        check("queue.order.sizes", "fork", None), Outcome.BROKEN
    )
