"""Which reads look through a whole table? SQLite tells before it runs a statement, whatever the catalog holds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import make
import pytest
from hidden_mesh import HIDDEN, SHOWN, filled
from hidden_reads import READS
from remembered import ANNA, accept, asked, identity, product

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
FOUND = {"SCAN search_text VIRTUAL TABLE INDEX 0:M4", "SCAN stored VIRTUAL TABLE INDEX 0:="}
THROUGH: dict[str, set[str]] = {
    # in the order of hits, until there are as many as are wanted; of words only where very many match
    **{f"Search.{name}": {WALK, *FOUND} for name in ("page by name", "page by fqn", "matches")},
    **{f"Search.{name}": {WALK} for name in ("page by filter", "page by typed filter", "facets")},
    **{f"Completions.complete {kind}": {WALK} for kind in ("products", "domains", "columns")},
    "Search.corrections": {"SCAN search_text VIRTUAL TABLE INDEX 0:M4"},
    # pages in their order
    "Containers.page": {"SCAN container USING INDEX ix_container_fqn"},
    "Containers.deployment_page": {"SCAN deployment USING INDEX ix_deployment_requested_at"},
    "Samples.page": {"SCAN sample"},
    # what there is little of
    "AccessRequests.page": {"SCAN access_request USING INDEX uq_access_request_now"},
    "Waivers.all": {"SCAN waiver USING INDEX uq_waiver_now"},
    # the shape of the mesh is that of all products, and those of each domain are counted
    "Topologies.topology": {
        "SCAN source USING INDEX uq_listing_live_line_id",
        "SCAN listing USING INDEX uq_listing_live_fqn",
    },
    "Domains.all": {"SCAN listing USING INDEX uq_listing_live_line_id"},
    "Products.domains": {"SCAN listing USING INDEX uq_listing_live_line_id"},
    # everything, for a stream of it, or to judge it again
    "Told.__init__": {
        "SCAN sample",
        "SCAN bundle_release USING INDEX sqlite_autoindex_bundle_release_1",
        "SCAN change USING INDEX sqlite_autoindex_change_1",
    },
    "decided": {"SCAN decision"},
}
"""What goes through a table, by read, and why."""


@contextmanager
def planned(database: Database) -> Iterator[list[str]]:
    """The steps of the plans of what is selected meanwhile."""
    steps: list[str] = []
    with asked(database) as sent:
        yield steps
    with database.reading() as connection:
        for statement, parameters in sent:
            # what the tests themselves ask has no dots
            if statement.startswith(("SELECT", "WITH")) and "." in statement:
                plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
                steps += [row[3] for row in plan if not _made_up(row[3], statement)]


def _made_up(step: str, statement: str) -> bool:
    """It goes through what the statement itself put together, or the one row of the head."""
    kind, name = f"{step} -".split()[:2]
    named = re.findall(r"(\w+)(?:\([^()]*\))? AS\s*\(|\) AS (\w+)", statement)
    parts = {"catalog_head", "CONSTANT", "json_each", *(one for pair in named for one in pair)}
    return kind == "SCAN" and (name in parts or name.startswith(("anon_", "(")))


def scans(steps: list[str]) -> set[str]:
    return {step for step in steps if step.startswith("SCAN")}


@pytest.mark.parametrize("name", READS)
def test_a_read_looks_up_what_it_is_asked_for(filled: Database, name: str) -> None:
    with planned(filled) as steps:
        READS[name](filled)
    assert steps
    assert scans(steps) == THROUGH.get(name, set())


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
