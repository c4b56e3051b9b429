"""How is a column compared with a list of texts, so that each store knows the statement again?

PostgreSQL takes the list as one array: with a parameter for each text every length of the list would be another
statement, rendered, sent and planned anew. SQLite has no arrays, and plans within microseconds.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ARRAY, BindParameter, ColumnElement, Text, any_, bindparam


def among(dialect: str, column: ColumnElement[str], parameter: str) -> ColumnElement[bool]:
    """The text of the column is one of those in the list that this parameter is given; an empty one has none."""
    if dialect == "postgresql":
        texts: BindParameter[Any] = bindparam(parameter, type_=ARRAY(Text))
        return column == any_(texts)
    return column.in_(bindparam(parameter, expanding=True))
