"""Every read of the catalog that is made for somebody, asked for what hangs off a product of the domain `secret`."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import make
from hidden_mesh import (
    HIDDEN,
    NEED,
    SHOWN,
    access_of_hidden,
    container_of_hidden,
    decision_of_hidden,
    deployment_of_hidden,
    only_hidden,
    version_of_hidden,
    waiver_of_hidden,
)
from remembered import ANNA, product
from sqlalchemy import Connection

from catalog.acceptances import Acceptances
from catalog.access import AccessRequests, Sought
from catalog.access_sets import AccessSets
from catalog.builds import Builds
from catalog.candidates import Candidate, Candidates
from catalog.changes import Changes, Wanted
from catalog.compared import Compared, Named
from catalog.containers import Containers
from catalog.coverage import Coverage
from catalog.database import Database
from catalog.decided import decided
from catalog.decisions import Decisions
from catalog.deployable import deployable
from catalog.domains import Domains
from catalog.evaluation.compliance import ComplianceHistory
from catalog.evaluation.facts import Evaluations, facts_on
from catalog.evaluation.slos import Slos
from catalog.evaluation.trust import Trusts
from catalog.evolution import Evolution
from catalog.happenings import Happenings
from catalog.lineage import Lineage
from catalog.lineage.impact import Impacts
from catalog.lineage.matching import Matching
from catalog.lineage.question import Question
from catalog.lineage.sight import Sights
from catalog.lineage.topology import Topologies
from catalog.lineage.walk import Walks
from catalog.log import Log
from catalog.neighbourhoods import Neighbourhoods
from catalog.observations import named_on, observed_on
from catalog.products import Products
from catalog.published import Published
from catalog.requirements import Requirements
from catalog.samples import Samples
from catalog.search import Search
from catalog.search.completion import Completions
from catalog.search.where import Is, Operator
from catalog.standings import StandingsRead
from catalog.stream.told import Told
from catalog.subjects import Subjects
from catalog.together import Together
from catalog.waivers import Waivers
from engine.errors import NotFound

SECRET = Is("domain", Operator.EQ, ("secret",))


def _deployable(database: Database) -> Any:
    with suppress(NotFound):
        return deployable(database, HIDDEN.fqn, "1.0.0", principal=ANNA)


def _record(database: Database) -> Any:
    with suppress(NotFound):
        return Decisions(database).record(decision_of_hidden(database), principal=ANNA)


def _covered(database: Database) -> Any:
    found = Coverage(database).covered(principal=ANNA).policies
    return [policy for policy, standing in found.items() if "secret" in standing.domains]


def _decided_again(database: Database) -> Any:
    found = decided(database, principal=ANNA, since=None, after=None, limit=9)
    return [one for one in found if one.id == decision_of_hidden(database)]


def _is_hidden(one: Any) -> bool:
    return bool(one.fqn == HIDDEN.fqn)


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
    with only_hidden():
        products = [hit.product for hit in Search(database).page("hidden", principal=ANNA).items]
    told = Search(database).matches("salary", products, principal=ANNA)
    return [match for matches in told.values() for match in matches if match.column]


def _on(database: Database, read: Callable[[Connection], Any]) -> Any:
    with database.reading() as connection:
        return _found(lambda: read(connection))


def _facts(connection: Connection, line: str) -> Any:
    return facts_on(connection, [line], now=make.NOW, principal=ANNA).get(line)


def _readers(connection: Connection) -> Any:
    found = _facts(connection, SHOWN.id)
    return found.told["consumers"] if found else []


def _observed(connection: Connection) -> Any:
    since = make.NOW - timedelta(days=1)
    return observed_on(connection, [HIDDEN.id], since=since, principal=ANNA)[HIDDEN.id]


def _candidate(database: Database, version: str) -> Candidate:
    return Candidates(database).found([version], principal=ANNA)[version]


def _around_shown(database: Database) -> Any:
    (found,) = Compared(database).versions([Named(SHOWN.fqn)], principal=ANNA)
    assert found is not None
    return Neighbourhoods(database).of([_candidate(database, found)], principal=ANNA)[found]


def _observations_counted(database: Database) -> Any:
    """Of the hidden product's promises, which are told of a candidate that was read before."""
    with only_hidden():
        candidate = _candidate(database, version_of_hidden(database))
    (kept,) = Slos(database).of_candidates([candidate], now=make.NOW, principal=ANNA).values()
    return [one for one in kept if one.observations]


def _matching(database: Database) -> Any:
    """Of what a walk met, had it met the hidden product."""
    with only_hidden():
        met = [one.vertex for one in Walks(database).walk(Question((HIDDEN.fqn,)), principal=ANNA).nodes]
    asked = Question((HIDDEN.fqn,), where=SECRET)
    return _on(database, lambda c: Matching(database.dialect).of(c, asked, met, ANNA))


