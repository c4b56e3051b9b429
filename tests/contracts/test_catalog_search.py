"""Does a query find the same products in the same order on both stores, whatever is typed?"""

from __future__ import annotations

import pytest
from remembered import ANNA, accept, identity, output

from catalog.database import Database
from catalog.search import Search
from engine.errors import CursorInvalid

MESH = (
    {"name": "tripExecution", "tags": ["logistics"], "info": {"description": "Trips of trucks as driven."}},
    {"name": "tripPlanning", "info": {"description": "Planned trips; see tripExecution."}},
    {"name": "trip", "domain": "logistics", "info": {"displayName": "The trip"}},
    {"name": "customer_orders", "info": {"displayName": "Bestellungen der Größe XL", "description": "Größen"}},
    {"name": "orders", "info": {"description": "What was ordered."}, "version": "2.0.0"},
    {"name": "returns", "info": {"displayName": "Orders", "description": "What came back."}},
    {"name": "shipments", "outputs": ["order_events"], "info": {"owner": {"id": "ann@trip.example"}}},
    {"name": "cafe", "info": {"description": "Café crème, naïve façade"}, "tags": ["c++", "PII"]},
)


@pytest.fixture
def mesh(database: Database) -> Database:
    for one in MESH:
        accept(database, **one)
    return database


def found(database: Database, query: str) -> list[str]:
    return [hit.product.name for hit in Search(database).page(query, principal=ANNA).items]


HITS = {
    # exact name, then names that begin so, then other fields by weight
    "trip": ["trip", "tripExecution", "tripPlanning", "shipments"],
    "TRIP": ["trip", "tripExecution", "tripPlanning", "shipments"],
    "tripExecution": ["tripExecution", "tripPlanning"],
    "trip_execution": ["tripExecution", "tripPlanning"],
    "trip exec": ["tripExecution"],
    "execution": ["tripExecution", "tripPlanning"],
    "exec": ["tripExecution"],
    # an exact display name counts as a name; then ports; then nothing by stemming
    "orders": ["orders", "returns", "customer_orders"],
    "order": ["customer_orders", "orders", "returns", "shipments"],
    "order events": ["shipments"],
    "events": ["shipments"],
    "customerorders": ["customer_orders"],
    "customer-orders": ["customer_orders"],
    "urn:dpds:org.example:dataproducts:orders:2": ["orders"],
    "urn:org.example:dataproducts:orders:2.0.0": ["orders"],
    "logistics": ["trip", "tripExecution"],
    "ann@trip.example": ["shipments"],
    "GRÖSSE": ["customer_orders"],
    "grosse": ["customer_orders"],
    "creme": ["cafe"],
    "Café": ["cafe"],
    "pii": ["cafe"],
    "c++": ["cafe", "customer_orders"],
    "trip trucks": ["tripExecution"],
    "trucks trip": ["tripExecution"],
    "trucks tri": [],
    "nothing of this": [],
}


def test_hits_come_in_the_promised_order(mesh: Database) -> None:
    assert {query: found(mesh, query) for query in HITS} == HITS


@pytest.mark.parametrize(
    ("query", "tiers"),
    [
        ("urn:dpds:org.example:dataproducts:cafe:1", [("fqn", "name")]),
        ("trip", [("name", "name"), ("prefix", "name"), ("prefix", "name"), ("text", "facet")]),
        ("events", [("text", "port")]),
        ("trucks", [("text", "description")]),
    ],
)
def test_a_hit_tells_how_it_matched(mesh: Database, query: str, tiers: list[tuple[str, str]]) -> None:
    hits = Search(mesh).page(query, principal=ANNA).items
    assert [(hit.match, hit.field) for hit in hits] == tiers


ODD = [
    "\"", "'", "''", "\\", "*", "trip*", "a:b", "{a}:trip", "col:x", "NEAR(a b)", "a AND", "OR", "NOT x", "(",
    "- -x", "^a", "!a", "a & | b", "a <-> b", ":*", "\0", "a\0b", "😀", "trip 😀", "%", "_", "; DROP TABLE listing",
    "x" * 5000, "w " * 500, "日本語", "\ud800", "\U0001d54brip", "ﬁle", "İ", "a\u0301",
]  # fmt: skip


