"""A catalog in which somebody may not see the domain `secret`, with one of everything in that domain.

The product `hidden` of that domain and the product `shown` read one another. A test that asks for `half_hidden` asks
as somebody from whom the domain is hidden, one that asks for `filled` as somebody who sees all of it.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from importlib import import_module
from types import ModuleType
from typing import Any

import make
import pytest
from remembered import ANNA, accept, identity

import catalog
from catalog.access import AccessBook, Asked
from catalog.access_sets import Port, claimed
from catalog.builds import Claim
from catalog.database import Database
from catalog.deployments import Order, Slot
from catalog.evaluation.trust import Scored, Seen, TrustBook
from catalog.lines import product_id
from catalog.observations import ObservationBook, named_on
from catalog.requirements import FitStanding, RequirementBook, SavedRequirement
from catalog.rescans import Order as RescanOrder
from catalog.rescans import RescanBook
from catalog.samples import RecordedSample, SampleBook
from catalog.slots import park
from catalog.standings import Judged, Standings, State
from catalog.turns import Pause, Turns
from catalog.waivers import WaiverBook
from catalog.watches import Findings, WatchBook, Watches
from engine.evaluation.measurement import Measurement, measurement
from engine.evaluation.score import Score

HIDDEN, SHOWN = identity("hidden", domain="secret"), identity("shown")
NEED = "need-of-anna"


def modules() -> Iterator[ModuleType]:
    """Every module of the catalog, but for its tables and migrations."""
    for module in pkgutil.walk_packages(catalog.__path__, "catalog."):
        if not module.name.startswith(("catalog.migrations", "catalog.tables", "catalog.visible")):
            yield import_module(module.name)


@pytest.fixture
def filled(database: Database) -> Database:
    """Two products that read one another, one of them with all that hangs off it in the domain `secret`."""
    columns = {"x": [{"name": "salary", "type": "number", "tags": ["salaries"]}]}
    told = {"outputs": ["x"], "tags": ["classified"], "columns": columns, "slos": {"x": {"freshness": "PT1H"}}}
    accept(database, name="hidden", domain="secret", reads=[("in", f"{SHOWN.fqn}:outputports:y")], **told)
    accept(database, name="shown", outputs=["y"], reads=[("in", f"{HIDDEN.fqn}:outputports:x")])
    _deploy_hidden(database)
    _excuse_and_rescan_hidden(database)
    _observe_and_score_hidden(database)
    _find_hidden_fit(database)
    _sample_hidden(database)
    _ask_for_hidden(database)
    return database


@pytest.fixture
def half_hidden(filled: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    _see(monkeypatch, lambda principal, domain: domain != "secret")
    return filled


@contextmanager
def only_hidden() -> Iterator[None]:
    """Meanwhile the domain `secret` is all that anybody sees: for what no other read would give."""
    with pytest.MonkeyPatch.context() as patch:
        _see(patch, lambda principal, domain: domain == "secret")
        yield


def _see(patch: pytest.MonkeyPatch, visible: Callable[..., Any]) -> None:
    for module in modules():
        if hasattr(module, "visible"):
            patch.setattr(module, "visible", visible)


def _deploy_hidden(database: Database) -> None:
    slot = Slot(product_id(HIDDEN.namespace, "hidden"), HIDDEN.id, HIDDEN.fqn, "hidden", "secret", 1, "dev")
    with database.work(ANNA) as work:
        book = work.deployments
        container = book.open_container(slot)
        order = Order("deploy", "1.0.0", version_of_hidden(database), "sha256:x", decision_of_hidden(database))
        deployment = book.request(container, order)
        request = {"resource_id": "r", "generation": 1, "component": {"fqn": "f", "kind": "storage", "name": "s"}}
        action = {"action": "create", "adapter": "local-fs", "specification": "s", "request": request}
        book.intend(deployment, 0, action, tries=1, since=make.NOW)
        port = {"resource_id": "p", "generation": 1, "component": {"fqn": "x", "kind": "outputport", "name": "x"}}
        book.intend(deployment, 1, {**action, "request": port}, tries=1, since=make.NOW)
        ids = (container["id"], "p", HIDDEN.id, "dev", "x", "local-fs", "intent", 1, "", port, ("user:anna",), None)
        claimed(work.connection, Port(*ids), seconds=60, intact=True)
        book.keep_plan(deployment["id"], {"digest": "sha256:plan"})
        built = Claim(deployment["id"], "f", 1, "", make.NOW)
        artifact = {"name": "a", "digest": "sha256:" + "0" * 64, "location": "file:///a"}
        seen = {"outputs": {}, "artifacts": [artifact]}
        book.builds.keep(version_of_hidden(database), "sha256:x", built, adapter="local-fs", seen=seen)
        book.tell("deployment.requested", container)
        work.commit()
    park(database, deployment["id"], Turns(database).of(deployment["id"]), Pause(60, "retry", "a bad day"))


def _ask_for_hidden(database: Database) -> None:
    ids = (HIDDEN.id, product_id(HIDDEN.namespace, "hidden"), HIDDEN.fqn, 1, "1.0.0", decision_of_hidden(database))
    with database.work(ANNA) as work:
        work.head()
        ends = work.at + timedelta(days=1)
        AccessBook(work).request(Asked(*ids, "x", "dev", "user:anna", "to see", "secret", ends))
        work.commit()


def access_of_hidden(database: Database) -> str:
    return of_secret(database, "id", "access_request")


def _sample_hidden(database: Database) -> None:
    told = dict.fromkeys(RecordedSample._fields, "")
    counts = {"rows": 1, "bytes": 9, "columns": ("id",), "masked": {}, "roles": ()}
    with database.work(ANNA) as work:
        named = {"id": "s", "at": work.at, "fqn": HIDDEN.fqn, "domain": "secret", "outcome": "shown"}
        SampleBook(work).add(RecordedSample(**{**told, **counts, **named}))
        work.commit()


def _excuse_and_rescan_hidden(database: Database) -> None:
    asked = {"policy": "mesh.ownership.owner_declared", "product": HIDDEN.fqn, "reason": "Moving."}
    with database.work(ANNA) as work:
        work.head()
        WaiverBook(work).request(asked, domain="secret", begins=work.at, ends=work.at + timedelta(days=1))
        version, decision = version_of_hidden(database), decision_of_hidden(database)
        stands = State.COMPLIANT
        told = (HIDDEN.id, HIDDEN.fqn, version, "1.0.0", "secret", stands, stands, decision, work.at, {})
        order = RescanOrder("all", "asked", ("", "", "", ""), {}, "2026-11-23T00:00:00Z", [HIDDEN.id], 0)
        Standings(work).set([Judged(*told)], rescan=RescanBook(work).open(order), cursor=0)
        work.commit()


def _observe_and_score_hidden(database: Database) -> None:
    sent = {"id": "1", "product": HIDDEN.fqn, "indicator": "freshness", "value": "PT5M"}
    one = measurement({**sent, "observedAt": make.NOW.isoformat()}, now=make.NOW)
    assert isinstance(one, Measurement)
    with database.work(ANNA, at=make.NOW) as work:
        line = named_on(work.connection, [HIDDEN.fqn], principal=ANNA)[HIDDEN.fqn]
        ObservationBook(work).add([(one, line)])
        scored = Scored(HIDDEN.id, "secret", "1.0.0", Score(0.5, ()), "", "mesh.trust", "sha256:formula")
        TrustBook(work).keep([scored], [HIDDEN.id], Seen(work.head(), 1))
        work.commit()


def _find_hidden_fit(database: Database) -> None:
    """A saved need that the hidden product was found to fit, as by somebody who saw it then."""
    need = SavedRequirement(NEED, "gold", "anna", (), (), "package need", {}, "", "need", "sha256:need", make.NOW)
    with database.work(ANNA, at=make.NOW) as work:
        RequirementBook(work).save(need)
        work.commit()
    watch = Watches(database).claim("me", today="2026-11-24", seconds=60)
    assert watch is not None
    told = (HIDDEN.id, version_of_hidden(database), HIDDEN.fqn, "1.0.0", "secret", "fit", [], 0, make.NOW, "2026-11-24")
    with database.work(ANNA, at=make.NOW) as work:
        WatchBook(work, watch).write(Findings([FitStanding(*told)], [], 1, "2026-11-24"), {}, retry_in=60, reason="")
        work.commit()


def of_secret(database: Database, column: str, table: str) -> str:
    with database.reading() as connection:
        asked = f"SELECT {column} FROM {table} WHERE domain = 'secret'"
        return str(connection.exec_driver_sql(asked).scalar_one())


def version_of_hidden(database: Database) -> str:
    return of_secret(database, "id", "version")


def decision_of_hidden(database: Database) -> str:
    return of_secret(database, "decision_id", "version")


def waiver_of_hidden(database: Database) -> str:
    return of_secret(database, "id", "waiver")


def container_of_hidden(database: Database) -> str:
    return of_secret(database, "id", "container")


def deployment_of_hidden(database: Database) -> str:
    with database.reading() as connection:
        return str(connection.exec_driver_sql("SELECT id FROM deployment").scalar_one())
