"""Is a finding named by what it is about, so that moving things around does not make it another one?"""

from __future__ import annotations

from typing import Any

import make
import pytest

from engine.policy.components import Spot, fingerprint, spot

PLACED = "urn:dpds:org.example:dataproducts:orders:1:outputports:placed"
PORT = ("interfaceComponents", "outputPorts", 0)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ((), Spot("", "")),
        (("info", "owner", "id"), Spot("", "/info/owner/id")),
        (PORT, Spot(PLACED, "")),
        ((*PORT, "version"), Spot(PLACED, "/version")),
        ((*PORT, "promises", "api", "columns", 1, "tags", 0), Spot(PLACED, "/promises/api/columns/email/tags/pii")),
        ((*PORT, "promises", "api", "columns", 7, "type"), Spot(PLACED, "/promises/api/columns/7/type")),
        ((*PORT, "a/b", "c~d"), Spot(PLACED, "/a~1b/c~0d")),
        (("interfaceComponents", "outputPorts"), Spot("", "/interfaceComponents/outputPorts")),
        (("interfaceComponents", "outputPorts", 3, "name"), Spot("", "/interfaceComponents/outputPorts/3/name")),
        (("interfaceComponents", "outputPorts", "x", "name"), Spot("", "/interfaceComponents/outputPorts/x/name")),
        (("_context", "mesh", "upstream", 0), Spot("", "/_context/mesh/upstream/crm")),
    ],
)
def test_a_path_leads_to_a_component_and_a_pointer_that_names_list_items(path: Any, expected: Spot) -> None:
    document = {**make.effective(), "_context": {"mesh": {"upstream": [{"name": "crm"}]}}}
    assert spot(document, path) == expected


def test_a_component_without_a_name_of_its_own_is_named_from_the_product() -> None:
    document = {"internalComponents": {"applicationComponents": [{"name": "loader", "version": 1}]}}
    path = ("internalComponents", "applicationComponents", 0, "version")
    assert spot(document, path) == Spot("", "/internalComponents/applicationComponents/loader/version")


def test_items_without_a_name_keep_their_position() -> None:
    document = {"steps": [{"order": 1}, {"name": ""}, [1], None, 5]}
    assert [spot(document, ("steps", one)).within for one in range(5)] == [f"/steps/{one}" for one in range(5)]


def test_reordering_and_rewording_keep_the_fingerprint() -> None:
    document = make.effective()
    columns = document["interfaceComponents"]["outputPorts"][0]["promises"]["api"]["columns"]
    path = (*PORT, "promises", "api", "columns")
    before = spot(document, (*path, 1))
    columns.reverse()
    after = spot(document, (*path, 0))
    one, other = make.finding(path=(*path, 1)), make.finding(path=(*path, 0), msg="other words")
    assert fingerprint(one, before) == fingerprint(other, after)


def test_another_policy_code_component_or_pointer_is_another_finding() -> None:
    where = Spot(PLACED, "/version")
    prints = {
        fingerprint(make.finding(), where),
        fingerprint(make.finding("mesh.other"), where),
        fingerprint(make.finding(code="other"), where),
        fingerprint(make.finding(), Spot("", "/version")),
        fingerprint(make.finding(), Spot(PLACED, "")),
    }
    assert len(prints) == 5
    assert all(len(one) == 64 for one in prints)


def test_the_fingerprint_is_the_one_that_baselines_and_waivers_have_on_record() -> None:
    known = "5c3e35b85b1994078afdbc5c82d2b30b1a19ccdfef81da2219c204bfe08c0eb0"
    assert fingerprint(make.finding(), Spot("", "/info/owner/id")) == known


def test_a_name_of_half_a_character_still_has_a_fingerprint() -> None:
    assert len(fingerprint(make.finding(msg="x"), Spot("", "/\ud800"))) == 64
