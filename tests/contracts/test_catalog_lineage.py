"""Who reads whom, one step up and down, on both stores?"""

from __future__ import annotations

import pytest
from remembered import ANNA, accept, identity

from catalog.database import Database
from catalog.lineage import Edge, Lineage, Node

RAW, MART = identity("raw"), identity("mart")


def node(name: str, version: str = "1.0.0") -> Node:
    one = identity(name, version)
    return Node(one.id, "product", name, one.fqn, version, "active", "sales")


def test_one_step_up_and_down_with_dangling_and_external_ends(database: Database) -> None:
    gone = "urn:dpds:org.example:dataproducts:gone:1:outputports:x"
    reads = [("events", f"{RAW.fqn}:outputports:log"), ("old", gone), ("crm", "Salesforce")]
    accept(database, name="raw", outputs=["log"])
    accept(database, name="mart", outputs=["facts", "dims"], reads=reads)
    accept(
        database, name="board", reads=[("f", f"{MART.fqn}:outputports:facts"), ("d", f"{MART.fqn}:outputports:dims")]
    )
    accept(database, name="far", reads=[("b", f"{identity('board').fqn}:outputports:placed")])
    graph = Lineage(database).around(MART.fqn, principal=ANNA)
    board = identity("board").id
    assert graph.root == node("mart")
    assert graph.nodes == (
        node("mart"),
        node("raw"),
        Node(gone, "dangling", gone),
        Node("Salesforce", "external", "Salesforce"),
        node("board"),
    )
    assert graph.edges == (
        Edge(RAW.id, MART.id, "log", "events"),
        Edge(gone, MART.id, "x", "old"),
        Edge("Salesforce", MART.id, "", "crm"),
        Edge(MART.id, board, "facts", "f"),
        Edge(MART.id, board, "dims", "d"),
    )


def test_lineage_of_a_port_follows_only_that_port(database: Database) -> None:
    accept(database, name="raw", outputs=["log", "dump"])
    accept(database, name="one", reads=[("in", f"{RAW.fqn}:outputports:log")])
    accept(database, name="two", reads=[("in", f"{RAW.fqn}:outputports:dump")])
    graph = Lineage(database).around(RAW.fqn, port="dump", principal=ANNA)
    assert graph.edges == (Edge(RAW.id, identity("two").id, "dump", "in"),)
    up = Lineage(database).around(identity("one").fqn, port="in", principal=ANNA)
    assert up.edges == (Edge(RAW.id, identity("one").id, "log", "in"),)


@pytest.mark.parametrize(
    "target",
    [
        "urn:dpds:org.example:dataproducts:raw:1:outputports:log",
        "urn:org.example:dataproducts:raw:1.4.2:outputports:log:2.0.0",
        "urn:dpds:org.example:dataproducts:raw:outputports:log",
    ],
)
def test_references_resolve_in_every_dialect(database: Database, target: str) -> None:
    accept(database, name="mart", reads=[("in", target)])
    lineage = Lineage(database)
    assert [one.kind for one in lineage.around(MART.fqn, principal=ANNA).nodes] == ["product", "dangling"]
    accept(database, name="raw", outputs=["log"])
    assert lineage.around(MART.fqn, principal=ANNA).nodes == (node("mart"), node("raw"))
    assert lineage.around(RAW.fqn, principal=ANNA).nodes == (node("raw"), node("mart"))


def test_a_reference_without_a_major_means_the_highest_major_that_offers_the_port(database: Database) -> None:
    accept(database, name="raw", outputs=["log", "dump"])
    accept(database, name="raw", version="2.0.0", outputs=["log"])
    any_major = "urn:dpds:org.example:dataproducts:raw:outputports:"
    accept(database, name="mart", reads=[("a", f"{any_major}log"), ("b", f"{any_major}dump")])
    second = identity("raw", "2.0.0")
    lineage = Lineage(database)
    up = lineage.around(MART.fqn, principal=ANNA).edges
    assert up == (Edge(second.id, MART.id, "log", "a"), Edge(RAW.id, MART.id, "dump", "b"))
    assert lineage.around(RAW.fqn, principal=ANNA).edges == (Edge(RAW.id, MART.id, "dump", "b"),)
    assert lineage.around(second.fqn, principal=ANNA).edges == (Edge(second.id, MART.id, "log", "a"),)


def test_only_current_versions_have_lineage(database: Database) -> None:
    accept(database, name="raw", outputs=["log"])
    accept(database, name="mart", reads=[("in", f"{RAW.fqn}:outputports:log")])
    accept(database, name="mart", version="1.1.0")
    assert Lineage(database).around(RAW.fqn, principal=ANNA).edges == ()
    accept(database, name="raw", version="1.1.0", outputs=["other"])
    accept(database, name="late", reads=[("in", f"{RAW.fqn}:outputports:log")])
    late = Lineage(database).around(identity("late").fqn, principal=ANNA)
    assert [one.kind for one in late.nodes] == ["product", "dangling"]
    with database.work(ANNA) as work:
        work.versions.set_status(identity("late"), "withdrawn")
        work.commit()
    assert Lineage(database).around(identity("late").fqn, principal=ANNA) is None


def test_a_product_may_read_itself_and_others_in_a_circle(database: Database) -> None:
    accept(database, name="raw", outputs=["log"], reads=[("own", f"{RAW.fqn}:outputports:log")])
    graph = Lineage(database).around(RAW.fqn, principal=ANNA)
    assert (graph.nodes, graph.edges) == ((node("raw"),), (Edge(RAW.id, RAW.id, "log", "own"),))
