"""How do measurements get into the catalog, and which were made of a product?

They are many and each says something of one moment only, so they take no part in the commit order: no revision, no
entry of the feed, no link of the chain (docs/decisions/0035). A row bears the revision that comes next, so that what
was known at an earlier one can be asked; only a measurement that is taken while a revision is being written may be
counted to that revision as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Connection, Select, and_, func, insert, select, union

from catalog.among import among
from catalog.heads import revision_on
from catalog.once import insert_once
from catalog.spans import at_revision
from catalog.tables.mesh import ListingRow, PortRow
from catalog.tables.observation import ObservationRow
from catalog.tables.product import LineRow, VersionRow
from catalog.tables.row import table_of
from catalog.tables.trust import TrustDueRow
from catalog.visible import visible
from engine.descriptor.identity import line_fqn, parse_fqn
from engine.evaluation.budget import Observation
from engine.evaluation.measurement import Measurement
from engine.evaluation.quantities import Dimension, Quantity
from engine.model import Principal

if TYPE_CHECKING:
    from catalog.work import UnitOfWork

OBSERVATION, DUE = table_of(ObservationRow), table_of(TrustDueRow)
LISTING, LINE, VERSION, PORT = table_of(ListingRow), table_of(LineRow), table_of(VersionRow), table_of(PortRow)

NEWEST = 500
"""So many observations of one indicator of one port are looked at, the newest ones."""


class Observed(NamedTuple):
    """A listed line that measurements name, with what they can be about."""

    line_id: str
    domain: str
    effective: bytes
    output_ports: frozenset[str]


class ObservationBook:
    """The observations that one unit of work adds."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work

    def kept(self, ids: Sequence[str]) -> dict[str, str]:
        """Which of these ids the principal used before, each with the digest of what it sent."""
        wanted = select(OBSERVATION.c.id, OBSERVATION.c.digest).where(
            OBSERVATION.c.principal == self._work.principal.id, OBSERVATION.c.id.in_(list(ids))
        )
        return {row.id: row.digest for row in self._work.connection.execute(wanted)}

    def add(self, found: Iterable[tuple[Measurement, Observed]]) -> None:
        """Keep these, unless another transaction just kept their ids, and let their lines' scores be computed again."""
        work = self._work
        chosen = list(found)
        if not chosen:
            return
        after = revision_on(work.connection) + 1
        rows = [_row(one, line, work) | {"from_revision": after} for one, line in chosen]
        work.write(insert_once(OBSERVATION, work.database.dialect), rows)
        lines = dict.fromkeys(row["line_id"] for row in rows)
        work.write(insert(DUE), [{"line_id": one} for one in lines])


def named_on(connection: Connection, references: Sequence[str], *, principal: Principal) -> dict[str, Observed]:
    """The listed lines that these references mean, by reference; two statements for any number of them."""
    asked = {one: _asked(one) for one in references}
    lists: dict[str, list[str]] = {name: [] for name in ("fqn", "id", "odm_id", "product_fqn")}
    for name, value in asked.values():
        lists[name].append(value)
    lists["odm_id"] += lists["id"]
    rows = connection.execute(_named(principal), lists).all()
    ports: dict[str, set[str]] = {row.version_id: set() for row in rows}
    for port in connection.execute(_PORTS, {"versions": list(ports)}):
        ports[port.version_id].add(port.name)
    found = [(row, Observed(row.id, row.domain, row.effective, frozenset(ports[row.version_id]))) for row in rows]
    by: dict[tuple[str, str], Observed] = {}
    for row, one in found:  # the highest major comes last
        by |= {("product_fqn", row.product_fqn): one, ("fqn", row.fqn): one, ("id", row.odm_id): one}
    by |= {("id", row.id): one for row, one in found}
    return {reference: by[wanted] for reference, wanted in asked.items() if wanted in by}


