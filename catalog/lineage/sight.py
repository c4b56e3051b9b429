"""What does a walk read of the store: the lines in reach, what they read, and where more lies beyond?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, select

from catalog.lineage import reach
from catalog.lineage.flow import product
from catalog.lineage.graph import Vertex
from catalog.lineage.question import Level, Question, Start
from catalog.lineage.reach import COUNTED, Side
from catalog.lineage.readings import one_each, readings
from catalog.products import PORT
from engine.errors import NotFound
from engine.model import Principal

ROWS_EACH = 4
"""Rows of a counting statement that are read for one node of the answer, since a line is met at several depths."""


class Reached(NamedTuple):
    """The lines of one side; `edge` are those behind which more may lie, `cut` that a bound left some out."""

    lines: dict[str, Vertex]
    edge: list[str]
    cut: bool


@dataclass(frozen=True, slots=True)
class Sight:
    """What was read for one walk."""

    starts: list[tuple[Start, Vertex]]
    sides: Mapping[Side, Reached]
    #: readings of all lines in sight (`catalog.lineage.readings`); between products downstream only of each other
    rows: Sequence[Any]
    #: output ports, by line, that lines out of sight read
    beyond: Mapping[str, set[str]]

    @property
    def products(self) -> dict[str, Vertex]:
        """Every line in sight."""
        return {line: vertex for side in self.sides.values() for line, vertex in side.lines.items()}

    @property
    def cut(self) -> bool:
        return any(side.cut for side in self.sides.values())


class Sights:
    """Reads sights; two statements for one side, two more for both and for what lies beyond downstream."""

    def __init__(self) -> None:
        self._reached = lru_cache(maxsize=128)(reach.reached)
        self._readings = lru_cache(maxsize=128)(readings)
        self._beyond = lru_cache(maxsize=128)(reach.beyond)

    def of(self, connection: Connection, question: Question, principal: Principal, at: int | None) -> Sight:
        """What the question needs; raises `LineageInvalid`, and `NotFound` for a start that there is not."""
        moment = {} if at is None else {"at": at}
        asked = question.checked()
        fqns = _fqns(connection, asked, principal, moment)
        begun = list(dict.fromkeys(fqns.values()))
        sides = {
            side: self._side(connection, begun, question, side, principal, moment) for side in question.direction.sides
        }
        starts = _begun(connection, asked, fqns, sides)
        known = list({line for side in sides.values() for line in side.lines})
        # downstream no product leads to what it reads of others; its ports and columns do, inside of it
        within = question.level is Level.PRODUCT and Side.UP not in sides
        statement = self._readings(principal, bool(moment), facts=False, within=within)
        rows = one_each(connection.execute(statement, {"lines": known, **moment}).all())
        return Sight(starts, sides, rows, self._out_of_sight(connection, sides, known, principal, moment))

    def _side(
        self,
        connection: Connection,
        begun: list[str],
        question: Question,
        side: Side,
        principal: Principal,
        moment: Mapping[str, int],
    ) -> Reached:
        depth, most = question.depth, question.most
        counted = depth is not None and depth <= COUNTED
        bound = {"rows": most * ROWS_EACH + 1, "depth": depth} if counted else {"rows": most + 1}
        statement = self._reached(principal, side, counted, bool(moment))
        rows = connection.execute(statement, {"begun": begun, **bound, **moment}).all()
        far: dict[str, int] = {}
        found: dict[str, Vertex] = {}
        for row in sorted(rows, key=lambda row: int(row.depth)):
            if row.line_id not in found and len(found) <= most:
                found[row.line_id], far[row.line_id] = product(row), row.depth
        cut = len(rows) == bound["rows"] or len(found) > most
        edge = list(found) if cut else [line for line in found if counted and far[line] == depth]
        return Reached(found, edge, cut)

    def _out_of_sight(
        self,
        connection: Connection,
        sides: Mapping[Side, Reached],
        known: list[str],
        principal: Principal,
        moment: Mapping[str, int],
    ) -> Mapping[str, set[str]]:
        """Upstream the readings themselves tell; downstream the store has to be asked."""
        found: dict[str, set[str]] = defaultdict(set)
        edge = sides[Side.DOWN].edge if Side.DOWN in sides else []
        if edge:
            statement = self._beyond(principal, bool(moment))
            for line, port in connection.execute(statement, {"lines": known, "edge": edge, **moment}):
                found[line].add(port)
        return found


def _fqns(
    connection: Connection, starts: Sequence[Start], principal: Principal, moment: Mapping[str, int]
) -> dict[str, str]:
    """The fqn of the line that each reference means; one that names its major by itself is not asked for."""
    fqns = {start.reference: start.line for start in starts}
    if others := tuple(reference for reference, fqn in fqns.items() if not fqn):
        rows = connection.execute(reach.meaning(others, principal, bool(moment)), dict(moment))
        fqns |= {others[row.place]: row.fqn for row in rows}
    return {reference: fqn for reference, fqn in fqns.items() if fqn}


def _begun(
    connection: Connection, starts: Sequence[Start], fqns: Mapping[str, str], sides: Mapping[Side, Reached]
) -> list[tuple[Start, Vertex]]:
    """The lines and ports that a walk begins at; raises `NotFound` for one that there is not."""
    by_fqn = {vertex.fqn: vertex for side in sides.values() for vertex in side.lines.values()}
    found = {reference: by_fqn[fqn] for reference, fqn in fqns.items() if fqn in by_fqn}
    ports = _ports(connection, [found[one.reference] for one in starts if one.kind and one.reference in found])
    for one in starts:
        line = found.get(one.reference)
        if line is None or (one.kind and (line.version_id, one.kind, one.port) not in ports):
            raise NotFound(f"There is no `{one.reference}` in the catalog.", reference=one.reference)
    return [(one, found[one.reference]) for one in starts]


def _ports(connection: Connection, lines: list[Vertex]) -> set[tuple[str, str, str]]:
    """The input and output ports of these lines' versions."""
    if not lines:
        return set()
    statement = select(PORT.c.version_id, PORT.c.kind, PORT.c.name)
    wanted = and_(
        PORT.c.version_id.in_([line.version_id for line in lines]), PORT.c.kind.in_(["inputport", "outputport"])
    )
    rows = connection.execute(statement.where(wanted))
    return {(row.version_id, row.kind.replace("port", "_port"), row.name) for row in rows}
