"""How does a component become a schema in a DuckDB file?

A plain `upp/1` adapter: dicts in, dicts out, nothing of meshgate imported but its own neighbours. A file per container
below `directory`, a schema per component in it; a port gets a table and a view for each table of its Data Store API.
The labels and the highest generation stand in the same file and change in the same transaction. The file outlives what
was in it: it remembers the generations.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from engine.provision.adapters.asked_tables import Table, Unreadable, asked_tables, guesses
from engine.provision.adapters.duckdb_file import DuckDbFile, Row, file_of
from engine.provision.adapters.sql_names import (
    Body,
    digest,
    fitted,
    is_port,
    issue,
    labels,
    refused,
    relations,
    specification,
    stale,
)

CONFIGURATION: Body = {
    "type": "object",
    "required": ["directory"],
    "properties": {
        "directory": {"type": "string", "minLength": 1, "description": "where the files of containers stand"}
    },
    "additionalProperties": False,
}


class DuckDb:
    """The adapter `duckdb`; `config["directory"]` is the only place that it ever writes to."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        if find_spec("duckdb") is None:
            raise RuntimeError("the package duckdb is not installed here; it comes with the extra `meshgate[duckdb]`")
        if not isinstance(config.get("directory"), str) or not config["directory"]:
            raise ValueError("duckdb needs the setting `directory`")
        self.directory = Path(config["directory"]).absolute()

    def info(self) -> Body:
        able = {"plan": True, "observe": True, "inventory": True}
        return {
            "name": "duckdb",
            "version": "1.0.0",
            "contract": "upp/1",
            "description": "A DuckDB file per container, with a table and a view for each table of an output port.",
            "config_schema": CONFIGURATION,
            "capabilities": {"access": False, "cancel": False, "adopt": False, "async": False, **able},
            "matches": [{"platform": "local:duckdb"}, {"type": "datastoreapi"}],
            "limits": {"max_seconds": 60},
        }

    def validate(self, request: Body) -> Body:
        try:
            told = guesses(_asked(request))
            file_of(self.directory, request)
        except Unreadable as error:
            return {"issues": [issue(str(error), error.path)]}
        return {"issues": [issue(one, "/definition", "warning") for one in told]}

    def plan(self, request: Body, seen: Body | None) -> Body:
        if seen is None or seen["state"] != "present":
            return {"action": "create", "destructive": False, "reason": "nothing is there"}
        now, row = self._seen(request)
        if row is not None and row.labels == _labels(request) and row.made == now.get("fingerprint"):
            return {"action": "noop", "destructive": False, "reason": "already as asked"}
        return {"action": "update", "destructive": False, "reason": "the component or what was made of it changed"}

    def apply(self, request: Body) -> Body:
        try:
            tables, place = _asked(request), file_of(self.directory, request)
            made = relations(request, tuple(one.name for one in tables))
        except Unreadable as error:
            return refused("INVALID", str(error))
        return self._changed(place, request, lambda file: _make(file, request, tables, made))

    def destroy(self, ref: Body, policy: str) -> Body:
        try:
            place = file_of(self.directory, ref)
        except Unreadable:
            return {"state": "done", "changed": False, "observation": {"state": "absent"}}
        return self._changed(place, ref, lambda file: _unmake(file, ref, policy))

    def observe(self, ref: Body) -> Body:
        import duckdb

        try:
            return self._seen(ref)[0]
        except (duckdb.Error, OSError) as error:
            return {"state": "unknown", "reason": f"the file cannot be read: {error}"}

    def set_access(self, ref: Body, grants: list[Body]) -> Body:
        return refused("UNSUPPORTED", "duckdb grants no access: whoever may read the file may read the data")

    def poll(self, operation: str) -> Body:
        return {"state": "failed", "error": {"class": "INVALID", "message": "duckdb has no pending operations"}}

    def cancel(self, operation: str) -> Body:
        return self.poll(operation)

    def inventory(self, environment: str) -> Body:
        """Every schema with labels in a file below the directory, whoever knows of it."""
        found = []
        for place in sorted(self.directory.glob("*.duckdb")):
            with DuckDbFile(place) as file:
                for row in file.rows():
                    if row.labels.get("environment") == environment and file.has_schema(row.schema):
                        told = {one: row.labels[one] for one in ("resource_id", "container_id", "generation")}
                        found.append({"name": f"{place.name}:{row.schema}", **told})
        return {"resources": found}

    def _seen(self, ref: Body) -> tuple[Body, Row | None]:
        try:
            place = file_of(self.directory, ref)
        except Unreadable:  # apply refuses such a name, so nothing can be there
            return {"state": "absent"}, None
        if not place.exists():
            return {"state": "absent"}, None
        with DuckDbFile(place) as file:
            return _look(file, ref), file.row(ref["resource_id"])

    def _changed(self, place: Path, ref: Body, change: Any) -> Body:
        """The outcome of a change that happens whole or not at all, unless a newer generation was there before."""
        import duckdb

        try:
            with DuckDbFile(place, create=True) as file, file.transaction():
                row = file.row(ref["resource_id"])
                if refusal := stale(ref["generation"], row.highest if row else 0):
                    return refusal
                before = _look(file, ref)
                change(file)
                after = _look(file, ref)
                file.remember_made(ref["resource_id"], after.get("fingerprint", ""))
            return {"state": "done", "changed": before != after, "observation": after}
        except (duckdb.IOException, duckdb.ConnectionException) as error:
            return refused("TRANSIENT", f"the file is in use or cannot be opened: {error}")
        except (duckdb.ConversionException, duckdb.ConstraintException, duckdb.DependencyException) as error:
            return refused("CONFLICT", f"the data that is there does not fit: {error}")
        except duckdb.Error as error:
            return refused("INTERNAL", f"{type(error).__name__}: {error}")
        except OSError as error:
            return refused("TRANSIENT", f"the file cannot be written: {error.strerror}")


