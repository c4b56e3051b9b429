"""How does a row that changes stay readable as it was at every earlier revision?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, FromClause, Table, and_, insert, literal_column, or_, select, true, update

from engine.model import Json

if TYPE_CHECKING:
    from catalog.writing import Writing


Revision = int | ColumnElement[int] | None
"""A revision, a parameter that will be one, or None for now."""


def begun(work: Writing, table: Table, values: Mapping[str, Any]) -> None:
    """Add the first span of a thing; it holds from this unit of work's revision."""
    work.head()  # which settles the moment
    work.connection.execute(insert(table), {"at": work.at, **values, "from_revision": work.revision})


def changed(
    work: Writing,
    table: Table,
    key: Mapping[str, Json],
    values: Mapping[str, Any],
    *,
    allowed: Callable[[Mapping[str, Any]], object] = lambda before: None,
) -> dict[str, Any]:
    """End the span that holds now and begin one that differs in `values`; gives the new row.

    A second change in one unit of work changes the same span: revisions have no inside. `allowed` sees the row before
    and raises where it may not become so.
    """
    here = now(table, key)
    work.head()  # which settles the moment
    before = dict(work.connection.execute(select(table).where(here)).mappings().one())
    allowed(before)
    after = {**before, "at": work.at, **values}
    if before["from_revision"] == work.revision:
        work.connection.execute(update(table).where(here).values(**values, at=work.at))
        return after
    work.connection.execute(update(table).where(here).values(until_revision=work.revision))
    row = {**after, "from_revision": work.revision, "until_revision": None}
    row.pop("number")
    work.connection.execute(insert(table), row)
    return row


def at_revision(table: FromClause, revision: Revision) -> ColumnElement[bool]:
    """The spans that held at this revision, or that hold now (None)."""
    if revision is None:
        return table.c.until_revision.is_(None)
    over = or_(table.c.until_revision.is_(None), table.c.until_revision > revision)
    return and_(ever(table), table.c.from_revision <= revision, over)


def ever(table: FromClause) -> ColumnElement[bool]:
    """All spans, over or not. Revisions begin with 1; saying so lets `catalog.tables.row.past` find them."""
    return table.c.from_revision > literal_column("0")


def made_by(table: FromClause, revision: int | None) -> ColumnElement[bool]:
    """The rows, of those that never change, that there were at this revision, or that there are now (None)."""
    return true() if revision is None else table.c.from_revision <= revision


def now(table: Table, key: Mapping[str, Json]) -> ColumnElement[bool]:
    """The span of a thing that holds now."""
    return and_(table.c.until_revision.is_(None), *(table.c[name] == value for name, value in key.items()))
