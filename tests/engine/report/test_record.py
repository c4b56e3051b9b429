"""Is the report exactly what DESIGN §5 writes down, for every kind of decision?"""

from __future__ import annotations

import json
from typing import Any

import jsonschema_rs
import make
import pytest

from engine.model import Decision, Disposition, Enforcement, Layer, Outcome, Place, PolicyState, Severity
from engine.report import record

SCHEMA: dict[str, Any] = json.loads(record.PUBLISHED.read_text("utf-8"))

UNREADABLE = make.decision(
    outcome=Outcome.UNDECIDED,
    product=None,
    engine=None,
    bundle_revision=None,
    assignments_digest=None,
    waivers_digest=None,
    input_digest=None,
    policies=(),
    findings=(),
    problems=(make.problem("DP101", layer=Layer.SOURCE, path="", hint=""),),
)

WAIVED = make.decision(
    outcome=Outcome.ACCEPTED,
    provisional=True,
    policies=(
        make.run(PolicyState.FAIL),
        make.run(PolicyState.SKIPPED, "mesh.lineage.inputs_exist", reason="needs the mesh, and no catalog is at hand"),
        make.run(PolicyState.ERROR, "mesh.slo", reason="1/0", enforcement=Enforcement.SHADOW, severity=Severity.INFO),
    ),
    findings=(
        make.judged(
            make.finding(path=("interfaceComponents", "a/b", 0), fix=({"op": "remove", "path": "/x"},)),
            disposition=Disposition.WAIVED,
            component="urn:dpds:org.example:dataproducts:orders:1:outputports:placed",
            place=Place("ports/placed.yaml", 3, 5, "/version", ("orders.yaml#/interfaceComponents/outputPorts/0",)),
            waiver="W-1",
            remediation="",
        ),
    ),
)


def test_a_rejection_is_told_with_everything_that_judges_it() -> None:
    problem = make.problem()
    assert record.document(make.decision(problems=(problem,)), file="shop/orders.yaml") == {
        "file": "shop/orders.yaml",
        "product": {
            "fqn": "urn:dpds:org.example:dataproducts:orders:1",
            "id": "00000000-0000-5000-8000-000000000001",
            "namespace": "org.example",
            "name": "orders",
            "version": "1.2.0",
            "domain": "sales",
        },
        "decision": {
            "id": "d" * 32,
            "outcome": "rejected",
            "provisional": False,
            "input_digest": "sha256:input",
            "bundle_revision": "sha256:bundle",
            "assignments_digest": "sha256:assignments",
            "waivers_digest": "sha256:waivers",
            "engine": "in_memory 1",
            "now": "2026-11-23T00:00:00Z",
            "policies": [
                {
                    "policy": "mesh.ownership.owner_declared",
                    "state": "fail",
                    "enforcement": "blocking",
                    "severity": "high",
                }
            ],
            "findings": [
                {
                    "policy": "mesh.ownership.owner_declared",
                    "code": "owner_missing",
                    "severity": "high",
                    "enforcement": "blocking",
                    "disposition": "blocking",
                    "msg": "info.owner.id is missing",
                    "path": "/info/owner/id",
                    "fingerprint": "f" * 64,
                    "file": "shop/orders.yaml",
                    "line": 4,
                    "column": 3,
                    "source_path": "/info/owner",
                    "via": [],
                    "remediation": "Set info.owner.id",
                }
            ],
        },
        "problems": [
            {
                "code": "DP301",
                "name": "wrong-shape",
                "severity": "error",
                "msg": "this is no object",
                "path": "/info",
                "file": "shop/orders.yaml",
                "line": 2,
                "column": 1,
                "hint": "write an object",
            }
        ],
    }


def test_what_is_known_of_a_finding_is_told_and_what_is_not_is_left_out() -> None:
    (told,) = record.document(WAIVED, file="orders.yaml")["decision"]["findings"]
    assert told == {
        "policy": "mesh.ownership.owner_declared",
        "code": "owner_missing",
        "severity": "high",
        "enforcement": "blocking",
        "disposition": "waived",
        "msg": "info.owner.id is missing",
        "path": "/interfaceComponents/a~1b/0",
        "component": "urn:dpds:org.example:dataproducts:orders:1:outputports:placed",
        "fingerprint": "f" * 64,
        "file": "ports/placed.yaml",
        "line": 3,
        "column": 5,
        "source_path": "/version",
        "via": ["orders.yaml#/interfaceComponents/outputPorts/0"],
        "waiver": "W-1",
        "fix": [{"op": "remove", "path": "/x"}],
    }


def test_an_unreadable_document_has_a_decision_with_empty_lists_and_null_digests() -> None:
    told = record.document(UNREADABLE, file="orders.yaml")
    assert told["product"] is None
    assert {name: value for name, value in told["decision"].items() if not value} == {
        "provisional": False,
        "input_digest": None,
        "bundle_revision": None,
        "assignments_digest": None,
        "waivers_digest": None,
        "engine": None,
        "policies": [],
        "findings": [],
    }


def test_places_are_shown_below_the_folder_of_the_root_document() -> None:
    def shown(file: str, **below: str) -> str:
        found = record.document(WAIVED, file=file, **below)["decision"]["findings"]
        return str(found[0]["file"])

    assert shown("orders.yaml") == "ports/placed.yaml"
    assert shown("examples/mesh/orders.yaml") == "examples/mesh/ports/placed.yaml"
    assert shown("/data/orders.yaml") == "/data/ports/placed.yaml"
    assert shown("examples/mesh/orders.yaml", folder="examples") == "examples/ports/placed.yaml"


def test_the_summary_counts_documents_by_outcome() -> None:
    entries = [record.document(one, file="x.yaml") for one in (make.decision(), WAIVED, UNREADABLE, UNREADABLE)]
    assert record.report(entries) == {
        "schema": "meshgate/report/1",
        "summary": {"documents": 4, "accepted": 1, "rejected": 1, "undecided": 2},
        "documents": entries,
    }
    assert record.report([])["summary"] == {"documents": 0, "accepted": 0, "rejected": 0, "undecided": 0}


@pytest.mark.parametrize("decision", [make.decision(problems=(make.problem(),)), WAIVED, UNREADABLE])
def test_every_report_is_valid_against_the_published_schema(decision: Decision) -> None:
    report = json.loads(json.dumps(record.report([record.document(decision, file="orders.yaml")])))
    assert [error.message for error in jsonschema_rs.Draft202012Validator(SCHEMA).iter_errors(report)] == []


@pytest.mark.parametrize(
    "damage",
    [
        lambda report: report.update(schema="meshgate/report/2"),
        lambda report: report["documents"][0]["decision"].update(outcome="maybe"),
        lambda report: report["documents"][0]["decision"].pop("input_digest"),
        lambda report: report["documents"][0]["decision"]["findings"][0].update(line=0),
        lambda report: report["documents"][0]["decision"]["findings"][0].update(path="info"),
        lambda report: report["documents"][0].update(extra=1),
    ],
)
def test_the_published_schema_refuses_what_is_no_report(damage: Any) -> None:
    report = record.report([record.document(make.decision(), file="orders.yaml")])
    damage(report)
    assert not jsonschema_rs.Draft202012Validator(SCHEMA).is_valid(report)
