"""Data to sample: real Parquet, CSV and SQLite files, and the reading of one place."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import make
import remembered

from catalog import spans
from catalog.database import Database
from catalog.deployments import Slot
from catalog.resource_book import RESOURCE
from catalog.versions import product_id
from engine.sampling.asking import SourceColumn, reading
from engine.sampling.contract import Caps, Failure, Place, SourceFailed

ODD = 'we"ird; DROP TABLE "x" --'
"""A name that is data, and would be more to who pastes it into a question."""


def parquet(file: Path, question: str) -> Path:
    """A Parquet file, written by DuckDB, of what this question gives."""
    import duckdb

    file.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({question}) TO '{file}' (FORMAT parquet)")
    return file


def sqlite(file: Path, *statements: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(file)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()
    return file


def read(
    configuration: dict[str, Any],
    dataset: str = "orders",
    *,
    connector: str = "duckdb",
    names: list[str] | None = None,
    rows: int = 10,
    caps: Caps | None = None,
) -> tuple[tuple[SourceColumn, ...], list[list[Any]]]:
    """The columns of a place, and its rows with these columns (all)."""
    caps = caps or Caps()
    with reading(Place(connector, configuration, dataset, "port"), caps) as source:
        columns = source.columns()
        wanted = [one.name for one in columns] if names is None else names
        return columns, list(source.rows(wanted, rows=rows, cell=caps.cell))


def failure(configuration: dict[str, Any], dataset: str = "orders", **told: Any) -> tuple[Failure, str]:
    """Why nothing can be read there, and what operators are told besides."""
    try:
        found = read(configuration, dataset, **told)
    except SourceFailed as reason:
        return reason.failure, reason.told
    raise AssertionError(f"it was read: {found}")


COLUMNS = (
    {"name": "id", "dataType": "INTEGER"},
    {"name": "email", "dataType": "TEXT", "tags": ["pii"]},
    {"name": "total", "dataType": "DECIMAL(9,2)"},
)
DATA = """SELECT i AS id, 'user' || i || '@example.org' AS email, (i * 1.5)::DECIMAL(9, 2) AS total,
  'swordfish' AS extra FROM range(1, 31) t(i)"""


def put(database: Database, version: str = "1.0.0", columns: Any = COLUMNS, **told: Any) -> None:
    """Accept a version of orders whose port `placed` declares these columns."""
    remembered.accept(database, remembered.product("orders", version, columns={"placed": columns}, **told))


def run(database: Database, data: Path | None, version: str = "1.0.0", environment: str = "dev") -> None:
    """Let this version be what runs in the environment, with the output `data` of the resource of its port."""
    one = remembered.identity("orders", version)
    slot = Slot(product_id(one.namespace, one.name), one.id, one.fqn, one.name, one.domain, one.major, environment)
    with database.work(remembered.ANNA, at=make.NOW) as work:
        work.head()
        container = work.deployments.open_container(slot)
        made = {"container_id": container["id"], "resource_id": f"r-{environment}", "position": 1, "name": "placed"}
        kind = {"kind": "outputport", "fqn": f"{one.fqn}:outputports:placed", "adapter": "local-fs", "state": "ready"}
        told = {"outputs": {} if data is None else {"data": str(data)}, "request": {}, "generation": 1}
        rest = {"specification": "s", "fingerprint": "f", "reason": "", "error_class": "", "deployment_id": "d"}
        spans.begun(work, RESOURCE, {**made, **kind, **told, **rest})
        work.deployments.change_container(container["id"], status="active", version=version, usable=True, in_sync=True)
        work.commit()
