"""Is the record of what happened the one that was written?"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, insert, select

from catalog.tables.columns import dumps
from catalog.tables.order import HeadRow, LinkRow
from catalog.tables.row import table_of

if TYPE_CHECKING:
    from catalog.database import Database
    from catalog.heads import Head
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
        row = {"revision": revision, "previous_hash": previous, "hash": link, "entries": entries, "at": work.at}
        work.write(insert(LINK), row)
        return link


def linked(previous: str, revision: int, entries: Sequence[Sequence[str]]) -> str:
    """The hash of a link: over the hash before it, its revision and its entries."""
    return hashlib.sha256(dumps([previous, revision, entries])).hexdigest()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the chain says of the stored record: `faults` is empty when all of it is what was written.

    They are told in the order of the revisions, so that the first one names the first bad record. `revision` and `hash`
    are the head's. A tail that was cut together with the head is found only against a head that was kept elsewhere.
    """

    revision: int
    hash: str
    faults: tuple[str, ...]

    @property
    def holds(self) -> bool:
        return not self.faults


def verify(database: Database, heads: Sequence[Head] = ()) -> Verdict:
    """Compute the chain again from the stored rows and compare it with heads kept elsewhere, on one snapshot."""
    from catalog import heads as kept
    from catalog import payloads

    with database.snapshot() as connection:
        head = connection.execute(select(HEAD)).one_or_none()
        walk = _Walk(connection)
        last, revision = walk.to_the_end()
        faults = [*_faults_of_head(head, last, revision), *kept.disagreements(connection, heads, revision)]
        faults += [*walk.faults, *payloads.faults(connection)]
    told = tuple(f"revision {number}: {what}" for number, what in sorted(faults, key=lambda one: one[0]))
    return Verdict(head.revision if head else revision, head.chain_hash if head else last, told)


class _Walk:
    """One way along the chain from its first link to its last; `faults` are revisions with what is wrong there."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.faults: list[tuple[int, str]] = []

    def to_the_end(self) -> tuple[str, int]:
        """The hash and revision of the last link."""
        last, revision = START, 0
        for links in _batches(self._connection):
            last = self._along(links, last, revision)
            self._compare(links, after=revision, until=links[-1].revision)
            revision = links[-1].revision
        self._compare((), after=revision, until=None)
        return last, revision

    def _along(self, links: Sequence[Any], last: str, revision: int) -> str:
        for link in links:
            if link.revision != revision + 1:
                self.faults.append((revision + 1, "the link is missing"))
            elif link.previous_hash != last:
                self.faults.append((link.revision, "the link before it is another one"))
            elif linked(link.previous_hash, link.revision, link.entries) != link.hash:
                self.faults.append((link.revision, "the link was edited"))
            last, revision = link.hash, link.revision
        return last

    def _compare(self, links: Sequence[Any], *, after: int, until: int | None) -> None:
        """Compare the rows of these revisions with what the links have of them."""
        from catalog import recorded

        for kind, (_, digests) in recorded.KINDS.items():
            written = {name: (d, link.revision) for link in links for k, name, d in link.entries if k == kind}
            stored = digests(self._connection, list(written)) if written else {}
            for name, (digest, revision) in written.items():
                if stored.get(name) != digest:
                    told = "was edited" if name in stored else "is missing"
                    self.faults.append((revision, f"the {kind} {name} {told}"))
            made = recorded.names(self._connection, kind, after=after, until=until)
            strangers = ((revision, name) for name, revision in made.items() if name not in written)
            self.faults += ((revision, f"the {kind} {name} is in no link of the chain") for revision, name in strangers)


def _faults_of_head(head: Any, last: str, revision: int) -> Iterator[tuple[int, str]]:
    """What the head says otherwise than the last link, which has this hash and revision."""
    if head is None:
        yield revision, "the row of the catalog's head is missing"
    elif head.revision > revision:
        yield revision + 1, "the link is missing, and the head names a later one"
    elif (head.revision, head.chain_hash) != (revision, last):
        yield head.revision, "the last link is not the one that the head names"


def _batches(connection: Connection, size: int = 100) -> Iterator[Sequence[Any]]:
    after = 0
    while links := connection.execute(
        select(LINK).where(LINK.c.revision > after).order_by(LINK.c.revision).limit(size)
    ).all():
        yield links
        after = links[-1].revision
