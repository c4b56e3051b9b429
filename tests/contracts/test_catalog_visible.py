"""Does every read obey the one predicate, on both stores? (A stand-in hides the domain `secret`.)"""

from __future__ import annotations

import inspect
import pkgutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from importlib import import_module
from types import ModuleType
from typing import Any

import make
import pytest
from remembered import ANNA, accept, identity, product

import catalog
from catalog.changes import Changes, Wanted
from catalog.containers import Containers
from catalog.coverage import Coverage
from catalog.database import Database
from catalog.decided import decided
from catalog.decisions import Decisions
from catalog.deployable import deployable
from catalog.deployments import Order, Slot
from catalog.domains import Domains
from catalog.evolution import Evolution
from catalog.lineage import Lineage
from catalog.lineage.impact import Impacts
from catalog.lineage.question import Question
from catalog.lineage.topology import Topologies
from catalog.lineage.walk import Walks
from catalog.lines import product_id
from catalog.log import Log
from catalog.products import Products
from catalog.rescans import Order as RescanOrder
from catalog.rescans import RescanBook
from catalog.samples import RecordedSample, SampleBook, Samples
from catalog.search import Search
from catalog.search.completion import Completions
from catalog.search.where import Is, Operator
from catalog.shown import StoredDecision
from catalog.standings import Judged, Standings, StandingsRead, State
from catalog.subjects import Subjects
from catalog.together import Together
from catalog.waivers import WaiverBook, Waivers
from engine.errors import NotFound
from engine.model import Principal

HIDDEN, SHOWN = identity("hidden", domain="secret"), identity("shown")
SECRET = Is("domain", Operator.EQ, ("secret",))


def modules() -> Iterator[ModuleType]:
    """Every module of the catalog, but for its tables and migrations."""
    for module in pkgutil.walk_packages(catalog.__path__, "catalog."):
        if not module.name.startswith(("catalog.migrations", "catalog.tables", "catalog.visible")):
            yield import_module(module.name)


@pytest.fixture
def filled(database: Database) -> Database:
    """Two products that read one another, one of them and its container in the domain `secret`."""
    columns = {"x": [{"name": "salary", "type": "number", "tags": ["salaries"]}]}
    reads = [("in", f"{SHOWN.fqn}:outputports:y")]
    told = {"outputs": ["x"], "tags": ["classified"], "columns": columns}
    accept(database, name="hidden", domain="secret", reads=reads, **told)
    accept(database, name="shown", outputs=["y"], reads=[("in", f"{HIDDEN.fqn}:outputports:x")])
    _deploy_hidden(database)
    _excuse_and_rescan_hidden(database)
    _sample_hidden(database)
    return database


