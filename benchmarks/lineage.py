"""What does lineage of depth 5 over GraphQL cost beside the bare recursive statement and an empty route?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import event

from api.auth.permissions import LOCAL
from benchmarks.serving import posted
from benchmarks.timing import Row, Work, milliseconds, timed
from catalog.database import Database
from catalog.lineage.question import USUAL_NODES, Direction, Question
from catalog.lineage.reach import Side, reached
from catalog.lineage.sight import ROWS_EACH
from catalog.lineage.walk import Walks
from catalog.products import Products

DEPTH = 5
TARGET = 3.0
#: of the products with a walk of about so many nodes
NODES = 100
ASKED = """query Lineage($from: [String!]!, $direction: LineageDirection!, $depth: Int!) {
  lineageGraph(from: $from, direction: $direction, depth: $depth) {
    complete nodes { key kind name fqn version domain upstream downstream } edges { source target outputPort inputPort }
  }
}"""


def measured(database: Database, page: str, empty: str, store: str) -> Iterator[Row]:
    """Up and down, asked of the server at `page` on this catalog; at `empty` is one with an empty route."""
    for direction, side in ((Direction.UPSTREAM, Side.UP), (Direction.DOWNSTREAM, Side.DOWN)):
        fqn, nodes = _start(database, direction)
        body = json.dumps({"query": ASKED, "variables": _variables(fqn, direction)}).encode()
        works = {
            "lineage": posted(page, "/graphql", body),
            "recursive": _bare(database, fqn, side),
            "empty": posted(empty, "/", b"{}"),
        }
        times = timed(works, rounds=21, runs=5, warm_up=20)
        note = ", ".join(f"{work} {milliseconds(times.median(work))}" for work in works)
        yield Row(
            f"lineage depth {DEPTH} {direction} / (recursive + empty), {store}",
            times.ratio("lineage", "recursive", "empty"),
            TARGET,
            note=f"{note}; {nodes} nodes",
        )


def _variables(fqn: str, direction: Direction) -> dict[str, Any]:
    return {"from": [fqn], "direction": direction.upper(), "depth": DEPTH}


def _start(database: Database, direction: Direction) -> tuple[str, int]:
    """Of some products the one whose walk is nearest to the size that is wanted: its fqn, and that size."""
    walks, found = Walks(database), []
    for product in Products(database).page(principal=LOCAL, first=300).items:
        met = walks.walk(Question((product.fqn,), direction, DEPTH), principal=LOCAL)
        found.append((abs(len(met.nodes) - NODES), product.fqn, len(met.nodes)))
    _, fqn, nodes = min(found)
    return fqn, nodes


def _bare(database: Database, fqn: str, side: Side) -> Work:
    """The recursive statement of the same walk through the bare driver, on one open connection."""
    seen: list[tuple[str, Any]] = []

    def note(_c: Any, _u: Any, statement: str, parameters: Any, _x: Any, _m: bool) -> None:
        if "RECURSIVE" in statement:
            seen.append((statement, parameters))

    event.listen(database.bind, "before_cursor_execute", note)
    with database.reading() as connection:
        statement = reached(LOCAL, side, counted=True, past=False)
        connection.execute(statement, {"begun": [fqn], "depth": DEPTH, "rows": USUAL_NODES * ROWS_EACH})
    event.remove(database.bind, "before_cursor_execute", note)
    ((text, parameters),) = seen
    cursor = database.bind.raw_connection().cursor()

    def asked() -> None:
        cursor.execute(text, parameters)
        cursor.fetchall()

    return asked
