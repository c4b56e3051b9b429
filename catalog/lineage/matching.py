"""Which of the products that a walk met does its filter ask for?"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Select, select

from catalog.among import among
from catalog.lineage.graph import Vertex
from catalog.lineage.question import Question
from catalog.products import LISTING
from catalog.search.conditions import holds
from catalog.search.shape import Shape, Shaping
from catalog.search.where import bounded
from catalog.summary import look_up_key
from catalog.visible import visible
from engine.errors import LineageInvalid
from engine.model import Principal


class Matching:
    """Compares products with the domains and the filter of a question; one statement where there is a filter."""

    def __init__(self, dialect: str) -> None:
        self._dialect = dialect
        self._statement = lru_cache(maxsize=128)(_statement)

    def check(self, question: Question, at: int | None) -> None:
        """Raises `SearchInvalid` for a filter that cannot be read, `LineageInvalid` for one of the past."""
        if question.where is None:
            return
        if at is not None:
            raise LineageInvalid("`where` asks about now; of the past only `domains` can be asked.")
        Shaping(self._dialect).shape(bounded(question.where))

    def of(
        self, connection: Connection, question: Question, met: Iterable[Vertex], principal: Principal
    ) -> set[str] | None:
        """The lines that match; None where nothing was asked of them, so that everything matches."""
        if question.where is None and not question.domains:
            return None
        wanted = {look_up_key(domain) for domain in question.domains}
        lines = {one.line_id for one in met if one.line_id and (not wanted or look_up_key(one.domain) in wanted)}
        if question.where is None or not lines:
            return lines
        shaping = Shaping(self._dialect)
        shape = shaping.shape(question.where)
        statement = self._statement(shape, self._dialect, principal)
        found = connection.execute(statement, {**shaping.values, "lines": list(lines)})
        return set(found.scalars())


def _statement(shape: Shape, dialect: str, principal: Principal) -> Select[Any]:
    wanted = (among(LISTING.c.line_id, "lines"), LISTING.c.until_revision.is_(None))
    seen = visible(principal, LISTING.c.domain)
    return select(LISTING.c.line_id).where(*wanted, seen, holds(shape, dialect, principal))
