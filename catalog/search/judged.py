"""What was found out about a listing since it was accepted: its score, its grade, how it stands?

They are looked up by the line, one row for each listing that is looked at, and shown to whom they are visible.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Table, Text, collate, func, select
from sqlalchemy import cast as as_type

from catalog.products import LISTING
from catalog.standings import State
from catalog.tables.row import table_of
from catalog.tables.standing import StandingRow
from catalog.tables.trust import TrustRow
from catalog.visible import visible
from engine.model import Principal

TRUST, STANDING = table_of(TrustRow), table_of(StandingRow)
Of = ColumnElement[Any]


def trust(dialect: str, principal: Principal, line_id: Of = LISTING.c.line_id) -> Of:
    """The score of the line; null where it has none."""
    return _of_line(TRUST, TRUST.c.value, line_id, principal)


def grade(dialect: str, principal: Principal, line_id: Of = LISTING.c.line_id) -> Of:
    """The grade of the line as it is compared (`measured.grade`); null where it has none."""
    return _of_line(TRUST, folded(dialect, func.nullif(TRUST.c.grade, "")), line_id, principal)


def shown_grade(principal: Principal, line_id: Of = LISTING.c.line_id) -> Of:
    """The grade of the line as the formula spelt it; null where it was never scored, and perhaps empty."""
    return _of_line(TRUST, TRUST.c.grade, line_id, principal)


def compliance(dialect: str, principal: Principal, line_id: Of = LISTING.c.line_id) -> Of:
    """How the line stands; by the decision that accepted it where no other was made since."""
    found = _of_line(STANDING, STANDING.c.state, line_id, principal)
    return func.coalesce(found, str(State.COMPLIANT))


def folded(dialect: str, text: Of) -> Of:
    """The text with ASCII letters in lower case, alike on both stores."""
    return func.lower(collate(as_type(text, Text), "C") if dialect == "postgresql" else text)


def _of_line(table: Table, told: Of, line_id: Of, principal: Principal) -> Of:
    here = (table.c.line_id == line_id, table.c.until_revision.is_(None), visible(principal, table.c.domain))
    return select(told).where(*here).correlate_except(table).scalar_subquery()


FOUND_OUT: Mapping[str, Callable[[str, Principal], Of]] = {"trust": trust, "grade": grade, "compliance": compliance}
"""By the name of the field that compares with it."""