def _asked(request: Body) -> tuple[Table, ...]:
    return asked_tables(request) if is_port(request) else ()


def _schema(ref: Body) -> str:
    """The schema of a component; part of its identity stands in it, for DuckDB takes `a` and `A` for one."""
    return fitted(f"{ref['component']['name']}_{ref['resource_id'][:8]}")


def _labels(request: Body) -> Body:
    return labels(request, specification(request))


def _make(file: DuckDbFile, request: Body, tables: tuple[Table, ...], made: Any) -> None:
    schema = _schema(request)
    file.make_schema(schema)
    if is_port(request):
        file.drop_views(schema, but=())
        file.drop_empty_tables(schema, but=[one.table for one in made])
    for table, relation in zip(tables, made, strict=True):
        file.make_table(schema, relation.table, table.columns)
        file.make_view(schema, relation, table.columns)
    file.remember(Row(request["resource_id"], request["generation"], schema, _labels(request), ""))


def _unmake(file: DuckDbFile, ref: Body, policy: str) -> None:
    schema, row = _schema(ref), file.row(ref["resource_id"])
    told: Body = {}
    if policy == "retain" and file.has_schema(schema) and file.has_data(schema):
        if is_port(ref):
            file.drop_views(schema, but=())
        before = row.labels if row else {}
        told = {**labels(ref, before.get("specification", ""), retained=True), "generation": ref["generation"]}
    else:
        file.drop_schema(schema)
    file.remember(Row(ref["resource_id"], ref["generation"], schema, told, ""))


def _look(file: DuckDbFile, ref: Body) -> Body:
    """What is in the file, by its catalog and not by what is remembered; a lost label shows as generation 0."""
    schema, row = _schema(ref), file.row(ref["resource_id"])
    if not file.has_schema(schema):
        return {"state": "absent"}
    told = row.labels if row else {}
    found = file.relations(schema)
    content = found if is_port(ref) else []  # what stands in a storage is its users' affair
    views = [one["name"] for one in found if one["type"] == "VIEW"]
    return {
        "state": "present",
        "generation": told.get("generation", 0),
        "fingerprint": digest([json.dumps(told, sort_keys=True), schema, content]),
        "outputs": {"file": str(file.place), "schema": schema, "views": views if is_port(ref) else []},
        "retained": bool(told.get("retained", False)),
    }
