"""What does a port promise of its data: which columns, of which types?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from engine.model.document import Path


class Direction(StrEnum):
    """Whether consumers are given a column, or have to send it (a parameter or body of a request)."""

    OUTPUT = "output"
    INPUT = "input"


@dataclass(frozen=True, slots=True)
class ColumnSource:
    """What an author says a column is derived from: a column of a port, and in words how."""

    port: str
    column: str
    how: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """One column, field or parameter that a port's definition names.

    `path` names nested ones: `address.city`, the items of a list as `lines[]` and `lines[].sku`, the values of a map
    as `labels.*`. `nullable` is True also where the value may be absent.
    """

    #: the table, operation, message or record that holds it
    dataset: str
    path: str
    type: str
    nullable: bool
    description: str = ""
    tags: tuple[str, ...] = ()
    direction: Direction = Direction.OUTPUT
    #: where it stands in the effective descriptor, or the nearest ancestor where it stands in another file
    at: Path = ()
    derived_from: tuple[ColumnSource, ...] = ()


@dataclass(frozen=True, slots=True)
class PortSchema:
    """What is understood of the definition of one port's `promises.api`.

    `understood` is False with a `reason` where no column could be told; `gaps` are the parts that could not be
    followed, such as references to addresses.
    """

    kind: str
    port: str
    specification: str
    understood: bool
    reason: str = ""
    columns: tuple[Column, ...] = ()
    gaps: tuple[str, ...] = ()
    #: whether there are more columns than these
    cut: bool = False
