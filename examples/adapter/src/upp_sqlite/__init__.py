"""How does a component become a table in a SQLite file? (An example of a `upp/1` adapter: dicts in, dicts out.)

One file for each environment. The table `upp` is the memory of everything that was made: labels, the highest generation
ever asked for, and what the table was made from. It changes in the same transaction as the tables themselves, so
that an apply that is killed has happened or has not.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Body = dict[str, Any]

MEMORY = """CREATE TABLE IF NOT EXISTS upp (resource_id TEXT PRIMARY KEY, container_id TEXT, generation INTEGER,
    specification TEXT, name TEXT, there INTEGER)"""


class SqliteTables:
    """The adapter `sqlite`; `config["folder"]` is where its files are."""

    def __init__(self, config: Body) -> None:
        if not isinstance(config.get("folder"), str):
            raise ValueError("sqlite needs the setting `folder`")
        self.folder = Path(config["folder"])

    def info(self) -> Body:
        able = {"plan": True, "observe": True, "inventory": True}
        return {
            "name": "sqlite",
            "version": "1.0.0",
            "contract": "upp/1",
            "description": "Tables in a SQLite file.",
            "capabilities": {"access": False, "cancel": False, "adopt": False, "async": False, **able},
            "limits": {"max_seconds": 30},
        }

    def validate(self, request: Body) -> Body:
        columns = request["definition"].get("columns", ["id"])
        fine = isinstance(columns, list) and columns and all(isinstance(one, str) and one for one in columns)
        wrong = {"severity": "error", "message": "columns are a list of names", "path": "/definition/columns"}
        return {"issues": [] if fine else [wrong]}

    def plan(self, request: Body, seen: Body | None) -> Body:
        if seen is None or seen["state"] != "present":
            return {"action": "create", "destructive": False, "reason": "nothing is there"}
        if seen["fingerprint"].endswith(_specification(request)):
            return {"action": "noop", "destructive": False, "reason": "already as asked"}
        return {"action": "update", "destructive": False, "reason": "the columns changed"}

    def apply(self, request: Body) -> Body:
        if self.validate(request)["issues"]:
            return _failed("INVALID", "columns are a list of names")
        with self._file(request["environment"]) as file:
            refusal = _stale(file, request)
            if refusal:
                return refusal
            before = _seen(file, request)
            table = _quoted(_name(request))
            columns = request["definition"].get("columns", ["id"])
            if before["state"] != "present" or before["outputs"]["columns"] != columns:
                file.execute(f"DROP TABLE IF EXISTS {table}")
                file.execute(f"CREATE TABLE {table} ({', '.join(map(_quoted, columns))})")
            _remember(file, request, there=True)
            after = _seen(file, request)
            return {"state": "done", "changed": before != after, "observation": after}

    def destroy(self, ref: Body, policy: str) -> Body:
        """An example keeps no data: `retain` removes too, and says so by `absent`."""
        with self._file(ref["environment"]) as file:
            refusal = _stale(file, ref)
            if refusal:
                return refusal
            before = _seen(file, ref)
            file.execute(f"DROP TABLE IF EXISTS {_quoted(_name(ref))}")
            _remember(file, ref, there=False)
            return {"state": "done", "changed": before["state"] == "present", "observation": {"state": "absent"}}

    def observe(self, ref: Body) -> Body:
        if not self._path(ref["environment"]).exists():
            return {"state": "absent"}
        with self._file(ref["environment"]) as file:
            return _seen(file, ref)

    def set_access(self, ref: Body, grants: list[Body]) -> Body:
        return _failed("UNSUPPORTED", "a SQLite file has no users")

    def poll(self, operation: str) -> Body:
        return {"state": "failed", "error": {"class": "INVALID", "message": "nothing goes on here"}}

    def cancel(self, operation: str) -> Body:
        return self.poll(operation)

    def inventory(self, environment: str) -> Body:
        if not self._path(environment).exists():
            return {"resources": []}
        with self._file(environment) as file:
            rows = file.execute("SELECT resource_id, container_id, generation, name FROM upp WHERE there").fetchall()
        keys = ("resource_id", "container_id", "generation", "name")
        return {"resources": [dict(zip(keys, row, strict=True)) for row in rows]}

    def _path(self, environment: str) -> Path:
        return self.folder / f"{_digest(environment)[:12]}.db"

    @contextmanager
    def _file(self, environment: str) -> Iterator[sqlite3.Connection]:
        """The file in one transaction, which one caller at a time has."""
        self.folder.mkdir(parents=True, exist_ok=True)
        file = sqlite3.connect(self._path(environment), timeout=20, isolation_level=None)
        try:
            file.execute("BEGIN IMMEDIATE")
            file.execute(MEMORY)
            yield file
            file.execute("COMMIT")
        finally:
            file.close()


def _stale(file: sqlite3.Connection, ref: Body) -> Body | None:
    """The refusal of a call that comes after a newer one: what a dead worker may still do must do no harm."""
    row = file.execute("SELECT generation FROM upp WHERE resource_id = ?", [ref["resource_id"]]).fetchone()
    if row is None or ref["generation"] >= row[0]:
        return None
    return _failed("STALE_GENERATION", f"generation {row[0]} was applied before {ref['generation']}")


def _seen(file: sqlite3.Connection, ref: Body) -> Body:
    """What the database itself says, not what we remember of it."""
    row = file.execute(
        "SELECT generation, specification FROM upp WHERE resource_id = ?", [ref["resource_id"]]
    ).fetchone()
    columns = [one[1] for one in file.execute(f"PRAGMA table_info({_quoted(_name(ref))})")]
    if not columns:
        return {"state": "absent"}
    generation, specification = row or (0, "")
    outputs = {"table": _name(ref), "columns": columns}
    return {
        "state": "present",
        "generation": generation,
        "fingerprint": f"{_digest(columns)}:{generation}:{specification}",
        "outputs": outputs,
    }


def _remember(file: sqlite3.Connection, ref: Body, *, there: bool) -> None:
    told = (ref["resource_id"], ref["container"]["id"], ref["generation"], _specification(ref), _name(ref), there)
    file.execute("INSERT OR REPLACE INTO upp VALUES (?, ?, ?, ?, ?, ?)", told)


def _specification(ref: Body) -> str:
    return _digest(ref.get("definition", {}))


def _name(ref: Body) -> str:
    """The name of the table: safe, and the same for every version."""
    safe = "".join(one if one.isascii() and one.isalnum() else "_" for one in ref["component"]["name"])[:40]
    return f"t_{safe}_{ref['resource_id'][:8]}"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""').replace("\0", "") + '"'


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode("utf-8", "surrogatepass")).hexdigest()


def _failed(error_class: str, message: str) -> Body:
    return {"state": "failed", "error": {"class": error_class, "message": message}}
