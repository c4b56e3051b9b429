"""What lies up and down the lineage of something, to any depth?"""

from __future__ import annotations

from sqlalchemy import Connection

from catalog.database import Database
from catalog.lineage.answer import Answer, Begun
from catalog.lineage.columns import column_of, of_columns
from catalog.lineage.flow import Flow, of_ports, of_products, port_of
from catalog.lineage.graph import Vertex, Walked
from catalog.lineage.matching import Matching
from catalog.lineage.question import Level, Question, Start
from catalog.lineage.sight import Sight, Sights
from engine.errors import NotFound
from engine.model import Principal


class Walks:
    """Walks along lineage; the number of statements depends on the question, never on what it finds."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._sights = Sights()
        self._matching = Matching(database.dialect)

    def walk(self, question: Question, *, principal: Principal, at: int | None = None) -> Walked:
        """What the question asks for, now or as it was at a revision.

        Raises `LineageInvalid`, `SearchInvalid` for a filter that cannot be read, and `NotFound` for a start that there
        is not.
        """
        question.checked()
        self._matching.check(question, at)
        with self._database.snapshot() as connection:
            sight = self._sights.of(connection, question, principal, at)
            flow, begun = _flow(connection, question.level, sight)
            answer = Answer(flow, begun, question.direction.sides, question.depth, sight.beyond)
            matching = self._matching.of(connection, question, answer.met.values(), principal)
        return answer.told(matching, question.most, sight.cut or flow.cut)


def _flow(connection: Connection, level: Level, sight: Sight) -> tuple[Flow, list[Begun]]:
    """The flow between what is in sight, and where in it the walk begins."""
    products = sight.products
    if level is Level.PRODUCT:
        begun = [Begun(vertex.id, start.kind, start.port) for start, vertex in sight.starts]
        return of_products(products, sight.rows), begun
    if level is Level.PORT:
        flow = of_ports(connection, products, sight.rows)
        return flow, [Begun(one) for start, line in sight.starts for one in _ports(flow, start, line)]
    lines = [line.line_id for _, line in sight.starts]
    flow, promised = of_columns(connection, products, sight.rows, lines)
    found: list[Begun] = []
    for start, line in sight.starts:
        named = promised.named(line.line_id, start.port, start.column) if start.column else None
        if start.column and named is None:
            what = f"{start.reference}#{start.column}"
            raise NotFound(f"There is no column `{what}` in the catalog.", reference=what)
        names = [(start.port, named)] if named is not None else promised.of(line.line_id, start.port)
        found += [Begun(column_of(line, port, name).id) for port, name in names]
    return flow, found


def _ports(flow: Flow, start: Start, line: Vertex) -> list[str]:
    if start.kind:
        return [port_of(line, start.kind, start.port).id]
    return [one.id for one in flow.vertices.values() if one.line_id == line.line_id]
