"""The words that say which clauses are meant: ids, checks, beginnings; chapters and levels confine them."""

from __future__ import annotations

import pytest
from mpconform.errors import Unusable
from mpconform.selection import select
from mpspec.clause import METHODS


def ids(*words: str, chapters: tuple[str, ...] = (), levels: tuple[str, ...] = ()) -> list[str]:
    """The ids of the clauses that are chosen."""
    return [clause.id for clause in select(words, chapters, levels).clauses()]


def checks(*words: str, methods: tuple[str, ...] = METHODS) -> list[str]:
    """The ids of the checks that are chosen."""
    chosen = select(words)
    return [check.id for check in chosen.checks(chosen.clauses(), methods)]


def test_an_id_is_one_clause() -> None:
    assert ids("log.logger.type") == ["log.logger.type"]


@pytest.mark.parametrize("word", ["log.logger", "log.logger."])
def test_the_beginning_of_ids_is_every_clause_below_it(word: str) -> None:
    found = ids(word)
    assert len(found) > 5
    assert found == [id for id in ids() if id.startswith("log.logger.")]


def test_a_beginning_ends_at_a_dot() -> None:
    assert not {id for id in ids("queue") if not id.startswith("queue.")}
    with pytest.raises(Unusable):
        ids("log.logger.ty")


def test_words_add_up_in_the_order_of_a_run() -> None:
    assert ids("log.logger.type", "cpu_count.number") == ["cpu_count.number", "log.logger.type"]


def test_chapters_and_levels_confine_words() -> None:
    assert set(ids("cpu_count", "log", chapters=("log",))) == set(ids(chapters=("log",)))
    assert ids("log.logger", levels=("unspecified",)) == ["log.logger.name"]
    with pytest.raises(Unusable, match="at once: cpu_count --chapter=log"):
        ids("cpu_count", chapters=("log",))


def test_a_check_is_a_clause_with_method_and_case_in_brackets() -> None:
    assert checks("log.children.name[spawn]") == ["log.children.name[spawn]"]
    assert checks("log.stderr.level-none[none]") == ["log.stderr.level-none[none]"]


def test_a_start_method_in_brackets_is_every_case_of_it() -> None:
    [clause] = [c for c in select(["synchronize.inheritance"]).clauses() if c.cases and "spawn" in c.methods][:1]
    assert checks(f"{clause.id}[spawn]") == [f"{clause.id}[spawn-{case}]" for case in clause.cases]


def test_every_check_can_be_named_by_its_id() -> None:
    everything = select(["log", "simple_queue", "synchronize.condition.lock"])
    for check in everything.checks(everything.clauses(), METHODS):
        assert checks(check.id) == [check.id]


def test_a_check_of_an_implementation_without_start_methods_can_be_named_by_its_case() -> None:
    chosen = select(["pool.apply.values[number]"])
    assert [check.id for check in chosen.checks(chosen.clauses(), ())] == ["pool.apply.values[number]"]


def test_the_name_that_pytest_has_for_a_check_counts_by_its_id() -> None:
    assert checks("conformance/test_log.py::log.children.name[fork]") == ["log.children.name[fork]"]


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("log.loger.type", "near it: log.logger.type"),
        ("log.loger", "near it: log.logger"),
        ("daemon", "near it: process.daemon"),
        ("queues", "--chapter=queues"),
        ("log.logger.type[spawn]", "of this clause there are: log.logger.type"),
        ("log.children.name[frok]", "log.children.name[fork]"),
        ("log.logger[fork]", "there is no clause"),
        ("log.children.name[]", "there is no check"),
        ("", "there is no clause ''"),
    ],
)
def test_an_unknown_word_is_answered_with_what_is_near(word: str, hint: str) -> None:
    with pytest.raises(Unusable) as raised:
        ids(word)
    assert hint in str(raised.value)


def test_a_check_that_the_start_methods_exclude_is_noticed() -> None:
    assert select(["log.children.name[spawn]"]).without(("fork",)) == "log.children.name[spawn]"
    assert select(["log.children.name[spawn]"]).without(METHODS) is None
    assert select(["log.children.numbered"]).without(("spawn",)) is None
