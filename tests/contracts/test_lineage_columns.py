"""From which columns are columns derived, and who uses a column, as authors declare it, on both stores?"""

from __future__ import annotations

from deriving import listed, of, put, sold
from remembered import ANNA, accept

from catalog.database import Database
from catalog.lineage.graph import Walked
from catalog.lineage.question import Direction, Level, Question
from catalog.lineage.walk import Walks


def columns(database: Database, start: str, direction: Direction, depth: int | None = None) -> Walked:
    return Walks(database).walk(Question((start,), direction, depth, Level.COLUMN), principal=ANNA)


def said(found: Walked) -> set[str]:
    return {f"{one.vertex.name}.{one.vertex.column}" if one.vertex.fqn else one.vertex.name for one in found.nodes}


def test_who_uses_a_column_is_found_over_several_products(database: Database) -> None:
    sold(database)
    found = columns(database, f"{of('raw')}#cents", Direction.DOWNSTREAM)
    assert said(found) == {"raw.placed.cents", "orders.placed.amount", "revenue.placed.total"}
    assert [(one.kind, one.how, one.inferred) for one in found.links] == [
        ("derives", "/ 100", False),
        ("derives", "", False),
    ]
    assert said(columns(database, f"{of('raw')}#placed.cents", Direction.DOWNSTREAM)) == said(found)
    near = columns(database, f"{of('raw')}#cents", Direction.DOWNSTREAM, depth=1)
    assert said(near) == {"raw.placed.cents", "orders.placed.amount"}


def test_a_column_leads_up_to_where_it_comes_from(database: Database) -> None:
    sold(database)
    found = columns(database, f"{of('revenue')}#total", Direction.UPSTREAM)
    assert {one.vertex.column: one.upstream for one in found.nodes} == {
        "placed.total": 0,
        "placed.amount": 1,
        "placed.cents": 2,
    }


def test_what_is_not_promised_or_not_read_dangles(database: Database) -> None:
    sold(database)
    whole = columns(database, of("revenue"), Direction.UPSTREAM)
    dangling = [one.vertex.name for one in whole.nodes if one.vertex.kind == "dangling"]
    assert dangling == [f"{of('orders')}#gone"]
    apart = columns(database, of("apart"), Direction.UPSTREAM)
    assert said(apart) == {"apart.placed.text", "apart.placed.far", "raw.placed.note", "CRM#name"}
    put(database, "sly", {"a": f"{of('raw')}#id", "b": "none#x"})
    assert said(columns(database, of("sly"), Direction.UPSTREAM)) == {
        "sly.placed.a",
        "sly.placed.b",
        f"{of('raw')}#id",
        "none#x",
    }
    assert said(columns(database, f"{of('raw')}#id", Direction.DOWNSTREAM)) == {"raw.placed.id", "orders.placed.id"}


def test_a_column_of_another_port_of_the_product_is_no_step(database: Database) -> None:
    told = {"first": listed({"a": None}), "second": listed({"b": f"{of('own', 'first')}#a"})}
    accept(database, name="own", outputs=["first", "second"], columns=told)
    found = columns(database, f"{of('own', 'second')}#b", Direction.UPSTREAM, depth=1)
    assert [(one.vertex.port, one.vertex.column, one.upstream) for one in found.nodes] == [
        ("first", "first.a", 0),
        ("second", "second.b", 0),
    ]


def test_columns_that_lead_in_a_circle_are_met_once(database: Database) -> None:
    put(database, "one", {"a": "in#b"}, reads=[("in", of("two"))])
    put(database, "two", {"b": "in#a"}, reads=[("in", of("one"))])
    for direction in Direction:
        assert said(columns(database, f"{of('one')}#a", direction)) == {"one.placed.a", "two.placed.b"}


def test_columns_of_a_version_that_is_listed_no_more_are_gone(database: Database) -> None:
    sold(database)
    put(database, "orders", {"id": "in#id"}, reads=[("in", of("raw"))], version="1.1.0")
    assert said(columns(database, f"{of('raw')}#cents", Direction.DOWNSTREAM)) == {"raw.placed.cents"}
