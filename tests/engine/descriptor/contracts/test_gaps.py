"""Is every part of a port's definition that cannot be read said so, beside the columns that can?"""

from __future__ import annotations

from typing import Any

import pytest
from sample_descriptors import definition, port

from engine.descriptor.contracts import schemas_of
from engine.model import PortSchema


def schema_of(specification: str, content: Any) -> PortSchema:
    api = definition(specification=specification, **{"definition": content})
    (one,) = schemas_of({"interfaceComponents": {"outputPorts": [port("placed", promises={"api": api})]}})
    return one


def tables(*entries: Any) -> dict[str, Any]:
    return {"datastoreapi": "1.0.0", "schema": {"tables": list(entries)}}


def record(fields: Any) -> dict[str, Any]:
    return {"type": "record", "name": "Order", "fields": fields}


A_COLUMN = {"name": "id", "type": "string"}


@pytest.mark.parametrize(
    ("specification", "content", "columns", "gap"),
    [
        ("datastoreapi", tables({"name": "a", "columns": [A_COLUMN]}, 5), ["id"], "table 2 is no object"),
        ("datastoreapi", {"schema": {"tables": 5}}, [], "`tables` is no list"),
        ("datastoreapi", tables({"name": "a", "columns": 5}), [], "the columns of a are no list"),
        (
            "datastoreapi",
            tables({"name": "a", "columns": [A_COLUMN, "code"]}),
            ["id"],
            "a column of a is no object with a name",
        ),
        ("avro", record(5), [], "the fields of Order are no list"),
        ("avro", record([A_COLUMN, {"name": "at"}]), ["id"], "a field of Order is no object with a name and a type"),
        (
            "openapi",
            {"openapi": "3.1.0", "paths": {"/orders": {"get": {"responses": {"200": {"description": "Fine"}}}}}},
            [],
            "no operation below `paths` names a schema",
        ),
        ("openapi", {"openapi": "3.1.0", "paths": 5}, [], "no operation below `paths` names a schema"),
    ],
)
def test_what_cannot_be_read_is_a_gap_beside_the_columns(
    specification: str, content: Any, columns: list[str], gap: str
) -> None:
    found = schema_of(specification, content)
    assert ([one.path for one in found.columns], found.gaps) == (columns, (gap,))
    assert (found.understood, found.reason) == (bool(columns), "" if columns else gap)


def test_a_list_of_records_that_hold_themselves_is_recursive_in_avro_too() -> None:
    children = {"name": "children", "type": {"type": "array", "items": "Order"}}
    found = schema_of("avro", record([children]))
    assert [(one.path, one.type) for one in found.columns] == [("children", "array"), ("children[]", "recursive")]
    assert found.gaps == ()
