"""What does a consumer learn by GraphQL of how good products are, and for how many statements?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import make
import pytest
import remembered

from api.flows.observing import observe
from api.flows.scoring import keep_up
from api.wiring import House
from catalog.database import Database
from engine.evaluation import formula as formulas
from engine.model import Descriptor, Principal

OBSERVER = Principal("probe", roles=frozenset({"observer"}))
OF = "urn:dpds:org.example:dataproducts:{}:1"
FORMULA = """package mesh.mine

import rego.v1

score := {"value": 0.5, "terms": [{"name": "all", "weight": 1, "value": 0.5, "evidence": [one], "as_of": input.now}]}

one := {"kind": "decision", "ref": input.compliance.decision}
"""
ALL = """{ slos { port indicator comparator threshold unit written target targetStated windowSeconds pointer state
  attainment budget { allowed consumed left } observations foreignObservations asOf
  last { id value amount unit observedAt source principal } } }"""


def promising(name: str, version: str = "1.0.0") -> Descriptor:
    made = remembered.product(name, version, outputs=["placed", "paid"], columns={"placed": []})
    ports = made.effective["interfaceComponents"]["outputPorts"]  # type: ignore[index]
    ports[0]["promises"]["slo"] = {"definition": {"freshness": "PT1H", "availability": "99 %"}}
    ports[1]["promises"]["slo"] = {"definition": {"freshness": "PT5M"}}
    return replace(made, digest=f"sha256:{name}{version}")


def measured(house: House, name: str, **changes: Any) -> None:
    told = {"id": f"{name}{changes}", "product": OF.format(name), "port": "placed", "indicator": "freshness"}
    told |= {"value": "PT30M", "observedAt": "2026-11-23T10:00:00Z", "source": "probe", **changes}
    (taken,) = observe([told], principal=OBSERVER, house=house)
    assert taken.state == "stored", taken


@pytest.fixture
def judged(database: Database, house: House) -> Iterator[House]:
    """Twelve products that promise; `report0` was observed."""
    house.clock = lambda: datetime(2026, 11, 23, 18, tzinfo=UTC)
    house.__dict__["_formulas"] = {house.bundle.revision: formulas.of("mesh.mine", {"formula.rego": FORMULA})}
    for number in range(12):
        remembered.accept(database, promising(f"report{number}"), at=make.NOW)
    measured(house, "report0")
    measured(house, "report0", indicator="availability", value="98 %")
    measured(house, "report0", indicator="availability", value="5 s")
    yield house
    house.close()


def test_every_promise_is_told_with_its_budget_and_its_last_observation(judged: House, data: Any) -> None:
    told = data(f'{{ dataProduct(fqn: "{OF.format("report0")}") {ALL} }}')["dataProduct"]["slos"]
    assert [(one["port"], one["indicator"], one["state"]) for one in told] == [
        ("placed", "freshness", "MET"),
        ("placed", "availability", "BROKEN"),
        ("paid", "freshness", "UNKNOWN"),
    ]
    assert told[1] == {
        "port": "placed",
        "indicator": "availability",
        "comparator": ">=",
        "threshold": 0.99,
        "unit": "ratio",
        "written": "99 %",
        "target": 0.99,
        "targetStated": True,
        "windowSeconds": 2592000.0,
        "pointer": "/interfaceComponents/outputPorts/0/promises/slo/definition/availability",
        "state": "BROKEN",
        "attainment": 0.98,
        "budget": {"allowed": 0.01, "consumed": 0.02, "left": -0.01},
        "observations": 1,
        "foreignObservations": 1,
        "asOf": "2026-11-23T18:00:00+00:00",
        "last": {
            "id": "report0{'indicator': 'availability', 'value': '98 %'}",
            "value": "98 %",
            "amount": 0.98,
            "unit": "ratio",
            "observedAt": "2026-11-23T10:00:00+00:00",
            "source": "probe",
            "principal": "probe",
        },
    }
    assert told[2]["last"] is None


def test_a_port_tells_its_own_promises(judged: House, data: Any) -> None:
    ports = "ports { edges { node { name slos { indicator state } } } }"
    told = data(f'{{ dataProduct(fqn: "{OF.format("report0")}") {{ {ports} }} }}')
    assert [(one["node"]["name"], one["node"]["slos"]) for one in told["dataProduct"]["ports"]["edges"]] == [
        ("placed", [{"indicator": "freshness", "state": "MET"}, {"indicator": "availability", "state": "BROKEN"}]),
        ("paid", [{"indicator": "freshness", "state": "UNKNOWN"}]),
    ]


def test_trust_is_null_until_it_was_computed_and_then_told_with_every_term(judged: House, data: Any) -> None:
    query = f"""{{ dataProduct(fqn: "{OF.format("report1")}") {{ compliance {{ decisionId }} trust {{
      value grade reason version formula formulaRevision since computedAt
      terms {{ name weight value asOf note evidence {{ kind ref }} }} }} }} }}"""
    assert data(query)["dataProduct"]["trust"] is None
    while keep_up(judged):
        pass
    told = data(query)["dataProduct"]
    trust = told["trust"]
    assert trust.pop("formulaRevision").startswith("sha256:")
    assert trust == {
        "value": 0.5,
        "grade": "",
        "reason": "",
        "version": "1.0.0",
        "formula": "mesh.mine",
        "since": "2026-11-23T18:00:00+00:00",
        "computedAt": "2026-11-23T18:00:00+00:00",
        "terms": [
            {
                "name": "all",
                "weight": 1.0,
                "value": 0.5,
                "asOf": "2026-11-23T00:00:00+00:00",
                "note": "",
                "evidence": [{"kind": "decision", "ref": told["compliance"]["decisionId"]}],
            }
        ],
    }


def test_how_a_product_stood_is_told_over_time_and_at_a_moment(judged: House, database: Database, data: Any) -> None:
    later = datetime(2026, 11, 24, tzinfo=UTC)
    remembered.accept(database, promising("report0", "1.1.0"), at=later)
    query = """query Q($then: DateTime) { dataProduct(fqn: "urn:dpds:org.example:dataproducts:report0:1") {
      compliance(asOf: $then) { decisionId }
      complianceHistory(first: 1) { edges { cursor node { version state why decisionId bundleRevision
        policies { policy before after } compliance { outcome decisionId } } }
        pageInfo { hasNextPage endCursor } } } }"""
    told = data(query, then="2026-11-23T23:00:00Z")["dataProduct"]
    page = told["complianceHistory"]
    (edge,) = page["edges"]
    newest = edge["node"]
    assert (newest["version"], newest["state"], newest["why"]) == ("1.1.0", "COMPLIANT", "accepted")
    assert newest["bundleRevision"] == "sha256:bundle"
    assert newest["policies"] == []
    assert newest["compliance"] == {"outcome": "ACCEPTED", "decisionId": newest["decisionId"]}
    assert page["pageInfo"]["hasNextPage"]
    after = page["pageInfo"]["endCursor"]
    turned = "edges { node { version decisionId policies { policy before after } } }"
    asked = f'complianceHistory(after: "{after}") {{ {turned} }}'
    answered = data(f'{{ dataProduct(fqn: "{OF.format("report0")}") {{ {asked} }} }}')
    rest = answered["dataProduct"]["complianceHistory"]["edges"]
    assert [one["node"]["version"] for one in rest] == ["1.0.0"]
    assert rest[0]["node"]["policies"] == [{"policy": "mesh.ownership.owner_declared", "before": None, "after": "pass"}]
    assert told["compliance"]["decisionId"] == rest[0]["node"]["decisionId"]
    before = data(query, then="2026-11-01T00:00:00Z")["dataProduct"]
    assert before["compliance"] is None


@pytest.mark.parametrize(
    ("selection", "count"),
    [
        ("slos { state last { id } }", 3),
        ("ports(first: 5) { edges { node { slos { state } } } }", 4),
        ("trust { value terms { evidence { ref } } }", 2),
        ("complianceHistory(first: 2) { edges { node { state } } }", 2),
        ("complianceHistory(first: 2) { edges { node { policies { after } compliance { outcome } } } }", 4),
        ('compliance(asOf: "2026-12-01T00:00:00Z") { outcome }', 3),
    ],
)
def test_the_number_of_statements_does_not_grow_with_the_page(
    judged: House, data: Any, counted: Callable[[], Any], selection: str, count: int
) -> None:
    while keep_up(judged):
        pass
    for size in (1, 12):
        with counted() as sent:
            data(f"{{ dataProducts(first: {size}) {{ edges {{ node {{ {selection} }} }} }} }}")
        assert len(sent) == count, sent
