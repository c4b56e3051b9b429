"""Do both engines compute trust alike, and is whatever else a formula does never a number?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest

from engine.errors import PolicyEngineUnavailable, PolicyEvaluationFailed
from engine.evaluation import formula as formulas
from engine.evaluation.formula import Formula
from engine.evaluation.refusals import FormulaInvalid
from engine.policy.embedded import EmbeddedEngine
from engine.policy.opa import OpaServer
from engine.policy.port import PolicyEngine

SHIPPED = Path(__file__).parents[2] / "policies/mesh/trust/formula/formula.rego"
LIBRARY = "package mesh.reading.twice\n\nimport rego.v1\n\nof(number) := number * 2\n"
FACTS: dict[str, Any] = {
    "now": "2026-11-26T00:00:00Z",
    "product": {"version": "1.0.0", "status": "active", "accepted_at": "2026-11-20T00:00:00+00:00", "age_days": 200},
    "compliance": {
        "decision": "d-1",
        "decided_at": "2026-11-20T00:00:00+00:00",
        "policies": [
            {"policy": "a", "severity": "high", "state": "pass"},
            {"policy": "b", "severity": "low", "state": "fail"},
            {"policy": "c", "severity": "medium", "state": "waived"},
            {"policy": "d", "severity": "critical", "state": "skipped"},
        ],
    },
    "slos": [
        {"state": "met", "attainment": 0.99, "target": 0.9, "last": {"id": "o", "observed_at": "2026-11-20T00:00:00Z"}},
        {"state": "broken", "attainment": 1 / 3, "target": 0.7, "last": None},
        {"state": "unknown", "attainment": None, "target": 0.9, "last": None},
    ],
    "documentation": [{"name": name, "given": name == "a", "pointer": f"/{name}"} for name in "abc"],
    "consumers": [{"product": "x"}, {"product": "x"}, {"product": "y"}],
}


@pytest.fixture(scope="module")
def embedded() -> Iterator[EmbeddedEngine]:
    engine = EmbeddedEngine(deadline=3)
    yield engine
    engine.close()


@pytest.fixture(params=["embedded", "opa"])
def engine(request: pytest.FixtureRequest, embedded: EmbeddedEngine) -> Iterator[PolicyEngine]:
    if request.param == "embedded":
        yield embedded
        return
    server = OpaServer(request.getfixturevalue("opa_url"), push=True)
    yield server
    server.close()


def made(body: str, package: str = "acme.trust", **beside: str) -> Formula:
    text = f"package {package}\n\nimport rego.v1\n\n{body}\n"
    return formulas.of(package, {"formula.rego": text, **{f"{name}.rego": one for name, one in beside.items()}})


def scored(value: str) -> str:
    term = '{"name": "a", "weight": 1, "value": 1, "evidence": [], "as_of": null}'
    return f'score := {{"value": {value}, "terms": [{term}]}}'


def test_the_shipped_formula_gives_the_same_score_on_both_engines(engine: PolicyEngine) -> None:
    found = formulas.asked(formulas.of(formulas.SHIPPED, {"formula.rego": SHIPPED.read_text()}), FACTS, engine=engine)
    assert (found.value, found.grade) == (0.6284, "C")
    assert {one.name: one.value for one in found.terms} == {
        "policies": 0.7222,
        "objectives": 0.619,
        "documentation": 0.3333,
        "freshness": 0.75,
        "consumers": 0.75,
    }
    assert [(one.kind, one.ref) for one in found.terms[2].evidence] == [("pointer", "/b"), ("pointer", "/c")]


def test_a_formula_may_use_the_libraries_beside_it(engine: PolicyEngine) -> None:
    formula = made(
        f"import data.mesh.reading.twice\n\n{scored('twice.of(0.25)')}", library=LIBRARY, other="package b\n"
    )
    assert sorted(formula.bundle.modules) == ["formula.rego", "library.rego", "meshgate/query.rego"]
    assert formulas.asked(formula, FACTS, engine=engine).value == 0.5


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("score := 0.5", "details"),
        ('score := {"value": 2} if input.nowhere', "undefined"),
        (scored("2"), "not from 0 to 1"),
        (scored("1e308 * 10"), "acme.trust"),
        (scored("1 / 0"), "acme.trust"),
        (scored("to_number(input.now)"), "acme.trust"),
        ('score := {"value": 0.5, "terms": []}', "empty"),
        (f"{scored('1')}\n\nscore := 1 if input.now", "acme.trust"),
    ],
)
def test_a_formula_that_errs_gives_no_number_but_the_reason(engine: PolicyEngine, body: str, told: str) -> None:
    # a name of its own: an OPA server that still holds the last one would err before it is given this one
    formula = made(body, f"acme.trust{crc32(body.encode())}")
    with pytest.raises(PolicyEvaluationFailed, match=told):
        formulas.asked(formula, FACTS, engine=engine)


def test_a_formula_that_never_ends_is_stopped(embedded: EmbeddedEngine) -> None:
    endless = scored("count([1 | some a in numbers.range(1, 9000); some b in numbers.range(1, 9000); a + b < 0])")
    with pytest.raises(PolicyEvaluationFailed, match="did not finish"):
        formulas.asked(made(endless), FACTS, engine=embedded)


def test_an_engine_that_is_gone_is_no_fault_of_the_formula() -> None:
    engine = EmbeddedEngine()
    engine.close()
    with pytest.raises(PolicyEngineUnavailable):
        formulas.asked(made(scored("1")), FACTS, engine=engine)


def test_the_revision_changes_with_the_formula_and_its_libraries_and_with_nothing_else() -> None:
    uses = f"import data.mesh.reading.twice\n\n{scored('twice.of(0.25)')}"
    first = made(uses, library=LIBRARY)
    assert made(uses, library=LIBRARY, other="package other\n").revision == first.revision
    assert made(uses, library=LIBRARY + "# more\n").revision != first.revision
    assert made(uses + "\n# more", library=LIBRARY).revision != first.revision


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "no package"),
        ("package acme.trust\n", "no rule `score`"),
        ("package acme.trust\n\nimport rego.v1\n\nscore(x) := x\n", "no rule `score`"),
        ("package acme.trust\n\nimport rego.v1\n\nscore := http.send({})\n", "http.send"),
        ("package acme.trust\n\nimport rego.v1\n\nscore := time.now_ns()\n", "time.now_ns"),
        ("package acme.trust\n\nimport rego.v1\n\nscore := data.nowhere.x\n", "nowhere"),
        ("package acme.trust\n\nscore := {\n", "formula.rego"),
        (f"package acme.trust\n\nscore := {'[' * 40}{']' * 40}\n", "deep"),
    ],
)
def test_a_file_that_is_no_formula_is_refused_with_its_place(embedded: EmbeddedEngine, text: str, told: str) -> None:
    with pytest.raises(FormulaInvalid, match=told):
        formulas.read(text, beside={}, workers=embedded.workers)


def test_a_package_that_is_not_there_is_refused() -> None:
    with pytest.raises(FormulaInvalid, match=r"acme\.other"):
        formulas.of("acme.other", {"formula.rego": "package acme.trust\n"})
