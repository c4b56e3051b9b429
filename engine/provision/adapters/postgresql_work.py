"""In which order are a port and a storage made, looked at and removed in PostgreSQL?"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from engine.provision.adapters import postgresql_catalog as catalog
from engine.provision.adapters import postgresql_making as making
from engine.provision.adapters.asked_tables import Table, asked_tables
from engine.provision.adapters.postgresql_memory import Database, Row
from engine.provision.adapters.sql_names import (
    Body,
    Relation,
    container_name,
    fitted,
    is_port,
    labels,
    relations,
    specification,
)


class Names(NamedTuple):
    """What a resource is called; roles are of the whole server, so the database stands in their names."""

    schema: str
    owner: str
    role: str


def names_of(ref: Body, database: str) -> Names:
    """Raises Unreadable where no database can keep the names."""
    place = container_name(ref)
    identity = _short(f"{database} {ref['resource_id']}")
    port = fitted(f"{place}_{ref['component']['name'][:12]}_{identity}")
    return Names(place, owner_of(place, database), port if is_port(ref) else "")


def owner_of(schema: str, database: str) -> str:
    return fitted(f"{schema}_owner_{_short(database)}")


def asked(request: Body) -> tuple[Table, ...]:
    """The tables that a port asks for; a storage asks for none. Raises Unreadable."""
    return asked_tables(request) if is_port(request) else ()


def look(database: Database, ref: Body) -> Body:
    names = names_of(ref, database.name)
    row = database.row(ref["resource_id"])
    return catalog.observed(database, ref["resource_id"], names.schema, names.owner, names.role, row)


def make(database: Database, request: Body) -> None:
    """Bring about what is asked for. Raises Unreadable, Foreign."""
    tables, names = asked(request), names_of(request, database.name)
    made = relations(request, tuple(one.name for one in tables))
    row = database.row(request["resource_id"])
    told = labels(request, specification(request))
    making.make_schema(database, names.schema, names.owner)
    kept: list[str] = []
    if names.role:
        making.make_role(database, names.role, told, key="resource_id")
        kept = _make_relations(database, request, names, list(zip(tables, made, strict=True)))
        making.only_these_are_in(database, names.role, _still_there(database, row.members if row else ()))
    known = (*(name for one in made for name in (one.table, one.view)), *kept)
    members = row.members if row else ()
    database.remember(
        Row(request["resource_id"], request["generation"], names.schema, names.role, told, known, members)
    )
    _settle(database, request, names)


def unmake(database: Database, ref: Body, policy: str) -> None:
    """Remove it; under `retain` tables with data stay, labelled as retained, and nobody is let in any more."""
    names, row = names_of(ref, database.name), database.row(ref["resource_id"])
    remove = _remove_port if names.role else _remove_storage
    kept = remove(database, ref, names, row, policy == "retain")
    before = row.labels.get("specification", "") if row else ""
    told = labels(ref, before, retained=True) if kept else {}
    database.remember(Row(ref["resource_id"], ref["generation"], names.schema, names.role, told, tuple(kept)))
    for name in kept if names.role else ():
        making.label_relation(database, "TABLE", names.schema, name, told)
        making.own(database, "TABLE", names.schema, name, names.owner, ())
    _settle(database, ref, names)


def remember_made(database: Database, ref: Body, seen: Body) -> None:
    row = database.row(ref["resource_id"])
    if row is not None and "fingerprint" in seen:
        database.remember(replace(row, made=seen["fingerprint"]))


def _make_relations(database: Database, request: Body, names: Names, wanted: list[tuple[Table, Relation]]) -> list[str]:
    """Tables and views of the port; the tables that it no longer asks for and that hold data are told."""
    row, place = database.row(request["resource_id"]), names.schema
    found = catalog.relations(database, place)
    mine = catalog.mine(found, request["resource_id"], row.names if row else ())
    asked_names = {name for _, relation in wanted for name in (relation.table, relation.view)}
    for one in found:
        if one.name in asked_names and one not in mine:
            raise making.Foreign(f"{place}.{one.name} belongs to somebody else")
    making.drop_views(database, place, [one.name for one in mine if one.name not in asked_names])
    old = [one.name for one in mine if one.kind == "r" and one.name not in asked_names]
    kept = making.drop_tables(database, place, old, with_data=False)
    told = labels(request, specification(request))
    for table, relation in wanted:
        making.make_table(database, place, relation.table, names.owner, table.columns, [relation.view])
        making.make_view(database, place, relation.view, relation.table, table.columns, names.role)
        making.label_relation(database, "TABLE", place, relation.table, told)
        making.label_relation(database, "VIEW", place, relation.view, told)
    for name in kept:
        making.own(database, "TABLE", place, name, names.owner, ())
    return kept


def _remove_port(database: Database, ref: Body, names: Names, row: Row | None, retain: bool) -> list[str]:
    """The tables that stay."""
    found = catalog.relations(database, names.schema)
    mine = catalog.mine(found, ref["resource_id"], row.names if row else ())
    making.drop_views(database, names.schema, [one.name for one in mine if one.kind == "v"])
    tables = [one.name for one in mine if one.kind == "r"]
    kept = making.drop_tables(database, names.schema, tables, with_data=not retain)
    for name in kept:  # what was granted by hand would hold the role
        making.own(database, "TABLE", names.schema, name, names.owner, ())
    making.only_these_use(database, names.schema, _readers(database, names.schema) - {names.role})
    making.drop_role(database, names.role)
    return kept


def _remove_storage(database: Database, ref: Body, names: Names, row: Row | None, retain: bool) -> list[str]:
    """The schema's name where it stays because there is data in it; it goes with all that no port of ours made."""
    if catalog.schema(database, names.schema) is None:
        return []
    tables = [one for one in catalog.relations(database, names.schema) if one.kind in ("r", "p")]
    if retain and any(not making.empty(database, names.schema, one.name) for one in tables):
        return [names.schema]
    others = [one for one in _living(database, names.schema) if one.resource_id != ref["resource_id"]]
    if not others:
        database.run("DROP SCHEMA {schema} CASCADE", schema=names.schema)
    return []


def _settle(database: Database, ref: Body, names: Names) -> None:
    """The schema as the resources in it want it; without any, it goes, unless something of others stands in it."""
    from psycopg import errors

    container = {"container_id": ref["container"]["id"], "environment": ref["environment"]}
    if _living(database, names.schema):
        making.only_these_use(database, names.schema, _readers(database, names.schema))
        making.label_schema(database, names.schema, container)
        return
    try:
        with database.attempt():
            database.run("DROP SCHEMA IF EXISTS {schema}", schema=names.schema)
            making.drop_role(database, names.owner)
    except errors.DependentObjectsStillExist:
        making.label_schema(database, names.schema, container)


def _living(database: Database, schema: str) -> list[Row]:
    return [one for one in database.rows() if one.schema == schema and one.labels]


def _readers(database: Database, schema: str) -> set[str]:
    roles = {one.role for one in _living(database, schema) if one.role}
    return {one for one in roles if catalog.role(database, one) is not None}


def _still_there(database: Database, members: Sequence[str]) -> list[str]:
    return [one for one in members if catalog.role(database, one) is not None]


def _short(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
