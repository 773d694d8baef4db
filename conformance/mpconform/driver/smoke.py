"""The smoke stage: is there something to judge at all? A failure here is the adapter's, not a broken promise.

Asked before any verdict: the implementation imports, each start method can be chosen, and a child of each runs the
right interpreter and implementation, came by that start method, ends, and is reported with its exit status.
"""

from __future__ import annotations

from mpspec.loader import load

from mpconform.adapters.adapter import Adapter
from mpconform.adapters.interpreters import Interpreter
from mpconform.checks import Check
from mpconform.driver.judge import Judge
from mpconform.errors import BrokenAdapter
from mpconform.outcomes import Outcome


def test(adapter: Adapter, interpreter: Interpreter, methods: tuple[str, ...], patience: float) -> None:
    """Raise BrokenAdapter, with one sentence, where the adapter does not reach a working implementation."""
    oldest = tuple(map(int, adapter.python.split(".")))
    if interpreter.version[:2] < oldest:
        raise BrokenAdapter(
            f"{adapter.name} runs on Python {adapter.python} or newer, {interpreter.path} is "
            f"{'.'.join(map(str, interpreter.version))}; name another --python"
        )
    judge = Judge(adapter, interpreter, patience=patience)
    try:
        for clause in load("smoke").clauses.values():
            for method in (m for m in methods if m in clause.methods) if clause.methods else (None,):
                verdict = judge.verdict(Check(clause, method, None))
                if verdict.outcome not in (Outcome.KEPT, Outcome.LEAKED):
                    start = f" with the start method {method}" if method else ""
                    raise BrokenAdapter(
                        f"{adapter.name} cannot be judged in {interpreter.path}: {clause.sentence} "
                        f"This fails{start} ({verdict.outcome}; promised: {verdict.promised}; seen: {verdict.seen}); "
                        "correct the adapter, or name another --impl, --python or --start-method"
                    )
    finally:
        judge.close()
