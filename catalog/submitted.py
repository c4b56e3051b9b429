"""Which products does the catalog know of, accepted or not?"""

from __future__ import annotations

from sqlalchemy import Connection, and_, bindparam, or_, select

from catalog.domains import domain_now
from catalog.lines import product_id
from catalog.tables.decision import DecisionRow
from catalog.tables.row import table_of
from engine.descriptor.identity import line_fqn, parse_fqn

DECISION = table_of(DecisionRow)

#: every major of a product: `…:name:` and what follows, in an index that compares byte by byte
_LINES = and_(DECISION.c.fqn >= bindparam("from"), DECISION.c.fqn < bindparam("to"))
_DECIDED = (
    select(DECISION.c.domain)
    .where(or_(DECISION.c.fqn == bindparam("line"), _LINES))
    .order_by(DECISION.c.from_revision.desc())
    .limit(1)
)


def domain_of(connection: Connection, reference: str) -> str | None:
    """The domain of the product that an fqn names: that of its newest version, else of the newest decision on it.

    A product that was never accepted counts too: it may need a waiver to be. None where nothing was ever decided.
    """
    parsed = parse_fqn(reference)
    if parsed is None:
        return None
    accepted = domain_now(connection, product_id(parsed.namespace, parsed.name))
    if accepted is not None:
        return accepted
    line = line_fqn(parsed.namespace, parsed.name, parsed.major or 0)
    every = line.rpartition(":")[0]
    whole = {"line": line, "from": f"{every}:", "to": f"{every};"}
    one = {"line": line, "from": "", "to": ""}
    return connection.execute(_DECIDED, one if parsed.major is not None else whole).scalar()
