"""Does `catalog` tell of then also what is judged of products: differences, blame, lineage, trust, kept promises?"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import make
import pytest
import remembered
from remembered import ANNA, accept, product

from api.auth.permissions import LOCAL
from api.flows.observing import observe
from api.flows.scoring import keep_up
from api.wiring import House
from catalog.database import Database

ORDERS = "urn:dpds:org.example:dataproducts:orders:1"
STOCK = "urn:dpds:org.example:dataproducts:stock:1"
LATER = make.NOW + timedelta(hours=1)
THEN = 5
"""The revision after which everything changes that these tests ask for."""


class Clock:
    """The clock of a house that is moved by hand."""

    def __init__(self) -> None:
        self.now = make.NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture(autouse=True)
def judged(mesh: Database, house: House) -> Database:
    """A product that promises something joined the mesh; an hour later it was measured and scored, and read by another.

    Then orders got a version below and one above the one that was shown, and the other product an earlier major.
    """
    house.clock = clock = Clock()
    columns = {"placed": [{"name": "id", "dataType": "TEXT"}]}
    accept(mesh, product("stock", slos={"placed": {"freshness": "PT1H"}}, columns=columns), at=make.NOW)
    assert house.instants.last().revision == THEN
    clock.now = LATER
    accept(mesh, product("orders", "1.0.5", outputs=["placed", "lost"]), at=LATER)
    accept(mesh, product("orders", "1.2.0", outputs=["placed"]), at=LATER)
    accept(mesh, product("stock", "0.9.0", columns=columns), at=LATER)
    accept(mesh, product("report", reads=[("stock", f"{STOCK}:outputports:placed")]), at=LATER)
    sent = {"id": "1", "product": STOCK, "indicator": "freshness", "value": "PT5M", "observedAt": LATER.isoformat()}
    assert [one.state for one in observe([sent], principal=LOCAL, house=house)] == ["stored"]
    while keep_up(house):
        pass
    with mesh.work(ANNA, at=LATER) as work:
        work.versions.set_status(remembered.identity("stock"), "deprecated", reason="old")
        work.commit()
    return mesh


def test_differences_are_those_between_versions_of_then(data: Any) -> None:
    asked = """query Q($r: Int, $f: String) { catalog(revision: $r) { dataProduct(fqn: $f) {
        diff { before now } later: diff(to: "1.2.0") { now } between: diff(from: "1.0.5", to: "1.1.0") { before }
        accepted(version: "1.1.0") { diff { before now } } } } }"""
    then, now = (data(asked, r=at, f=ORDERS)["catalog"]["dataProduct"] for at in (THEN, None))
    first = {"before": "1.0.0", "now": "1.1.0"}
    assert then == {"diff": first, "later": None, "between": None, "accepted": {"diff": first}}
    assert now == {
        "diff": {"before": "1.1.0", "now": "1.2.0"},
        "later": {"now": "1.2.0"},
        "between": {"before": "1.0.5"},
        "accepted": {"diff": {"before": "1.0.5", "now": "1.1.0"}},
    }


def test_blame_names_versions_of_then_and_its_cursor_belongs_to_then(ask: Any, data: Any) -> None:
    asked = """query Q($f: String, $r: Int, $a: String, $n: Int = 9) { catalog(revision: $r) { dataProduct(fqn: $f) {
        blame(first: $n, after: $a) { edges { node { port column introduced { version } } } pageInfo { endCursor } }
    } } }"""

    def blame(answer: Any) -> Any:
        return answer["catalog"]["dataProduct"]["blame"]

    then, now = ([edge["node"] for edge in blame(data(asked, f=STOCK, r=at))["edges"]] for at in (THEN, None))
    assert [(one["port"], one["column"]) for one in then] == [("placed", ""), ("placed", "placed.id")]
    assert {one["introduced"]["version"] for one in then} == {"1.0.0"}
    assert {one["introduced"]["version"] for one in now} == {"0.9.0"}
    after = blame(data(asked, f=STOCK, r=THEN, n=1))["pageInfo"]["endCursor"]
    assert [edge["node"] for edge in blame(data(asked, f=STOCK, r=THEN, a=after))["edges"]] == then[1:]
    for other in (THEN + 1, None):
        (error,) = ask(asked, f=STOCK, r=other, a=after)["errors"]
        assert error["extensions"]["code"] == "cursor-invalid"


def test_trust_promises_and_history_are_those_of_then(data: Any) -> None:
    asked = """query Q($r: Int, $f: String) { catalog(revision: $r) { dataProduct(fqn: $f) {
        status trust { version } slos { state asOf observations }
        ports(first: 1) { edges { node { slos { state } } } }
        complianceHistory(first: 5) { edges { node { version why } } } } } }"""
    then, now = (data(asked, r=at, f=STOCK)["catalog"]["dataProduct"] for at in (THEN, None))
    assert (then["status"], then["trust"], now["status"], now["trust"]) == (
        "ACTIVE",
        None,
        "DEPRECATED",
        {"version": "1.0.0"},
    )
    assert then["slos"] == [{"state": "UNKNOWN", "asOf": make.NOW.isoformat(), "observations": 0}]
    assert now["slos"] == [{"state": "MET", "asOf": LATER.isoformat(), "observations": 1}]
    for told in (then, now):
        assert told["ports"]["edges"][0]["node"]["slos"] == [{"state": told["slos"][0]["state"]}]
        assert told["complianceHistory"]["edges"] == [{"node": {"version": "1.0.0", "why": "accepted"}}]


def test_lineage_of_any_depth_leads_to_products_of_then(data: Any) -> None:
    asked = """query Q($r: Int, $f: [String!]!) { catalog(revision: $r) { lineageGraph(from: $f, depth: null) {
        nodes { fqn product { version status downstream(first: 5) { edges { node { inputPort } } } } } } } }"""
    then, now = (data(asked, r=at, f=[STOCK])["catalog"]["lineageGraph"]["nodes"] for at in (THEN, None))
    assert [(one["fqn"], one["product"]["status"]) for one in then] == [(STOCK, "ACTIVE")]
    assert then[0]["product"]["downstream"]["edges"] == []
    assert {one["fqn"]: one["product"]["status"] for one in now} == {
        STOCK: "DEPRECATED",
        STOCK.replace("stock", "report"): "ACTIVE",
    }
