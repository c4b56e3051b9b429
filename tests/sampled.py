"""Data to sample: real Parquet, CSV and SQLite files, and the reading of one place."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

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