@pytest.fixture
def half_hidden(filled: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    for module in modules():
        if hasattr(module, "visible"):
            monkeypatch.setattr(module, "visible", lambda principal, domain: domain != "secret")
    return filled


def _deploy_hidden(database: Database) -> None:
    slot = Slot(product_id(HIDDEN.namespace, "hidden"), HIDDEN.id, HIDDEN.fqn, "hidden", "secret", 1, "dev")
    with database.work(ANNA) as work:
        book = work.deployments
        container = book.open_container(slot)
        order = Order("deploy", "1.0.0", _version(database), "sha256:x", _decision(database))
        deployment = book.request(container, order)
        request = {"resource_id": "r", "generation": 1, "component": {"fqn": "f", "kind": "storage", "name": "s"}}
        action = {"action": "create", "adapter": "local-fs", "specification": "s", "request": request}
        book.intend(deployment, 0, action, tries=1, since=make.NOW)
        book.keep_plan(deployment["id"], {"digest": "sha256:plan"})
        book.tell("deployment.requested", container)
        work.commit()


def _excuse_and_rescan_hidden(database: Database) -> None:
    asked = {"policy": "mesh.ownership.owner_declared", "product": HIDDEN.fqn, "reason": "Moving."}
    with database.work(ANNA) as work:
        work.head()
        WaiverBook(work).request(asked, domain="secret", begins=work.at, ends=work.at + timedelta(days=1))
        version, decision = _version(database), _decision(database)
        stands = State.COMPLIANT
        told = (HIDDEN.id, HIDDEN.fqn, version, "1.0.0", "secret", stands, stands, decision, work.at, {})
        order = RescanOrder("all", "asked", ("", "", "", ""), {}, "2026-11-23T00:00:00Z", [HIDDEN.id], 0)
        Standings(work).set([Judged(*told)], rescan=RescanBook(work).open(order), cursor=0)
        work.commit()


def _sample_hidden(database: Database) -> None:
    told = dict.fromkeys(RecordedSample._fields, "")
    counts = {"rows": 1, "bytes": 9, "columns": ("id",), "masked": {}, "roles": ()}
    with database.work(ANNA) as work:
        named = {"id": "s", "at": work.at, "fqn": HIDDEN.fqn, "domain": "secret", "outcome": "shown"}
        SampleBook(work).add(RecordedSample(**{**told, **counts, **named}))
        work.commit()


def _of_secret(database: Database, column: str, table: str) -> str:
    with database.reading() as connection:
        asked = f"SELECT {column} FROM {table} WHERE domain = 'secret'"
        return str(connection.exec_driver_sql(asked).scalar_one())


def _version(database: Database) -> str:
    return _of_secret(database, "id", "version")


def _decision(database: Database) -> str:
    return _of_secret(database, "decision_id", "version")


def _waiver(database: Database) -> str:
    return _of_secret(database, "id", "waiver")


def _container(database: Database) -> str:
    return _of_secret(database, "id", "container")


def _deployment(database: Database) -> str:
    with database.reading() as connection:
        return str(connection.exec_driver_sql("SELECT id FROM deployment").scalar_one())


def _deployable(database: Database) -> Any:
    with suppress(NotFound):
        return deployable(database, HIDDEN.fqn, "1.0.0", principal=ANNA)


def _record(database: Database) -> Any:
    with suppress(NotFound):
        return Decisions(database).record(_decision(database), principal=ANNA)


def _covered(database: Database) -> Any:
    found = Coverage(database).covered(principal=ANNA).policies
    return [policy for policy, standing in found.items() if "secret" in standing.domains]


def _decided_again(database: Database) -> Any:
    found = decided(database, principal=ANNA, since=None, after=None, limit=9)
    return [one for one in found if one.id == _decision(database)]


def _is_hidden(decision: StoredDecision) -> bool:
    return decision.fqn == HIDDEN.fqn


def _changes(database: Database, kind: str) -> Any:
    told = Changes(database).after(principal=ANNA)
    return [one for one in told if one.subject == HIDDEN.fqn and one.kind == kind]


def _found(read: Callable[[], Any]) -> Any:
    with suppress(NotFound):
        return read()


def _walked_to(database: Database, start: str) -> Any:
    found = Walks(database).walk(Question((start,), depth=None), principal=ANNA)
    return [one for one in found.nodes if one.vertex.domain == "secret" or one.frontier]


def _secret_facets(database: Database) -> Any:
    """Values that only the hidden product has; its own filter is left out of the facet of the domain."""
    found = Search(database).facets("", principal=ANNA, fields=["domain", "tag", "has"])
    return [value for facet in found for value in facet.values if value.value in ("secret", "classified", "salaries")]


def _secret_columns(database: Database) -> Any:
    """Asked for the hidden product itself, as no page would give it."""
    with pytest.MonkeyPatch.context() as patch:
        for module in modules():
            if hasattr(module, "visible"):
                patch.setattr(module, "visible", lambda principal, domain: domain == "secret")
        products = [hit.product for hit in Search(database).page("hidden", principal=ANNA).items]
    told = Search(database).matches("salary", products, principal=ANNA)
    return [match for matches in told.values() for match in matches if match.column]


#: reads of what is hidden, by the name of what reads and, after a space, the way of asking
READS: dict[str, Callable[[Database], Any]] = {
    "Products.find": lambda d: Products(d).find(HIDDEN.fqn, principal=ANNA),
    "Products.version": lambda d: Products(d).version(HIDDEN.fqn, "1.0.0", principal=ANNA),
    "Products.versions": lambda d: Products(d).versions(HIDDEN.fqn, principal=ANNA),
    "Products.effective": lambda d: Products(d).effective(HIDDEN.fqn, "1.0.0", principal=ANNA),
    "Products.original": lambda d: Products(d).original(HIDDEN.fqn, "1.0.0", principal=ANNA),
    "Products.parts": lambda d: Products(d).parts(HIDDEN.fqn, "1.0.0", principal=ANNA),
    "Products.ports_of": lambda d: Products(d).ports_of([_version(d)], principal=ANNA)[_version(d)],
    "Products.page": lambda d: Products(d).page(principal=ANNA, domain="secret").items,
    "Search.page by name": lambda d: Search(d).page("hidden", principal=ANNA).items,
    "Search.page by fqn": lambda d: Search(d).page(HIDDEN.fqn, principal=ANNA).items,
    "Search.page by filter": lambda d: Search(d).page("domain:secret", principal=ANNA).items,
    "Search.page by typed filter": lambda d: Search(d).page("", where=SECRET, principal=ANNA).items,
    "Search.facets": lambda d: _secret_facets(d),
    "Search.corrections": lambda d: Search(d).corrections("hiddne", principal=ANNA),
    "Search.matches": lambda d: _secret_columns(d),
    "Completions.complete products": lambda d: Completions(d).complete("hid", principal=ANNA),
    "Completions.complete domains": lambda d: Completions(d).complete("sec", principal=ANNA),
    "Completions.complete columns": lambda d: Completions(d).complete("salar", principal=ANNA),
    "Lineage.around": lambda d: Lineage(d).around(HIDDEN.fqn, principal=ANNA),
    "Lineage.upstream": lambda d: Lineage(d).upstream([HIDDEN.id], principal=ANNA)[HIDDEN.id],
    "Lineage.downstream": lambda d: Lineage(d).downstream([SHOWN.id], principal=ANNA)[SHOWN.id],
    "Walks.walk": lambda d: _found(lambda: Walks(d).walk(Question((HIDDEN.fqn,)), principal=ANNA)),
    "Walks.walk to it": lambda d: _walked_to(d, SHOWN.fqn),
    "Walks.walk by id": lambda d: _found(lambda: Walks(d).walk(Question((HIDDEN.id,)), principal=ANNA)),
    "Impacts.of": lambda d: list(Impacts(d).of(SHOWN.fqn, principal=ANNA).consumers),
    "Topologies.topology": lambda d: Topologies(d).topology(principal=ANNA).cycles,
    "Evolution.diffs": lambda d: Evolution(d).diffs([_version(d)], principal=ANNA, before="1.0.0"),
    "Evolution.blame": lambda d: Evolution(d).blame([_version(d)], principal=ANNA),
    "Evolution.proposed": lambda d: Evolution(d).proposed(_version(d), product("hidden"), principal=ANNA),
    "Decisions.find": lambda d: Decisions(d).find(_decision(d), principal=ANNA),
    "Decisions.found": lambda d: Decisions(d).found([_decision(d)], principal=ANNA),
    "Decisions.record": _record,
    "Decisions.effective_input": lambda d: Decisions(d).effective_input(_decision(d), principal=ANNA),
    "Log.after": lambda d: [one for one in Log(d).after(None, principal=ANNA, limit=9) if _is_hidden(one.decision)],
    "Log.found": lambda d: Log(d).found([_decision(d)], principal=ANNA),
    "Changes.after decisions": lambda d: _changes(d, "decision.accepted"),
    "Changes.after versions": lambda d: _changes(d, "version.accepted"),
    "Changes.after deployments": lambda d: _changes(d, "deployment.requested"),
    "Changes.wanted": lambda d: Changes(d).wanted(Wanted(products=[HIDDEN.fqn]), 0, principal=ANNA)[0],
    "Containers.one": lambda d: Containers(d).one(_container(d), principal=ANNA),
    "Containers.page": lambda d: Containers(d).page(principal=ANNA).items,
    "Containers.page by product": lambda d: Containers(d).page(principal=ANNA, product=HIDDEN.fqn).items,
    "Containers.deployment": lambda d: Containers(d).deployment(_deployment(d), principal=ANNA),
    "Containers.deployments": lambda d: Containers(d).deployments(_container(d), principal=ANNA),
    "Together.products": lambda d: Together(d).products([HIDDEN.id], principal=ANNA),
    "Together.versions": lambda d: Together(d).versions([HIDDEN.id], principal=ANNA)[HIDDEN.id],
    "Together.accepted": lambda d: Together(d).accepted([_version(d)], principal=ANNA),
    "Together.containers": lambda d: Together(d).containers([HIDDEN.id], principal=ANNA)[HIDDEN.id],
    "Together.known": lambda d: Together(d).known([_container(d)], principal=ANNA),
    "Together.resources": lambda d: Together(d).resources([_container(d)], principal=ANNA)[_container(d)],
    "Together.deployments": lambda d: Together(d).deployments([_deployment(d)], principal=ANNA),
    "Coverage.covered": _covered,
    "Domains.all": lambda d: [one for one in Domains(d).all(principal=ANNA) if one.name == "secret"],
    "Products.domains": lambda d: Products(d).domains(principal=ANNA) & {"secret"},
    "StandingsRead.found": lambda d: StandingsRead(d).found([HIDDEN.id], principal=ANNA),
    "Subjects.of": lambda d: Subjects(d).of(HIDDEN.fqn, principal=ANNA),
    "Subjects.page": lambda d: [one for one in Subjects(d).page(principal=ANNA) if one.identity.id == HIDDEN.id],
    "Waivers.all": lambda d: Waivers(d).all(principal=ANNA),
    "Waivers.one": lambda d: Waivers(d).one(_waiver(d), principal=ANNA),
    "Samples.page": lambda d: Samples(d).page(principal=ANNA).items,
    "Samples.line_of": lambda d: Samples(d).line_of(_version(d), principal=ANNA),
    "Samples.ports": lambda d: Samples(d).ports([_version(d)], "x", principal=ANNA),
    "Samples.columns": lambda d: Samples(d).columns([_version(d)], "x", principal=ANNA),
    "decided": _decided_again,
    "deployable": _deployable,
}
#: these begin a unit of work, which writes
WRITING = {"Database.work", "UnitOfWork.__init__"}


def _for_somebody() -> Iterator[str]:
    """Every public function and method of the catalog that is called for a principal."""
    for module in modules():
        for name, one in vars(module).items():
            if getattr(one, "__module__", "") != module.__name__ or name.startswith("_"):
                continue
            parts = (
                {f"{name}.{part}": value for part, value in vars(one).items()} if inspect.isclass(one) else {name: one}
            )
            for called, value in parts.items():
                private = called.rpartition(".")[2].startswith("_") and not called.endswith("__init__")
                if inspect.isfunction(value) and not private and "principal" in inspect.signature(value).parameters:
                    yield called


def test_every_read_of_the_catalog_is_in_the_table() -> None:
    builders = {"visible", "ranked", "candidates", "counted", "found", "columns_said"}  # they make statements
    builders |= {"readings", "reached", "meaning", "beyond"}
    assert set(_for_somebody()) - builders - WRITING == {name.partition(" ")[0] for name in READS}


def test_what_is_hidden_reads_as_if_it_had_never_been_stored(half_hidden: Database) -> None:
    assert [name for name, read in READS.items() if read(half_hidden)] == []


def test_the_same_reads_see_it_where_nothing_is_hidden(filled: Database) -> None:
    assert [name for name, read in READS.items() if not read(filled)] == []


def test_totals_and_lineage_of_what_is_shown_do_not_leak(half_hidden: Database) -> None:
    search = Search(half_hidden)
    assert [search.page(query, principal=ANNA).total for query in ("", "example", "hidden")] == [1, 1, 0]
    assert [(f.values, f.other_count) for f in search.facets("", principal=ANNA, fields=["domain"])] == [
        ((("sales", 1),), 0)
    ]
    graph = Lineage(half_hidden).around(SHOWN.fqn, principal=ANNA)
    assert [(node.kind, node.id) for node in graph.nodes] == [
        ("product", SHOWN.id),
        ("dangling", f"{HIDDEN.fqn}:outputports:x"),
    ]
    assert [one.name for one in Products(half_hidden).page(principal=Principal("ben")).items] == ["shown"]
