"""How does DuckDB read open files, and nothing else?"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

NUMBERS = frozenset(
    {"BOOLEAN", "FLOAT", "DOUBLE"}
    | {f"{sign}{kind}" for sign in ("", "U") for kind in ("TINYINT", "SMALLINT", "INTEGER", "BIGINT")}
)
"""Types whose values have a bounded size, and are read as they are."""
NESTED = ("STRUCT", "MAP", "UNION", "JSON")

_CONFIGURATION: dict[str, Any] = {
    "threads": 1,
    "temp_directory": "",
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "allow_community_extensions": False,
}


class Duck:
    """Parquet or CSV files by their descriptors; DuckDB is let at no other file, address or extension.

    All of a CSV is text: a type that is guessed from values tells of values.
    """

    def __init__(self, format: str, files: Sequence[int], told: Mapping[str, Any], place: Mapping[str, Any]) -> None:
        import duckdb

        self._seconds = place["seconds"]
        paths = [f"/dev/fd/{one}" for one in files]
        memory = {"memory_limit": f"{place['memory_mib']}MB"}
        self._connection = duckdb.connect(":memory:", config={**_CONFIGURATION, **memory})
        self._errors = duckdb
        self._paths: dict[str, Any] = {"files": paths}
        listed = ", ".join(f"'{path}'" for path in paths)
        for setting in (f"allowed_paths = [{listed}]", "enable_external_access = false", "TimeZone = 'UTC'"):
            self._connection.execute(f"SET {setting}")
        self._connection.execute("SET lock_configuration = true")
        self._table = "read_parquet($files, hive_partitioning = false)"
        if format == "csv":
            self._table = self._csv(told)

    def columns(self) -> Sequence[Mapping[str, str]]:
        self._types = {name: kind for name, kind, *_ in self._asked(f"DESCRIBE SELECT * FROM {self._table}")}  # noqa: S608
        return [{"name": name, "type": kind} for name, kind in self._types.items()]

    def rows(self, names: Sequence[str], rows: int, cell: int) -> Iterator[Sequence[Any]]:
        told = ", ".join(_told(name, self._types[name], cell) for name in names)
        yield from self._asked(f"SELECT {told} FROM {self._table} LIMIT {int(rows)}")  # noqa: S608

    def _csv(self, told: Mapping[str, Any]) -> str:
        header = "true" if told.get("header", True) else "false"
        parting = ""
        if "delimiter" in told:
            self._paths["delimiter"], parting = str(told["delimiter"]), ", delim = $delimiter"
        return f"read_csv($files, all_varchar = true, header = {header}, hive_partitioning = false{parting})"

    def _asked(self, question: str) -> list[tuple[Any, ...]]:
        with self._in_time():
            return self._connection.execute(question, self._paths).fetchall()

    @contextmanager
    def _in_time(self) -> Iterator[None]:
        end = threading.Timer(self._seconds, self._connection.interrupt)
        end.daemon = True
        end.start()
        try:
            yield
        except self._errors.InterruptException:
            raise TimeoutError from None
        except self._errors.OutOfMemoryException:
            raise MemoryError from None
        finally:
            end.cancel()


def _told(name: str, kind: str, cell: int) -> str:
    """What is selected of a column: its beginning as text, where its values may be of any size."""
    column = '"' + name.replace('"', '""') + '"'
    if kind in NUMBERS:
        return column
    if kind == "BLOB":
        return f"'0x' || left(hex({column}), {2 * int(cell)})"
    nested = kind.startswith(NESTED) or kind.endswith("]")
    return f"left(CAST({f'to_json({column})' if nested else column} AS VARCHAR), {int(cell) + 1})"
