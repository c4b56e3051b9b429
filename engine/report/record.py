"""What does a decision say as data, in the report `meshgate/report/1` (DESIGN §5)?

Every document has a `decision`, also an unreadable one
(empty lists, null digests).
"""

from __future__ import annotations

import posixpath
from collections import Counter
from pathlib import Path
from typing import Any

from engine.model import Decision, Identity, JudgedFinding, Outcome, Place, PolicyRun, Problem, pointer
from engine.report.entries import Entries
from engine.report.places import joined

SCHEMA = "meshgate/report/1"

PUBLISHED = Path(__file__).with_name("schemas") / "report-1.json"
"""The JSON Schema of the report, as a file."""


def report(documents: Entries) -> dict[str, Any]:
    """The whole report over the entries that `document` makes, with its summary."""
    outcomes = Counter(one["decision"]["outcome"] for one in documents)
    summary = {"documents": len(documents), **{outcome.value: outcomes[outcome.value] for outcome in Outcome}}
    return {"schema": SCHEMA, "summary": summary, "documents": documents}


def document(decision: Decision, *, file: str, folder: str | None = None) -> dict[str, Any]:
    """One entry of the report; `file` is how the reader named the root document.

    Places are shown below `folder`, which is the folder of `file` unless told otherwise.
    """
    below = posixpath.dirname(file) if folder is None else folder
    return {
        "file": file,
        "product": _product(decision.product),
        "decision": _decision(decision, below),
        "problems": [_problem(problem, below) for problem in decision.problems],
    }


def _product(identity: Identity | None) -> dict[str, Any] | None:
    if identity is None:
        return None
    return {name: getattr(identity, name) for name in ("fqn", "id", "namespace", "name", "version", "domain")}


def _decision(decision: Decision, folder: str) -> dict[str, Any]:
    return {
        "id": decision.id,
        "outcome": decision.outcome.value,
        "provisional": decision.provisional,
        "input_digest": decision.input_digest,
        "bundle_revision": decision.bundle_revision,
        "assignments_digest": decision.assignments_digest,
        "waivers_digest": decision.waivers_digest,
        "engine": decision.engine,
        "now": decision.now,
        "policies": [_run(run) for run in decision.policies],
        "findings": [_finding(finding, folder) for finding in decision.findings],
    }


def _run(run: PolicyRun) -> dict[str, Any]:
    told = {
        "policy": run.policy,
        "state": run.state.value,
        "reason": run.reason,
        "enforcement": run.enforcement.value,
        "severity": run.severity.value,
        "suspended": run.suspended,
    }
    return _without_empty(told, "reason", "suspended")


def _finding(judged: JudgedFinding, folder: str) -> dict[str, Any]:
    told = {
        "policy": judged.finding.policy,
        "code": judged.finding.code,
        "severity": judged.severity.value,
        "enforcement": judged.enforcement.value,
        "disposition": judged.disposition.value,
        "msg": judged.finding.msg,
        "path": pointer(judged.finding.path),
        "component": judged.component,
        "fingerprint": judged.fingerprint,
        **_place(judged.place, folder),
        "source_path": judged.place.source_path,
        "via": list(judged.place.via),
        "remediation": judged.remediation,
        "waiver": judged.waiver,
        "fix": list(judged.finding.fix),
    }
    return _without_empty(told, "component", "remediation", "waiver", "fix")


def _problem(problem: Problem, folder: str) -> dict[str, Any]:
    told = {
        "code": problem.code,
        "name": problem.name,
        "severity": problem.severity.value,
        "msg": problem.msg,
        "path": problem.path,
        **_place(problem.place, folder),
        "hint": problem.hint,
        "via": list(problem.place.via),
    }
    return _without_empty(told, "via")


def _place(place: Place, folder: str) -> dict[str, Any]:
    return {"file": joined(folder, place.file), "line": place.line, "column": place.column}


def _without_empty(told: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in told.items() if value or name not in names}
