"""How is a column compared with a list of texts, so that each store knows the statement again?

PostgreSQL takes the list as one array: with a parameter for each text every length of the list would be another
statement, rendered, sent and planned anew. SQLite has no arrays, and plans within microseconds.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ARRAY, Boolean, ColumnElement, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.operators import OperatorType

from catalog.tables.columns import PlainText


class Among(FunctionElement[bool]):
    """The text of a column is one of those in the list that a parameter is given; an empty list has none."""

    type = Boolean()
    inherit_cache = True

    def __init__(self, column: ColumnElement[str], parameter: str) -> None:
        super().__init__(column, bindparam(parameter, type_=ARRAY(PlainText)))

    def self_group(self, against: OperatorType | None = None) -> Among:
        """It is a condition: a store without booleans need not compare it with 1, which no index helps."""
        return self


def among(column: ColumnElement[str], parameter: str) -> ColumnElement[bool]:
    """As `column IN parameter` on both stores."""
    return Among(column, parameter)


@compiles(Among, "postgresql")
def _as_array(element: Among, compiler: SQLCompiler, **more: Any) -> str:
    column, texts = (compiler.process(one, **more) for one in element.clauses)
    return f"{column} = ANY ({texts})"


@compiles(Among)
def _one_by_one(element: Among, compiler: SQLCompiler, **more: Any) -> str:
    column, texts = element.clauses
    return compiler.process(column.in_(bindparam(texts.key, expanding=True)), **more)
