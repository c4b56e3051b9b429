"""What may a principal see? (Every read of the catalog passes this predicate, DESIGN §6.)"""

from __future__ import annotations

from sqlalchemy import ColumnElement, or_, true

from engine.model import Principal


def visible(principal: Principal, domain: ColumnElement[str]) -> ColumnElement[bool]:
    """The condition on rows of a domain under which this principal may see them; for now everybody sees everything.

    It rules pages, totals, look-ups, lineage and the feed alike; a read that it hides something from behaves as if
    that had never been stored.
    """
    return true()


def told_to(principal: Principal, kind: ColumnElement[str], by: ColumnElement[str]) -> ColumnElement[bool]:
    """The condition on changes under which this principal may be told of them, whatever their domain.

    What a consumer needs, and which products fit it, is that consumer's own affair: it is written in their name, and
    told to nobody else.
    """
    return or_(kind.not_like("requirement.%"), by == principal.id)
