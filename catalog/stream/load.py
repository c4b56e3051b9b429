"""How is a stream taken into a catalog, wholly or not at all?

Nothing is decided again. Everything that has a digest is digested again, every revision has to lead to the hash of its
link, and what the chain does not cover follows from what it covers. One transaction takes all of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from sqlalchemy import Connection, exc, select, text, update

from catalog import origin
from catalog.database import Database
from catalog.stream import SCHEMA
from catalog.stream.chained import Chained
from catalog.stream.framing import Lines, Mark, Source
from catalog.stream.refusals import CatalogElsewhere, StreamAltered, StreamMasked, StreamUnreadable, SyntheticRefused
from catalog.stream.taking import Taking
from catalog.stream.things import Altered
from catalog.tables import known_tables
from catalog.tables.order import HeadRow
from catalog.tables.row import table_of

HEAD = table_of(HeadRow)


class Loaded(NamedTuple):
    """What a stream brought: the head that the catalog has now, and how many lines there were of each type."""

    head: Mark
    lines: Mapping[str, int]


def load(database: Database, source: Source, *, progress: Callable[[int], None] = lambda lines: None) -> Loaded:
    """Take the stream into this catalog, which has to end where the stream begins: with a whole one, to be empty.

    `progress` is told now and then how many lines were read. Raises an error of `catalog.stream.refusals` that names
    the line, or CatalogUnavailable; then the catalog is as it was.
    """
    with database.loading() as connection:
        lines = Lines(source)
        with _named(lines):
            loaded = _Load(database, connection, lines, progress).all()
        _measure(connection)
        connection.commit()
    return loaded


def _measure(connection: Connection) -> None:
    """Tell PostgreSQL how large its tables are now: until it looks by itself it plans as if they were empty."""
    if connection.dialect.name == "postgresql":
        named = map(connection.dialect.identifier_preparer.format_table, known_tables().sorted_tables)
        connection.execute(text(f"ANALYZE {', '.join(named)}"))


class _Load:
    """One stream on its way into one catalog."""

    def __init__(
        self, database: Database, connection: Connection, lines: Lines, progress: Callable[[int], None]
    ) -> None:
        self._connection, self._lines, self._progress = connection, lines, progress
        self._counts: Counter[str] = Counter()
        head = connection.execute(select(HEAD).with_for_update()).one()
        self._chain = Chained(Mark(head.revision, head.chain_hash, head.cursor), head.at)
        self._taking = Taking(database, connection)
        self._synthetic = origin.for_benchmarks(connection)

    def all(self) -> Loaded:
        told = iter(self._lines)
        self._begin(next(told))
        for line in told:
            self._counts[line.get("type", "")] += 1
            self._take(line)
            if self._lines.number % 1000 == 0:
                self._progress(self._lines.number)
        self._chain.end(self._lines.number, self._lines.end)
        self._taking.finish()
        head = self._chain.head
        values = {"revision": head.revision, "cursor": head.cursor, "chain_hash": head.hash, "at": self._chain.at}
        self._connection.execute(update(HEAD).values(**values))
        return Loaded(head, self._counts)

    def _begin(self, line: Mapping[str, Any]) -> None:
        if line.get("type") != "catalog" or line.get("schema") != SCHEMA:
            raise StreamUnreadable(f"Line 1 begins no stream of the schema {SCHEMA}.")
        if line["complete"] is not True:
            raise StreamMasked()
        here = self._chain.head
        if Mark(line["after"], line["after_hash"], line["after_cursor"]) != here:
            told = "is at revision" if here.revision else "is empty, at revision"
            raise CatalogElsewhere(f"The catalog {told} {here.revision}; the stream goes on after {line['after']}.")

    def _take(self, line: Mapping[str, Any]) -> None:
        number, kind = self._lines.number, line["type"]
        self._chain.belongs(number, line["revision"])
        if kind == "link":
            self._chain.close(number, line)
            self._taking.close(line, self._chain.at)
            return
        if kind == "decision" and origin.is_synthetic(line["engine"]) and not self._synthetic:
            raise SyntheticRefused(f"Line {number}: the decision {line['id']} was made up.")
        if kind == "change":
            self._chain.next_cursor(number, line["cursor"])
        thing = self._taking.take(kind, line, self._chain.revision)
        if thing.entry is not None:
            self._chain.note(number, thing.entry, thing.at)


@contextmanager
def _named(lines: Lines) -> Iterator[None]:
    """Whatever a line lacks or contradicts becomes a refusal that names it."""
    try:
        yield
    except Altered as fault:
        raise StreamAltered(f"Line {lines.number}: {fault} was changed.") from fault
    except exc.IntegrityError as fault:
        raise StreamAltered(f"Up to line {lines.number} something stands twice, or refers to nothing.") from fault
    except StopIteration as fault:
        raise StreamUnreadable("The stream is empty.") from fault
    except (KeyError, TypeError, ValueError, AttributeError, exc.DataError, exc.StatementError) as fault:
        if isinstance(fault, exc.DBAPIError) and not isinstance(fault, exc.DataError):
            raise
        raise StreamUnreadable(
            f"Line {lines.number} lacks something or holds it in another shape: {fault!r}."
        ) from fault
