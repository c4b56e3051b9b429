"""Which columns, and which gaps, were found so far in one port's definition?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from engine.descriptor.contracts.node import Follower, Gap, Node
from engine.descriptor.contracts.sources import sources_of
from engine.model import Column, Direction, Json

MOST_COLUMNS: Final = 5_000
DEEPEST: Final = 64
"""Schemas inside one another that are followed."""
_MARKS: Final = ("pii", "x-pii", "isPii", "personalData", "x-personal-data")
_CLASSES: Final = (
    *("classification", "x-classification", "dataClassification", "x-data-classification"),
    *("sensitivity", "x-sensitivity", "confidentiality"),
)


MOST_STEPS: Final = 100_000
"""Parts of schemas that are looked at for one descriptor."""


class Full(Exception):
    """More columns than one port may have, or more work than one descriptor may ask for."""


@dataclass
class Budget:
    """The work that is left for the definitions of one descriptor, so that schemas that multiply end."""

    steps: int = MOST_STEPS

    def spend(self) -> None:
        """Count one look at a part of a schema; raises Full."""
        self.steps -= 1
        if self.steps < 0:
            raise Full


@dataclass
class Sheet:
    """Collects what one definition promises."""

    follower: Follower
    budget: Budget
    columns: list[Column] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    dataset: str = ""
    direction: Direction = Direction.OUTPUT

    def add(
        self, path: str, type_: str, node: Node, *, nullable: bool, description: str, tags: tuple[str, ...]
    ) -> None:
        """Note one column; raises Full."""
        self.budget.spend()
        if len(self.columns) >= MOST_COLUMNS:
            raise Full
        sources = sources_of(node.value)
        told = Column(self.dataset, path, type_, nullable, description, tags, self.direction, node.at, sources)
        self.columns.append(told)

    def missing(self, gap: Gap | str) -> None:
        """Note once what could not be followed or read."""
        if str(gap) not in self.gaps:
            self.gaps.append(str(gap))

    def followed(self, node: Node) -> Node | None:
        """What the node refers to, or None, with the gap noted."""
        try:
            return self.follower.followed(node)
        except Gap as gap:
            self.missing(gap)
            return None


def tags_of(value: dict[str, Json]) -> tuple[str, ...]:
    """The tags of a column, its classification as `classification:…` and a mark of personal data as `pii`."""
    found = [tag for key in ("tags", "x-tags") for tag in _texts(value.get(key))]
    found += [f"classification:{value[key]}" for key in _CLASSES if type(value.get(key)) is str and value[key]]
    if any(value.get(key) in (True, "true", "yes") for key in _MARKS):
        found.append("pii")
    return tuple(dict.fromkeys(found))


def _texts(value: Json) -> list[str]:
    if type(value) is str:
        return [value]
    if type(value) is not list:
        return []
    named = [one.get("name") if type(one) is dict else one for one in value]
    return [one for one in named if type(one) is str and one]
