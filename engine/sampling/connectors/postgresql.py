"""How is a table of PostgreSQL read, in a transaction that can change nothing and ends in time?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

KEYS = frozenset({"url", "schema", "table", "output"})
BOUNDED = frozenset({"bool", "int2", "int4", "int8", "float4", "float8"})
"""Types that are read as they are; every other value is read as text, of which only the beginning leaves the server."""
_COLUMNS = """
SELECT a.attname, format_type(a.atttypid, a.atttypmod), t.typname
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_type t ON t.oid = a.atttypid
WHERE n.nspname = %s AND c.relname = %s AND c.relkind IN ('r', 'v', 'm', 'p', 'f') AND a.attnum > 0
  AND NOT a.attisdropped ORDER BY a.attnum
"""
_AT_ONCE = 10


class Postgresql:
    """The connector `postgresql`: `url` (a secret), `schema` (`public`), `table` (the dataset, else the port)."""

    def __init__(self, place: Mapping[str, Any]) -> None:
        told = place["configuration"]
        if unknown := sorted(told.keys() - KEYS):
            raise ValueError(f"the connector postgresql knows no `{unknown[0]}`; it knows {', '.join(sorted(KEYS))}")
        if not isinstance(told.get("url"), str):
            raise ValueError("the connector postgresql needs `url`")
        self._schema = told.get("schema", "public")
        self._table = told.get("table") or place["dataset"] or place["port"]
        if "\0" in self._schema + self._table:
            raise FileNotFoundError("no table has a NUL in its name")
        self._connection = _connected(told["url"], place["seconds"])

    def columns(self) -> Sequence[Mapping[str, str]]:
        with _meanings():
            found = self._connection.execute(_COLUMNS, (self._schema, self._table)).fetchall()
        if not found:
            raise FileNotFoundError
        self._types = {name: kind for name, _, kind in found}
        return [{"name": name, "type": shown} for name, shown, _ in found]

    def rows(self, names: Sequence[str], rows: int, cell: int) -> Iterator[Sequence[Any]]:
        from psycopg import sql

        told = sql.SQL(", ").join(self._told(name, cell) for name in names)
        table = sql.Identifier(self._schema, self._table)
        asked = sql.SQL("SELECT {} FROM {} LIMIT {}").format(told, table, sql.Literal(int(rows)))
        with _meanings(), self._connection.cursor("sample") as cursor:
            cursor.execute(asked)
            while some := cursor.fetchmany(_AT_ONCE):
                yield from some

    def _told(self, name: str, cell: int) -> Any:
        from psycopg import sql

        if self._types[name] in BOUNDED:
            return sql.Identifier(name)
        return sql.SQL("left({}::text, {})").format(sql.Identifier(name), sql.Literal(int(cell) + 1))


def _connected(url: str, seconds: float) -> Any:
    """A connection whose every transaction is read-only, whatever the address says. Never tells the address."""
    import psycopg

    thousandths = max(1, int(seconds * 1000))
    options = {
        "default_transaction_read_only": "on",
        "statement_timeout": str(thousandths),
        "lock_timeout": str(thousandths),
        "idle_in_transaction_session_timeout": str(thousandths + 1000),
        "timezone": "UTC",
        "search_path": "pg_catalog",
        "bytea_output": "hex",
    }
    told = " ".join(f"-c {name}={value}" for name, value in options.items())
    with _meanings():
        made = psycopg.connect(
            url, connect_timeout=max(2, int(seconds)), options=told, application_name="meshgate sample"
        )
        made.read_only = True
    return made


@contextmanager
def _meanings() -> Iterator[None]:
    """What the server or its driver says may quote values or the address, so none of it is repeated."""
    import psycopg
    from psycopg import errors

    try:
        yield
    except (errors.QueryCanceled, errors.LockNotAvailable, errors.IdleInTransactionSessionTimeout):
        raise TimeoutError from None
    except errors.InsufficientPrivilege:
        raise PermissionError from None
    except (errors.UndefinedTable, errors.InvalidSchemaName):
        raise FileNotFoundError from None
    except psycopg.ProgrammingError:
        raise ValueError("the address or the answer cannot be understood") from None
    except psycopg.OperationalError:
        raise ConnectionError from None
