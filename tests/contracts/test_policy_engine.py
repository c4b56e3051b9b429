"""Does every policy engine owe the same, and pay it?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import rego

from engine.errors import PolicyEngineUnavailable
from engine.model import Bundle, Finding, Json, PolicyFailure
from engine.policy import bundle as bundles
from engine.policy.embedded import EmbeddedEngine
from engine.policy.in_memory import InMemoryEngine
from engine.policy.opa import OpaServer
from engine.policy.port import PolicyEngine

OWNER = "trial.owner"
COLUMNS = "trial.columns"
CONFLICT = "trial.conflict"
BUILTIN = "trial.builtin"
MALFORMED = "trial.malformed"
ODM = "trial.odm"
CONFTEST = "trial.conftest"

POLICIES = {
    OWNER: rego.violation("not input.info.owner.id", path='["info", "owner", "id"]'),
    COLUMNS: """violation contains finding if {
	some i, column in input.columns
	data.lib.text.is_shouting(column.name)
	finding := {
		"code": "wrong",
		"msg": sprintf("the column %v shouts", [column.name]),
		"path": ["columns", i, "name"],
		"details": {"name": column.name},
		"fix": [{"op": "replace", "path": "/columns/0/name", "value": lower(column.name)}],
		"related": [{"path": ["info"], "msg": "see there"}],
	}
}""",
    CONFLICT: rego.violation("twofold > 0") + "\n\ntwofold := 1 if input.twofold\n\ntwofold := 2 if input.twofold",
    BUILTIN: rego.violation("to_number(input.number) > 1"),
    MALFORMED: 'violation contains {"code": "wrong", "msg": "no path"} if input.malformed',
    ODM: "default allow := false\n\nallow if input.info.owner.id\n\nallow := input.allowed",
    CONFTEST: 'deny contains "no owner" if not input.info.owner\n\n'
    'warn_soon contains {"msg": "old", "age": 9} if input.old',
}
LIBRARY = "package lib.text\n\nimport rego.v1\n\nis_shouting(text) if {\n\tcount(text) > 1\n\tupper(text) == text\n}\n"


def _twofold(document: Mapping[str, Json]) -> Json:
    if "twofold" in document:
        raise ValueError("two values")
    return []


def _columns(document: Mapping[str, Json]) -> Json:
    return [
        {
            "code": "wrong",
            "msg": f"the column {column['name']} shouts",
            "path": ["columns", i, "name"],
            "details": {"name": column["name"]},
            "fix": [{"op": "replace", "path": "/columns/0/name", "value": column["name"].lower()}],
            "related": [{"path": ["info"], "msg": "see there"}],
        }
        for i, column in reversed(list(enumerate(document.get("columns", []))))
        if column["name"].isupper()
    ]


def _owner(document: Mapping[str, Json]) -> Json:
    finding = {"code": "wrong", "msg": "it is wrong", "path": ["info", "owner", "id"]}
    return [] if document.get("info", {}).get("owner", {}).get("id") else [finding]


def _conftest(document: Mapping[str, Json]) -> Json:
    old = {"code": "warn_soon", "msg": "old", "path": [], "details": {"age": 9}}
    bare = {"code": "deny", "msg": "no owner", "path": []}
    return ([] if "owner" in document.get("info", {}) else [bare]) + ([old] if "old" in document else [])


def _odm(document: Mapping[str, Json]) -> Json:
    allowed = bool(document.get("info", {}).get("owner", {}).get("id"))
    return [] if allowed else [{"code": "not_allowed", "msg": "the rule allow is not true", "path": []}]


FUNCTIONS = {
    OWNER: _owner,
    COLUMNS: _columns,
    CONFLICT: _twofold,
    BUILTIN: lambda document: [False for _ in range(int(document.get("number", 0)))],
    MALFORMED: lambda document: [{"code": "wrong", "msg": "no path"}] if "malformed" in document else [],
    ODM: _odm,
    CONFTEST: _conftest,
}


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    folder = tmp_path_factory.mktemp("policies")
    return bundles.load([rego.write(folder, POLICIES, libraries={"lib/text.rego": LIBRARY})])


@pytest.fixture(scope="module", params=["embedded", "opa", "in_memory"])
def engine(request: pytest.FixtureRequest) -> Iterator[PolicyEngine]:
    made: PolicyEngine
    if request.param == "opa":
        made = OpaServer(request.getfixturevalue("opa_url"), push=True)
    else:
        made = EmbeddedEngine(workers=2) if request.param == "embedded" else InMemoryEngine(FUNCTIONS)
    yield made
    made.close()


def document(policies: Sequence[str], **content: Json) -> dict[str, Any]:
    return {"info": {"owner": {"id": "jo"}}, **content, "_context": {"policies": list(policies)}}


def test_every_policy_passes_a_document_without_fault(engine: PolicyEngine, bundle: Bundle) -> None:
    every = sorted(POLICIES)
    assert engine.evaluate(bundle, every, document(every)) == dict.fromkeys(every, ())


def test_findings_carry_everything_the_policy_said(engine: PolicyEngine, bundle: Bundle) -> None:
    told = engine.evaluate(bundle, [COLUMNS], document([COLUMNS], columns=[{"name": "ID"}]))
    fix = {"op": "replace", "path": "/columns/0/name", "value": "id"}
    related = {"path": ["info"], "msg": "see there"}
    path = ("columns", 0, "name")
    whole = Finding(COLUMNS, "wrong", "the column ID shouts", path, {"name": "ID"}, (fix,), (related,))
    assert told == {COLUMNS: (whole,)}


def test_findings_come_in_the_order_of_their_paths(engine: PolicyEngine, bundle: Bundle) -> None:
    names = [f"C{i}" for i in range(12)]
    told = engine.evaluate(bundle, [COLUMNS], document([COLUMNS], columns=[{"name": name} for name in names]))
    answer = told[COLUMNS]
    assert isinstance(answer, tuple)
    assert [finding.path[1] for finding in answer] == list(range(12))


def test_only_the_asked_policies_answer(engine: PolicyEngine, bundle: Bundle) -> None:
    told = engine.evaluate(bundle, [OWNER], document([OWNER], info={}, malformed=True))
    assert told == {OWNER: (Finding(OWNER, "wrong", "it is wrong", ("info", "owner", "id")),)}


def test_the_asked_policies_count_and_not_what_the_document_says(engine: PolicyEngine, bundle: Bundle) -> None:
    told = engine.evaluate(bundle, [OWNER], document([OWNER, COLUMNS], info={}))
    assert list(told) == [OWNER]


@pytest.mark.parametrize(
    ("policy", "content"),
    [(CONFLICT, {"twofold": True}), (BUILTIN, {"number": "many"}), (MALFORMED, {"malformed": True})],
)
def test_an_error_of_one_policy_leaves_the_others_alone(
    engine: PolicyEngine, bundle: Bundle, policy: str, content: dict[str, Json]
) -> None:
    asked = [OWNER, policy, CONFTEST]
    told = engine.evaluate(bundle, asked, document(asked, info={}, **content))
    failure = told.pop(policy)
    assert isinstance(failure, PolicyFailure)
    assert failure.policy == policy
    assert failure.reason
    assert told == {
        OWNER: (Finding(OWNER, "wrong", "it is wrong", ("info", "owner", "id")),),
        CONFTEST: (Finding(CONFTEST, "deny", "no owner", ()),),
    }


def test_an_error_of_the_only_asked_policy_is_its_failure(engine: PolicyEngine, bundle: Bundle) -> None:
    told = engine.evaluate(bundle, [CONFLICT], document([CONFLICT], twofold=True))
    assert isinstance(told[CONFLICT], PolicyFailure)


def test_an_unknown_policy_never_passes(engine: PolicyEngine, bundle: Bundle) -> None:
    asked = ["trial.unheard_of", OWNER]
    told = engine.evaluate(bundle, asked, document(asked))
    reason = f"bundle {bundle.revision} holds no such policy"
    assert told == {"trial.unheard_of": PolicyFailure("trial.unheard_of", reason), OWNER: ()}


def test_a_boolean_allow_becomes_a_finding(engine: PolicyEngine, bundle: Bundle) -> None:
    told = engine.evaluate(bundle, [ODM], document([ODM], info={}))
    assert told == {ODM: (Finding(ODM, "not_allowed", "the rule allow is not true", ()),)}


def test_rules_of_conftest_are_asked_too(engine: PolicyEngine, bundle: Bundle) -> None:
    told = engine.evaluate(bundle, [CONFTEST], document([CONFTEST], info={}, old=True))
    bare, old = Finding(CONFTEST, "deny", "no owner", ()), Finding(CONFTEST, "warn_soon", "old", (), {"age": 9})
    assert told == {CONFTEST: (bare, old)}


def test_eight_threads_get_the_answers_to_their_own_questions(engine: PolicyEngine, bundle: Bundle) -> None:
    def ask(number: int) -> bool:
        name = f"COLUMN{number}"
        twofold = {"twofold": True} if number % 5 == 0 else {}
        asked = [COLUMNS, CONFLICT]
        told = engine.evaluate(bundle, asked, document(asked, columns=[{"name": name}], **twofold))
        columns = told[COLUMNS]
        assert isinstance(columns, tuple)
        assert [finding.details for finding in columns] == [{"name": name}]
        return isinstance(told[CONFLICT], PolicyFailure)

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(ask, range(64))) == [number % 5 == 0 for number in range(64)]


def test_a_closed_engine_answers_no_more(bundle: Bundle, opa_url: str) -> None:
    for engine in (EmbeddedEngine(), InMemoryEngine(FUNCTIONS), OpaServer(opa_url, push=True)):
        engine.close()
        engine.close()
        with pytest.raises(PolicyEngineUnavailable, match="closed"):
            engine.evaluate(bundle, [OWNER], document([OWNER]))
