"""How does a component become a schema, tables, views and roles in PostgreSQL?

A plain `upp/1` adapter: dicts in, dicts out, nothing of meshgate imported but its own neighbours. A schema per
container with an owner role; per output port a table and a view for each table of its Data Store API, and a role
without login that may read the views and nothing else. Who consumes the port is in that role. One call is one
transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from engine.provision.adapters import postgresql_catalog as catalog
from engine.provision.adapters import postgresql_work as work
from engine.provision.adapters.asked_tables import Unreadable, guesses
from engine.provision.adapters.postgresql_access import KINDS, Principals, Unknown, Unsupported
from engine.provision.adapters.postgresql_making import Foreign, only_these_are_in
from engine.provision.adapters.postgresql_memory import SETTINGS, Database, Row
from engine.provision.adapters.postgresql_trouble import told
from engine.provision.adapters.sql_names import Body, is_port, issue, labels, refused, specification, stale

CONFIGURATION: Body = {
    "type": "object",
    "properties": {
        "dsn": {"type": "string", "description": "connection string or URL of the database, without a password"},
        "principals": {
            "type": "object",
            "description": "what the role of a principal of each kind is called, with `{name}`; else `user_{name}` …",
            "properties": {kind: {"type": "string"} for kind in KINDS},
            "additionalProperties": False,
        },
        "create_principals": {
            "type": "boolean",
            "description": "make a role without login where a principal has none; else such a principal is refused",
        },
        "roles": {
            "type": "object",
            "description": "the role of each principal that is called otherwise: `{user:anna: analyst}`",
            "additionalProperties": {"type": "string", "minLength": 1},
        },
    },
    "additionalProperties": False,
}


class PostgreSql:
    """The adapter `postgresql`; the password comes with each call, or from where libpq looks for it."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        from psycopg.conninfo import conninfo_to_dict

        dsn = config.get("dsn", "")
        if not isinstance(dsn, str):
            raise ValueError("the setting `dsn` of postgresql is no text")
        if conninfo_to_dict(dsn).get("password"):
            raise ValueError("the setting `dsn` of postgresql holds a password: bind it as the secret `password`")
        self._dsn = dsn
        create = config.get("create_principals") is True
        self._principals = Principals(config.get("principals") or {}, create=create, named=config.get("roles") or {})

    def info(self) -> Body:
        able = {"plan": True, "observe": True, "access": True, "inventory": True}
        return {
            "name": "postgresql",
            "version": "1.0.0",
            "contract": "upp/1",
            "description": "A schema per container; tables, views and a reading role per output port.",
            "config_schema": CONFIGURATION,
            "capabilities": {"cancel": False, "adopt": False, "async": False, **able},
            "matches": [{"platform": "*:postgresql"}],
            "limits": {"max_seconds": 120},
        }

    def validate(self, request: Body) -> Body:
        try:
            found = guesses(work.asked(request))
            work.names_of(request, "")
        except Unreadable as error:
            return {"issues": [issue(str(error), error.path)]}
        return {"issues": [issue(one, "/definition", "warning") for one in found]}

    def plan(self, request: Body, seen: Body | None) -> Body:
        if seen is None or seen["state"] != "present":
            return {"action": "create", "destructive": False, "reason": "nothing is there"}
        with self._database(request) as database:
            row, now = database.row(request["resource_id"]), work.look(database, request)
        as_asked = row is not None and row.labels == labels(request, specification(request))
        if as_asked and row is not None and row.made == now.get("fingerprint"):
            return {"action": "noop", "destructive": False, "reason": "already as asked"}
        return {"action": "update", "destructive": False, "reason": "the component or what was made of it changed"}

    def apply(self, request: Body) -> Body:
        return self._changed(request, lambda database: work.make(database, request))

    def destroy(self, ref: Body, policy: str) -> Body:
        try:
            work.names_of(ref, "")
        except Unreadable:  # apply refuses such a name, so nothing can be there
            return {"state": "done", "changed": False, "observation": {"state": "absent"}}
        return self._changed(ref, lambda database: work.unmake(database, ref, policy))

    def set_access(self, ref: Body, grants: list[Body]) -> Body:
        return self._changed(ref, lambda database: self._let_in(database, ref, grants))

    def observe(self, ref: Body) -> Body:
        import psycopg

        try:
            work.names_of(ref, "")
            with self._database(ref) as database:
                return work.look(database, ref)
        except Unreadable:
            return {"state": "absent"}
        except psycopg.Error as error:
            return {"state": "unknown", "reason": told(error, ref).message}

    def poll(self, operation: str) -> Body:
        return {"state": "failed", "error": {"class": "INVALID", "message": "postgresql has no pending operations"}}

    def cancel(self, operation: str) -> Body:
        return self.poll(operation)

    def inventory(self, environment: str) -> Body:
        """Everything remembered with labels of this environment that is still there."""
        found = []
        with self._database({}) as database:
            for row in database.rows():
                if row.labels.get("environment") == environment and _is_there(database, row):
                    its = {one: row.labels[one] for one in ("resource_id", "container_id", "generation")}
                    found.append({"name": row.role or row.schema, **its})
        return {"resources": found}

    def _let_in(self, database: Database, ref: Body, grants: list[Body]) -> None:
        if not is_port(ref):
            raise Unsupported("access is given to output ports, and this component is none")
        if any(one["privilege"] != "read" for one in grants):
            raise Unsupported("an output port is read; nobody can be given the right to write to it")
        row, names = database.row(ref["resource_id"]), work.names_of(ref, database.name)
        if row is None or not row.labels or row.labels.get("retained") or catalog.role(database, names.role) is None:
            raise Foreign("the port is not there: it has to be made before anybody is let in")
        members = self._principals.roles(database, [one["principal"] for one in grants])
        only_these_are_in(database, names.role, members)
        database.remember(replace(row, highest=ref["generation"], members=tuple(members)))

    def _changed(self, ref: Body, change: Callable[[Database], None]) -> Body:
        """The outcome of a change that happens whole or not at all, unless a newer generation was there before."""
        import psycopg

        try:
            with self._database(ref) as database:
                database.make_memory()
                database.lock(work.names_of(ref, database.name).schema)
                row = database.row(ref["resource_id"])
                if refusal := stale(ref["generation"], row.highest if row else 0):
                    return refusal
                before = work.look(database, ref)
                change(database)
                after = work.look(database, ref)
                work.remember_made(database, ref, after)
            return {"state": "done", "changed": before != after, "observation": after}
        except (Unreadable, Unknown) as error:
            return refused("INVALID", str(error))
        except Unsupported as error:
            return refused("UNSUPPORTED", str(error))
        except Foreign as error:
            return refused("CONFLICT", str(error))
        except psycopg.Error as error:
            return refused(*told(error, ref))

    @contextmanager
    def _database(self, ref: Mapping[str, Any]) -> Iterator[Database]:
        """A connection in one transaction, which ends well with the block and comes to nothing where it raises."""
        import psycopg

        secrets = ref.get("secrets") or {}
        more: dict[str, Any] = {"password": secrets["password"]} if secrets.get("password") else {}
        more |= {"connect_timeout": 10, "application_name": "meshgate"}
        with psycopg.connect(secrets.get("dsn") or self._dsn, **more) as connection:
            connection.execute(SETTINGS)
            yield Database(connection)


def _is_there(database: Database, row: Row) -> bool:
    owner = work.owner_of(row.schema, database.name)
    seen = catalog.observed(database, row.resource_id, row.schema, owner, row.role, row)
    return bool(seen["state"] == "present")
