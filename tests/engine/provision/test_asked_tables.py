"""Are the tables of a port read from every shape that a Data Store API may have?"""

from __future__ import annotations

from typing import Any

import pytest

from engine.provision.adapters.asked_tables import KINDS, Column, asked_tables
from engine.provision.adapters.duckdb_file import TYPES as OF_DUCKDB
from engine.provision.adapters.postgresql_making import TYPES as OF_POSTGRESQL

ASKED = (Column("id", "varchar", (36,), True), Column("amount", "numeric", (10, 2)))
LISTED = [{"name": "id", "dataType": "VARCHAR(36)", "columnConstraint": "PRIMARY_KEY"},
          {"name": "amount", "physicalType": "Decimal(10, 2)", "isNullable": True}]  # fmt: skip
BY_NAME = {"id": {"type": "varchar(36)"}, "amount": {"type": "NUMBER(10,2)"}}


@pytest.mark.parametrize(
    "table",
    [{"columns": LISTED}, {"columnsSchema": LISTED}, {"fields": LISTED}, {"definition": {"columns": LISTED}},
     {"definition": {"type": "object", "properties": BY_NAME, "required": ["id"]}}],
)  # fmt: skip
def test_the_columns_of_a_table_are_read_from_each_shape(table: dict[str, Any]) -> None:
    definition = {"promises": {"api": {"definition": {"schema": {"tables": [{"name": "orders", **table}]}}}}}
    read = asked_tables({"definition": definition, "component": {"name": "port"}})
    assert [(one.name, one.columns) for one in read] == [("orders", ASKED)]


def test_a_schema_of_columns_alone_is_one_table_called_like_the_port() -> None:
    read = asked_tables({"definition": {"columns": ["id"]}, "component": {"name": "port"}})
    assert [(one.name, one.columns) for one in read] == [("port", (Column("id", "text"),))]


def test_both_databases_know_every_kind() -> None:
    kinds = set(KINDS.values()) - {"numeric"}
    assert kinds == set(OF_DUCKDB)
    assert kinds - {"varchar"} == set(OF_POSTGRESQL)
