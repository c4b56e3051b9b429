"""Is the record of what happened the one that was written?"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, insert, select

from catalog.tables.columns import dumps
from catalog.tables.order import HeadRow, LinkRow
from catalog.tables.row import table_of

if TYPE_CHECKING:
    from catalog.database import Database
    from catalog.work import UnitOfWork

LINK, HEAD = table_of(LinkRow), table_of(HeadRow)
START = "0" * 64


class Entries:
    """What one unit of work records in the chain: kind, name and digest of each thing."""

    def __init__(self) -> None:
        self._entries: list[tuple[str, str, str]] = []

    def add(self, kind: str, name: str, digest: str) -> None:
        self._entries.append((kind, name, digest))

    def write(self, work: UnitOfWork, revision: int, previous: str) -> str:
        """Store the link of this revision and give its hash."""
        entries = sorted(self._entries)
        link = linked(previous, revision, entries)
        row = {"revision": revision, "previous_hash": previous, "hash": link, "entries": entries}
        work.write(insert(LINK), row)
        return link


def linked(previous: str, revision: int, entries: Sequence[Sequence[str]]) -> str:
    """The hash of a link: over the hash before it, its revision and its entries."""
    return hashlib.sha256(dumps([previous, revision, entries])).hexdigest()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the chain says of the stored record: `faults` is empty when all of it is what was written.

    A tail that was cut together with the head row is found only against a head kept elsewhere: compare `revision` and
    `hash` with it.
    """

    revision: int
    hash: str
    faults: tuple[str, ...]

    @property
    def holds(self) -> bool:
        return not self.faults


def verify(database: Database) -> Verdict:
    """Compute the chain again from the stored rows, and name the first fault of each revision (`revision 7: …`)."""
    with database.snapshot() as connection:
        head = connection.execute(select(HEAD)).one()
        faults: list[str] = []
        last, counted = START, Counter[str]()
        for links in _batches(connection):
            last = _walk(links, last, counted, faults)
            faults += _edited(connection, links)
        if last != head.chain_hash:
            faults.append(f"revision {head.revision}: the last link is not the one that the head names")
        faults += _uncounted(connection, counted)
    return Verdict(head.revision, head.chain_hash, tuple(faults))


def _batches(connection: Connection, size: int = 500) -> Iterator[Sequence[Any]]:
    after = 0
    while links := connection.execute(
        select(LINK).where(LINK.c.revision > after).order_by(LINK.c.revision).limit(size)
    ).all():
        yield links
        after = links[-1].revision


def _walk(links: Sequence[Any], last: str, counted: Counter[str], faults: list[str]) -> str:
    for link in links:
        if link.previous_hash != last:
            faults.append(f"revision {link.revision}: the link before it is missing or another one")
        elif linked(link.previous_hash, link.revision, link.entries) != link.hash:
            faults.append(f"revision {link.revision}: the link was edited")
        counted.update(kind for kind, _, _ in link.entries)
        last = link.hash
    return last


def _edited(connection: Connection, links: Sequence[Any]) -> Iterator[str]:
    from catalog import recorded

    for kind, (_, digests) in recorded.KINDS.items():
        written = {name: (d, link.revision) for link in links for k, name, d in link.entries if k == kind}
        stored = digests(connection, list(written))
        for name, (digest, revision) in written.items():
            if stored.get(name) != digest:
                told = "was edited" if name in stored else "is missing"
                yield f"revision {revision}: the {kind} {name} {told}"


def _uncounted(connection: Connection, counted: Counter[str]) -> Iterator[str]:
    from catalog import recorded

    for kind in recorded.KINDS:
        found = recorded.count(connection, kind)
        if found > counted[kind]:
            yield f"{found - counted[kind]} rows of {kind} are in no link of the chain"
