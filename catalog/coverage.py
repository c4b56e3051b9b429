"""To how many products does each policy apply, and how do they stand by it?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from threading import Lock
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, Select, bindparam, select

from catalog.database import Database
from catalog.tables.decision import DecisionRow
from catalog.tables.mesh import ListingRow
from catalog.tables.order import HeadRow
from catalog.tables.row import table_of
from catalog.visible import visible
from engine.model import Principal

LISTING, DECISION, HEAD = table_of(ListingRow), table_of(DecisionRow), table_of(HeadRow)

MOST = 20_000
"""How many products are looked at; of a larger mesh the rest is left out, and `complete` is false."""
CHUNK = 500


@dataclass(slots=True)
class Tally:
    """Products that a policy was selected for, by how it ended there; each counts once in `products`."""

    products: int = 0
    passed: int = 0
    failed: int = 0
    #: all its findings there are waived
    waived: int = 0
    erred: int = 0
    skipped: int = 0

    def count(self, ended: str) -> None:
        self.products += 1
        setattr(self, ended, getattr(self, ended) + 1)


class StandingFinding(NamedTuple):
    """One finding of a decision that stands."""

    product: str
    version: str
    domain: str
    code: str
    message: str
    path: str
    component: str
    disposition: str
    waiver: str


@dataclass(slots=True)
class Standing:
    """How the mesh stands by one policy."""

    whole: Tally = field(default_factory=Tally)
    domains: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    findings: list[StandingFinding] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Covered:
    """How the mesh stands by every policy, at one revision; `complete` unless the mesh was too large to look at."""

    policies: Mapping[str, Standing]
    complete: bool

    def of(self, policy: str) -> Standing:
        return self.policies.get(policy) or Standing()


class Coverage:
    """Reads of the decisions that stand: those of the versions in the listings.

    All of them are read at once, and kept until the catalog has another revision.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._statement = lru_cache(maxsize=8)(_statement)
        self._lock = Lock()
        self._kept: tuple[int, Principal, Covered] | None = None

    def covered(self, *, principal: Principal) -> Covered:
        """How the mesh stands now."""
        with self._lock, self._database.reading() as connection:
            revision = connection.execute(select(HEAD.c.revision)).scalar_one()
            if self._kept is None or self._kept[:2] != (revision, principal):
                rows = self._rows(connection, principal)
                self._kept = (revision, principal, _covered(rows))
            return self._kept[2]

    def _rows(self, connection: Connection, principal: Principal) -> Iterator[Any]:
        """The decisions that stand, by fqn, so many at a time that memory holds few records at once."""
        start, statement = "", self._statement(principal)
        while rows := connection.execute(statement, {"start": start, "count": CHUNK}).all():
            yield from rows
            start = rows[-1].fqn


def _statement(principal: Principal) -> Select[Any]:
    told = select(LISTING.c.fqn, LISTING.c.version, LISTING.c.domain, DECISION.c.record)
    told = told.join(DECISION, DECISION.c.id == LISTING.c.decision_id).where(
        LISTING.c.until_revision.is_(None), LISTING.c.fqn > bindparam("start")
    )
    return told.where(visible(principal, LISTING.c.domain)).order_by(LISTING.c.fqn).limit(bindparam("count"))


def _covered(rows: Iterator[Any]) -> Covered:
    found: dict[str, Standing] = defaultdict(Standing)
    number = 0
    for number, row in enumerate(rows, start=1):
        if number > MOST:
            break
        if row.record is not None:
            _add(found, row, orjson.loads(row.record)["decision"])
    return Covered(dict(found), number <= MOST)


def _add(found: dict[str, Standing], row: Any, decision: dict[str, Any]) -> None:
    by_policy: dict[str, list[StandingFinding]] = defaultdict(list)
    for one in _findings(row, decision):
        by_policy[one[0]].append(one[1])
    for run in decision.get("policies", ()):
        standing, mine = found[run["policy"]], by_policy[run["policy"]]
        ended = _ended(run["state"], mine)
        standing.whole.count(ended)
        standing.domains[row.domain].count(ended)
        standing.findings += mine


def _findings(row: Any, decision: dict[str, Any]) -> Iterator[tuple[str, StandingFinding]]:
    for one in decision["findings"]:
        told = (
            one["code"],
            one["msg"],
            one["path"],
            one.get("component", ""),
            one["disposition"],
            one.get("waiver", ""),
        )
        yield one["policy"], StandingFinding(row.fqn, row.version, row.domain, *told)


def _ended(state: str, findings: list[StandingFinding]) -> str:
    if state == "fail":
        return "waived" if all(one.disposition == "waived" for one in findings) else "failed"
    return {"pass": "passed", "error": "erred"}.get(state, "skipped")
