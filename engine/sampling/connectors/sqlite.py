"""How is a table of an open SQLite file read, without a lock, a write or a word from the file?"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

LARGEST = 64 << 20
"""Bytes of one value: the file of somebody else may hold larger ones, or make them up in a view."""
_READS = (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE)


class Sqlite:
    """The first table or view of one of these names, read as the file stands: a WAL beside it is not looked at."""

    def __init__(self, file: int, names: Sequence[str], seconds: float) -> None:
        self._connection = sqlite3.connect(f"file:/dev/fd/{file}?mode=ro&immutable=1", uri=True)
        self._connection.text_factory = lambda text: text.decode("utf-8", "replace")
        self._connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LARGEST)
        self._connection.execute("PRAGMA trusted_schema = OFF")
        self._connection.execute("PRAGMA query_only = ON")
        self._names, self._seconds = names, seconds

    def columns(self) -> Sequence[Mapping[str, str]]:
        self._table = self._found()
        # a name is looked up, never written into a question; generated and hidden columns are listed too
        asked = self._read("SELECT name, type FROM pragma_table_xinfo(?)", self._table)
        self._connection.set_authorizer(_only_reading)
        return [{"name": name, "type": kind or "ANY"} for name, kind in asked]

    def rows(self, names: Sequence[str], rows: int, cell: int) -> Iterator[Sequence[Any]]:
        told = ", ".join(_told(name, cell) for name in names)
        yield from self._read(f"SELECT {told} FROM {_quoted(self._table)} LIMIT {int(rows)}")  # noqa: S608

    def _found(self) -> str:
        kept = [name for (name,) in self._read("SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')")]
        for name in self._names:
            if name in kept:
                return name
        raise FileNotFoundError

    def _read(self, question: str, *values: str) -> list[tuple[Any, ...]]:
        end = threading.Timer(self._seconds, self._connection.interrupt)
        end.daemon = True
        end.start()
        try:
            return self._connection.execute(question, values).fetchall()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
                raise TimeoutError from None
            raise
        except sqlite3.DataError:
            raise MemoryError from None
        finally:
            end.cancel()


def _only_reading(action: int, *_: Any) -> int:
    return sqlite3.SQLITE_OK if action in _READS else sqlite3.SQLITE_DENY


def _told(name: str, cell: int) -> str:
    column, most = _quoted(name), int(cell) + 1
    text = f"WHEN 'text' THEN substr({column}, 1, {most})"
    binary = f"WHEN 'blob' THEN '0x' || hex(substr({column}, 1, {most}))"
    return f"CASE typeof({column}) {text} {binary} ELSE {column} END"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
