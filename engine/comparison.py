"""How do a few things look side by side: one row for each that is said of any of them?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

Said = Mapping[tuple["Aspect", str], str]
"""What is said of one thing, by aspect and key, in its order."""


class Aspect(StrEnum):
    """What a row is about, in the order of the rows."""

    PRODUCT = "product"
    PORT = "port"
    COLUMN = "column"
    SLO = "slo"
    POLICY = "policy"
    TRUST = "trust"


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that is said of at least one of them: `values` in their order, None where nothing is said."""

    aspect: Aspect
    key: str
    values: tuple[str | None, ...]

    @property
    def differs(self) -> bool:
        """Whether two of them say something else, or one of them nothing."""
        return len(set(self.values)) > 1


def aligned(things: Sequence[Said]) -> tuple[Row, ...]:
    """The rows, by aspect; within one in the order in which the first of the things that has a key says it."""
    keys = dict.fromkeys(key for said in things for key in said)
    rows = (Row(*key, tuple(said.get(key) for said in things)) for key in keys)
    order = list(Aspect)
    return tuple(sorted(rows, key=lambda row: order.index(row.aspect)))


def key(*steps: str) -> str:
    """The key of something by the names that lead to it, as a JSON Pointer without its first slash."""
    return "/".join(step.replace("~", "~0").replace("/", "~1") for step in steps)


def listed(texts: Iterable[str]) -> str:
    """Several texts as one value, the same whatever their order."""
    return ", ".join(sorted(texts))
