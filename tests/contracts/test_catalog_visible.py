"""Does every read obey the one predicate, on both stores? (A stand-in hides the domain `secret`.)"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from remembered import ANNA, accept, identity

from catalog import changes, decisions, lineage, products
from catalog.changes import Changes
from catalog.database import Database
from catalog.decisions import Decisions
from catalog.lineage import Lineage
from catalog.products import Products
from catalog.search import Search
from catalog.search import statement as search_statement
from engine.model import Principal

HIDDEN, SHOWN = identity("hidden", domain="secret"), identity("shown")


@pytest.fixture
def half_hidden(database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    accept(database, name="hidden", domain="secret", outputs=["x"], reads=[("in", f"{SHOWN.fqn}:outputports:y")])
    accept(database, name="shown", outputs=["y"], reads=[("in", f"{HIDDEN.fqn}:outputports:x")])
    for module in (products, search_statement, lineage, decisions, changes):
        monkeypatch.setattr(module, "visible", lambda principal, domain: domain != "secret")
    return database


def _ports(database: Database) -> Any:
    return Products(database).ports_of([_version(database)], principal=ANNA)[_version(database)]


def _version(database: Database) -> str:
    with database.reading() as connection:
        return connection.exec_driver_sql("SELECT id FROM version WHERE domain = 'secret'").scalar_one()


def _decision(database: Database) -> str:
    with database.reading() as connection:
        return connection.exec_driver_sql("SELECT decision_id FROM version WHERE domain = 'secret'").scalar_one()


READS: dict[str, Callable[[Database], Any]] = {
    "find": lambda d: Products(d).find(HIDDEN.fqn, principal=ANNA),
    "version": lambda d: Products(d).version(HIDDEN.fqn, "1.0.0", principal=ANNA),
    "versions": lambda d: Products(d).versions(HIDDEN.fqn, principal=ANNA),
    "effective": lambda d: Products(d).effective(HIDDEN.fqn, "1.0.0", principal=ANNA),
    "original": lambda d: Products(d).original(HIDDEN.fqn, "1.0.0", principal=ANNA),
    "parts": lambda d: Products(d).parts(HIDDEN.fqn, "1.0.0", principal=ANNA),
    "ports": _ports,
    "domain page": lambda d: Products(d).page(principal=ANNA, domain="secret").items,
    "search by name": lambda d: Search(d).page("hidden", principal=ANNA).items,
    "search by fqn": lambda d: Search(d).page(HIDDEN.fqn, principal=ANNA).items,
    "lineage": lambda d: Lineage(d).around(HIDDEN.fqn, principal=ANNA),
    "upstream": lambda d: Lineage(d).upstream([HIDDEN.id], principal=ANNA)[HIDDEN.id],
    "downstream": lambda d: Lineage(d).downstream([SHOWN.id], principal=ANNA)[SHOWN.id],
    "decision": lambda d: Decisions(d).find(_decision(d), principal=ANNA),
    "input": lambda d: Decisions(d).effective_input(_decision(d), principal=ANNA),
    "changes": lambda d: [one for one in Changes(d).after(principal=ANNA) if one.subject == HIDDEN.fqn],
}


def test_what_is_hidden_reads_as_if_it_had_never_been_stored(half_hidden: Database) -> None:
    assert [name for name, read in READS.items() if read(half_hidden)] == []


def test_the_same_reads_see_it_where_nothing_is_hidden(database: Database) -> None:
    accept(database, name="hidden", domain="secret", outputs=["x"], reads=[("in", f"{SHOWN.fqn}:outputports:y")])
    accept(database, name="shown", outputs=["y"], reads=[("in", f"{HIDDEN.fqn}:outputports:x")])
    assert [name for name, read in READS.items() if not read(database)] == []


def test_totals_and_lineage_of_what_is_shown_do_not_leak(half_hidden: Database) -> None:
    search = Search(half_hidden)
    assert [search.page(query, principal=ANNA).total for query in ("", "example", "hidden")] == [1, 1, 0]
    graph = Lineage(half_hidden).around(SHOWN.fqn, principal=ANNA)
    assert [(node.kind, node.id) for node in graph.nodes] == [
        ("product", SHOWN.id),
        ("dangling", f"{HIDDEN.fqn}:outputports:x"),
    ]
    assert [one.name for one in Products(half_hidden).page(principal=Principal("ben")).items] == ["shown"]
