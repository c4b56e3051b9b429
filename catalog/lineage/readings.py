"""What do lines read, each reading with the port that it means?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, BindParameter, Select, and_, bindparam, case, select

from catalog.among import among
from catalog.edges import READER, READING, SOURCE, live, meant_by_reading, offered
from catalog.visible import visible
from engine.model import Principal

#: the facts of a listing that lineage shows, in the order of `catalog.lineage.graph.Vertex`
FACTS = ("line_id", "name", "fqn", "version", "status", "domain", "owner", "version_id")
READ = (READING.c.input_port, READING.c.target, READING.c.kind, READING.c.port_name, READING.c.major)
SOURCE_FACTS = tuple(SOURCE.c[name].label(f"source_{name}") for name in FACTS)


def moment(past: bool) -> BindParameter[int] | None:
    """The parameter for a revision of the past; None where the question is about now."""
    return bindparam("at", type_=BigInteger) if past else None


def readings(principal: Principal, past: bool = False, facts: bool = True, within: bool = False) -> Select[Any]:
    """Every reading of the lines in the parameter `lines`; a reading may give several rows, `one_each` picks one.

    `output` is the port that is meant, None where nobody offers it. What is hidden looks dangling. Of the line that is
    read either all facts are told, or its id alone. `within`: only what they read of each other.
    """
    at = moment(past)
    seen = and_(live(SOURCE, at), meant_by_reading(at), visible(principal, SOURCE.c.domain))
    found = READING.c.port_name if within else case((offered(), READING.c.port_name))
    statement = select(READER.c.line_id.label("reader"), READING.c.position, found.label("output"), *READ)
    statement = statement.add_columns(*(SOURCE_FACTS if facts else SOURCE_FACTS[:1]))
    statement = statement.select_from(READER).join(READING, READING.c.version_id == READER.c.version_id)
    statement = statement.join(SOURCE, seen, isouter=not within)
    statement = statement.where(among(READER.c.line_id, "lines"), live(READER, at), visible(principal, READER.c.domain))
    if within:
        statement = statement.where(among(SOURCE.c.line_id, "lines"), offered())
    return statement.order_by(READER.c.fqn, READING.c.position)


def one_each(rows: Sequence[Any]) -> list[Any]:
    """One row for each reading: the one whose line offers the port, where there is one."""
    best: dict[tuple[str, int], Any] = {}
    for row in rows:
        key = (row.reader, row.position)
        if key not in best or row.output is not None:
            best[key] = row
    return list(best.values())