def _told(database: Database) -> Any:
    lines = Told(database, principal=ANNA)
    return [line for line in lines if HIDDEN.fqn in (line.get("fqn"), line.get("subject"))]


#: reads of what is hidden, by the name of what reads and, after a space, the way of asking
READS: dict[str, Callable[[Database], Any]] = {
    "Products.find": lambda d: Products(d).find(HIDDEN.fqn, principal=ANNA),
    "Products.version": lambda d: Products(d).version(HIDDEN.fqn, "1.0.0", principal=ANNA),
    "Products.versions": lambda d: Products(d).versions(HIDDEN.fqn, principal=ANNA),
    "Products.effective": lambda d: Products(d).effective(HIDDEN.fqn, "1.0.0", principal=ANNA),
    "Products.original": lambda d: Products(d).original(HIDDEN.fqn, "1.0.0", principal=ANNA),
    "Products.parts": lambda d: Products(d).parts(HIDDEN.fqn, "1.0.0", principal=ANNA),
    "Products.ports_of": lambda d: Products(d).ports_of([version_of_hidden(d)], principal=ANNA)[version_of_hidden(d)],
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
    "Evolution.diffs": lambda d: Evolution(d).diffs([version_of_hidden(d)], principal=ANNA, before="1.0.0"),
    "Evolution.blame": lambda d: Evolution(d).blame([version_of_hidden(d)], principal=ANNA),
    "Evolution.proposed": lambda d: Evolution(d).proposed(version_of_hidden(d), product("hidden"), principal=ANNA),
    "Decisions.find": lambda d: Decisions(d).find(decision_of_hidden(d), principal=ANNA),
    "Decisions.found": lambda d: Decisions(d).found([decision_of_hidden(d)], principal=ANNA),
    "Decisions.record": _record,
    "Decisions.effective_input": lambda d: Decisions(d).effective_input(decision_of_hidden(d), principal=ANNA),
    "Log.after": lambda d: [one for one in Log(d).after(None, principal=ANNA, limit=9) if _is_hidden(one.decision)],
    "Log.found": lambda d: Log(d).found([decision_of_hidden(d)], principal=ANNA),
    "Changes.after decisions": lambda d: _changes(d, "decision.accepted"),
    "Changes.after versions": lambda d: _changes(d, "version.accepted"),
    "Changes.after deployments": lambda d: _changes(d, "deployment.requested"),
    "Changes.wanted": lambda d: Changes(d).wanted(Wanted(products=[HIDDEN.fqn]), 0, principal=ANNA)[0],
    "Containers.one": lambda d: Containers(d).one(container_of_hidden(d), principal=ANNA),
    "Containers.page": lambda d: Containers(d).page(principal=ANNA).items,
    "Containers.page by product": lambda d: Containers(d).page(principal=ANNA, product=HIDDEN.fqn).items,
    "Containers.deployment": lambda d: Containers(d).deployment(deployment_of_hidden(d), principal=ANNA),
    "Containers.deployments": lambda d: Containers(d).deployments(container_of_hidden(d), principal=ANNA),
    "Containers.deployment_page": lambda d: Containers(d).deployment_page(principal=ANNA).items,
    "Containers.deployment_page by product": lambda d: (
        Containers(d).deployment_page(principal=ANNA, product=HIDDEN.fqn).items
    ),
    "Happenings.after": lambda d: Happenings(d).after(deployment_of_hidden(d), 0, principal=ANNA, limit=9),
    "Happenings.together": lambda d: (
        Happenings(d).together([deployment_of_hidden(d)], 0, principal=ANNA, limit=9)[deployment_of_hidden(d)].events
    ),
    "Together.looks": lambda d: Together(d).looks([container_of_hidden(d)], principal=ANNA),
    "Together.waits": lambda d: Together(d).waits([deployment_of_hidden(d)], principal=ANNA),
    "Together.products": lambda d: Together(d).products([HIDDEN.id], principal=ANNA),
    "Together.versions": lambda d: Together(d).versions([HIDDEN.id], principal=ANNA)[HIDDEN.id],
    "Together.accepted": lambda d: Together(d).accepted([version_of_hidden(d)], principal=ANNA),
    "Together.containers": lambda d: Together(d).containers([HIDDEN.id], principal=ANNA)[HIDDEN.id],
    "Together.known": lambda d: Together(d).known([container_of_hidden(d)], principal=ANNA),
    "Together.resources": lambda d: Together(d).resources([container_of_hidden(d)], principal=ANNA)[
        container_of_hidden(d)
    ],
    "Together.deployments": lambda d: Together(d).deployments([deployment_of_hidden(d)], principal=ANNA),
    "Together.plans": lambda d: Together(d).plans([deployment_of_hidden(d)], principal=ANNA),
    "Builds.of_versions": lambda d: Builds(d).of_versions([version_of_hidden(d)], principal=ANNA),
    "Coverage.covered": _covered,
    "Domains.all": lambda d: [one for one in Domains(d).all(principal=ANNA) if one.name == "secret"],
    "Products.domains": lambda d: Products(d).domains(principal=ANNA) & {"secret"},
    "StandingsRead.found": lambda d: StandingsRead(d).found([HIDDEN.id], principal=ANNA),
    "Subjects.of": lambda d: Subjects(d).of(HIDDEN.fqn, principal=ANNA),
    "Subjects.page": lambda d: [one for one in Subjects(d).page(principal=ANNA) if one.identity.id == HIDDEN.id],
    "Waivers.all": lambda d: Waivers(d).all(principal=ANNA),
    "Waivers.one": lambda d: Waivers(d).one(waiver_of_hidden(d), principal=ANNA),
    "AccessRequests.one": lambda d: AccessRequests(d).one(access_of_hidden(d), principal=ANNA),
    "AccessRequests.page": lambda d: AccessRequests(d).page(Sought(), principal=ANNA).items,
    "AccessRequests.of_lines": lambda d: AccessRequests(d).of_lines([HIDDEN.id], principal=ANNA)[HIDDEN.id],
    "AccessSets.of_lines": lambda d: AccessSets(d).of_lines([HIDDEN.id], principal=ANNA)[HIDDEN.id],
    "AccessSets.of_containers": lambda d: AccessSets(d).of_containers([container_of_hidden(d)], principal=ANNA)[
        container_of_hidden(d)
    ],
    "Candidates.found": lambda d: Candidates(d).found([version_of_hidden(d)], principal=ANNA),
    "Compared.versions": lambda d: Compared(d).versions([Named(HIDDEN.fqn)], principal=ANNA)[0],
    "Compared.versions by id": lambda d: Compared(d).versions(
        [Named("", version_id=version_of_hidden(d))], principal=ANNA
    )[0],
    "Compared.columns": lambda d: Compared(d).columns([version_of_hidden(d)], principal=ANNA),
    "Neighbourhoods.of consumers": lambda d: _around_shown(d)["consumers"],
    "Neighbourhoods.of sources": lambda d: [one for one in _around_shown(d)["upstream"] if one["resolved"]],
    "Requirements.standings": lambda d: Requirements(d).standings(NEED, principal=ANNA),
    "ComplianceHistory.found": lambda d: ComplianceHistory(d).found([HIDDEN.id], principal=ANNA)[HIDDEN.id],
    "Slos.of_versions": lambda d: Slos(d).of_versions([version_of_hidden(d)], now=make.NOW, principal=ANNA),
    "Slos.of_candidates": _observations_counted,
    "Trusts.found": lambda d: Trusts(d).found([HIDDEN.id], principal=ANNA),
    "Sights.of": lambda d: _on(d, lambda c: Sights().of(c, Question((HIDDEN.fqn,)), ANNA, None).starts),
    "Evaluations.facts": lambda d: Evaluations(d).facts([HIDDEN.id], now=make.NOW, principal=ANNA),
    "facts_on": lambda d: _on(d, lambda c: _facts(c, HIDDEN.id)),
    "facts_on readers": lambda d: _on(d, _readers),
    "named_on": lambda d: _on(d, lambda c: named_on(c, [HIDDEN.fqn], principal=ANNA)),
    "observed_on": lambda d: _on(d, _observed),
    "Samples.page": lambda d: Samples(d).page(principal=ANNA).items,
    "Samples.line_of": lambda d: Samples(d).line_of(version_of_hidden(d), principal=ANNA),
    "Samples.ports": lambda d: Samples(d).ports([version_of_hidden(d)], "x", principal=ANNA),
    "Samples.columns": lambda d: Samples(d).columns([version_of_hidden(d)], "x", principal=ANNA),
    "Acceptances.after": lambda d: [
        one for one in Acceptances(d).after((0, ""), principal=ANNA, limit=9) if _is_hidden(one)
    ],
    "Acceptances.of": lambda d: Acceptances(d).of(HIDDEN.fqn, principal=ANNA),
    "Published.after": lambda d: [
        one for one in Published(d).after("", principal=ANNA, limit=9) if _is_hidden(one.product)
    ],
    "Published.one": lambda d: Published(d).one(HIDDEN.fqn, principal=ANNA),
    "Matching.of": _matching,
    "Told.__init__": _told,
    "decided": _decided_again,
    "deployable": _deployable,
}
