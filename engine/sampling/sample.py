"""What is answered to who wants to see data: a sample, or why there is none?"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from engine.sampling.asking import SourceColumn
from engine.sampling.cells import Cell
from engine.sampling.contract import Caps
from engine.sampling.masking import Masking, ordered
from engine.sampling.rules import Treatment


@dataclass(frozen=True, slots=True)
class Shown:
    """One column of a sample; of a masked one the type is not told."""

    name: str
    type: str
    treatment: Treatment
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Truncated:
    """What of the sample is less than there is: rows left out, the answer ended at its bytes, values that were cut."""

    rows: bool = False
    bytes: bool = False
    cells: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a sample; `bytes` is their size as JSON."""

    rows: tuple[tuple[Cell, ...], ...]
    bytes: int
    truncated: Truncated


class Limit(StrEnum):
    """Which bound was reached, so that there is no sample."""

    ROWS = "rows"
    SECONDS = "seconds"
    MEMORY = "memory"
    AT_ONCE = "concurrency"
    FIELDS = "fields"


def columns_of(
    source: Sequence[SourceColumn], treatments: Mapping[str, Treatment], tags: Mapping[str, tuple[str, ...]]
) -> tuple[Shown, ...]:
    """The columns of an answer: those that are not hidden, in the order of the source."""
    told = ((one, treatments.get(one.name, Treatment.HIDE)) for one in source)
    return tuple(
        Shown(one.name, one.type if how is Treatment.SHOW else "", how, tags.get(one.name, ()))
        for one, how in told
        if how is not Treatment.HIDE
    )


def table(read: Iterable[Sequence[Cell]], masking: Masking, *, rows: int, caps: Caps) -> Table:
    """The rows as they may be shown, of at most one more than `rows` that were read."""
    kept: list[list[Cell]] = []
    size, cut, ended = 2, 0, False
    for values in read:
        if len(kept) == rows:
            ended = True
            break
        row, shortened = _shortened(masking.shown(values), caps.cell)
        more = len(json.dumps(row, ensure_ascii=False).encode()) + 1
        if size + more > caps.bytes:
            return _table(kept, masking, size, Truncated(rows=True, bytes=True, cells=cut))
        kept.append(row)
        size, cut = size + more, cut + shortened
    return _table(kept, masking, size, Truncated(rows=ended, cells=cut))


def _table(kept: list[list[Cell]], masking: Masking, size: int, truncated: Truncated) -> Table:
    rows = ordered(kept) if masking.hides else kept
    return Table(tuple(map(tuple, rows)), size, truncated)


def _shortened(row: list[Cell], most: int) -> tuple[list[Cell], int]:
    long = [isinstance(one, str) and len(one) > most for one in row]
    cut = [
        one[:most] + "…" if isinstance(one, str) and is_long else one for one, is_long in zip(row, long, strict=True)
    ]
    return cut, sum(long)


@dataclass(frozen=True, slots=True)
class Sample:
    """What was shown. `hidden` is how many further columns the source has that are not shown, by whatever name.

    `missing` are those that were asked for by name and are not shown. `version` is the one whose contract was applied.
    """

    version: str
    environment: str
    dataset: str
    columns: tuple[Shown, ...]
    table: Table
    hidden: int = 0
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AccessDenied:
    """Nothing is shown to this principal; `reasons` are the policy's own words."""

    reason: str
    message: str
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceUnavailable:
    """Nothing can be read there now."""

    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class LimitExceeded:
    """A sample may not take so much; `most` is the bound."""

    limit: Limit
    message: str
    most: float


Outcome = Sample | AccessDenied | SourceUnavailable | LimitExceeded
