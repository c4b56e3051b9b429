"""Can GitLab read the code quality report, and does it follow each issue from report to report?"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import make
import pytest
from every_case import REPORT

from engine.model import Decision, Disposition, Place, Severity
from engine.report import gitlab, record


def issues(*decisions: Decision) -> list[dict[str, Any]]:
    documents = [record.document(one, file=f"{at}/orders.yaml") for at, one in enumerate(decisions)]
    return list(json.loads("".join(gitlab.render(record.report(documents)))))


def test_every_issue_has_exactly_what_gitlab_reads() -> None:
    told = json.loads("".join(gitlab.render(REPORT)))
    assert len(told) == 12
    for issue in told:
        assert set(issue) == {"description", "check_name", "fingerprint", "severity", "location"}
        assert issue["severity"] in ("info", "minor", "major", "critical", "blocker")
        assert set(issue["location"]) == {"path", "lines"}
        assert issue["location"]["lines"]["begin"] >= 1
        assert issue["description"]
        assert "\n" not in issue["description"]
        assert not issue["location"]["path"].startswith(("/", "./"))


def test_a_finding_is_told_with_its_place_and_what_helps() -> None:
    (issue,) = issues(make.decision())
    del issue["fingerprint"]
    assert issue == {
        "description": "info.owner.id is missing (Set info.owner.id)",
        "check_name": "mesh.ownership.owner_declared/owner_missing",
        "severity": "critical",
        "location": {"path": "0/orders.yaml", "lines": {"begin": 4}},
    }


@pytest.mark.parametrize(
    ("severity", "word"),
    [
        (Severity.CRITICAL, "blocker"),
        (Severity.HIGH, "critical"),
        (Severity.MEDIUM, "major"),
        (Severity.LOW, "minor"),
        (Severity.INFO, "info"),
    ],
)
def test_severities_become_gitlab_s(severity: Severity, word: str) -> None:
    (issue,) = issues(make.decision(findings=(make.judged(severity=severity),)))
    assert issue["severity"] == word


def test_only_what_asks_for_a_change_is_an_issue() -> None:
    dispositions = {one: len(issues(make.decision(findings=(make.judged(disposition=one),)))) for one in Disposition}
    assert dispositions == {
        Disposition.BLOCKING: 1,
        Disposition.ADVISORY: 1,
        Disposition.SHADOW: 0,
        Disposition.WAIVED: 0,
        Disposition.BASELINED: 0,
    }


def test_what_was_not_judged_is_an_issue_of_the_document() -> None:
    told = json.loads("".join(gitlab.render(REPORT)))
    unheard = {(one["check_name"], one["location"]["path"]): one["severity"] for one in told if "h.errs" in str(one)}
    assert unheard == {
        ("mesh.h.errs/policy-error", "shop/orders.yaml"): "minor",
        ("mesh.h.errs/policy-error", "shop/<b>returns\n::error::x.yaml"): "blocker",
    }
    assert [one["description"] for one in told if one["check_name"] == "undecided"] == [
        "not every policy could be evaluated",
        "no policy was evaluated",
    ]


def test_no_two_issues_of_a_report_share_a_fingerprint() -> None:
    told = [one["fingerprint"] for one in json.loads("".join(gitlab.render(REPORT)))]
    assert len(set(told)) == len(told)
    twice = issues(make.decision(problems=(make.problem(), make.problem())), make.decision())
    assert len({one["fingerprint"] for one in twice}) == len(twice) == 4


def test_a_fingerprint_survives_moved_lines_new_words_and_a_renamed_file_and_tells_products_apart() -> None:
    def known_by(decision: Decision, file: str = "orders.yaml") -> list[str]:
        told = "".join(gitlab.render(record.report([record.document(decision, file=file)])))
        return [one["fingerprint"] for one in json.loads(told)]

    decision = make.decision(problems=(make.problem(),))
    moved = Place("part.yaml", 40, 9)
    changed = replace(
        decision,
        problems=(make.problem(msg="told better", place=moved),),
        findings=(replace(make.judged(make.finding(msg="told better")), place=moved),),
    )
    assert known_by(changed, "renamed.yaml") == known_by(decision)
    assert set(known_by(replace(decision, product=make.identity("returns")))) & set(known_by(decision)) == set()
