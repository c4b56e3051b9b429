"""Which error of ours is a fault of the database?"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import exc

from engine.errors import CatalogBehind, CatalogUnavailable, QueryTimeout

_UNREACHABLE = (exc.OperationalError, exc.InterfaceError, exc.InternalError, exc.TimeoutError, exc.DisconnectionError)


@contextmanager
def translated() -> Iterator[None]:
    """Turn faults of the store into `CatalogBehind` (a table or column is missing), `QueryTimeout` (the statement was
    ended because it took too long) or `CatalogUnavailable`.

    Broken constraints and errors of our own statements pass as they are.
    """
    try:
        yield
    except exc.DBAPIError as fault:
        if _ended(fault):
            raise QueryTimeout() from fault
        if _lacks_schema(fault):
            raise CatalogBehind(f"The catalog's database lacks a table or column: {fault.orig}") from fault
        if isinstance(fault, _UNREACHABLE) or type(fault) is exc.DatabaseError:  # the latter: no database in that file
            raise CatalogUnavailable(f"The catalog's database refused: {fault.orig}") from fault
        raise
    except _UNREACHABLE as fault:
        raise CatalogUnavailable(f"The catalog's database did not answer: {fault}") from fault


def _ended(fault: exc.DBAPIError) -> bool:
    if getattr(fault.orig, "sqlstate", None) == "57014":
        return True
    return getattr(fault.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_INTERRUPT


def _lacks_schema(fault: exc.DBAPIError) -> bool:
    if getattr(fault.orig, "sqlstate", None) in ("42P01", "42703"):
        return True
    told = str(fault.orig)
    return isinstance(fault, exc.OperationalError) and ("no such table" in told or "no such column" in told)
