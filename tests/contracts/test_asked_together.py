"""Does an engine that is asked about many documents at once say about each what it says about it alone?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pytest
import rego
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.model import Answer, Bundle, Json, PolicyFailure
from engine.policy import bundle as bundles
from engine.policy.embedded import EmbeddedEngine
from engine.policy.opa import OpaServer
from engine.policy.port import PolicyEngine, Question
from engine.policy.pruning import Pruning
from engine.policy.reuse import InMemoryAnswers, Reusing

OWNER, NAMES, CONFLICT, BUILTIN, MALFORMED, LOOP = (
    f"trial.{name}" for name in ("owner", "names", "conflict", "builtin", "malformed", "loop")
)
POLICIES = {
    OWNER: rego.violation("not input.info.owner.id", path='["info", "owner", "id"]'),
    NAMES: """violation contains finding if {
	some i, name in input.names
	name == upper(name)
	finding := {"code": "wrong", "msg": sprintf("%v shouts", [name]), "path": ["names", i]}
}""",
    CONFLICT: rego.violation("twofold > 0") + "\n\ntwofold := 1 if input.twofold\n\ntwofold := 2 if input.twofold",
    BUILTIN: rego.violation("to_number(input.number) > 1"),
    MALFORMED: 'violation contains {"code": "wrong", "msg": "no path"} if input.malformed',
    LOOP: rego.violation(
        "input.loop; count([1 | some a in numbers.range(1, 3000); some b in numbers.range(1, 3000); a * b < 0]) > 0"
    ),
}
ORDINARY = [id for id in POLICIES if id != LOOP]

CONTENT: st.SearchStrategy[dict[str, Json]] = st.fixed_dictionaries(
    {},
    optional={
        "info": st.sampled_from([{"owner": {"id": "jo"}}, {"owner": {}}, None, "nobody", []]),
        "names": st.lists(st.sampled_from(["a", "A", "\u00dc\u4e2d", "", "\0"]), max_size=3) | st.just("LOUD"),
        "number": st.sampled_from(["1", "2", "many", "", 2**63 - 1]),
        "twofold": st.just(True),
        "malformed": st.just(True),
    },
)
QUESTIONS = st.lists(
    st.tuples(st.lists(st.sampled_from([*ORDINARY, "trial.unheard_of"]), max_size=4, unique=True), CONTENT), max_size=9
)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return bundles.load([rego.write(tmp_path_factory.mktemp("policies"), POLICIES)])


@pytest.fixture(scope="module", params=["embedded", "opa"])
def engine(request: pytest.FixtureRequest) -> Iterator[PolicyEngine]:
    made: dict[str, Callable[[], PolicyEngine]] = {
        "opa": lambda: OpaServer(request.getfixturevalue("opa_url"), push=True),
        "embedded": EmbeddedEngine,
    }
    engine = made[request.param]()
    yield engine
    engine.close()


def question(policies: Sequence[str], content: Mapping[str, Json]) -> Question:
    return Question(policies, {**content, "_context": {"policies": list(policies)}})


def alone(engine: PolicyEngine, bundle: Bundle, one: Question) -> dict[str, Answer]:
    return engine.evaluate(bundle, one.policies, one.document)


def test_together_and_alone_no_answer_differs(engine: PolicyEngine, bundle: Bundle) -> None:
    readings = bundles.readings(bundle)
    reusing = Reusing(engine, InMemoryAnswers(), lambda _: readings)
    pruning = Pruning(engine, lambda _: readings)
    alone(engine, bundle, question([OWNER], {}))  # from now on an OPA server holds the bundle

    @settings(max_examples=60, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(QUESTIONS)
    def equal(drawn: list[tuple[list[str], dict[str, Json]]]) -> None:
        questions = [question(*one) for one in drawn]
        expected = [alone(engine, bundle, one) for one in questions]
        for asked in (engine, reusing, pruning, reusing):
            told = asked.evaluate_each(bundle, questions)
            assert len(told) == len(questions)
            for one, answers, mine in zip(questions, told, expected, strict=True):
                sound = not any(isinstance(answer, PolicyFailure) for answer in mine.values())
                assert answers == mine or (answers is None and (not sound or not one.policies))

    equal()


def test_an_error_in_the_middle_leaves_the_answers_before_and_after_it(engine: PolicyEngine, bundle: Bundle) -> None:
    alone(engine, bundle, question([OWNER], {}))
    asked = [OWNER, CONFLICT, NAMES]
    told = engine.evaluate_each(
        bundle,
        [question(asked, {"names": ["A"]}), question(asked, {"twofold": True}), question(asked, {"names": ["B"]})],
    )
    assert told[1] is None
    assert [one and [found.msg for found in one[NAMES]] for one in (told[0], told[2])] == [["A shouts"], ["B shouts"]]


def test_who_runs_away_in_the_middle_is_not_answered_and_passes_nowhere(
    request: pytest.FixtureRequest, bundle: Bundle
) -> None:
    questions = [question([OWNER, LOOP], {"loop": True} if place == 1 else {}) for place in range(3)]
    made: tuple[Any, ...] = (
        EmbeddedEngine,
        lambda **told: OpaServer(request.getfixturevalue("opa_url"), push=True, **told),
    )
    for make in made:
        engine = make(deadline=2.0)
        try:
            before = alone(engine, bundle, questions[0])
            told = engine.evaluate_each(bundle, questions)
            assert told[0] in (before, None)
            assert told[1] is None
            assert told[2] in (before, None)
            answers = alone(engine, bundle, questions[1])
            assert isinstance(answers[LOOP], PolicyFailure)
            assert alone(engine, bundle, questions[2]) == before
        finally:
            engine.close()


def test_a_closed_engine_leaves_every_question_open(bundle: Bundle, opa_url: str) -> None:
    for engine in (EmbeddedEngine(), OpaServer(opa_url, push=True)):
        engine.close()
        assert engine.evaluate_each(bundle, [question([OWNER], {})] * 2) == [None, None]


def test_many_large_documents_go_in_several_portions_and_each_gets_its_own_answer(
    engine: PolicyEngine, bundle: Bundle
) -> None:
    alone(engine, bundle, question([OWNER], {}))
    questions = [question([NAMES], {"names": [f"N{n}"], "text": "x" * 100_000}) for n in range(7)]
    told = engine.evaluate_each(bundle, questions)
    assert [one and [found.msg for found in one[NAMES]] for one in told] == [[f"N{n} shouts"] for n in range(7)]
