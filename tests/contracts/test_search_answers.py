"""What does a search tell besides its hits: columns, reasons, facets, corrections, completions (on both stores)?"""

from __future__ import annotations

import pytest
from remembered import ANNA, accept, identity, output

from catalog.database import Database
from catalog.migrations.run import downgraded
from catalog.search import Search
from catalog.search.completion import Completion, Completions
from catalog.search.evidence import MOST_COLUMNS, MOST_MATCHES, Match
from catalog.search.facets import Facet
from catalog.search.where import Is, Operator
from engine.errors import SearchInvalid

COLUMNS = {
    "placed": [
        {"name": "customer_id", "type": "string", "tags": ["PII"], "description": "Who ordered."},
        {"name": "delivery", "columns": [{"name": "zipCode", "type": "string"}]},
    ]
}
LONG = f"{'before ' * 40}the needle itself {'after ' * 40}"


@pytest.fixture
def mesh(database: Database) -> Database:
    port = output(identity(), "placed", display_name="Orders placed", platform="aws:s3", tags=("hourly",))
    accept(database, name="orders", outputs=[port], columns=COLUMNS, tags=["gold"], info={"description": LONG})
    accept(database, name="returns", tags=["Gold"], domain="service", info={"displayName": "Customer returns"})
    accept(database, name="stock", domain="logistics", tags=["raw"])
    return database


def names(database: Database, line: str) -> list[str]:
    return [hit.product.name for hit in Search(database).page(line, principal=ANNA).items]


def reasons(database: Database, line: str) -> dict[str, tuple[Match, ...]]:
    search = Search(database)
    products = [hit.product for hit in search.page(line, principal=ANNA).items]
    found = search.matches(line, products, principal=ANNA)
    return {product.name: found[product.version_id] for product in products}


def test_columns_are_found_by_path_tag_and_description(mesh: Database) -> None:
    for line in ("zipCode", "zip code", "delivery.zipCode", "column:zipcode", "column:delivery.zipCode", "has:pii"):
        assert (line, names(mesh, line)) == (line, ["orders"])
    assert names(mesh, "tag:pii") == []
    assert names(mesh, "who ordered") == ["orders"]
    (hit,) = Search(mesh).page("zipcode", principal=ANNA).items
    assert (hit.match, hit.field) == ("text", "port")


def test_columns_of_the_version_that_stands_for_its_line_are_found(mesh: Database) -> None:
    accept(mesh, name="orders", version="1.1.0", columns={"placed": [{"name": "sku"}]})
    assert (names(mesh, "column:sku"), names(mesh, "column:zipcode")) == (["orders"], [])
    with mesh.work(ANNA) as work:
        work.versions.set_status(identity("orders", "1.1.0"), "withdrawn")
        work.commit()
    assert (names(mesh, "column:sku"), names(mesh, "column:zipcode"), names(mesh, "has:pii")) == ([], *[["orders"]] * 2)


def test_a_hit_tells_the_texts_that_hold_words_of_the_query(mesh: Database) -> None:
    assert reasons(mesh, "customer") == {
        "returns": (Match("display_name", "", "", "Customer returns"),),
        "orders": (Match("column", "placed", "customer_id", "Who ordered."),),
    }
    assert reasons(mesh, "orders")["orders"][:3] == (
        Match("name", "", "", "orders"),
        Match("fqn", "", "", identity().fqn),
        Match("port", "placed", "", "placed Orders placed"),
    )
    assert reasons(mesh, "hourly sales")["orders"] == (
        Match("domain", "", "", "sales"),
        Match("tag", "placed", "", "hourly"),
    )


def test_a_filter_alone_gives_no_reasons(mesh: Database) -> None:
    search = Search(mesh)
    products = [hit.product for hit in search.page("domain:sales", principal=ANNA).items]
    assert search.matches("domain:sales", products, principal=ANNA) == {}


def test_a_snippet_shows_the_place_in_a_long_text(mesh: Database) -> None:
    ((match,),) = reasons(mesh, "needle").values()
    assert match.field == "description"
    assert match.snippet.startswith("…before")
    assert "the needle itself" in match.snippet
    assert match.snippet.endswith("after…")
    assert len(match.snippet) <= 122


def test_the_reasons_of_one_hit_are_bounded(database: Database) -> None:
    columns = [{"name": f"sku_{number}"} for number in range(2000)]
    ports = [f"sku_port_{number}" for number in range(20)]
    accept(database, name="wide", outputs=ports, columns={ports[0]: columns}, tags=["sku"])
    (found,) = reasons(database, "sku").values()
    assert len(found) == MOST_MATCHES
    (found,) = reasons(database, "sku 1999").values()
    assert sum(one.field == "column" for one in found) <= MOST_COLUMNS


