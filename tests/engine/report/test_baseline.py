"""Does setting aside what is old never soften what else keeps a document from being accepted?"""

from __future__ import annotations

from typing import Any

import make
import pytest

from engine.model import Decision, Disposition, Enforcement, Outcome, PolicyState
from engine.report import baseline, record

HERE = "/somewhere"
BLOCKED = make.run(PolicyState.FAIL)
ERRED = make.run(PolicyState.ERROR, "mesh.x.errs", reason="it broke")
ADVISING = make.run(PolicyState.ERROR, "mesh.x.errs", reason="it broke", enforcement=Enforcement.ADVISORY)
SKIPPED = make.run(PolicyState.SKIPPED, "mesh.x.skipped", reason="document has schema errors")


def whole(report: dict[str, Any]) -> dict[str, Any]:
    return {**report, "documents": list(report["documents"])}


def settled(decision: Decision) -> dict[str, Any]:
    report = record.report([record.document(decision, file="orders.yaml")])
    return whole(baseline.applied(report, baseline.found(report, HERE), HERE))


@pytest.mark.parametrize(
    ("decision", "outcome", "provisional"),
    [
        (make.decision(), "accepted", False),
        (make.decision(problems=(make.problem(),)), "accepted", False),
        (make.decision(policies=(BLOCKED, SKIPPED)), "accepted", True),
        (make.decision(policies=(BLOCKED, ERRED), problems=(make.problem(),)), "undecided", False),
        (make.decision(policies=(BLOCKED, ADVISING)), "accepted", False),
        (make.decision(policies=(SKIPPED,), findings=(), problems=(make.problem(),)), "undecided", False),
        (make.decision(outcome=Outcome.UNDECIDED, policies=(BLOCKED, ERRED)), "undecided", False),
        (make.decision(findings=(make.judged(enforcement=Enforcement.MANDATORY),)), "rejected", False),
        (make.decision(problems=(make.problem("DP202"),)), "rejected", False),
    ],
)
def test_the_outcome_is_the_one_that_the_rest_deserves(decision: Decision, outcome: str, provisional: bool) -> None:
    made = settled(decision)
    told = made["documents"][0]["decision"]
    assert (told["outcome"], told["provisional"]) == (outcome, provisional)
    assert made["summary"][outcome] == 1


def test_only_what_blocks_or_advises_is_listed() -> None:
    findings = tuple(make.judged(disposition=one, fingerprint=one.value * 8) for one in Disposition)
    decision = make.decision(findings=findings, problems=(make.problem(), make.problem("DP202")))
    report = record.report([record.document(decision, file="orders.yaml")])
    assert len(list(baseline.found(report, HERE))) == 3
    told = whole(baseline.applied(report, baseline.found(report, HERE), HERE))["documents"][0]
    dispositions = [one["disposition"] for one in told["decision"]["findings"]]
    assert dispositions == ["baselined", "baselined", "shadow", "waived", "baselined"]
    assert [one.get("disposition") for one in told["problems"]] == ["baselined", None]


def test_a_second_equal_problem_is_new() -> None:
    once = record.report([record.document(make.decision(problems=(make.problem(),)), file="orders.yaml")])
    twice = record.report([record.document(make.decision(problems=(make.problem(),) * 2), file="orders.yaml")])
    told = whole(baseline.applied(twice, baseline.found(once, HERE), HERE))
    assert [one.get("disposition") for one in told["documents"][0]["problems"]] == ["baselined", None]


def test_a_written_baseline_is_read_again_and_does_not_depend_on_the_order() -> None:
    old = {baseline.Old("b", "x", "2"), baseline.Old("a", "y", "1"), baseline.Old("a", "x", "3")}
    written = baseline.written(old)
    assert [one["file"] + one["rule"] for one in written["entries"]] == ["ax", "ay", "bx"]
    assert baseline.read(written) == old
