"""Is the record of what happened the one that was written?"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from sqlalchemy import Connection, insert

from catalog.tables.columns import dumps
from catalog.tables.order import LinkRow
from catalog.tables.row import table_of

LINK = table_of(LinkRow)
START = "0" * 64


class Entries:
    """What one unit of work records in the chain: kind, name and digest of each thing."""

    def __init__(self) -> None:
        self._entries: list[tuple[str, str, str]] = []

    def add(self, kind: str, name: str, digest: str) -> None:
        self._entries.append((kind, name, digest))

    def write(self, connection: Connection, revision: int, previous: str) -> str:
        """Store the link of this revision and give its hash."""
        entries = sorted(self._entries)
        link = linked(previous, revision, entries)
        row = {"revision": revision, "previous_hash": previous, "hash": link, "entries": entries}
        connection.execute(insert(LINK), row)
        return link


def linked(previous: str, revision: int, entries: Sequence[Sequence[str]]) -> str:
    """The hash of a link: over the hash before it, its revision and its entries."""
    return hashlib.sha256(dumps([previous, revision, entries])).hexdigest()
