"""Shared by tests of the catalog: a fresh catalog on each store, products to put in, and the putting."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import make
import pytest
from sqlalchemy import event

from catalog.database import Database
from catalog.tables import known_tables
from catalog.versions import AcceptedVersion
from engine.descriptor.digest import digest_of
from engine.descriptor.identity import component_fqn, line_fqn, line_id, odm_id
from engine.descriptor.lineage import reading
from engine.model import Decision, Descriptor, Event, Identity, Outcome, Part, Port, Principal

ANNA = Principal("anna", domains=frozenset({"sales"}))


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file at the newest schema, to copy."""
    file = tmp_path_factory.mktemp("template") / "catalog.db"
    database = Database(f"sqlite:///{file}")
    database.upgrade()
    database.close()
    return file


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: str) -> str:
    """The name of a PostgreSQL database at the newest schema."""
    import psycopg

    name = f"catalog_{uuid.uuid4().hex}"
    with psycopg.connect(postgresql_server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    database = Database(named(postgresql_server, name))
    database.upgrade()
    database.close()
    return name


@pytest.fixture
def sqlite_catalog(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    file = tmp_path / "catalog.db"
    shutil.copy(sqlite_template, file)
    database = Database(f"sqlite:///{file}")
    yield database
    database.close()


@pytest.fixture
def postgresql_catalog(postgresql_server: str, postgresql_template: str) -> Iterator[Database]:
    database = emptied_postgresql(postgresql_server, postgresql_template)
    yield database
    database.close()


def emptied_postgresql(server: str, template: str) -> Database:
    """The one PostgreSQL catalog of the session, emptied: much cheaper than a database for each test."""
    import psycopg

    tables = [*reversed(known_tables().sorted_tables), "search_text"]
    emptying = "; ".join(f"DELETE FROM {table}" for table in tables if str(table) != "catalog_head")
    start = f"DELETE FROM catalog_head; INSERT INTO catalog_head VALUES (1, 0, 0, '{'0' * 64}')"
    with psycopg.connect(named(server, template), autocommit=True) as connection:
        connection.execute(f"{emptying}; {start}")
    return Database(named(server, template))


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Database:
    """An empty catalog, once on each store."""
    return request.getfixturevalue(f"{request.param}_catalog")


def named(server: str, name: str) -> str:
    """The URL of another database of this PostgreSQL server."""
    address, _, options = server.partition("?")
    return address.rpartition("/")[0] + f"/{name}" + (f"?{options}" if options else "")


def identity(name: str = "orders", version: str = "1.0.0", **changes: Any) -> Identity:
    told = {"namespace": "org.example", "name": name, "version": version, "domain": "sales", **changes}
    major = int(version.partition(".")[0])
    fqn = line_fqn(told["namespace"], name, major)
    return Identity(fqn=fqn, id=line_id(fqn), odm_id=odm_id(fqn), major=major, **told)


def product(
    name: str = "orders",
    version: str = "1.0.0",
    *,
    outputs: Sequence[str | Port] = ("placed",),
    reads: Sequence[tuple[str, str]] = (),
    parts: Sequence[Part] | None = None,
    tags: Sequence[str] = (),
    info: dict[str, Any] | None = None,
    columns: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
    slos: Mapping[str, Mapping[str, Any]] | None = None,
    **changes: Any,
) -> Descriptor:
    """A descriptor of a product with these output ports, reading these targets (input port, target).

    `columns` tells those of a port, as a Data Store API lists them, `slos` what a port promises (`freshness: PT1H`).
    """
    one = identity(name, version, **changes)
    told = {"name": name, "version": version, "domain": one.domain, "owner": {"id": "jo@example.com"}, **(info or {})}
    named = [port if isinstance(port, Port) else output(one, port) for port in outputs]
    effective = {"info": told, "tags": list(tags), "ports": [port.name for port in named], "reads": list(reads)}
    if columns or slos:
        promised = [_promising(port, (columns or {}).get(port.name, ()), (slos or {}).get(port.name)) for port in named]
        effective["interfaceComponents"] = {"outputPorts": promised}
    return make.descriptor(
        effective,
        file=f"{name}.yaml",
        parts=tuple(parts or (Part(f"{name}.yaml", repr(effective).encode()),)),
        identity=one,
        digest=digest_of(effective),
        ports=tuple(named),
        readings=tuple(reading(*read) for read in reads),
    )


def _promising(port: Port, columns: Sequence[Mapping[str, Any]], slo: Mapping[str, Any] | None) -> dict[str, Any]:
    definition = {"schema": {"tables": [{"name": port.name, "columns": list(columns)}]}}
    promises: dict[str, Any] = {"api": {"specification": "datastoreapi", "definition": definition}}
    if slo is not None:
        promises["slo"] = {"definition": dict(slo)}
    return {"name": port.name, "version": port.version, "promises": promises}


def output(of: Identity, name: str, **changes: Any) -> Port:
    told = {"kind": "outputport", "name": name, "fqn": component_fqn(of.fqn, "outputport", name), "version": "1.0.0"}
    return Port(**{**told, **changes})


def decision(about: Descriptor, outcome: Outcome = Outcome.ACCEPTED, **changes: Any) -> Decision:
    told: dict[str, Any] = {
        "id": str(uuid.uuid4()),
        "outcome": outcome,
        "provisional": False,
        "event": Event.SUBMIT,
        "environment": None,
        "product": about.identity,
        "moment": make.NOW,
        "now": "2026-11-23T00:00:00Z",
        "engine": "in_memory 1",
        "bundle_revision": "sha256:bundle",
        "input_digest": about.digest,
        "effective_input": about.effective,
        "policies": (make.run(),),
    }
    return Decision(**{**told, **changes})


def record(of: Decision) -> dict[str, Any]:
    """An entry of the report, as short as the catalog can do with."""
    runs = [{"policy": one.policy, "state": str(one.state)} for one in of.policies]
    told = {"id": of.id, "outcome": str(of.outcome), "policies": runs, "findings": []}
    return {"file": "orders.yaml", "decision": told}


def accept(
    database: Database,
    descriptor: Descriptor | None = None,
    *,
    who: Principal = ANNA,
    at: datetime = make.NOW,
    **told: Any,
) -> AcceptedVersion:
    """Store this descriptor (or one of these words) with an accepted decision, as the submit flow does."""
    descriptor = descriptor or product(**told)
    made = decision(descriptor)
    with database.work(who, at=at) as work:
        stored = work.versions.find(descriptor.identity, descriptor.digest)
        if stored is None:
            work.decisions.add(made, record(made))
            stored = work.versions.add(descriptor, made.id)
            work.commit()
    return stored


def counted(database: Database, table: str) -> int:
    with database.reading() as connection:
        return connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one()


@contextmanager
def sent(database: Database) -> Iterator[list[str]]:
    """The statements that are sent meanwhile."""
    statements: list[str] = []
    with _heard(database, lambda statement, _: statements.append(statement)):
        yield statements


@contextmanager
def asked(database: Database) -> Iterator[list[tuple[str, Any]]]:
    """The statements that are sent meanwhile, with their parameters."""
    statements: list[tuple[str, Any]] = []
    with _heard(database, lambda *one: statements.append(one)):
        yield statements


@contextmanager
def _heard(database: Database, note: Callable[[str, Any], None]) -> Iterator[None]:
    def heard(connection: Any, cursor: Any, statement: str, parameters: Any, *rest: Any) -> None:
        if not statement.startswith("BEGIN"):
            note(statement, parameters)

    event.listen(database.bind, "before_cursor_execute", heard)
    try:
        yield
    finally:
        event.remove(database.bind, "before_cursor_execute", heard)
