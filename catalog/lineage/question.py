"""What can be asked of lineage of any depth, and what of it is refused?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from catalog.lineage.reach import Side
from catalog.search.where import Where
from engine.descriptor.identity import line_fqn, parse_fqn
from engine.errors import LineageInvalid

MOST_STARTS = 20
MOST_NODES = 10_000
USUAL_NODES = 1_000
MOST_DOMAINS = 100
_PORTS = {"inputports": "input_port", "outputports": "output_port"}


class Direction(StrEnum):
    """Which way a walk goes."""

    UPSTREAM = "upstream"
    DOWNSTREAM = "downstream"
    BOTH = "both"

    @property
    def sides(self) -> tuple[Side, ...]:
        return {"upstream": (Side.UP,), "downstream": (Side.DOWN,), "both": (Side.UP, Side.DOWN)}[self.value]


class Level(StrEnum):
    """What the nodes of a walk are."""

    PRODUCT = "product"
    PORT = "port"
    COLUMN = "column"


class Start(NamedTuple):
    """Where a walk begins: a line, one of its ports, or a column of an output port (`dataset.path` or its path)."""

    reference: str
    #: the fqn of the line where the reference tells it by itself
    line: str = ""
    #: `input_port` or `output_port`; empty for the whole line
    kind: str = ""
    port: str = ""
    column: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """A walk from some starts, given as fqn of a line or port, as id, or as `{fqn of an output port}#{column}`.

    `depth` counts steps from one product into another, None for all there are. `domains` and `where` say which products
    match; the walk passes through the others. `most` bounds the nodes of the answer.
    """

    starts: tuple[str, ...]
    direction: Direction = Direction.BOTH
    depth: int | None = 3
    level: Level = Level.PRODUCT
    domains: tuple[str, ...] = ()
    where: Where | None = None
    most: int = USUAL_NODES

    def checked(self) -> tuple[Start, ...]:
        """The starts; raises `LineageInvalid` for a question that cannot be answered."""
        if not 1 <= len(self.starts) <= MOST_STARTS:
            raise LineageInvalid(f"A walk begins at 1 to {MOST_STARTS} products, ports or columns.")
        if self.depth is not None and self.depth < 1:
            raise LineageInvalid("`depth` is 1 or more, or null for all there is.")
        if not len(self.starts) <= self.most <= MOST_NODES:
            raise LineageInvalid(f"`most` is a number of nodes, from as many as the walk begins at to {MOST_NODES}.")
        if len(self.domains) > MOST_DOMAINS:
            raise LineageInvalid(f"At most {MOST_DOMAINS} domains can be asked for.")
        return tuple(self._start(one) for one in self.starts)

    def _start(self, written: str) -> Start:
        reference, _, column = written.partition("#")
        parsed = parse_fqn(reference)
        kind = _PORTS.get(parsed.collection or "", "") if parsed else ""
        if parsed and parsed.collection and not kind:
            raise LineageInvalid(f"`{reference}` is no input or output port: no data flows through it.")
        if column and (kind != "output_port" or self.level is not Level.COLUMN):
            raise LineageInvalid(f"`{written}` names a column: ask for it at the level of columns, of an output port.")
        if parsed is None:
            return Start(reference)
        line = "" if parsed.major is None else line_fqn(parsed.namespace, parsed.name, parsed.major)
        return Start(reference, line, kind, (parsed.component or "") if kind else "", column)
