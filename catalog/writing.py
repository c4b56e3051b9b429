"""What do those who change rows need of the unit of work that they belong to?"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from sqlalchemy import Connection, Executable

if TYPE_CHECKING:
    from catalog.database import Database
    from catalog.waiting import Rows


class Writing(Protocol):
    """One revision being written: a new one (`catalog.work`), or one that is taken in from another catalog."""

    @property
    def database(self) -> Database: ...

    @property
    def connection(self) -> Connection: ...

    @property
    def at(self) -> datetime: ...

    @property
    def revision(self) -> int: ...

    def head(self) -> int: ...

    def write(self, statement: Executable, rows: Rows | None = None) -> None: ...
