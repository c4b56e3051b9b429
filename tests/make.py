"""Small builders that tests share: the values of the house with everything but the point of the test filled in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from engine.model import (
    Bundle,
    Decision,
    Descriptor,
    Disposition,
    Enforcement,
    Event,
    Facts,
    Finding,
    FindingCode,
    Identity,
    Json,
    JudgedFinding,
    Layer,
    Outcome,
    Part,
    Place,
    Policy,
    PolicyFailure,
    PolicyRun,
    PolicyState,
    Problem,
    ProblemSeverity,
    Severity,
    Step,
    pointer,
)
from engine.policy.in_memory import Function, InMemoryEngine

NOW = datetime(2026, 11, 23, 16, 30, 15, tzinfo=UTC)


def policy(id: str = "mesh.ownership.owner_declared", **changes: Any) -> Policy:
    """A blocking policy that hears every event."""
    told: dict[str, Any] = {
        "title": "Owner declared",
        "description": "Every product names an owner.",
        "owner": "Federated Governance Team",
        "severity": Severity.HIGH,
        "category": "ownership",
        "enforcement": Enforcement.BLOCKING,
        "events": frozenset(Event),
        "findings": {"owner_missing": FindingCode("Owner missing", "Set info.owner.id")},
    }
    return Policy(id=id, **{**told, **changes})


def bundle(*policies: Policy) -> Bundle:
    """A bundle of these policies, without Rego: for engines of plain functions."""
    return Bundle("sha256:bundle", {one.id: one for one in policies}, {})


def identity(name: str = "orders", **changes: Any) -> Identity:
    """The product `orders` 1.2.0 of the domain `sales`."""
    told: dict[str, Any] = {
        "fqn": f"urn:dpds:org.example:dataproducts:{name}:1",
        "id": "00000000-0000-5000-8000-000000000001",
        "odm_id": "00000000-0000-3000-8000-000000000001",
        "namespace": "org.example",
        "name": name,
        "major": 1,
        "version": "1.2.0",
        "domain": "sales",
    }
    return Identity(**{**told, **changes})


def effective(**changes: Any) -> dict[str, Any]:
    """The effective document of `orders`, with one output port."""
    port = {
        "fullyQualifiedName": "urn:dpds:org.example:dataproducts:orders:1:outputports:placed",
        "name": "placed",
        "version": "1.0.0",
        "promises": {"api": {"columns": [{"name": "id"}, {"name": "email", "tags": ["pii"]}]}},
    }
    info = {
        "fullyQualifiedName": "urn:dpds:org.example:dataproducts:orders:1",
        "name": "orders",
        "version": "1.2.0",
        "domain": "sales",
        "owner": {"id": "jo@example.com"},
    }
    return {"dataProductDescriptor": "1.0.0", "info": info, "interfaceComponents": {"outputPorts": [port]}, **changes}


def locate(path: Sequence[Step]) -> Place:
    """A made-up place that grows with the depth of the path."""
    return Place("orders.yaml", len(path) + 1, 3, pointer(path))


def descriptor(document: Mapping[str, Any] | None = None, **changes: Any) -> Descriptor:
    """A descriptor without problems; give `effective=None` for one that could not be read."""
    told: dict[str, Any] = {
        "file": "orders.yaml",
        "parts": (Part("orders.yaml", b""),),
        "effective": dict(document) if document is not None else effective(),
        "identity": identity(),
        "digest": "sha256:document",
        "problems": (),
        "locate": locate,
    }
    return Descriptor(**{**told, **changes})


def problem(code: str = "DP301", **changes: Any) -> Problem:
    """An error of the schema layer at the top of the file, unless told otherwise."""
    told: dict[str, Any] = {
        "name": "wrong-shape",
        "layer": Layer.SCHEMA,
        "severity": ProblemSeverity.ERROR,
        "msg": "this is no object",
        "path": "/info",
        "place": Place("orders.yaml", 2, 1, "/info"),
        "hint": "write an object",
    }
    return Problem(code=code, **{**told, **changes})


def facts(**changes: Any) -> Facts:
    """A submission at NOW on a laptop, without a catalog."""
    return Facts(**{"event": Event.SUBMIT, "now": NOW, **changes})


def finding(policy: str = "mesh.ownership.owner_declared", **changes: Any) -> Finding:
    """The finding that `orders` has no owner."""
    told: dict[str, Any] = {"code": "owner_missing", "msg": "info.owner.id is missing", "path": ("info", "owner", "id")}
    return Finding(policy=policy, **{**told, **changes})


def answering(answers: Mapping[str, Sequence[Finding] | PolicyFailure], policies: Sequence[Policy]) -> InMemoryEngine:
    """The in-memory engine in which each policy gives its answer whatever the document is (`()` unless told)."""
    return InMemoryEngine({one.id: _function(answers.get(one.id, ())) for one in policies})


def _function(answer: Sequence[Finding] | PolicyFailure) -> Function:
    def findings(_: Mapping[str, Json]) -> Json:
        if isinstance(answer, PolicyFailure):
            raise RuntimeError(answer.reason)
        return [{"code": one.code, "msg": one.msg, "path": list(one.path)} for one in answer]

    return findings


def judged(one: Finding | None = None, **changes: Any) -> JudgedFinding:
    """That finding as a blocking one."""
    told: dict[str, Any] = {
        "severity": Severity.HIGH,
        "enforcement": Enforcement.BLOCKING,
        "disposition": Disposition.BLOCKING,
        "place": Place("orders.yaml", 4, 3, "/info/owner"),
        "fingerprint": "f" * 64,
        "remediation": "Set info.owner.id",
    }
    return JudgedFinding(finding=one or finding(), **{**told, **changes})


def decision(**changes: Any) -> Decision:
    """A rejection of `orders` for its missing owner."""
    told: dict[str, Any] = {
        "outcome": Outcome.REJECTED,
        "provisional": False,
        "event": Event.SUBMIT,
        "environment": None,
        "product": identity(),
        "moment": NOW,
        "now": "2026-11-23T00:00:00Z",
        "engine": "in_memory 1",
        "bundle_revision": "sha256:bundle",
        "assignments_digest": "sha256:assignments",
        "waivers_digest": "sha256:waivers",
        "input_digest": "sha256:input",
        "policies": (run(PolicyState.FAIL),),
        "findings": (judged(),),
    }
    return Decision(id="d" * 32, **{**told, **changes})


def run(
    state: PolicyState = PolicyState.PASS, policy: str = "mesh.ownership.owner_declared", **changes: Any
) -> PolicyRun:
    """How one blocking policy ended."""
    told: dict[str, Any] = {"enforcement": Enforcement.BLOCKING, "severity": Severity.HIGH, **changes}
    return PolicyRun(policy, state, **told)
