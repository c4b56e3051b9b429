"""What does a requirement make of products, and is one that errs, runs away or swells ever taken for a yes?"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from needs import HUGE, MEMORY, PLAIN, RUNAWAY, WRONG, finds

from engine.fitness.asking import OVERDUE, Asking, Shown, document
from engine.fitness.requirement import Requirement, read
from engine.fitness.verdict import LONGEST, MOST_REASONS, Fitness, Reason, Verdict
from engine.policy.embedded import EmbeddedEngine

NOW = datetime(2026, 11, 26, 15, 30, tzinfo=UTC)
FOREVER = float("inf")


@pytest.fixture(scope="module")
def engine() -> Iterator[EmbeddedEngine]:
    made = EmbeddedEngine(2, deadline=1.0, patience=20.0)
    yield made
    made.close()


def shown(*tags: str, **more: Any) -> Shown:
    told = {"info": {"name": "orders"}, "tags": list(tags), **more}
    return Shown(told, {"fqn": "urn:dpds:x:dataproducts:orders:1", "version": "1.0.0", "status": "active"}, "sales")


def asked(engine: EmbeddedEngine, need: Requirement, *seen: Shown, at_once: int = 2, until: float = FOREVER) -> Any:
    documents = [(f"{number}", document(one, need, NOW)) for number, one in enumerate(seen)]
    found = list(Asking(engine, until, at_once).all(need, documents))
    assert [name for name, _ in found] == [name for name, _ in documents]
    return [fitness for _, fitness in found]


def test_what_is_found_is_a_reason_and_nothing_found_is_a_fit(engine: EmbeddedEngine) -> None:
    need = read(engine.workers, PLAIN)
    fit, unfit = asked(engine, need, shown("gold"), shown("tin"))
    assert fit == Fitness(Verdict.FIT)
    assert unfit == Fitness(Verdict.UNFIT, (Reason("untagged", "it is not tagged gold", "/tags"),), 1)


def test_the_parameters_of_the_consumer_come_before_those_of_the_text(engine: EmbeddedEngine) -> None:
    need = read(engine.workers, PLAIN, {"tag": "tin"})
    assert [one.verdict for one in asked(engine, need, shown("gold"), shown("tin"))] == [Verdict.UNFIT, Verdict.FIT]


def test_a_requirement_sees_the_descriptor_and_what_is_known_of_the_product() -> None:
    facts = {"compliance": {"state": "compliant"}, "trust": None, "slo": None}
    with EngineFor(PLAIN, {"tag": "x"}) as need:
        one = Shown({"info": {"name": "orders"}}, {"fqn": "f", "version": "1.0.0"}, "", facts, {"consumers": []})
        assert document(one, need, NOW) == {
            "info": {"name": "orders"},
            "_context": {
                "event": "fitness",
                "environment": None,
                "domain": None,
                "policies": ["need.gold"],
                "parameters": {"need.gold": {"tag": "x"}},
                "previous": None,
                "mesh": {"consumers": []},
                "now": "2026-11-26T00:00:00Z",
                "product": {"fqn": "f", "version": "1.0.0"},
                "evaluation": facts,
            },
        }


class EngineFor:
    """A requirement that is read by an engine of its own."""

    def __init__(self, text: str, parameters: dict[str, Any] | None = None) -> None:
        self._engine, self._text, self._parameters = EmbeddedEngine(1), text, parameters

    def __enter__(self) -> Requirement:
        return read(self._engine.workers, self._text, self._parameters)

    def __exit__(self, *_: object) -> None:
        self._engine.close()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (RUNAWAY, "did not finish within 1 s"),
        (MEMORY, "memory|signal|alloc"),
        (HUGE, "larger than 16 MiB|did not finish|memory"),
        (WRONG, "could not parse"),
        ("package need.five\n\nimport rego.v1\n\nviolation contains 5\n", "not an object"),
        (finds('"x"').replace('"path": []', '"path": "here"'), "path of a finding"),
    ],
    ids=["runaway", "memory bomb", "huge output", "error", "no finding", "no path"],
)
def test_a_requirement_that_does_not_answer_leaves_every_product_undecided(
    engine: EmbeddedEngine, text: str, why: str
) -> None:
    import re

    found = asked(engine, read(engine.workers, text), shown("gold"), shown("tin"))
    assert [one.verdict for one in found] == [Verdict.UNDECIDED] * 2
    assert all(re.search(why, one.told) for one in found), [one.told for one in found]
    assert not any(one.reasons or one.passing for one in found)
    need = read(engine.workers, PLAIN)
    assert [one.verdict for one in asked(engine, need, shown("gold"), shown("tin"))] == [Verdict.FIT, Verdict.UNFIT]


def test_an_error_about_one_product_leaves_the_others_as_they_are(engine: EmbeddedEngine) -> None:
    numbered = shown(info={"name": "5"})
    first, second = asked(engine, read(engine.workers, WRONG), numbered, shown())
    assert (first.verdict, second.verdict) == (Verdict.UNFIT, Verdict.UNDECIDED)


def test_reasons_are_counted_all_and_kept_few_and_short(engine: EmbeddedEngine) -> None:
    text = finds(
        'sprintf("%d %s", [i, concat("", ["x" | some j in numbers.range(1, 9)])])', "some i in numbers.range(1, 500)"
    )
    (found,) = asked(engine, read(engine.workers, text), shown())
    assert (found.count, len(found.reasons)) == (500, MOST_REASONS)
    long = finds('concat(",", [sprintf("%d", [j]) | some j in numbers.range(1, 9000)])')
    (found,) = asked(engine, read(engine.workers, long), shown())
    assert len(found.reasons[0].msg) == LONGEST


def test_more_documents_than_may_wait_are_answered_in_their_order(
    engine: EmbeddedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.fitness.asking.AHEAD", 2)
    seen = [shown(*(["gold"] if number % 3 else [])) for number in range(20)]
    found = asked(engine, read(engine.workers, PLAIN), *seen)
    assert [one.verdict is Verdict.FIT for one in found] == [bool(number % 3) for number in range(20)]


def test_after_the_time_of_the_call_nobody_is_asked(engine: EmbeddedEngine) -> None:
    found = asked(engine, read(engine.workers, PLAIN), shown("gold"), until=0.0)
    assert found == [Fitness(Verdict.UNDECIDED, told=OVERDUE, passing=True)]


def test_without_an_engine_everything_is_undecided_and_may_be_asked_again() -> None:
    gone = EmbeddedEngine(1)
    need = read(gone.workers, PLAIN)
    gone.close()
    (found,) = asked(gone, need, shown("gold"))
    assert (found.verdict, found.passing) == (Verdict.UNDECIDED, True)


def test_a_requirement_sees_neither_the_environment_nor_another_product(
    engine: EmbeddedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MESHGATE_SECRET", "swordfish")
    fresh = EmbeddedEngine(1, deadline=1.0)
    need = read(fresh.workers, finds("json.marshal(input)"))
    found = asked(fresh, need, shown("mine"), shown("theirs"), shown("mine"), at_once=1)
    fresh.close()
    mine, theirs, again = (one.reasons[0].msg for one in found)
    assert "theirs" not in mine + again
    assert "mine" not in theirs
    assert "swordfish" not in mine + theirs
    assert os.environ["MESHGATE_SECRET"] == "swordfish"


def test_the_workers_of_requirements_have_no_environment(engine: EmbeddedEngine) -> None:
    asked(engine, read(engine.workers, PLAIN), shown())
    for pid in engine.workers.pids():
        with open(f"/proc/{pid}/environ", "rb") as told:
            assert told.read() == b""


TAGS = st.lists(st.sampled_from(["gold", "tin", "tan"]), max_size=3)


@settings(max_examples=30, deadline=None)
@given(st.lists(TAGS, max_size=12), st.randoms(use_true_random=False), st.integers(1, 3))
def test_a_verdict_depends_neither_on_order_nor_on_who_is_asked_beside(
    engine: EmbeddedEngine, tags: list[list[str]], random: Any, at_once: int
) -> None:
    need = read(engine.workers, PLAIN)
    seen = [shown(*some) for some in tags]
    alone = [asked(engine, need, one, at_once=1)[0] for one in seen]
    order = list(range(len(seen)))
    random.shuffle(order)
    together = asked(engine, need, *(seen[at] for at in order), at_once=at_once)
    assert together == [alone[at] for at in order]
    assert [one.verdict is Verdict.FIT for one in alone] == ["gold" in some for some in tags]
