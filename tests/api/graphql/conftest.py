"""A small mesh in a catalog on either store, and somebody who asks GraphQL about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import make
import orjson
import pytest
import remembered
from remembered import ANNA, database, postgresql_catalog, postgresql_template, sqlite_catalog, sqlite_template
from sqlalchemy import event

from api.graphql.answering import Answering
from api.graphql.context import Context
from api.graphql.limits import Limits
from api.graphql.request import Request
from api.graphql.schema import schema
from api.settings import Settings
from api.wiring import House
from catalog.database import Database
from catalog.deployments import Order, Slot
from catalog.versions import product_id
from engine.model import Descriptor, Disposition, Enforcement, PolicyState
from engine.report import record

__all__ = ["database", "postgresql_catalog", "postgresql_template", "sqlite_catalog", "sqlite_template"]

CUSTOMERS = "urn:dpds:org.example:dataproducts:customers:1"
ORDERS = "urn:dpds:org.example:dataproducts:orders:1"
REVENUE = "urn:dpds:org.example:dataproducts:revenue:2"
PROFILE = f"{CUSTOMERS}:outputports:profile"
LOST = "urn:dpds:org.example:dataproducts:lost:1:outputports:gone"


def accept(database: Database, descriptor: Descriptor) -> None:
    """Store this descriptor with a decision that has one advisory and one waived finding."""
    findings = [
        make.judged(disposition=Disposition.ADVISORY, enforcement=Enforcement.ADVISORY),
        make.judged(make.finding("mesh.naming.names_follow_pattern"), disposition=Disposition.WAIVED, waiver="W-1"),
    ]
    runs = (make.run(PolicyState.FAIL), make.run(PolicyState.SKIPPED, "mesh.lineage.resolved", reason="no catalog"))
    made = remembered.decision(descriptor, policies=runs, findings=tuple(findings))
    with database.work(ANNA, at=make.NOW) as work:
        work.head()
        work.decisions.add(made, record.document(made, file=descriptor.file))
        work.versions.add(descriptor, made.id)
        work.commit()


def _contain(database: Database, descriptor: Descriptor, environment: str) -> str:
    """A container of this product, with its first deployment queued; its id."""
    one = descriptor.identity
    assert one is not None
    slot = Slot(product_id(one.namespace, one.name), one.id, one.fqn, one.name, one.domain, one.major, environment)
    with database.work(ANNA, at=make.NOW) as work:
        stored = work.versions.find(one, str(descriptor.digest))
        assert stored is not None
        container = work.deployments.open_container(slot)
        order = Order("deploy", one.version, stored.id, str(descriptor.digest), stored.decision_id)
        queued = work.deployments.request(container, order)
        work.deployments.change_container(container["id"], deployment_id=queued["id"])
        work.commit()
    return str(container["id"])


def customers() -> Descriptor:
    return remembered.product("customers", outputs=["profile"], domain="customer", tags=["pii", "gold"])


@pytest.fixture
def mesh(database: Database) -> Database:
    """customers → orders (two versions, two unknown sources besides) → revenue."""
    reads = [("profiles", PROFILE), ("crm", "the old CRM"), ("gone", LOST)]
    accept(database, customers())
    accept(database, remembered.product("orders", "1.0.0", reads=reads))
    accept(database, remembered.product("orders", "1.1.0", outputs=["placed", "paid"], reads=reads))
    accept(
        database,
        remembered.product("revenue", "2.0.0", domain="finance", reads=[("orders", f"{ORDERS}:outputports:placed")]),
    )
    return database


@pytest.fixture
def contain(mesh: Database) -> Callable[[str], str]:
    """Makes a container of customers in an environment and gives its id."""
    return lambda environment: _contain(mesh, customers(), environment)


@pytest.fixture
def house(database: Database, tmp_path: Path) -> Iterator[House]:
    with House(Settings(data_dir=tmp_path)) as house:
        house.__dict__["database"] = database
        yield house


Ask = Callable[..., dict[str, Any]]


@pytest.fixture
def ask(house: House) -> Ask:
    """Asks a query with variables and gives the whole answer."""
    answering = Answering(schema(), Limits())

    def asked(query: str, **variables: Any) -> dict[str, Any]:
        answer = answering.answer(Request(query, variables, None), Context(house, ANNA))
        loaded: dict[str, Any] = orjson.loads(answer.content)
        return loaded

    return asked


@pytest.fixture
def data(ask: Ask) -> Ask:
    """Asks a query that must go without errors, and gives its data."""

    def asked(query: str, **variables: Any) -> dict[str, Any]:
        answer = ask(query, **variables)
        assert "errors" not in answer
        loaded: dict[str, Any] = answer["data"]
        return loaded

    return asked


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """The SELECT statements that are sent meanwhile."""
    sent: list[str] = []

    def heard(_: Any, __: Any, statement: str, *___: Any) -> None:
        if statement.lstrip("( \n").startswith(("SELECT", "WITH")):
            sent.append(statement)

    event.listen(database.bind, "before_cursor_execute", heard)
    try:
        yield sent
    finally:
        event.remove(database.bind, "before_cursor_execute", heard)


@pytest.fixture
def counted(database: Database) -> Any:
    """`with counted() as sent:` collects the statements that are sent meanwhile."""
    return lambda: statements(database)
