"""The rewriter of stand-alone scripts knows every word of `see`, and no word that there is not."""

from __future__ import annotations

import ast

import pytest
from mpconform.standalone.blocks import BLOCKS
from mpconform.standalone.rewriter import UNSAYABLE, Rewriter
from mpconform.standalone.statements import STATEMENTS
from mpconform.standalone.syntax import NeedsEngine
from mpconform.standalone.values import VALUES
from mpspec.observation.see import Blocked, Caught, See

WORDS = {name for name in vars(See) if not name.startswith("_")} - {"close"}
"""What a clause may say; that the observations are over, the host says."""
ATTRIBUTES = {"folder", "recorded"}


def rewritten(body: str) -> str:
    """The statements, as a script has them."""
    return "\n".join(map(ast.unparse, Rewriter().statements(ast.parse(body).body)))


@pytest.mark.parametrize("word", sorted(WORDS))
def test_every_word_is_said_plainly_or_has_a_reason_why_not(word: str) -> None:
    assert word in {*STATEMENTS, *BLOCKS, *VALUES, *UNSAYABLE}


def test_no_word_is_known_that_is_none() -> None:
    assert {*STATEMENTS, *BLOCKS, *VALUES, *UNSAYABLE} <= WORDS | ATTRIBUTES
    assert set(vars(See("folder", None))) >= ATTRIBUTES  # type: ignore[arg-type]


def test_what_is_caught_and_what_blocks_have_the_attributes_that_clauses_ask_for() -> None:
    assert hasattr(Caught, "error")
    assert hasattr(Blocked(lambda: None), "thread")


@pytest.mark.parametrize(
    ("body", "script"),
    [
        ("see.equal(one(), 2)", "assert (seen := one()) == 2, seen"),
        ("with see.raises(ValueError):\n    one()", "except ValueError"),
        ("box = see.mailbox()\nbox.take()", "box[0].recv()"),
        ("gate = see.gate()\ngate.wait()", "gate[0].poll(None)"),
        ("see.true(procfs.state(pid) == 'Z', 'it is over')", "assert state(pid) == 'Z'"),
        ("blocked = see.blocks(one)\nblocked.still()\nblocked.ends()", "blocked.result()"),
        ("blocked = see.blocks(one)\nblocked.goes_on()\nblocked.ends()", "time.sleep(3)"),
        ("see.expires(SMALL, one, timeout=SMALL)", "timed(0.1, 0.1, one, timeout=0.1)"),
        ("see.is_over(SMALL, one)", "timed(0, 0.1, one)"),
        ("testify()", "pass"),
    ],
)
def test_a_word_becomes_what_a_person_would_write(body: str, script: str) -> None:
    assert script in rewritten(body)


@pytest.mark.parametrize("body", ["see.program('')", "see.folder", "one(see.recorded)", "other = see"])
def test_what_cannot_be_said_without_the_engine_is_told(body: str) -> None:
    with pytest.raises(NeedsEngine):
        rewritten(body)
