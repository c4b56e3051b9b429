"""Is the SARIF log valid, and does it carry what code scanning and editors make use of?"""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import make
import pytest
from every_case import HOSTILE, PROVISIONAL, REJECTED, REPORT, RULES, UNREADABLE
from readers import sarif_run

from engine.model import Decision, Enforcement
from engine.report import record, rules, sarif

URI = jsonschema_rs.validator_for({"type": "string", "format": "uri-reference"}, validate_formats=True)


def run(*decisions: Decision, rules: rules.Rules | None = None) -> dict[str, Any]:
    report = record.report([record.document(one, file="shop/orders.yaml") for one in decisions])
    return sarif_run("".join(sarif.render(report, rules=rules)))


def uris(value: Any) -> list[str]:
    if isinstance(value, list):
        return [uri for one in value for uri in uris(one)]
    if not isinstance(value, dict):
        return []
    return [one for name in ("uri", "helpUri") if (one := value.get(name))] + uris(list(value.values()))


def test_the_log_is_valid_whatever_there_is_to_tell() -> None:
    everything = sarif_run("".join(sarif.render(REPORT, rules=RULES, version="1.2.3")))
    nothing = sarif_run("".join(sarif.render(record.report([]))))
    assert (everything["tool"]["driver"]["version"], "version" in nothing["tool"]["driver"]) == ("1.2.3", False)
    assert (nothing["results"], nothing["tool"]["driver"]["rules"]) == ([], [])
    found = uris(everything)
    assert len(found) > 20
    assert [uri for uri in found if not URI.is_valid(uri)] == []


def test_every_result_names_its_rule_by_id_and_index() -> None:
    told = run(REJECTED, rules=RULES)
    listed = [rule["id"] for rule in told["tool"]["driver"]["rules"]]
    assert [result["ruleId"] for result in told["results"]] == [
        "DP301",
        "DP301",
        "DP451",
        "mesh.a.blocks/owner_missing",
        "mesh.a.blocks/owner_missing",
        "mesh.b.advises/owner_missing",
        "mesh.d.waived/owner_missing",
        "mesh.e.baselined/owner_missing",
    ]
    assert [listed[result["ruleIndex"]] for result in told["results"]] == [one["ruleId"] for one in told["results"]]
    assert len(set(listed)) == len(listed)


def test_a_rule_says_what_it_is_about_how_bad_and_what_helps() -> None:
    told = run(REJECTED, rules=RULES)
    by_id = {rule["id"]: rule for rule in told["tool"]["driver"]["rules"]}
    assert by_id["mesh.a.blocks/owner_missing"] == {
        "id": "mesh.a.blocks/owner_missing",
        "name": "owner_missing",
        "shortDescription": {"text": "Owner missing (a.blocks)"},
        "fullDescription": {"text": "Every product names an owner."},
        "help": {"text": "Set info.owner.id"},
        "helpUri": "https://example.org/rules",
        "defaultConfiguration": {"level": "error"},
        "properties": {
            "tags": ["ownership"],
            "precision": "very-high",
            "problem.severity": "error",
            "severity": "high",
            "security-severity": "8.0",
        },
    }
    assert by_id["DP451"]["defaultConfiguration"] == {"level": "warning"}
    assert "meshgate explain DP451" in by_id["DP451"]["help"]["text"]


def test_rules_that_found_nothing_are_listed_too_and_unknown_ones_say_what_the_report_gives_away() -> None:
    told = run(REJECTED, rules=RULES)
    by_id = {rule["id"]: rule for rule in told["tool"]["driver"]["rules"]}
    assert "mesh.f.passes/owner_missing" in by_id
    assert by_id["mesh.e.baselined/owner_missing"]["shortDescription"] == {"text": "Owner missing"}
    assert by_id["mesh.e.baselined/owner_missing"]["properties"]["security-severity"] == "0.0"
    assert "mesh.ownership.owner_declared/owner_missing" not in by_id


