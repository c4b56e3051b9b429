"""Are files and rules named as other programs look for them?"""

from __future__ import annotations

from pathlib import PurePosixPath

import make
import pytest

from engine.model import Enforcement, FindingCode, Place
from engine.report import places, record, rules


@pytest.mark.parametrize(
    ("file", "uri"),
    [
        ("shop/orders.yaml", "shop/orders.yaml"),
        ("two words#1?.yaml", "two%20words%231%3F.yaml"),
        ("c:drive.yaml", "./c:drive.yaml"),
        ("a/c:drive.yaml", "a/c:drive.yaml"),
        ("ünï.yaml", "%C3%BCn%C3%AF.yaml"),
        ("\udcff.yaml", "%FF.yaml"),
        ("new\nline.yaml", "new%0Aline.yaml"),
        ("/srv/a b.yaml", "file:///srv/a%20b.yaml"),
        ("../beside.yaml", "../beside.yaml"),
    ],
)
def test_a_file_name_becomes_a_uri_reference(file: str, uri: str) -> None:
    assert places.uri(file) == uri


@pytest.mark.parametrize(
    ("file", "told"),
    [
        ("/repo/shop/orders.yaml", "shop/orders.yaml"),
        ("./shop/../shop/orders.yaml", "shop/orders.yaml"),
        ("/repository/orders.yaml", "/repository/orders.yaml"),
        ("../orders.yaml", "../orders.yaml"),
    ],
)
def test_files_inside_the_folder_are_named_from_there(file: str, told: str) -> None:
    assert places.relative(file, "/repo") == told
    assert places.relative("/orders.yaml", "/") == "orders.yaml"


def test_every_place_of_a_report_is_named_from_the_folder_and_nothing_else_changes() -> None:
    decision = make.decision(problems=(make.problem(place=Place("part.yaml", 2, 1)),))
    there = record.report([record.document(decision, file="/repo/shop/orders.yaml")])
    here = record.report([record.document(decision, file="shop/orders.yaml")])
    moved = places.below(there, "/repo")
    assert {**moved, "documents": list(moved["documents"])} == here


@pytest.mark.parametrize(
    ("file", "chain"),
    [
        ("shop/orders.yaml", [("shop/orders.yaml", "/a/0"), ("shop/ports/#1.yaml", "")]),
        ("orders.yaml", [("orders.yaml", "/a/0"), ("ports/#1.yaml", "")]),
        # a server was sent the file under another name
        ("shop/odd\nname.yaml", [("shop/orders.yaml", "/a/0"), ("shop/ports/#1.yaml", "")]),
        ("odd.yaml", [("orders.yaml", "/a/0"), ("ports/#1.yaml", "")]),
    ],
)
def test_references_name_files_as_the_report_does(file: str, chain: list[tuple[str, str]]) -> None:
    place = Place("p.yaml", 1, 1, "", ("orders.yaml#/a/0", "ports/#1.yaml#"))
    told = record.document(make.decision(problems=(make.problem(place=place),)), file=file)
    assert list(places.references(told, told["problems"][0])) == chain
    assert list(places.references(told, told["decision"]["findings"][0])) == []


def test_a_document_deep_in_its_submission_still_gives_the_whole_chain() -> None:
    place = Place("a/ports/p.yaml", 1, 1, "", ("a/orders.yaml#/x",))
    told = record.document(make.decision(findings=(make.judged(place=place),)), file="a/orders.yaml", folder="")
    assert list(places.references(told, told["decision"]["findings"][0])) == [("a/orders.yaml", "/x")]
    assert PurePosixPath(told["decision"]["findings"][0]["file"]) == PurePosixPath("a/ports/p.yaml")


def test_a_policy_gives_a_rule_for_each_of_its_codes() -> None:
    policy = make.policy(
        "mesh.a",
        enforcement=Enforcement.SHADOW,
        findings={"x": FindingCode("X is so", "Do y"), "z": FindingCode("Z is so")},
        related=("DPDS 1.0.0", "ftp://old.example", "https://example.org/a b", "https://example.org/rule"),
    )
    shared = {
        "level": "note",
        "description": "Every product names an owner.",
        "uri": "https://example.org/rule",
        "severity": "high",
        "category": "ownership",
    }
    assert rules.known([policy], ()) == {
        "mesh.a/x": rules.Rule("mesh.a/x", "x", "X is so", help="Do y", **shared),
        "mesh.a/z": rules.Rule("mesh.a/z", "z", "Z is so", **shared),
    }


def test_a_rule_that_nobody_knows_is_told_from_the_finding_itself() -> None:
    told = record.document(make.decision(problems=(make.problem(),)), file="orders.yaml")
    assert rules.rule_of(told["decision"]["findings"][0], {}) == rules.Rule(
        "mesh.ownership.owner_declared/owner_missing",
        "owner_missing",
        "Owner missing",
        help="Set info.owner.id",
        severity="high",
    )
    assert rules.rule_of(told["problems"][0], {}) == rules.Rule(
        "DP301", "wrong-shape", "Wrong shape", category="descriptor"
    )