def _asked(reference: str) -> tuple[str, str]:
    parsed = parse_fqn(reference)
    if parsed is None:
        return "id", reference.lower()
    if parsed.major is None:
        return "product_fqn", line_fqn(parsed.namespace, parsed.name, 0).rpartition(":")[0]
    return "fqn", line_fqn(parsed.namespace, parsed.name, parsed.major)


def _named(principal: Principal) -> Select[Any]:
    columns = (LINE.c.id, LINE.c.odm_id, LISTING.c.fqn, LISTING.c.product_fqn, LISTING.c.domain, LISTING.c.version_id)
    joined = select(*columns, VERSION.c.effective).join(LISTING, LISTING.c.line_id == LINE.c.id)
    joined = joined.join(VERSION, VERSION.c.id == LISTING.c.version_id).where(LISTING.c.until_revision.is_(None))
    # each name in a select of its own: joined by OR, SQLite would read all listings
    lines = [select(LINE.c.id).where(among(LINE.c[name], name)) for name in ("fqn", "id", "odm_id")]
    majors = select(LISTING.c.line_id).where(
        among(LISTING.c.product_fqn, "product_fqn"), LISTING.c.until_revision.is_(None)
    )
    return joined.where(LINE.c.id.in_(union(*lines, majors)), visible(principal, LISTING.c.domain)).order_by(
        LISTING.c.major
    )


_PORTS = select(PORT.c.version_id, PORT.c.name).where(PORT.c.kind == "outputport", among(PORT.c.version_id, "versions"))


def observed_on(
    connection: Connection,
    line_ids: Sequence[str],
    *,
    since: datetime,
    principal: Principal,
    at: int | None = None,
) -> dict[str, dict[tuple[str, str], list[Observation]]]:
    """By line, the observations after `since` by (port, indicator key), newest first; one statement, none for no line.

    Of each port and indicator the newest `NEWEST` are told.
    """
    if not line_ids:
        return {}
    rank = func.row_number().over(
        partition_by=(OBSERVATION.c.line_id, OBSERVATION.c.port, OBSERVATION.c.indicator_key),
        order_by=(OBSERVATION.c.observed_at.desc(), OBSERVATION.c.number.desc()),
    )
    here = and_(OBSERVATION.c.line_id.in_(list(line_ids)), OBSERVATION.c.observed_at > since)
    ranked = select(OBSERVATION, rank.label("rank")).where(here, visible(principal, OBSERVATION.c.domain))
    ranked_rows = ranked.where(at_revision(OBSERVATION, at)).subquery()
    statement = select(ranked_rows).where(ranked_rows.c.rank <= NEWEST)
    ordered = statement.order_by(ranked_rows.c.line_id, ranked_rows.c.observed_at.desc(), ranked_rows.c.number.desc())
    found: dict[str, dict[tuple[str, str], list[Observation]]] = {one: {} for one in line_ids}
    for row in connection.execute(ordered):
        found[row.line_id].setdefault((row.port, row.indicator_key), []).append(_observation(row))
    return found


def last_number_on(connection: Connection) -> int:
    """The number of the last observation; 0 where there is none."""
    return connection.execute(select(func.max(OBSERVATION.c.number))).scalar_one() or 0


def _observation(row: Any) -> Observation:
    amount = Quantity(row.amount, Dimension(row.dimension), row.unit)
    names = ("id", "port", "indicator", "observed_at", "covers", "value", "source", "principal")
    return Observation(amount=amount, **{name: getattr(row, name) for name in names})


def _row(one: Measurement, line: Observed, work: UnitOfWork) -> dict[str, Any]:
    names = ("id", "port", "value", "observed_at", "covers", "source", "digest")
    return {
        **{name: getattr(one, name) for name in names},
        "principal": work.principal.id,
        "line_id": line.line_id,
        "domain": line.domain,
        "indicator": one.indicator.name,
        "indicator_key": one.indicator.key,
        "amount": one.amount.amount,
        "dimension": str(one.amount.dimension),
        "unit": one.amount.unit,
        "at": work.at,
    }
