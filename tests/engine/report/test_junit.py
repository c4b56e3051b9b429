"""Do CI systems that read JUnit XML see every document, policy and problem with how it ended?"""

from __future__ import annotations

from xml.etree import ElementTree as ET

import make
from every_case import CLEAN, HOSTILE, PROVISIONAL, REJECTED, REPORT, UNJUDGED, UNREADABLE

from engine.model import Decision, PolicyState
from engine.report import junit, record


def suite(decision: Decision) -> ET.Element:
    root = ET.fromstring("".join(junit.render(record.report([record.document(decision, file="orders.yaml")]))))
    (one,) = root
    return one


def ended(one: ET.Element) -> dict[str, str]:
    """How each case of a suite ended, by the elements inside it."""
    return {case.get("name", ""): " ".join(inner.tag for inner in case) for case in one.iter("testcase")}


def test_each_policy_is_a_case_that_ends_as_the_policy_did_and_each_problem_code_is_one() -> None:
    assert ended(suite(REJECTED)) == {
        "DP301 required-field-missing": "failure",
        "DP451 name-style": "system-out",
        "mesh.a.blocks": "failure",
        "mesh.b.advises": "system-out",
        "mesh.c.shadows": "",
        "mesh.d.waived": "skipped",
        "mesh.e.baselined": "skipped",
        "mesh.f.passes": "",
        "mesh.g.skipped": "skipped",
        "mesh.h.errs": "error",
    }


def test_the_counts_of_suites_and_of_all_are_those_of_their_cases() -> None:
    root = ET.fromstring("".join(junit.render(REPORT)))
    tags = {"failures": "failure", "errors": "error", "skipped": "skipped"}
    for element in (root, *root):
        assert element.get("tests") == str(len(list(element.iter("testcase"))))
        for count, tag in tags.items():
            assert element.get(count) == str(len(list(element.iter(tag)))), (element.get("name"), count)


def test_a_failure_names_every_place_its_references_and_what_helps() -> None:
    (failure,) = suite(REJECTED).findall("testcase[@name='DP301 required-field-missing']/failure")
    assert failure.text is not None
    assert failure.text.splitlines()[-2:] == [
        "ports/placed.yaml:7:9: error DP301: this is no object",
        "  through: orders.yaml#/interfaceComponents/outputPorts/0",
    ]
    assert failure.get("message", "").endswith("end (and 1 more)")
    (failure,) = suite(REJECTED).findall("testcase[@name='mesh.a.blocks']/failure")
    assert failure.get("type") == "mesh.a.blocks/owner_missing"
    assert (failure.text or "").splitlines()[-2:] == [
        "orders.yaml:11:3: blocking owner_missing: finding 1",
        "  help: Set info.owner.id",
    ]


def test_what_is_waived_is_skipped_with_the_waiver_as_reason() -> None:
    (skipped,) = suite(REJECTED).findall("testcase[@name='mesh.d.waived']/skipped")
    assert skipped.get("message") == "waived by W-1"
    assert (skipped.text or "").splitlines()[0] == "orders.yaml:14:3: waived owner_missing: finding 4"


def test_a_waived_finding_beside_a_blocking_one_does_not_hide_it() -> None:
    from engine.model import Disposition

    findings = (
        make.judged(disposition=Disposition.WAIVED, waiver="W-1"),
        make.judged(make.finding(msg="another one")),
        make.judged(make.finding(msg="a hint"), disposition=Disposition.ADVISORY),
    )
    (case,) = suite(make.decision(policies=(make.run(PolicyState.FAIL),), findings=findings)).iter("testcase")
    failure, said = case
    assert (failure.tag, failure.get("message"), said.tag) == ("failure", "another one", "system-out")
    assert (said.text or "").splitlines()[0].endswith("advisory owner_missing: a hint")
    assert "  waived by W-1" in (said.text or "")


def test_what_was_not_decided_is_an_error_and_never_an_empty_suite() -> None:
    assert ended(suite(UNREADABLE)) == {"DP104 syntax-error": "error"}
    assert ended(suite(UNJUDGED)) == {"decision": "error"}
    assert ended(suite(PROVISIONAL)) == {"mesh.i.needs": "skipped"}
    assert ended(suite(CLEAN)) == {"mesh.f.passes": ""}


def test_the_properties_tell_the_outcome_and_by_which_rules() -> None:
    told = {one.get("name"): one.get("value") for one in suite(REJECTED).iter("property")}
    assert told == {
        "outcome": "rejected",
        "provisional": "false",
        "fqn": "urn:dpds:org.example:dataproducts:orders:1",
        "version": "1.2.0",
        "bundle_revision": "sha256:bundle",
        "assignments_digest": "sha256:assignments",
        "waivers_digest": "sha256:waivers",
        "engine": "in_memory 1",
    }


def test_characters_that_xml_refuses_are_shown_as_escapes() -> None:
    assert "\x1b" in HOSTILE
    assert "\ufffe" in HOSTILE
    (error,) = suite(REJECTED).findall("testcase[@name='mesh.h.errs']/error")
    assert "\\x1b[31mred\\x07" in error.get("message", "")
    assert "\\ufffe end" in error.get("message", "")
