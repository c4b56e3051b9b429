"""What is there of a resource, by the catalog of PostgreSQL and not by what is remembered?"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from engine.provision.adapters.postgresql_memory import Database, Row
from engine.provision.adapters.sql_names import Body, digest

Grant = tuple[str, str, bool, str]
"""Grantee (`public` for everybody), privilege, whether it can be handed on, column (empty for the whole)."""


class Found(NamedTuple):
    """A table or view."""

    name: str
    kind: str
    owner: str
    comment: str | None
    text: str | None
    columns: tuple[tuple[str, str, bool], ...]
    grants: tuple[Grant, ...]


class Schema(NamedTuple):
    """A schema; grants of the owner are left out everywhere, for they are its nature."""

    owner: str
    comment: str | None
    grants: tuple[Grant, ...]


class Role(NamedTuple):
    """A role: what it may (login, superuser, …), and who is in it, with or without the right to hand it on."""

    powers: tuple[str, ...]
    comment: str | None
    members: tuple[tuple[str, bool], ...]
    member_of: tuple[str, ...]


def schema(database: Database, name: str) -> Schema | None:
    told = database.run(
        "SELECT pg_get_userbyid(nspowner), obj_description(oid, 'pg_namespace'), oid FROM pg_namespace "
        "WHERE nspname = %s",
        name,
    )
    if not told:
        return None
    grants = database.run(
        "SELECT CASE a.grantee WHEN 0 THEN 'public' ELSE pg_get_userbyid(a.grantee) END, a.privilege_type, "
        "a.is_grantable, '' FROM pg_namespace n, aclexplode(n.nspacl) a "
        "WHERE n.oid = %s AND a.grantee <> n.nspowner ORDER BY 1, 2",
        told[0][2],
    )
    return Schema(told[0][0], told[0][1], tuple(grants))


def role(database: Database, name: str) -> Role | None:
    told = database.run(
        "SELECT rolcanlogin, rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls, "
        "shobj_description(oid, 'pg_authid'), oid FROM pg_roles WHERE rolname = %s",
        name,
    )
    if not told:
        return None
    words = ("LOGIN", "SUPERUSER", "CREATEROLE", "CREATEDB", "REPLICATION", "BYPASSRLS")
    powers = tuple(word for word, able in zip(words, told[0], strict=False) if able)
    members = database.run(
        "SELECT pg_get_userbyid(member), bool_or(admin_option) FROM pg_auth_members "
        "WHERE roleid = %s AND pg_get_userbyid(member) <> current_user GROUP BY 1 ORDER BY 1",
        told[0][7],
    )
    above = database.run(
        "SELECT DISTINCT pg_get_userbyid(roleid) FROM pg_auth_members WHERE member = %s ORDER BY 1", told[0][7]
    )
    return Role(powers, told[0][6], tuple(members), tuple(one[0] for one in above))


def relations(database: Database, of: str) -> list[Found]:
    """Every table and view in a schema, by name."""
    told = database.run(
        "SELECT c.oid, c.relname, c.relkind::text, pg_get_userbyid(c.relowner), obj_description(c.oid, 'pg_class'), "
        "CASE c.relkind WHEN 'v' THEN pg_get_viewdef(c.oid) END FROM pg_class c "
        "JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname = %s AND c.relkind IN ('r', 'p', 'v', 'm', 'f') ORDER BY c.relname",
        of,
    )
    return [
        Found(name, kind, owner, comment, text, _columns(database, oid), _grants(database, oid))
        for oid, name, kind, owner, comment, text in told
    ]


def _columns(database: Database, oid: int) -> tuple[tuple[str, str, bool], ...]:
    return tuple(
        database.run(
            "SELECT attname, format_type(atttypid, atttypmod), attnotnull FROM pg_attribute "
            "WHERE attrelid = %s AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
            oid,
        )
    )


def _grants(database: Database, oid: int) -> tuple[Grant, ...]:
    """The grants on a table or view and on its columns."""
    return tuple(
        database.run(
            "SELECT CASE a.grantee WHEN 0 THEN 'public' ELSE pg_get_userbyid(a.grantee) END, a.privilege_type, "
            "a.is_grantable, one.col FROM (SELECT relacl AS acl, '' AS col FROM pg_class WHERE oid = %s UNION ALL "
            "SELECT attacl, attname FROM pg_attribute WHERE attrelid = %s AND NOT attisdropped) one, "
            "aclexplode(one.acl) a WHERE a.grantee <> (SELECT relowner FROM pg_class WHERE oid = %s) ORDER BY 1, 2, 4",
            oid,
            oid,
            oid,
        )
    )


def mine(found: Sequence[Found], resource_id: str, names: Sequence[str]) -> list[Found]:
    """What belongs to a resource: what says so in its label, and what was remembered where the label is lost."""
    owners = {one.name: label(one.comment).get("resource_id") for one in found}
    return [one for one in found if owners[one.name] == resource_id or (one.name in names and not owners[one.name])]


def label(comment: str | None) -> Mapping[str, Any]:
    """The labels in a comment; none where somebody wrote something else there."""
    try:
        told = json.loads(comment or "")
    except ValueError:
        return {}
    return told if isinstance(told, dict) and told.get("managed-by") == "meshgate" else {}


def observed(database: Database, resource_id: str, place: str, owner: str, named: str, row: Row | None) -> Body:
    """The observation of a port, whose role is `named`, or of a storage, where that is empty."""
    there = schema(database, place)
    if there is None:
        return {"state": "absent"}
    look = _port if named else _storage
    return look(database, resource_id, place, owner, named, row, there)


def _port(
    database: Database, resource_id: str, place: str, owner: str, named: str, row: Row | None, there: Schema
) -> Body:
    its = mine(relations(database, place), resource_id, row.names if row else ())
    its_role = role(database, named)
    if not its and its_role is None:
        return {"state": "absent"}
    told = label(its_role.comment) if its_role else next((label(one.comment) for one in its), {})
    seen = [its, its_role, owner, [one for one in there.grants if one[0] == named], there.owner]
    views = [one.name for one in its if one.kind == "v"]
    outputs = {"database": database.name, "schema": place, "views": views, "role": named}
    return _present(told, seen, outputs)


def _storage(
    database: Database, resource_id: str, place: str, owner: str, named: str, row: Row | None, there: Schema
) -> Body:
    resources = label(there.comment).get("resources")
    told = resources.get(resource_id, {}) if isinstance(resources, dict) else {}
    if not told and not (row and row.labels):
        return {"state": "absent"}
    ports = {one.role for one in database.rows() if one.schema == place}
    container = label(there.comment).get("container_id")
    seen = [there.owner, role(database, owner), container, told, [one for one in there.grants if one[0] not in ports]]
    return _present(told, seen, {"database": database.name, "schema": place, "owner": owner})


def _present(told: Mapping[str, Any], seen: Any, outputs: Body) -> Body:
    generation = told.get("generation")
    return {
        "state": "present",
        "generation": generation if type(generation) is int and generation >= 0 else 0,
        "fingerprint": digest(seen),
        "outputs": outputs,
        "retained": told.get("retained") is True,
    }