def test_levels_and_suppressions_say_what_became_of_a_finding_and_shadows_stay_out() -> None:
    told = run(REJECTED)["results"][3:]
    accepted = {"kind": "external", "status": "accepted"}
    assert [(one["level"], one["suppressions"], one["properties"]["disposition"]) for one in told] == [
        ("error", [], "blocking"),
        ("error", [], "blocking"),
        ("warning", [], "advisory"),
        ("warning", [{**accepted, "justification": "waiver W-1"}], "waived"),
        ("warning", [{**accepted, "justification": "it is in the baseline"}], "baselined"),
    ]


def test_a_place_behind_references_is_the_part_file_and_the_references_are_related() -> None:
    told = run(REJECTED)["results"][3]
    (place,) = told["locations"]
    assert place["physicalLocation"] == {
        "artifactLocation": {"uri": "shop/apis/placed,1:%20100%25.yaml", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 3, "startColumn": 5},
    }
    assert place["logicalLocations"] == [
        {"fullyQualifiedName": "/interfaceComponents/outputPorts/0/a~1b", "kind": "value"}
    ]
    related = [(one["physicalLocation"]["artifactLocation"]["uri"], one["message"]) for one in told["relatedLocations"]]
    assert related == [
        ("shop/orders.yaml", {"text": "referred to from shop/orders.yaml#/interfaceComponents/outputPorts/0"}),
        ("shop/ports/placed.yaml", {"text": "referred to from shop/ports/placed.yaml#/promises/api"}),
    ]


def test_columns_count_characters() -> None:
    assert run()["columnKind"] == "unicodeCodePoints"


def test_fingerprints_carry_the_finding_s_own_and_never_meet() -> None:
    told = sarif_run("".join(sarif.render(REPORT)))["results"]
    assert told[3]["partialFingerprints"]["finding/v1"] == "f" * 64
    known_by = [one["partialFingerprints"]["meshgate/v1"] for one in told]
    assert len(set(known_by)) == len(known_by)


def test_an_absolute_file_has_no_base() -> None:
    report = record.report([record.document(make.decision(), file="/srv/a b/orders.yaml")])
    (result,) = sarif_run("".join(sarif.render(report)))["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"] == {"uri": "file:///srv/a%20b/orders.yaml"}


@pytest.mark.parametrize(
    ("decision", "successful", "notified"),
    [
        (make.decision(), True, []),
        (PROVISIONAL, True, [("policy-skipped", "note")]),
        (REJECTED, True, [("policy-error", "warning")]),
        (UNREADABLE, False, [("undecided", "error")]),
    ],
    ids=["rejected", "provisional", "an advisory policy erred", "unreadable"],
)
def test_the_invocation_says_whether_everything_was_decided(
    decision: Decision, successful: bool, notified: list[tuple[str, str]]
) -> None:
    told = run(decision)
    (invocation,) = told["invocations"]
    notes = invocation["toolExecutionNotifications"]
    kinds = [one["id"] for one in told["tool"]["driver"]["notifications"]]
    assert invocation["executionSuccessful"] is successful
    assert [(one["descriptor"]["id"], one["level"]) for one in notes] == notified
    assert [kinds[one["descriptor"]["index"]] for one in notes] == [kind for kind, _ in notified]


def test_a_message_cannot_become_a_link_in_a_viewer() -> None:
    assert "](" in HOSTILE
    assert "](" not in "".join(sarif.render(REPORT, rules=RULES))


def test_a_policy_that_only_advises_has_a_rule_that_warns() -> None:
    policy = make.policy(enforcement=Enforcement.ADVISORY, related=())
    told = run(make.decision(), rules=rules.known([policy], ()))
    (rule,) = told["tool"]["driver"]["rules"]
    assert (rule["defaultConfiguration"], "helpUri" in rule) == ({"level": "warning"}, False)
