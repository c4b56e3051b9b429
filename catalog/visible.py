"""What may a principal see? (Every read of the catalog passes this predicate, DESIGN §6.)"""

from __future__ import annotations

from sqlalchemy import ColumnElement, true

from engine.model import Principal


def visible(principal: Principal, domain: ColumnElement[str]) -> ColumnElement[bool]:
    """The condition on rows of a domain under which this principal may see them; for now everybody sees everything.

    It rules pages, totals, look-ups, lineage and the feed alike; a read that it hides something from behaves as if
    that had never been stored.
    """
    return true()