def test_facets_count_what_is_found_and_keep_the_other_values_of_a_chosen_field(mesh: Database) -> None:
    search = Search(mesh)
    fields = ["domain", "tag", "status", "platform"]
    told = {one.field: one for one in search.facets("domain:sales", principal=ANNA, fields=fields)}
    assert list(told) == fields
    assert told["domain"].values == (("logistics", 1), ("sales", 1), ("service", 1))
    assert told["tag"].values == (("gold", 1), ("hourly", 1))
    assert (told["status"].values, told["platform"].values) == ((("active", 1),), (("aws:s3", 1),))
    (tags,) = search.facets("", principal=ANNA, fields=["tag"], top=1)
    assert tags == Facet("tag", (("gold", 2),), other_values=2, other_count=2, exact=True)
    assert search.facets("?!", principal=ANNA, fields=["tag"]) == (Facet("tag", (), 0, 0, True),)


def test_facets_of_more_than_are_ranked_are_marked(mesh: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("catalog.search.statement.MOST", 2)
    search = Search(mesh)
    assert [one.exact for one in search.facets("", principal=ANNA, fields=["domain", "tag"])] == [False, False]
    # without its own demand the domain is counted over all three, the tags over one
    told = search.facets("domain:sales", principal=ANNA, fields=["domain", "tag"])
    assert [one.exact for one in told] == [False, True]


def test_a_value_that_cannot_be_compared_is_a_clear_error(mesh: Database) -> None:
    search = Search(mesh)
    wrong = {
        Is("version", Operator.EQ, ("1.x",)): "no version by SemVer",
        Is("version", Operator.CONTAINS, ("1.0.0",)): "is no text",
        Is("domain", Operator.GT, ("a",)): "has no order",
    }
    for where, said in wrong.items():
        with pytest.raises(SearchInvalid, match=said):
            search.page("", where=where, principal=ANNA)
        with pytest.raises(SearchInvalid, match=said):
            search.facets("", where=where, principal=ANNA)


def test_corrections_find_something_under_the_same_filter(mesh: Database) -> None:
    search = Search(mesh)
    assert search.corrections("retruns", principal=ANNA) == ("returns",)
    assert search.corrections("retruns domain:service", principal=ANNA) == ("returns domain:service",)
    assert search.corrections("retruns domain:sales", principal=ANNA) == ()
    assert search.corrections("xq", principal=ANNA) == search.corrections("", principal=ANNA) == ()
    assert search.corrections("one two three four five six sevn", principal=ANNA) == ()


def test_words_that_nothing_has_any_more_are_not_proposed(mesh: Database) -> None:
    with mesh.work(ANNA) as work:
        work.versions.set_status(identity("returns"), "withdrawn")
        work.commit()
    assert Search(mesh).corrections("retruns", principal=ANNA) == ()
    assert Completions(mesh).complete("serv", principal=ANNA) == {}


def test_completions_come_by_kind(mesh: Database) -> None:
    told = Completions(mesh).complete("S", principal=ANNA)
    stock = Completion("product", "stock", identity("stock").fqn)
    assert told == {"product": [stock], "domain": [Completion("domain", one, None) for one in ("sales", "service")]}
    assert Completions(mesh).complete("zip", principal=ANNA) == {"column": [Completion("column", "zipCode", None)]}
    assert Completions(mesh).complete("customer ret", principal=ANNA)["product"][0].value == "returns"
    assert Completions(mesh).complete("s", kinds=[], principal=ANNA) == {}


def test_an_older_catalog_gets_its_columns_and_filters_when_it_is_upgraded(mesh: Database) -> None:
    before = [(line, names(mesh, line)) for line in ("tag:gold", '"needle itself"', "customer", "domain:logistics")]
    facets = Search(mesh).facets("", principal=ANNA)
    with mesh.bind.begin() as connection:
        downgraded(connection, "0008")
    mesh.upgrade()
    assert [(line, names(mesh, line)) for line, _ in before[:2]] == before[:2]
    assert names(mesh, "domain:logistics") == ["stock"]
    assert Search(mesh).facets("", principal=ANNA, fields=["domain"])[0] == facets[0]
    assert Search(mesh).corrections("retruns", principal=ANNA) == ("returns",)
