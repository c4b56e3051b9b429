"""How is a field of many objects read with one statement?

Objects that were answered together (one page, or what hangs off one page) are siblings. The first of them that is asked
for a field reads it for all, so the number of statements depends on the shape of the query and never on the size of
its pages, and what nobody asks for is never read. A family also knows as of which revision it was read, so that what
hangs off it is read as of the same, whatever another field of the operation asks for.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

Row = TypeVar("Row")
Value = TypeVar("Value")


@dataclass(slots=True)
class _Family:
    rows: list[Any]
    at: int | None = None
    answers: dict[Hashable, Mapping[Any, Any]] = field(default_factory=dict)


@dataclass(slots=True)
class Siblings:
    """The families of one request; rows are known by identity, which the family keeps alive."""

    _family: dict[int, _Family] = field(default_factory=dict)

    def together(self, rows: Iterable[Row], *, at: int | None = None) -> list[Row]:
        """These rows, from now on siblings, read as of this revision (None: now)."""
        family = _Family(list(rows), at)
        self._family.update(dict.fromkeys(map(id, family.rows), family))
        return family.rows

    def at(self, row: Any) -> int | None:
        """The revision as of which this row was read; None for now, and for a row without a family."""
        family = self._family.get(id(row))
        return None if family is None else family.at

    def read(
        self, row: Any, key: str, question: Hashable, of_all: Callable[[list[Any]], Mapping[Any, Value]]
    ) -> Value | None:
        """What `of_all(keys)` answers for this row's `key`; asked once for the row and all its siblings."""
        family = self._family.get(id(row)) or _Family([row])
        answers = family.answers.get(question)
        if answers is None:
            keys = list(dict.fromkeys(_value(one, key) for one in family.rows))
            answers = family.answers[question] = of_all(keys)
        return answers.get(_value(row, key))


def _value(row: Any, key: str) -> Any:
    return row[key] if isinstance(row, dict) else getattr(row, key)
