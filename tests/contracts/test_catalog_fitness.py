"""What is shown of many versions at once: is it what is shown of each alone, now and at earlier revisions?"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from typing import Any

import orjson
import pytest
import remembered
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from remembered import ANNA, accept, identity, product, sent

from catalog.candidates import Candidate, Candidates
from catalog.compared import Compared, Named
from catalog.database import Database
from catalog.mesh import facts
from catalog.neighbourhoods import Neighbourhoods
from catalog.products import Products
from catalog.standings import State
from engine.model import Descriptor

NAMES = ("orders", "stock", "revenue")


def listed(database: Database) -> list[Candidate]:
    """Every listed version, in the order of the lines' names."""
    products = Products(database).page(first=100, principal=ANNA).items
    found = Candidates(database).found([one.version_id for one in products], principal=ANNA)
    return [found[one.version_id] for one in products]


def revision(database: Database) -> int:
    with database.reading() as connection:
        return int(connection.exec_driver_sql("SELECT revision FROM catalog_head").scalar_one())


def test_a_candidate_is_who_it_is_and_stands_by_the_decision_that_accepted_it(database: Database) -> None:
    stored = accept(database, product("orders", tags=["gold"]))
    (one,) = listed(database)
    assert (one.version_id, one.fqn, one.version, one.status) == (stored.id, identity().fqn, "1.0.0", "active")
    assert (one.state, one.domain, one.product_fqn) == (State.COMPLIANT, "sales", identity().fqn[:-2])
    assert orjson.loads(one.effective)["tags"] == ["gold"]


def test_what_is_not_there_is_left_out_and_one_statement_reads_all(database: Database) -> None:
    ids = [accept(database, product(f"product{number}")).id for number in range(20)]
    reads = Candidates(database)
    reads.found(ids[:1], principal=ANNA)
    for some in (ids[:2], [*ids, "nothing"]):
        with sent(database) as statements:
            assert set(reads.found(some, principal=ANNA)) == set(some) - {"nothing"}
        assert len(statements) == 1


def test_neighbours_of_any_number_take_the_same_statements(database: Database) -> None:
    before = "urn:dpds:org.example:dataproducts:product0:1:outputports:placed"
    for number in range(12):
        accept(database, product(f"product{number}", reads=[("before", before)]))
    versions, counts = listed(database), []
    for size in (1, 5, 12):
        with sent(database) as statements:
            Neighbourhoods(database).of(versions[:size], principal=ANNA)
        counts.append(len(statements))
    assert counts == [5, 5, 5]


LINES = st.tuples(st.sampled_from(NAMES), st.integers(1, 3), st.sampled_from(["org.example", "org.other"]))
TARGETS = st.one_of(
    st.just("the old CRM"),
    st.builds(
        lambda name, major, port: f"urn:dpds:org.example:dataproducts:{name}{major}:outputports:{port}",
        st.sampled_from(NAMES),
        st.sampled_from(["", ":1", ":2", ":3"]),
        st.sampled_from(["placed", "paid", "gone"]),
    ),
)
PRODUCTS = st.lists(
    st.tuples(LINES, st.lists(TARGETS, max_size=3), st.sampled_from([("placed",), ("placed", "paid")])),
    min_size=1,
    max_size=6,
    unique_by=lambda one: one[0],
)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def emptied(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Gives an empty catalog each time that it is asked."""

    def empty() -> Database:
        if request.param == "sqlite":
            file = tmp_path_factory.mktemp("catalog") / "catalog.db"
            file.write_bytes(request.getfixturevalue("sqlite_template").read_bytes())
            return Database(f"sqlite:///{file}")
        server, template = (request.getfixturevalue(name) for name in ("postgresql_server", "postgresql_template"))
        return remembered.emptied_postgresql(server, template)

    return empty


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(PRODUCTS)
def test_neighbours_of_many_are_those_that_policies_are_told_of_each(emptied: Any, products: Sequence[Any]) -> None:
    with closing(emptied()) as database:
        _compare(database, [_descriptor(*one) for one in products])


def _compare(database: Database, made: Sequence[Descriptor]) -> None:
    for one in made:
        accept(database, one)
    versions = {one.fqn: one for one in listed(database)}
    told = Neighbourhoods(database).of(list(versions.values()), principal=ANNA)
    for one in made:
        assert one.identity is not None
        assert told[versions[one.identity.fqn].version_id] == facts(database, one), one.identity.fqn


def _descriptor(line: tuple[str, int, str], reads: Sequence[str], ports: Sequence[str]) -> Descriptor:
    name, major, namespace = line
    targets = [(f"input{at}", target) for at, target in enumerate(reads)]
    return product(name, f"{major}.0.0", outputs=ports, reads=targets, namespace=namespace)


def test_at_an_earlier_revision_everything_is_as_it_was(database: Database) -> None:
    source = "urn:dpds:org.example:dataproducts:orders:1:outputports:placed"
    orders = accept(database, product("orders"))
    before = revision(database)
    accept(database, product("stock", reads=[("orders", source)]))
    with database.work(ANNA) as work:
        work.versions.set_status(identity(), "deprecated", reason="because")
        work.commit()
    reads, around = Candidates(database), Neighbourhoods(database)
    then, now = (reads.found([orders.id], principal=ANNA, at=at)[orders.id] for at in (before, None))
    assert (then.status, now.status) == ("active", "deprecated")
    consumers = [
        [one["product"] for one in around.of([now], principal=ANNA, at=at)[orders.id]["consumers"]]
        for at in (before, None)
    ]
    assert consumers == [[], [identity("stock").fqn]]
    assert Compared(database).versions([Named(identity("stock").fqn)], principal=ANNA, at=before) == (None,)


def test_what_is_compared_is_found_by_fqn_id_and_version(database: Database) -> None:
    first, second = (accept(database, product("orders", version)).id for version in ("1.0.0", "1.1.0+build.5"))
    one = identity()
    named = [
        Named(one.fqn),
        Named(one.id),
        Named(one.fqn, "1.0.0"),
        Named(one.fqn, "1.1.0"),
        Named(one.fqn, "1.1.0+build.5"),
        Named("", version_id=first),
        *(Named(one.fqn, "9.9.9"), Named("nothing"), Named(one.fqn, "la\0test"), Named("", version_id="no\0")),
    ]
    found = Compared(database).versions(named, principal=ANNA)
    assert found == (second, second, first, second, second, first, None, None, None, None)


def test_columns_are_given_in_their_order_and_only_so_many(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    columns = {"placed": [{"name": f"c{number}", "dataType": "TEXT"} for number in range(5)]}
    stored = accept(database, product("orders", columns=columns))
    reads = Compared(database)
    assert [one.path for one in reads.columns([stored.id], principal=ANNA)] == ["c0", "c1", "c2", "c3", "c4"]
    monkeypatch.setattr("catalog.compared.MOST_COLUMNS", 2)
    assert len(reads.columns([stored.id], principal=ANNA)) == 3