def test_any_text_is_a_safe_query(mesh: Database) -> None:
    for query in ODD:
        page = Search(mesh).page(query, principal=ANNA)
        assert (query, page.total) == (query, len(page.items))
    assert found(mesh, "trucks") == ["tripExecution"]


def test_an_empty_query_lists_everything_and_one_without_words_nothing(mesh: Database) -> None:
    everything = sorted(identity(one["name"], one.get("version", "1.0.0")).fqn for one in MESH)
    for query in ("", "  "):
        hits = Search(mesh).page(query, principal=ANNA).items
        assert [hit.product.fqn for hit in hits] == everything
    assert found(mesh, "?!") == []


@pytest.mark.parametrize("query", ["trip", "order", ""])
def test_pages_put_together_are_the_whole_and_know_the_total(mesh: Database, query: str) -> None:
    whole = Search(mesh).page(query, principal=ANNA, first=50)
    pieces, after = [], None
    while True:
        page = Search(mesh).page(query, principal=ANNA, first=2, after=after)
        assert (page.total, page.exact) == (len(whole.items), True)
        pieces += page.items
        if not page.has_next_page:
            break
        after = page.end_cursor
    assert tuple(pieces) == whole.items
    beyond = Search(mesh).page(query, principal=ANNA, after=page.end_cursor)
    assert (beyond.items, beyond.total, beyond.has_next_page) == ((), len(whole.items), False)


def test_a_cursor_of_another_query_is_refused(mesh: Database) -> None:
    cursor = Search(mesh).page("trip", principal=ANNA, first=1).end_cursor
    with pytest.raises(CursorInvalid):
        Search(mesh).page("trips", principal=ANNA, after=cursor)


def test_search_knows_only_current_versions(mesh: Database) -> None:
    accept(mesh, name="trip", version="1.1.0", info={"description": "lorries"})
    assert found(mesh, "lorries") == ["trip"]
    assert found(mesh, "The trip") == []
    with mesh.work(ANNA) as work:
        work.versions.set_status(identity("trip", "1.1.0"), "withdrawn")
        work.commit()
    assert found(mesh, "lorries") == []
    assert [hit.product.version for hit in Search(mesh).page("The trip", principal=ANNA).items] == ["1.0.0"]


def test_active_products_stand_before_deprecated_ones(mesh: Database) -> None:
    with mesh.work(ANNA) as work:
        work.versions.set_status(identity("tripExecution"), "deprecated")
        work.commit()
    assert found(mesh, "trip") == ["trip", "tripPlanning", "tripExecution", "shipments"]


def test_ports_are_found_by_name_display_name_tags_and_description(database: Database) -> None:
    port = output(identity("x"), "alpha", display_name="Beta", description="about gammas", tags=("delta",))
    accept(database, name="x", outputs=[port])
    for query, field in (("alpha", "port"), ("beta", "port"), ("delta", "facet"), ("gammas", "description")):
        (hit,) = Search(database).page(query, principal=ANNA).items
        assert (hit.product.name, hit.field) == ("x", field)


def test_above_the_cap_the_total_says_that_it_is_not_exact(mesh: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("catalog.search.statement.MOST", 3)
    page = Search(mesh).page("order", principal=ANNA)
    assert (page.total, page.exact) == (3, False)
    # an exact name is there even when it stands late in prior order
    assert found(mesh, "trip")[0] == "trip"


def test_a_product_with_more_words_than_an_index_holds_is_found_by_its_first_ones(database: Database) -> None:
    many = " ".join(f"{number:06d}" + "語" * 60 for number in range(9_000))
    accept(database, name="wordy", info={"description": many})
    assert found(database, "wordy") == ["wordy"]
    assert found(database, many.split()[0]) == ["wordy"]
