"""How is what a component asks for made, mended and removed in PostgreSQL?

Every function brings about a state, whatever is there, in the transaction of who calls it. What is not ours is never
changed: it raises Foreign.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from engine.provision.adapters import postgresql_catalog as catalog
from engine.provision.adapters.asked_tables import Column
from engine.provision.adapters.postgresql_memory import Database, trusted

TYPES: Mapping[str, str] = {
    "text": "text",
    "smallint": "smallint",
    "integer": "integer",
    "bigint": "bigint",
    "real": "real",
    "double": "double precision",
    "boolean": "boolean",
    "date": "date",
    "time": "time without time zone",
    "timestamp": "timestamp without time zone",
    "timestamptz": "timestamp with time zone",
    "uuid": "uuid",
    "json": "jsonb",
    "binary": "bytea",
}


class Foreign(Exception):
    """Something of this name is there that is not ours; the message says what."""


def make_role(database: Database, name: str, label: Mapping[str, Any], *, key: str) -> None:
    """A role that nobody logs in as and that has no power of its own; `key` is the label that says whose it is."""
    there = catalog.role(database, name)
    if there is None:
        database.run("CREATE ROLE {role} NOLOGIN", role=name)
    else:
        told = catalog.label(there.comment)
        if told and told.get(key) != label[key]:
            raise Foreign(f"the role {name} belongs to somebody else")
        for power in there.powers:
            database.run(trusted(f"ALTER ROLE {{role}} NO{power}"), role=name)
        for above in there.member_of:
            database.run("REVOKE {above} FROM {role}", above=above, role=name)
    database.run("COMMENT ON ROLE {role} IS {text_label}", role=name, text_label=json.dumps(label, sort_keys=True))


def make_schema(database: Database, name: str, owner: str) -> None:
    """The schema of a container, owned by the role `owner`."""
    there = catalog.schema(database, name)
    ours = any(one.schema == name for one in database.rows())
    if there is not None and not ours and not catalog.label(there.comment):
        raise Foreign(f"the schema {name} belongs to somebody else")
    make_role(database, owner, {"managed-by": "meshgate", "owner_of": f"{database.name}.{name}"}, key="owner_of")
    _may_act_as(database, owner)
    if there is None:
        database.run("CREATE SCHEMA {schema} AUTHORIZATION {owner}", schema=name, owner=owner)
    elif there.owner != owner:
        database.run("ALTER SCHEMA {schema} OWNER TO {owner}", schema=name, owner=owner)


def label_schema(database: Database, name: str, container: Mapping[str, Any]) -> None:
    """The comment of a schema: its container, and the labels of every storage that it stands for."""
    if catalog.schema(database, name) is None:
        return
    storages = {one.resource_id: one.labels for one in database.rows() if one.schema == name and not one.role}
    told = {"managed-by": "meshgate", **container, "resources": {key: one for key, one in storages.items() if one}}
    database.run("COMMENT ON SCHEMA {schema} IS {text_label}", schema=name, text_label=json.dumps(told, sort_keys=True))


def only_these_use(database: Database, name: str, roles: Iterable[str]) -> None:
    """Who but its owner may use the schema: these roles, and nothing more."""
    there = catalog.schema(database, name)
    wanted = [(role, "USAGE", False, "") for role in sorted(set(roles))]
    if there is None or sorted(there.grants) == wanted:
        return
    for grantee in {one[0] for one in there.grants}:
        _revoke(database, "SCHEMA {thing}", grantee, thing=name)
    for one in wanted:
        database.run("GRANT USAGE ON SCHEMA {schema} TO {role}", schema=name, role=one[0])


def make_table(
    database: Database, place: str, name: str, owner: str, columns: Sequence[Column], views: Sequence[str]
) -> None:
    """The table with these columns; one without rows is made anew, else data stays and columns are added to it.

    `views` read it; they are removed where a column changes under them.
    """
    wanted = [(one.name, column_type(one), one.required) for one in columns]
    there = _found(database, place, name)
    if there is not None and there.kind != "r":
        database.run("DROP VIEW {schema}.{view}", schema=place, view=name)
        there = None
    if there is not None and list(there.columns) != wanted:
        drop_views(database, place, views)
        if empty(database, place, name):
            database.run("DROP TABLE {schema}.{table}", schema=place, table=name)
            there = None
        else:
            _alter(database, place, name, {one[0]: one for one in there.columns}, wanted)
    if there is None:
        _create(database, place, name, wanted)
    own(database, "TABLE", place, name, owner, ())


def make_view(database: Database, place: str, name: str, of: str, columns: Sequence[Column], reader: str) -> None:
    """The view of exactly these columns, which only `reader` may read; `CREATE OR REPLACE` where that is enough."""
    from psycopg import errors, sql

    there = _found(database, place, name)
    if there is not None and there.kind == "r":
        raise Foreign(f"a table stands where the view {name} is to be")
    chosen = sql.SQL(", ").join(sql.Identifier(one.name) for one in columns)
    made = sql.SQL("CREATE OR REPLACE VIEW {} AS SELECT {} FROM {}").format(
        sql.Identifier(place, name), chosen, sql.Identifier(place, of)
    )
    try:
        with database.attempt():
            database.connection.execute(made)
    except (errors.InvalidTableDefinition, errors.WrongObjectType):
        drop_views(database, place, [name])
        database.connection.execute(made)
    owner = catalog.schema(database, place)
    assert owner is not None
    own(database, "VIEW", place, name, owner.owner, [(reader, "SELECT", False, "")])


def own(
    database: Database, kind: str, place: str, name: str, owner: str, grants: Sequence[tuple[str, str, bool, str]]
) -> None:
    """A table or view belongs to `owner`, and whoever else may do something with it stands in `grants`."""
    there = _found(database, place, name)
    assert there is not None
    if there.owner != owner:
        database.run(
            trusted(f"ALTER {kind} {{schema}}.{{name}} OWNER TO {{owner}}"), schema=place, name=name, owner=owner
        )
    if list(there.grants) == list(grants):
        return
    for grantee in {one[0] for one in there.grants}:
        _revoke(database, "TABLE {schema}.{thing}", grantee, schema=place, thing=name)
    for role, privilege, _, _ in grants:
        database.run(
            trusted(f"GRANT {privilege} ON {{schema}}.{{name}} TO {{role}}"), schema=place, name=name, role=role
        )


def label_relation(database: Database, kind: str, place: str, name: str, told: Mapping[str, Any]) -> None:
    text = json.dumps(told, sort_keys=True)
    statement = trusted(f"COMMENT ON {kind} {{schema}}.{{name}} IS {{text_label}}")
    database.run(statement, schema=place, name=name, text_label=text)


def only_these_are_in(database: Database, role: str, members: Sequence[str]) -> None:
    """Who is in the role: these, none of whom may hand it on. Whoever let somebody else in, they are out."""
    rows = database.run(
        "SELECT pg_get_userbyid(member), admin_option, pg_get_userbyid(grantor) FROM pg_auth_members "
        "WHERE pg_get_userbyid(roleid) = %s AND pg_get_userbyid(member) <> current_user",
        role,
    )
    there = {member for member, admin, _ in rows if member in members and not admin}
    for member, admin, grantor in rows:
        if member not in members or admin:
            by = " GRANTED BY {grantor}" if database.version >= 160000 else ""
            names = {"grantor": grantor} if by else {}
            database.run(trusted(f"REVOKE {{role}} FROM {{member}}{by} CASCADE"), role=role, member=member, **names)
    for member in members:
        if member not in there or any(one[0] == member and one[1] for one in rows):
            database.run("GRANT {role} TO {member}", role=role, member=member)


def drop_views(database: Database, place: str, names: Iterable[str]) -> None:
    for name in names:
        there = _found(database, place, name)
        if there is not None and there.kind == "v":
            database.run("DROP VIEW {schema}.{view}", schema=place, view=name)


def drop_tables(database: Database, place: str, names: Iterable[str], *, with_data: bool) -> list[str]:
    """Drop the tables; those that stay because there is data in them are told."""
    kept = []
    for name in names:
        if with_data or empty(database, place, name):
            database.run("DROP TABLE {schema}.{table}", schema=place, table=name)
        else:
            kept.append(name)
    return kept


def drop_role(database: Database, role: str) -> None:
    if catalog.role(database, role) is not None:
        only_these_are_in(database, role, ())
        database.run("DROP ROLE {role}", role=role)


def empty(database: Database, place: str, name: str) -> bool:
    return not database.run("SELECT 1 FROM {schema}.{table} LIMIT 1", schema=place, table=name)


def column_type(column: Column) -> str:
    """The type as PostgreSQL itself writes it."""
    if column.kind == "varchar":
        return f"character varying({column.sizes[0]})"
    if column.kind == "numeric":
        precision, scale = (*column.sizes, 0)[:2] if column.sizes else (0, 0)
        return f"numeric({precision},{scale})" if precision else "numeric"
    return TYPES[column.kind]


def _found(database: Database, place: str, name: str) -> catalog.Found | None:
    return next((one for one in catalog.relations(database, place) if one.name == name), None)


def _create(database: Database, place: str, name: str, wanted: Sequence[tuple[str, str, bool]]) -> None:
    from psycopg import sql

    columns = [
        sql.SQL("{} ").format(sql.Identifier(one)) + sql.SQL(trusted(kind + (" NOT NULL" if required else "")))
        for one, kind, required in wanted
    ]
    table = sql.Identifier(place, name)
    database.connection.execute(sql.SQL("CREATE TABLE {} ({})").format(table, sql.SQL(", ").join(columns)))


def _alter(
    database: Database, place: str, name: str, there: Mapping[str, Any], wanted: Sequence[tuple[str, str, bool]]
) -> None:
    """Change the columns one by one; what is no longer asked for stays with its data, and may be empty from now on."""
    asked = {one[0] for one in wanted}
    kept = [(column, kind, False) for column, kind, _ in there.values() if column not in asked]
    for column, kind, required in [*wanted, *kept]:
        before, where = there.get(column), {"schema": place, "table": name, "column": column}
        alter = "ALTER TABLE {schema}.{table} "
        if before is None:
            database.run(trusted(alter + f"ADD COLUMN {{column}} {kind}"), **where)
        elif before[1] != kind:
            change = f"ALTER COLUMN {{column}} TYPE {kind} USING {{column}}::text::{kind}"
            database.run(trusted(alter + change), **where)
        if required != (before[2] if before else False):
            database.run(trusted(alter + f"ALTER COLUMN {{column}} {'SET' if required else 'DROP'} NOT NULL"), **where)


def _revoke(database: Database, what: str, grantee: str, **names: str) -> None:
    if grantee == "public":
        database.run(trusted(f"REVOKE ALL ON {what} FROM PUBLIC CASCADE"), **names)
    else:
        database.run(trusted(f"REVOKE ALL ON {what} FROM {{grantee}} CASCADE"), grantee=grantee, **names)


def _may_act_as(database: Database, owner: str) -> None:
    """A maker that is no superuser has to be in a role before it can give that role something."""
    if not database.run("SELECT rolsuper OR pg_has_role(current_user, %s, 'USAGE') FROM pg_roles "
                        "WHERE rolname = current_user", owner)[0][0]:  # fmt: skip
        database.run("GRANT {owner} TO CURRENT_USER", owner=owner)
