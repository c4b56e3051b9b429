"""Which reads look through a whole table? SQLite tells before it runs a statement, whatever the catalog holds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import make
import pytest
from hidden_mesh import HIDDEN, SHOWN, filled
from hidden_reads import READS
from remembered import ANNA, accept, identity, product
from sqlalchemy import event

from catalog import mesh
from catalog.database import Database
from catalog.excused import excusing_on
from catalog.instants import Instants
from catalog.lineage import Lineage
from catalog.neighbours import moved
from catalog.observations import named_on
from catalog.products import Products
from catalog.search import Search
from catalog.standings import StandingsRead
from catalog.together import Together

__all__ = ["filled"]


@pytest.fixture
def database(sqlite_catalog: Database) -> Database:
    return sqlite_catalog


WALK = "SCAN listing USING INDEX ix_listing_live_prior_fqn"
WALKS = {
    WALK: "in the order of hits, until there are as many as are wanted; of a search only where very many match",
    "SCAN search_text VIRTUAL TABLE INDEX 0:M4": "what the full text index finds",
    "SCAN stored VIRTUAL TABLE INDEX 0:=": "one row of the full text index",
    "SCAN first": "what a walk along lineage met",
    "SCAN container USING INDEX ix_container_fqn": "a page in its order",
    "SCAN deployment USING INDEX ix_deployment_requested_at": "a page in its order",
    "SCAN change USING INDEX sqlite_autoindex_change_1": "a page in its order",
    "SCAN sample": "a page in its order",
    "SCAN access_request USING INDEX uq_access_request_now": "requests, of which there are few",
    "SCAN waiver USING INDEX uq_waiver_now": "all waivers",
    "SCAN bundle_release USING INDEX sqlite_autoindex_bundle_release_1": "all releases, for a stream of everything",
}
WHOLE = {
    "Topologies.topology": "the shape of the mesh is that of all products",
    "Domains.all": "the products of each domain are counted",
    "Products.domains": "the domains that there are, for `doctor`",
    "decided": "past decisions, to judge them again",
}
"""Reads that have to look at everything, and why."""


@contextmanager
def planned(database: Database) -> Iterator[list[str]]:
    """The steps of the plans of what is selected meanwhile."""
    asked: list[tuple[str, Any]] = []
    steps: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.startswith(("SELECT", "WITH")) and "." in statement:  # what tests ask themselves has no dots
            asked.append((statement, parameters))

    event.listen(database.bind, "before_cursor_execute", note)
    try:
        yield steps
    finally:
        event.remove(database.bind, "before_cursor_execute", note)
    with database.reading() as connection:
        for statement, parameters in asked:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            steps += [row[3] for row in plan if not _made_up(row[3], statement)]


def _made_up(step: str, statement: str) -> bool:
    """It goes through what the statement itself put together, or the one row of the head."""
    kind, name = f"{step} -".split()[:2]
    parts = {"catalog_head", "CONSTANT", "json_each", *re.findall(r"(\w+)(?:\([^()]*\))? AS\s*\(", statement)}
    return kind == "SCAN" and (name in parts or name.startswith(("anon_", "(")))


def scans(steps: list[str]) -> set[str]:
    return {step for step in steps if step.startswith("SCAN")}


@pytest.mark.parametrize("name", READS)
def test_a_read_looks_up_what_it_is_asked_for(filled: Database, name: str) -> None:
    with planned(filled) as steps:
        READS[name](filled)
    assert steps
    assert (scans(steps) - WALKS.keys() != set()) is (name in WHOLE), scans(steps)


def test_a_submission_is_judged_by_what_is_looked_up(sqlite_catalog: Database) -> None:
    accept(sqlite_catalog, name="source")
    read = identity("source").fqn
    submitted = product(reads=[("in", f"{read}:outputports:placed"), ("any", f"{read[:-2]}:outputports:placed")])
    with planned(sqlite_catalog) as steps:
        mesh.facts(sqlite_catalog, submitted)
    assert steps
    assert scans(steps) == set()


def test_what_hangs_off_named_products_is_looked_up(filled: Database) -> None:
    fqn = HIDDEN.fqn
    with planned(filled) as steps, filled.reading() as connection:
        excusing_on(connection, [fqn, SHOWN.fqn.rpartition(":")[0]])
        named_on(connection, [fqn, fqn.rpartition(":")[0], HIDDEN.id], principal=ANNA)
        moved(connection, 0)
    assert len(steps) > 10
    assert scans(steps) == set()


def test_the_pages_of_lists_use_their_index(sqlite_catalog: Database) -> None:
    accept(sqlite_catalog)
    with planned(sqlite_catalog) as steps:
        Products(sqlite_catalog).page(principal=ANNA)
    assert steps == ["SEARCH listing USING INDEX uq_listing_live_fqn (fqn>?)"]


PAST = {
    "find": lambda database, at: Products(database).find(identity().fqn, principal=ANNA, at=at),
    "page": lambda database, at: Products(database).page(principal=ANNA, at=at),
    "versions": lambda database, at: Together(database).versions([identity().id], principal=ANNA, at=at),
    "products": lambda database, at: Together(database).products([identity().id], principal=ANNA, at=at),
    "resources": lambda database, at: Together(database).resources(["x"], principal=ANNA, at=at),
    "deployments": lambda database, at: Together(database).deployments(["x"], principal=ANNA, at=at),
    "known": lambda database, at: Together(database).known(["x"], principal=ANNA, at=at),
    "standings": lambda database, at: StandingsRead(database).found([identity().id], principal=ANNA, at=at),
    "upstream": lambda database, at: Lineage(database).upstream([identity().id], principal=ANNA, at=at),
    "downstream": lambda database, at: Lineage(database).downstream([identity().id], principal=ANNA, at=at),
    "instants": lambda database, at: Instants(database).by(make.NOW, now=make.NOW),
}


@pytest.mark.parametrize("name", PAST)
def test_the_past_is_looked_up_and_now_never_looks_through_it(sqlite_catalog: Database, name: str) -> None:
    accept(sqlite_catalog)
    for at in (None, 1):
        with planned(sqlite_catalog) as steps:
            PAST[name](sqlite_catalog, at)
        assert scans(steps) == set()
        assert any("_from_revision" in step for step in steps) is (at == 1) or name == "instants"


def test_search_and_facets_start_from_what_is_found_not_from_all_listings(sqlite_catalog: Database) -> None:
    accept(sqlite_catalog, tags=["gold"])
    search = Search(sqlite_catalog)
    for read in (search.page, search.facets):
        with planned(sqlite_catalog) as steps:
            read("orders", principal=ANNA)
        # the walk for very many matches begins only with these (`test_search_many`)
        scanned = {step.split()[1] for step in scans(steps) - {WALK}}
        assert "search_text" in scanned
        assert scanned & {"listing", "listing_trait", "trait", "listing_text"} == set()


def test_lineage_is_looked_up_not_scanned(sqlite_catalog: Database) -> None:
    accept(sqlite_catalog, name="source")
    accept(sqlite_catalog, reads=[("in", f"{identity('source').fqn}:outputports:placed")])
    lineage = Lineage(sqlite_catalog)
    for read in (lineage.upstream, lineage.downstream):
        with planned(sqlite_catalog) as steps:
            read([identity().id], principal=ANNA)
        assert steps
        assert scans(steps) == set()
