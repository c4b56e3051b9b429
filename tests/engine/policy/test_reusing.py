"""When is a policy asked again, what is never kept, and what is an engine shown?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import make
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model import Answer, Bundle, Json, PolicyFailure
from engine.policy import answers, turns
from engine.policy.in_memory import InMemoryEngine
from engine.policy.pruning import pruned
from engine.policy.reading import Reading
from engine.policy.reuse import InMemoryAnswers, Reusing

CODE = Reading("sha256:code", (("info",), ("_context", "now")))
FIRST = {"info": {"name": "x"}, "tags": [], "_context": {"now": "2026-11-26", "policies": ["a"]}}


class Counting(InMemoryEngine):
    """An engine that remembers what it was asked."""

    def __init__(self, functions: Mapping[str, Any], version: str = "1") -> None:
        super().__init__(functions)
        self.version = version
        self.questions: list[list[str]] = []

    def evaluate(self, bundle: Bundle, policies: Sequence[str], document: Mapping[str, Json]) -> dict[str, Answer]:
        self.questions.append(list(policies))
        return super().evaluate(bundle, policies, document)


def found(document: Mapping[str, Json]) -> Json:
    return [{"code": "saw", "msg": str(document), "path": []}]


def fails(document: Mapping[str, Json]) -> Json:
    raise ValueError("it cannot")


def asked_of(reusing: Reusing, document: Mapping[str, Json], *policies: str) -> dict[str, Answer]:
    bundle = make.bundle(make.policy("a"), make.policy("b"))
    return reusing.evaluate(bundle, policies or ("a",), document)


@pytest.mark.parametrize(
    ("changed", "again"),
    [
        ({"tags": ["other"]}, False),
        ({"info": {"name": "y"}}, True),
        ({"info": None}, True),
        ({"_context": {"now": "2026-11-27", "policies": ["a"]}}, True),
        ({"_context": {"now": "2026-11-26", "policies": ["a", "b"], "mesh": {}}}, False),
    ],
)
def test_a_policy_is_asked_again_exactly_when_something_that_it_reads_is_another(
    changed: dict[str, Json], again: bool
) -> None:
    engine = Counting({"a": found})
    reusing = Reusing(engine, InMemoryAnswers(), lambda _: {"a": CODE})
    first = asked_of(reusing, FIRST)
    second = asked_of(reusing, {**FIRST, **changed})
    assert len(engine.questions) == (2 if again else 1)
    assert (first == second) is not again


def test_an_error_is_never_reused() -> None:
    engine = Counting({"a": fails})
    reusing = Reusing(engine, InMemoryAnswers(), lambda _: {"a": CODE})
    assert isinstance(asked_of(reusing, FIRST)["a"], PolicyFailure)
    assert isinstance(asked_of(reusing, FIRST)["a"], PolicyFailure)
    assert len(engine.questions) == 2


@pytest.mark.parametrize(
    ("version", "reading"),
    [("2", CODE), ("1", Reading("sha256:other", CODE.paths)), ("1", Reading(CODE.code, (("info",),)))],
)
def test_an_answer_of_another_engine_or_of_other_code_is_not_reused(version: str, reading: Reading) -> None:
    answers = InMemoryAnswers()
    asked_of(Reusing(Counting({"a": found}), answers, lambda _: {"a": CODE}), FIRST)
    engine = Counting({"a": found}, version)
    asked_of(Reusing(engine, answers, lambda _: {"a": reading}), FIRST)
    assert len(engine.questions) == 1


@pytest.mark.parametrize("readings", [{"a": CODE}, {}])
def test_without_a_version_of_the_engine_or_a_reading_of_the_policy_nothing_is_reused(
    readings: dict[str, Reading],
) -> None:
    engine = Counting({"a": found}, "" if readings else "1")
    reusing = Reusing(engine, InMemoryAnswers(), lambda _: readings)
    asked_of(reusing, FIRST)
    asked_of(reusing, FIRST)
    assert len(engine.questions) == 2


def test_only_what_is_missing_is_asked_unless_it_can_see_who_else_is_asked() -> None:
    engine, answers = Counting({"a": found, "b": found}), InMemoryAnswers()
    whole = Reading("sha256:whole", ((),))
    asked_of(Reusing(engine, answers, lambda _: {"a": CODE}), FIRST, "a")
    asked_of(Reusing(engine, answers, lambda _: {"a": CODE, "b": CODE}), FIRST, "a", "b")
    asked_of(Reusing(engine, answers, lambda _: {"a": CODE, "b": whole}), FIRST, "a", "b")
    assert engine.questions == [["a"], ["a", "b"]]


class Moody(InMemoryEngine):
    """An engine that on bad days has to ask everybody alone, in the way in which real ones do, and still succeeds."""

    bad_day = False

    def evaluate(self, bundle: Bundle, policies: Sequence[str], document: Mapping[str, Json]) -> dict[str, Answer]:
        def together(asked: Sequence[str]) -> dict[str, Answer]:
            return super(Moody, self).evaluate(bundle, asked, answers.narrowed(document, asked))

        if self.bad_day and len(policies) > 1:
            return turns.one_by_one(policies, lambda one, _: together([one])[one], seconds=5)
        return together(policies)


def sees(document: Mapping[str, Json]) -> Json:
    return [{"code": "saw", "msg": " ".join(document["_context"]["policies"]), "path": []}]


WHOLE, OTHER = Reading("sha256:whole", ((),)), Reading("sha256:other", ((),))
DAYS = st.lists(
    st.tuples(
        st.booleans(),
        st.lists(st.sampled_from("abc"), min_size=1, unique=True).map(sorted),
        st.sampled_from(["x", "y"]),
    ),
    max_size=12,
)


@given(DAYS)
def test_a_bad_day_of_the_engine_never_changes_what_is_told_on_a_good_one(
    days: list[tuple[bool, list[str], str]],
) -> None:
    engine = Moody({"a": sees, "b": lambda shown: found(shown["info"]), "c": sees})
    bundle = make.bundle(make.policy("a"), make.policy("b"), make.policy("c"))
    reusing = Reusing(engine, InMemoryAnswers(), lambda _: {"a": WHOLE, "b": CODE, "c": OTHER})
    for bad_day, asked, name in days:
        document = {"info": {"name": name}, "_context": {"now": "2026-11-26", "policies": asked}}
        engine.bad_day = bad_day
        told = reusing.evaluate(bundle, asked, document)
        engine.bad_day = False
        fresh = engine.evaluate(bundle, asked, document)
        if not bad_day:
            assert told == fresh


def test_what_was_asked_alone_is_kept_where_the_policy_cannot_see_that() -> None:
    engine = Moody({"a": sees, "b": lambda _: []})
    reusing = Reusing(engine, InMemoryAnswers(), lambda _: {"a": WHOLE, "b": CODE})
    document = {**FIRST, "_context": {"now": "2026-11-26", "policies": ["a", "b"]}}
    engine.bad_day = True
    asked_of(reusing, document, "a", "b")
    assert asked_of(reusing, document, "b") == {"b": ()}
    assert (reusing.asked, reusing.reused) == (2, 1)


def test_the_store_in_memory_forgets_what_was_kept_first() -> None:
    answers = InMemoryAnswers(most=2)
    for key in "abc":
        answers.keep({key: ()})
    assert answers.found(["a", "b", "c"]) == {"b": (), "c": ()}


@pytest.mark.parametrize(
    ("paths", "left"),
    [
        ([()], {"a": {"b": 1, "c": [2]}, "d": "x", "e": {}}),
        ([("a", "b")], {"a": {"b": 1}}),
        ([("a",), ("a", "b")], {"a": {"b": 1, "c": [2]}}),
        ([("a", "none"), ("a", "c", "deep")], {"a": {"c": [2]}}),
        ([("d", "deep"), ("e", "f", "g"), ("none", "x")], {"d": "x", "e": {}}),
        ([], {}),
    ],
)
def test_a_document_is_cut_to_paths_and_keeps_the_kinds_on_the_way(paths: list[tuple[str, ...]], left: Json) -> None:
    document = {"a": {"b": 1, "c": [2]}, "d": "x", "e": {}}
    assert pruned(document, paths) == left
    assert document == {"a": {"b": 1, "c": [2]}, "d": "x", "e": {}}
